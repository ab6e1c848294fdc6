# SPDX-License-Identifier: MIT
"""Row 3: the same call in jobs of all sizes, and beside all numbers of jobs."""

from measuring import mean
from states import State

SMALL = 10


class Cell:
    """States that are alike, and the calls of one after the other of their jobs."""

    def __init__(self, bench, name, rounds, jobs, files):
        self.name, self.brought, self._jobs = name, {}, []
        per_state = jobs * (files - 1)
        for n in range(-(-rounds // per_state)):
            state = State(bench, f'flat-{name.replace(" ", "-")}-{n}')
            self._jobs += [state.job(files) for _ in range(jobs)]
            state.register()

    def call(self, label):
        """The lines of the next call. None completes its job."""
        for job in self._jobs:
            number = self.brought.get(job, 0)
            if number < job.files - 1:
                self.brought[job] = number + 1
                return [job.state.chosen(), job.bring(label, number)]
        raise AssertionError('more calls than files')

    def check(self):
        for state in {job.state for job in self._jobs}:
            state.expect_arrived({job: count for job, count in self.brought.items()
                                  if job.state is state})


def spread(results, what, cost, cells):
    """How much dearer the dearest cell is than the cheapest."""
    def over(prefix):
        means = [mean(cost[f'{prefix} {cell.name}'].cpu) for cell in cells]
        return max(means) / min(means)
    base = mean([us for cell in cells for us in cost[f'empty {cell.name}'].cpu])
    each = ', '.join(f'{cell.name} {mean(cost[f"hook {cell.name}"].cpu) / base:.2f}'
                     for cell in cells)
    results.add(what, over('hook'), at_most=1.02, floor=over('empty'), digits=3, spread=each)


def flat(bench, results):
    """3."""
    # So few that no cell's inbox is drained for its size, which depends on how many states a cell
    # has: what that costs a call is in row 1.
    rounds = bench.pick(50, 250)
    sizes = [10, 1000, 100_000] + bench.pick([], [1_000_000])
    numbers = [10, 100, 1000] + bench.pick([], [10_000])
    by_size = [Cell(bench, f'{files} files', rounds, 1, files) for files in sizes]
    by_number = [Cell(bench, f'{jobs} jobs', rounds, jobs, SMALL) for jobs in numbers]
    plan = []
    for _ in range(rounds):
        for cell in by_size + by_number:
            plan += [*cell.call(f'hook {cell.name}'), [f'empty {cell.name}', bench.empty]]
    cost = bench.turn(plan)
    spread(results, f'jobs of {sizes[0]} to {sizes[-1]} files, dearest call over cheapest', cost,
           by_size)
    spread(results, f'beside {numbers[0]} to {numbers[-1]} open jobs, the same', cost, by_number)
    for cell in by_size + by_number:
        cell.check()
