# SPDX-License-Identifier: MIT
"""A table of endpoints that misbehave, suffered all at once by one deliverer.

    run(build, 'group', [Row('empty', empty, RETRY, '0x80072F78'), ...])

Each row is an endpoint of its own with one job. Looked at, for each: what the attempt ended with,
what was decided, when it is tried next, how many requests came and what was in them, that it ended
long before an endpoint that may take its time, and that others got their word meanwhile; for all
together the memory of our processes. Then every endpoint mends its ways, and each job's word is
delivered once more, the same."""

import threading
import time

from content import make_files
from figures import survived
from hostile_server import HostileServer
from notification import differences, success
from process import Failure, wait_until
from sidecar import new_id, sidecar
from testcase import expect, expect_equal
from world import World

TAKEN, RETRY, PERSON, DEAD = 'taken', 'retry', 'person', 'dead'
STATES = {TAKEN: 'sent', RETRY: 'waiting', PERSON: 'waiting', DEAD: 'dead'}
SCHEDULE = '0, 1h, 4h, 24h'
# Seconds until the next attempt: a step of the schedule, give or take 20 %.
STEPS = {RETRY: (2880, 4320), PERSON: (11520, 17280)}
SINCE_S = 240           # at most so long ago were the attempts
TIMEOUT_S, ANCHOR_S = 2, 15
PROMPT_S = 5            # so long may a good word take on a busy machine
SPAN_S = TIMEOUT_S + 8  # no connection lasts longer
MEMORY_KIB = 64 * 1024
READ_BYTES = 32 << 20   # so much is taken from one at most, buffers of the kernel's among it
FORBIDDEN = ('cookie', 'authorization', 'proxy-authorization', 'upgrade', 'http2-settings',
             'expect', 'te', 'referer')


class Row:
    """One endpoint. hresult: a text, or several of which one comes. requests: how many come whole
    at first, late: how many more of those are found when it is healed. retry_after: the seconds
    that it asks for. scheme, host, lines: of its configuration; lines may be a function of the
    place. tls, mode: see Place."""

    def __init__(self, name, behaviour, decision, hresult='0x00000000', **more):
        self.name, self.behaviour, self.decision = name, behaviour, decision
        self.hresults = (hresult,) if isinstance(hresult, str) else hresult
        self.requests, self.late, self.attempts = 1, 0, 1
        self.retry_after, self.client_data, self.lines = None, '', ''
        self.scheme, self.host, self.tls, self.healed_tls, self.mode = (
            'http', '127.0.0.1', None, None, None)
        self.healed_host, self.healed_lines, self.allowed, self.text = None, None, (), None
        for key, value in more.items():
            getattr(self, key)
            setattr(self, key, value)
        self.healed_host = self.healed_host or self.host
        self.job, self.message, self.place = new_id(), None, None


class Memory:
    """The largest resident size of each of our processes, looked at until stop()."""

    def __init__(self, world):
        self.world, self.peaks, self.stopped = world, {}, False
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.stopped:
            for pid in self.world.ours():
                self._look(pid)
            time.sleep(0.05)

    def _look(self, pid):
        try:
            with open(f'/proc/{pid}/status', encoding='utf-8') as file:
                lines = dict(line.split(':', 1) for line in file)
        except OSError:
            return
        if 'VmHWM' in lines:
            self.peaks[pid] = (int(lines['VmHWM'].split()[0]), lines['Name'].strip())

    def stop(self):
        """The largest, in KiB, and whose it was."""
        self.stopped = True
        self.thread.join()
        return max(self.peaks.values(), default=(0, 'nobody'))


