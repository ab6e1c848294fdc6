#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The log: a line for every decision, in three formats, into a file that is rotated."""

import datetime
import json
import re
import sys
import time
import zoneinfo
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

TEXT = re.compile(r'\S+Z (\S+)\[\d+\] (error|warning|info|debug): (?:\[(\S+)\] )?(.*)')
CMTRACE = re.compile(
    r'<!\[LOG\[(?P<text>.*?)\]LOG\]!><time="(?P<time>\d\d:\d\d:\d\d\.\d{3})(?P<bias>[+-]\d+)" '
    r'date="(?P<date>\d\d-\d\d-\d{4})" component="(?P<component>[^"]{1,100})" context="" '
    r'type="(?P<type>[123])" thread="\d+" file="(?P<file>[^"]{0,100})">')
GID = '0123456789abcdef'


def _configure(world, **log):
    """The same configuration with another [log]."""
    text = world.conf.read_text()
    for key, value in log.items():
        text, found = re.subn(rf'^{key} = .*$', f'{key} = {value}', text, flags=re.MULTILINE)
        if not found:
            text = text.replace('[log]\n', f'[log]\n{key} = {value}\n')
    world.conf.write_text(text)


def _job(world, name, sizes, **keys):
    job_id = new_id()
    make_files(world.dl / name, sizes)
    world.put_sidecar(name, listed(job_id, world.dl / name, sizes, **keys))
    world.flush().expect(0)
    return job_id


def _lines(world, job_id):
    """[(program, level, text), …] of a job."""
    found = [TEXT.fullmatch(line) for line in world.log_text().splitlines()]
    expect(all(found), f'no line of the log: {world.log_text()}')
    return [(one[1], one[2], one[4]) for one in found if one[3] == job_id]


def _expect_in_order(lines, *wanted):
    """Each of (level, a part of the text) has its line, in this order."""
    rest = iter(lines)
    for level, part in wanted:
        expect(any(one[1] == level and part in one[2] for one in rest),
               f'no {level} with {part!r} in its place:\n' + '\n'.join(map(str, lines)))


def every_decision(build):
    """What happened to a job can be read from its lines: success, failure, and what hands did."""
    with World(build, retry='0, 0, 0', linger='5s') as world:
        _configure(world, level='debug')
        world.endpoint.up(['503', '200'])
        good = _job(world, 'good', {'a.bin': 3})
        world.hook('on-download-complete', world.dl / 'good/a.bin', gid=GID)
        world.ctm('status', good, '--wait').expect(0)
        _expect_in_order(
            _lines(world, good), ('info', 'job registered from'),
            ('debug', f'{world.dl}/good/a.bin" has arrived (gid {GID})'),
            ('info', '1 of 1 files have arrived: job is verifying'), ('info', 'succeeded'),
            ('warning', 'attempt 1 failed'), ('info', 'CTM took the final word'))
        bad = new_id()
        world.put_sidecar('bad', sidecar(bad, world.dl / 'bad', [
            {'path': 'b.bin', 'gid': GID}], timeout=500))
        world.flush().expect(0)
        world.hook('on-download-error', '', gid=GID)
        world.ctm('suspend', bad).expect(0)
        world.ctm('resume', bad).expect(0)
        world.ctm('set', bad, 'timeout=900', 'priority=high').expect(0)
        world.ctm('fail', bad).expect(0)
        world.ctm('status', bad, '--wait').expect(1)
        world.ctm('forget', bad, '--sidecar').expect(0)
        lines = _lines(world, bad)
        _expect_in_order(
            lines, ('info', 'job registered from'), ('info', 'aria2 gave up: '),
            ('info', 'suspended by hand'), ('info', 'resumed by hand'),
            ('info', 'timeout=900, priority=high set by hand'),
            ('info', 'ended with an error by hand'), ('warning', 'job has failed'),
            ('info', 'CTM took the final word'), ('info', 'forgotten by hand'))
        expect(f'(gid {GID})' in next(line[2] for line in lines if 'gave up' in line[2]),
               'no gid')


