#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sidecars over their life: one GUID one end, change, deletion, late arrival, half-written ones,
and those that nobody may trust."""

import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import expect_untouched, listing, make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402


def same_guid_twice(build):
    """The second sidecar with a known id is refused, naming both files, braces and case aside;
    the first job goes on."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10, 'b.bin': 20})
        job_id = new_id()
        first = world.put_sidecar('first', listed(job_id, world.dl, {'a.bin': 10}))
        world.flush().expect(0)
        same = job_id.strip('{}').lower()
        second = world.put_sidecar('second', listed(same, world.dl, {'b.bin': 20}))
        world.hook('on-download-complete', world.dl / 'b.bin')
        world.flush()
        said = world.log_text()
        for path in (first, second):
            expect(path.name in said, f'{path.name} is not named in the log:\n{said}')
        world.ctm('check').expect(1).says(first.name, second.name)
        world.ctm('add', second).expect(1).says(first.name, second.name)
        expect_equal(world.endpoint.requests(), [], 'requests for the second')
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(1)
        world.flush()
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


def tombstone(build):
    """What has ended stays ended: neither events nor the same sidecar again make a second
    message."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        text = listed(job_id, world.dl, {'a.bin': 10})
        path = world.put_sidecar('job', text)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(1)
        for _ in range(2):
            path.unlink()
            world.flush().expect(0)
            world.put_sidecar('job', text)
            world.hook('on-download-complete', world.dl / 'a.bin')
            world.flush()
        world.quiet()
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


def changed(build):
    """A changed list is taken over; evidence stays for the paths that remain."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10, 'b.bin': 20, 'c.bin': 30})
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10, 'b.bin': 20}))
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.flush().expect(0)
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10, 'c.bin': 30}))
        world.flush().expect(0)
        world.hook('on-download-complete', world.dl / 'b.bin')
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests before the new file is there')
        world.hook('on-download-complete', world.dl / 'c.bin')
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 2, 40)], world.endpoint.requests())