class _Table:
    def __init__(self, world, server, rows, healed_tls):
        self.world, self.server = world, server
        self.anchor = Row('anchor', _silent, RETRY, '0x80072EE2')
        self.rows = [*rows, self.anchor]
        self.seen = []  # at each word that the good one got, which places were suffered
        self.good = server.place('good', self._take)
        for row in self.rows:
            row.place = server.place(row.name, row.behaviour, row.tls, row.mode)
            row.place.healed_tls = healed_tls if row.scheme == 'https' else None
        self.goods = []
        self.beside = []  # of each good one, whether it can only come while the patient one is
        self.patient_until = 0

    def _take(self, talk):
        talk.request()
        self.seen.append(self.server.suffered() - {'good'})
        talk.answer()

    def configure(self, healed=False):
        more = []
        for row in self.rows:
            lines = row.lines(row.place) if callable(row.lines) else row.lines
            if healed and row.healed_lines is not None:
                lines = row.healed_lines
            host = row.healed_host if healed else row.host
            seconds = ANCHOR_S if row is self.anchor else TIMEOUT_S
            if 'timeout' not in lines:
                lines += f'\ntimeout = {seconds}s\nconnect_timeout = {seconds}s'
            more.append(f'[endpoint.{row.name}]\nurl = {row.place.url(row.scheme, host)}\n'
                        f'{lines}\n')
        self.world.configure(f'url = {self.good.url()}', SCHEDULE, '20s', '\n'.join(more))

    def complete(self, job_id, name, endpoint, **keys):
        directory = self.world.dl / name
        make_files(directory, {'a.bin': 10})
        self.world.put_sidecar(name, sidecar(job_id, directory, [{'path': 'a.bin', 'size': 10}],
                                             endpoint=endpoint, **keys))
        self.world.hook('on-download-complete', directory / 'a.bin')

    def complete_good(self):
        self.goods.append(new_id())
        self.beside.append(time.monotonic() + PROMPT_S < self.patient_until)
        self.complete(self.goods[-1], f'good-{len(self.goods)}', 'ctm')

    def complete_all(self):
        """Every row's job ends, the patient one's first, good ones at the begin, in the middle
        and at the end."""
        self.complete_good()
        for number, row in enumerate([self.anchor, *self.rows[:-1]]):
            keys = {'client_data': row.client_data} if row.client_data else {}
            self.complete(row.job, row.name, row.name, **keys)
            if number == 0:
                self.patient_until = time.monotonic() + ANCHOR_S
                wait_until('the patient one to be suffered', self.anchor.place.is_open)
            if number == len(self.rows) // 2:
                self.complete_good()
        self.complete_good()
        wait_until('the good ones', lambda: len(self.good.requests) >= len(self.goods))

    def messages(self):
        jobs = self.world.status()['jobs']
        return {job['id']: job['message'] for job in jobs}


def _silent(talk):
    talk.request()
    talk.until_gone()


def _check_decision(row, message):
    expect_equal(message['state'], STATES[row.decision], f'{row.name}: {message}: state')
    expect(message['hresult'] in row.hresults,
           f'{row.name}: expected {row.hresults}, got {message}')
    expect_equal(message['attempts'], row.attempts, f'{row.name}: attempts')
    if row.text:
        expect(row.text in (message['text'] or ''), f'{row.name}: {row.text!r} not in {message}')
    if row.decision not in STEPS:
        return
    low, high = STEPS[row.decision]
    if row.retry_after is not None:
        low = high = row.retry_after
    expect(low - SINCE_S <= message['next_try_s'] <= high,
           f'{row.name}: next try in {message["next_try_s"]} s, expected {low} to {high}')


def _check_requests(row, requests):
    wanted = success(row.job, 1, 10, row.client_data, row.name)
    for request in requests:
        found = {'method': request.line.split(' ', 1)[0], 'headers': dict(request.headers),
                 'body': request.body.decode()}
        wrong = differences(wanted, found)
        expect(not wrong, f'{row.name}: {wrong}')
        for name in FORBIDDEN:
            expect(name not in request.names() or name in row.allowed,
                   f'{row.name}: {name} was sent: {request.headers}')
    for name in ('ce-time', 'ce-source'):
        expect(len({one.header(name) for one in requests}) <= 1, f'{row.name}: {name} changed')
    expect(len({one.body for one in requests}) <= 1, f'{row.name}: the body changed')