def nothing_of_others(build):
    """Downloads that are in no job leave no line, whatever happens to them."""
    with World(build) as world:
        _job(world, 'job', {'a.bin': 3})
        before = world.log_text()
        make_files(world.dl / 'other', {'a.bin': 3})
        for event in ('start', 'pause', 'stop', 'complete', 'error'):
            world.hook(f'on-download-{event}', world.dl / 'other/a.bin')
        world.hook('on-bt-download-complete', world.dl / 'other/a.bin', number=7)
        world.hook('on-download-complete', '', number=0)
        world.quiet()
        expect_equal(world.log_text(), before, 'the log')


def json_lines(build):
    """One object a line, with what it is about in members of their own."""
    with World(build, linger='0') as world:
        _configure(world, format='json', level='debug')
        world.endpoint.up()
        job_id = _job(world, 'job', {'a\u0416"\\.bin': 3})
        world.hook('on-download-complete', world.dl / 'job' / 'a\u0416"\\.bin', gid=GID)
        world.ctm('status', job_id, '--wait').expect(0)
        lines = [json.loads(line) for line in world.log_text().splitlines()]
        arrived = [one for one in lines if 'has arrived' in one['message']]
        expect_equal([(one['job'], one['gid'], one['level']) for one in arrived],
                     [(job_id, GID, 'debug')], 'arrivals')
        expect('a\u0416"\\.bin' in arrived[0]['message'], arrived[0])
        for one in lines:
            stamp = datetime.datetime.fromisoformat(one['time'].replace('Z', '+00:00'))
            expect(abs(stamp.timestamp() - time.time()) < 600, one)


def cmtrace(build):
    """CMTrace's lines, with the sign of Windows' bias, in zones on both sides of Greenwich and
    with quarters of an hour."""
    for zone in ('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'UTC'):
        try:
            info = zoneinfo.ZoneInfo(zone)
        except zoneinfo.ZoneInfoNotFoundError:
            raise Skip('no time zones are installed') from None
        with World(build, linger='0') as world:
            _configure(world, format='cmtrace')
            world.env['TZ'] = zone
            world.endpoint.up(['503', '200'])
            job_id = _job(world, 'job', {'a.bin': 3})
            world.hook('on-download-complete', world.dl / 'job/a.bin')
            world.endpoint.wait_for(1)
            world.quiet()
            text = world.log_text()
            lines = [CMTRACE.fullmatch(line) for line in text.splitlines()]
            expect(lines and all(lines), f'no CMTrace: {text}')
            for line in lines:
                local = datetime.datetime.strptime(f'{line["date"]} {line["time"]}',
                                                   '%m-%d-%Y %H:%M:%S.%f')
                utc = local + datetime.timedelta(minutes=int(line['bias']))
                now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
                expect(abs((now - utc).total_seconds()) < 600, f'{zone}: {line[0]}')
                offset = info.utcoffset(local).total_seconds() / 60
                expect_equal(int(line['bias']), -offset, f'bias of {zone}')
            expect_equal({line['type'] for line in lines}, {'1', '2'}, 'types')
            expect(all(job_id in line['text'] for line in lines), text)


def rotation(build):
    """A deliverer that lingers goes on in the new file when the old one is renamed, and hooks
    make it anew."""
    with World(build, retry=', '.join(['1s'] * 60), linger='60s') as world:
        _job(world, 'job', {'a.bin': 3})
        world.hook('on-download-complete', world.dl / 'job/a.bin')
        wait_until('an attempt', lambda: 'attempt 1 failed' in world.log_text())
        deliverer = world.deliverer()
        world.log.rename(f'{world.log}.1')
        wait_until('a new log', lambda: 'failed' in world.log_text())
        expect(f'deliver[{deliverer}]' in world.log_text(), 'another one writes')
        expect_equal(world.log.stat().st_mode & 0o777, 0o600, 'mode of the log')


if __name__ == '__main__':
    main(every_decision, nothing_of_others, json_lines, cmtrace, rotation)