def changed_for_the_worse(build):
    """A change that can't be read leaves the last good one in force; so does deletion."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10, 'b.bin': 20})
        ids = [new_id(), new_id()]
        for number, job_id in enumerate(ids):
            world.put_sidecar(f'job-{number}', listed(job_id, world.dl,
                                                      {'a.bin': 10, 'b.bin': 20}))
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.flush().expect(0)
        bad = world.put_sidecar('job-0', f'[job]\nid = {ids[0]}\nkind = nonsense\n')
        (world.jobs / 'job-1.ctm.ini').unlink()
        world.flush()
        world.ctm('check').expect(1).says(f'{bad}:3:', 'kind', 'nonsense')
        world.hook('on-download-complete', world.dl / 'b.bin')
        world.endpoint.wait_for(2)
        expect_requests([success(job_id, 2, 30) for job_id in ids], world.endpoint.requests(),
                        ordered=False)


def _from_sidecar(world, job_id):
    """A job that has ended, whose sidecar is gone; its word."""
    path = world.put_sidecar('first', listed(job_id, world.dl, {'a.bin': 10}))
    world.hook('on-download-complete', world.dl / 'a.bin')
    world.endpoint.wait_for(1)
    path.unlink()
    return success(job_id, 1, 10)


def _by_hand(world, job_id):
    """A job that is nothing but its word, which somebody sent."""
    world.ctm('send', 'success', '--endpoint', 'ctm', '--id', job_id, '--bytes', '10',
              '--files', '1').expect(0)
    world.endpoint.wait_for(1)
    return success(job_id, 1, 10)


def _invalid(job_id, directory):
    return (f'[job]\nid = {job_id}\nendpoint = ctm\nkind = listed\nlocal_path = {directory}\n'
            'files_total = many\n')


def _valid(job_id, directory):
    return listed(job_id, directory, {'b.bin': 20})


def another_has_its_guid(build):
    """A job that has ended and been told is known as long as another sidecar names its GUID, for
    that one would have it told a second time."""
    for first, second in ((_from_sidecar, _invalid), (_from_sidecar, _valid),
                          (_by_hand, _invalid), (_by_hand, _valid)):
        with World(build) as world:
            world.conf.write_text(world.conf.read_text().replace(
                '[endpoint.ctm]', 'keep = 1s\ngive_up = 1s\n\n[endpoint.ctm]', 1))
            world.endpoint.up()
            make_files(world.dl, {'a.bin': 10, 'b.bin': 20})
            job_id = new_id()
            word = first(world, job_id)
            another = world.put_sidecar('another', second(job_id, world.dl))
            for _ in range(3):
                world.hook('on-download-complete', world.dl / 'b.bin')
                world.flush()
                time.sleep(1.2)
            world.quiet()
            expect_requests([word], world.endpoint.requests())
            another.unlink()
            for _ in range(2):
                world.flush()
            world.ctm('status').expect(0).says('no jobs')


def unclaimed_expires(build):
    """An event of no job waits for its sidecar as long as configured, and no longer."""
    with World(build) as world:
        world.conf.write_text(world.conf.read_text().replace(
            '[endpoint.ctm]', 'unclaimed = 2s\n\n[endpoint.ctm]', 1))
        world.endpoint.up()
        make_files(world.dl, {'soon.bin': 10, 'late.bin': 20})
        world.hook('on-download-complete', world.dl / 'soon.bin')
        soon = new_id()
        world.put_sidecar('soon', listed(soon, world.dl, {'soon.bin': 10}))
        world.flush().expect(0)
        world.hook('on-download-complete', world.dl / 'late.bin')
        world.flush().expect(0)
        time.sleep(3)
        world.flush().expect(0)
        world.put_sidecar('late', listed(new_id(), world.dl, {'late.bin': 20}))
        world.flush().expect(0)
        world.quiet()
        expect_requests([success(soon, 1, 10)], world.endpoint.requests())


def what_another_job_took(build):
    """The event of a file was taken by a job that goes on, listed or totals; one whose sidecar comes
    a moment later, and lists the file too, needs no other."""
    for kind in ('listed', 'totals'):
        with World(build) as world:
            world.endpoint.up()
            first, second = new_id(), new_id()
            make_files(world.dl / 'pkg', {'a.bin': 10})
            world.put_sidecar('first', listed(first, world.dl, {'pkg/a.bin': 10, 'b.bin': 20})
                              if kind == 'listed' else
                              sidecar(first, world.dl, kind=kind, files_total=2))
            world.flush().expect(0)
            world.hook('on-download-complete', world.dl / 'pkg/a.bin')
            world.flush().expect(0)
            expect_equal(world.status(first)['jobs'][0]['files_arrived'], 1, 'files arrived')
            world.put_sidecar('second', listed(second, world.dl / 'pkg', {'a.bin': 10}))
            world.flush().expect(0)
            expect_requests([success(second, 1, 10)], world.endpoint.requests())
            make_files(world.dl, {'b.bin': 20})
            world.hook('on-download-complete', world.dl / 'b.bin')
            expect_requests([success(second, 1, 10), success(first, 2, 30)],
                            world.endpoint.wait_for(2))


def written_over_in_place(build):
    """While a deliverer lingers for another job, whose endpoint refuses for now, a sidecar gets a
    longer list, in place: no success is said for the shorter one."""
    with World(build, retry='0, 1h', linger='2h') as world:
        world.endpoint.up(answers=['503'])
        make_files(world.dl, {'a.bin': 10, 'other.bin': 5})
        other, job_id = new_id(), new_id()
        world.put_sidecar('other', listed(other, world.dl, {'other.bin': 5}))
        path = world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}))
        world.flush().expect(0)
        time.sleep(2.2)  # the directory has settled
        world.hook('on-download-complete', world.dl / 'other.bin')
        world.endpoint.wait_for(1)
        path.write_text(listed(job_id, world.dl, {'a.bin': 10, 'b.bin': 20}))
        world.hook('on-download-complete', world.dl / 'a.bin')
        wait_until('the longer list', lambda: (
            lambda job: job['files_total'] == 2 and job['files_arrived'] == 1)(
                world.status(job_id)['jobs'][0]))
        make_files(world.dl, {'b.bin': 20})
        world.hook('on-download-complete', world.dl / 'b.bin')
        expect_requests([success(job_id, 2, 30)], world.endpoint.wait_for(2)[1:])


def written_over_slowly(build):
    """The only file of the list comes while somebody writes a longer one, in place, and has it half:
    nothing is said by the old one."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        path = world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}, timeout=86400))
        world.flush().expect(0)
        text = listed(job_id, world.dl, {'a.bin': 10, 'b.bin': 20}, timeout=86400)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text[:len(text) // 2])
            file.flush()
            world.hook('on-download-complete', world.dl / 'a.bin')
            world.flush().expect(0)
            expect_equal(world.status(job_id)['jobs'][0]['state'], 'verifying', 'state')
            file.write(text[len(text) // 2:])
        world.flush().expect(0)
        expect_equal(world.status(job_id)['jobs'][0]['state'], 'open', 'state')
        make_files(world.dl, {'b.bin': 20})
        world.hook('on-download-complete', world.dl / 'b.bin')
        expect_requests([success(job_id, 2, 30)], world.endpoint.wait_for(1))


def cut_anywhere(build):
    """A sidecar cut at any byte never becomes a job of its own, and the whole one does."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10, 'b.bin': 20})
        job_id = new_id()
        files = [{'size': 10, 'path': 'a.bin'}, {'size': 20, 'path': 'b.bin'}]
        text = sidecar(job_id, world.dl, files, client_data='whole').encode()
        world.hook('on-download-complete', world.dl / 'a.bin')
        for cut in range(0, len(text) - 1, 3):
            world.put_sidecar('job', text[:cut])
            if cut % 30 == 0:
                world.hook('on-download-complete', world.dl / 'b.bin')
            else:
                world.flush()
        expect_equal(world.endpoint.requests(), [], 'requests for a cut sidecar')
        world.put_sidecar('job', text)
        world.flush().expect(0)
        expect_requests([success(job_id, 2, 30, 'whole')], world.endpoint.requests())


def written_slowly(build):
    """While somebody has it open for writing it is not believed, whole as it may look."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        path = world.jobs / 'job.ctm.ini'
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(descriptor, listed(job_id, world.dl, {'a.bin': 10}).encode())
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.flush()
        expect_equal(world.endpoint.requests(), [], 'requests while it is being written')
        os.write(descriptor, b'; and a last word\n')
        os.close(descriptor)
        world.flush().expect(0)
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


def not_to_be_trusted(build):
    """A link, a file that others may write, and one inside its own local_path are refused, each
    with a line; a good one beside them works."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10})
        text = listed(new_id(), world.dl, {'a.bin': 10})
        outside = put(world.root, 'elsewhere', text)
        (world.jobs / 'link.ctm.ini').symlink_to(outside)
        world.put_sidecar('open', listed(new_id(), world.dl, {'a.bin': 10})).chmod(0o666)
        inside = put(world.dl, 'inside.ctm.ini', listed(new_id(), world.dl, {'a.bin': 10}))
        layout = listing(world.dl)
        good = new_id()
        world.put_sidecar('good', listed(good, world.dl, {'a.bin': 10}))
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(1)
        world.flush()
        world.ctm('check').expect(1).says('link.ctm.ini', 'open.ctm.ini')
        world.ctm('add', inside).expect(1).says('inside.ctm.ini', 'local_path')
        expect_requests([success(good, 1, 10)], world.endpoint.requests())
        expect_untouched(layout, world.dl)


def _behind_a_link(world):
    """[sidecar] dir becomes a link to where clients write, as packages ship it."""
    spool = world.root / 'spool'
    spool.mkdir(mode=0o700)
    world.jobs.rmdir()
    world.jobs.symlink_to(spool)


def read_once_behind_a_link(build):
    """Behind a link as well a sidecar is read once: what was set afterwards holds."""
    with World(build) as world:
        _behind_a_link(world)
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}, timeout=86400))
        world.flush().expect(0)
        world.ctm('set', job_id, 'timeout=30d', 'priority=foreground').expect(0)
        for _ in range(3):
            world.flush().expect(0)
        job = world.status(job_id)['jobs'][0]
        expect(job['deadline_s'] > 29 * 86400 and job['priority'] == 'foreground',
               f'what was set did not stay: {job}')
        said = world.log_text()
        expect_equal([said.count('job registered'), said.count('job changed')], [1, 0],
                     'how often it was read')


def mended_behind_a_link(build):
    """An invalid sidecar behind a link is listed once, and no longer when it was mended; its job
    is forgotten with it."""
    with World(build) as world:
        world.endpoint.up()
        _behind_a_link(world)
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        good = listed(job_id, world.dl, {'a.bin': 10})
        world.put_sidecar('job', good.replace('kind = listed', 'kind = nonsense'))
        world.flush()
        listing_of = world.status()['sidecars']
        expect_equal([one['path'] for one in listing_of],
                     [str(world.root / 'spool' / 'job.ctm.ini')], 'sidecars that are no job')
        world.put_sidecar('job', good)
        world.flush().expect(0)
        expect_equal(world.status()['sidecars'], [], 'sidecars that are no job')
        world.ctm('check').expect(0)
        world.ctm('add', world.jobs / 'job.ctm.ini').expect(0)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        world.ctm('forget', job_id).expect(1).says('--sidecar')
        world.ctm('forget', '--sidecar', job_id).expect(0)
        expect_equal(list(world.jobs.iterdir()), [], 'sidecars that are left')


def endpoint_that_leads_nowhere(build):
    """A name that is not configured, and a URL with a password: said when the job is registered,
    long before its end, and nowhere with the password. The word goes out once the name is there."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10, 'b.bin': 20})
        job_id, never = new_id(), new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}, endpoint='other'))
        world.put_sidecar('never', listed(never, world.dl, {'b.bin': 20},
                                          endpoint='https://user:S3CRET@ctm.example/n'))
        said = ''
        for form in ('text', 'json', 'cmtrace'):
            world.configure(f'url = {world.endpoint.url()}', linger='0',
                            more=f'format = {form}\n')
            for name in ('a.bin', 'b.bin'):
                world.hook('on-download-complete', world.dl / name)
            world.flush().expect(0, 1)
            world.quiet()
            said += str(world.ctm('status')) + str(world.ctm('status', '--json'))
            said += str(world.ctm('check').expect(1).says('"other" is not configured'))
        for text in ('endpoint "other" is not configured', 'holds a user or password'):
            lines = [line for line in world.log_text().splitlines()
                     if text in line and 'warning' in line and 'until then' in line]
            expect_equal(len(lines), 1, f'warnings that an {text}')
        expect('S3CRET' not in said + world.log_text(), f'a password is shown:\n{said}')
        expect_equal(world.endpoint.requests(), [], 'requests for nobody')
        world.configure(f'url = {world.endpoint.url()}\n\n[endpoint.other]\n'
                        f'url = {world.endpoint.url()}', linger='0')
        world.ctm('retry', job_id).expect(0)
        world.flush().expect(0, 1)
        expect_requests([success(job_id, 1, 10, endpoint='other')], world.endpoint.requests())


def nobody_to_be_trusted(build):
    """[sidecar] owner names nobody: whoever looks for sidecars says so and ends; mended, all goes
    on."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        job_id, endpoint = new_id(), f'url = {world.endpoint.url()}'
        make_files(world.dl, {'a.bin': 10})
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}))
        world.configure(endpoint, linger='0', more='[sidecar]\nowner = no-such-user\n')
        world.flush(seconds=30).expect(1).says('no-such-user')
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.quiet()
        expect(world.log_text().count('no-such-user') < 10, 'it was said again and again')
        world.configure(endpoint, linger='0')
        world.flush().expect(0)
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


if __name__ == '__main__':
    main(same_guid_twice, tombstone, changed, changed_for_the_worse, another_has_its_guid,
         unclaimed_expires, what_another_job_took, written_over_in_place, written_over_slowly,
         cut_anywhere, written_slowly, not_to_be_trusted, read_once_behind_a_link,
         mended_behind_a_link, endpoint_that_leads_nowhere, nobody_to_be_trusted)