def _check_rows(table, messages):
    wrong = []
    for row in table.rows:
        try:
            _check_decision(row, messages[row.job])
            expect_equal(len(row.place.requests), row.requests, f'{row.name}: requests')
            _check_requests(row, row.place.requests)
        except Failure as failure:
            wrong.append(str(failure))
    expect(not wrong, '\n'.join(['', *wrong]))


def _check_log(table, text):
    for number, line in enumerate(text.split('\n'), 1):
        expect(line.isprintable() or not line, f'line {number} of the log: {line!r}')
    lines = text.split('\n')
    ends = {}
    for row in table.rows:
        ends[row.name] = [number for number, line in enumerate(lines)
                          if row.job in line and ('attempt' in line or 'took' in line)]
        expect_equal(len(ends[row.name]), row.attempts, f'{row.name}: lines about its attempts')
    for row in table.rows[:-1]:
        expect(ends[row.name][0] < ends['anchor'][0],
               f'{row.name} lasted as long as one that has {ANCHOR_S} s')


def _check_explained(table, messages):
    """What we say ourselves can be looked up; CTM may say what it likes."""
    names = {one['hresult']: one['name'] for one in (messages[row.job] for row in table.rows)
             if not (one['text'] or '').startswith('CTM answered')}
    for hresult, name in names.items():
        table.world.ctm('explain', hresult).expect(0).says(name)


def _check_suffered(table):
    beside = [seen for seen, beside in zip(table.seen, table.beside) if beside]
    expect(beside, 'too slow here: no good one was to come beside the patient one')
    expect(all('anchor' in seen for seen in beside),
           f'a good one waited for the patient one: {table.seen}')
    for row in table.rows[:-1]:
        for seconds in row.place.seconds():
            # A connection that was good may be kept for the next message.
            expect(row.decision == TAKEN or seconds < SPAN_S, f'{row.name}: a connection of {seconds:.1f} s')
    for row in table.rows:
        said = sum(talk.sent for talk in row.place.talks)
        # Of a word that is spoken libcurl reads on until the time-out where no body comes.
        expect(said < READ_BYTES, f'{row.name}: {said} bytes were read')
    expect_equal(len(table.good.requests), len(table.goods), 'requests to the good one')


def _check_recovery(table):
    """Each is delivered by hand once its endpoint is good, and only once."""
    waiting = [row for row in table.rows if row.decision != TAKEN]
    before = {row.name: row.requests + row.late for row in table.rows}
    table.server.heal()
    table.configure(healed=True)
    wait_until('what was left lying', lambda: all(len(row.place.requests) == before[row.name]
                                                  for row in table.rows))
    table.world.ctm('retry', *(row.job for row in waiting)).expect(0)
    table.world.flush().expect(0)
    table.world.flush().expect(0)
    messages = table.messages()
    for row in table.rows:
        expect_equal(messages[row.job]['state'], 'sent', f'{row.name}: {messages[row.job]}')
        expect_equal(len(row.place.requests), before[row.name] + (row.decision != TAKEN),
                     f'{row.name}: requests in all')
        _check_requests(row, row.place.requests)


def run(build, group, rows, healed_tls=None, prepare=None):
    """See above. prepare(world) gives a list of rows instead, where they need a place on disk."""
    server = HostileServer()
    try:
        with World(build) as world:
            if prepare:
                rows, healed_tls = prepare(world)
            table = _Table(world, server, rows, healed_tls)
            table.configure()
            memory = Memory(world)
            table.complete_all()
            world.quiet(120)
            peak, whose = memory.stop()
            messages = table.messages()
            _check_rows(table, messages)
            _check_log(table, world.log_text())
            _check_explained(table, messages)
            _check_suffered(table)
            expect(peak < MEMORY_KIB, f'{whose} came to {peak} KiB')
            _check_recovery(table)
            print(f'{group}: {len(table.rows)} endpoints at once, at most {peak} KiB ({whose})')
    finally:
        server.close()
    survived('hostile CTM', group, len(table.rows))

