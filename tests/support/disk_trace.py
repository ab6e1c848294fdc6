# SPDX-License-Identifier: MIT
"""What programs do to files, call by call with all data, as strace saw it.

    calls = record([program, ...], trace_file, env=...)

Each call has its place in time twice: when it began and when it was over. `moments()` gives both
in the order in which they happened, over all processes and threads."""

import re
import subprocess

from process import Failure, dies_with_parent

# The question mark: a call that this machine doesn't have.
CALLS = ('open', 'openat', 'openat2', 'creat', 'close', 'close_range', 'dup', 'dup2', 'dup3',
         'fcntl', 'lseek', 'read', 'readv', 'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2',
         'truncate', 'ftruncate', 'fallocate', 'rename', 'renameat', 'renameat2', 'link', 'linkat',
         'unlink', 'unlinkat', 'rmdir', 'mkdir', 'mkdirat', 'mknod', 'mknodat', 'symlink',
         'symlinkat', 'chmod', 'fchmod', 'fchmodat', 'fsync', 'fdatasync', 'sync', 'syncfs',
         'mmap', 'mprotect', 'sendfile', 'copy_file_range', 'splice', 'io_uring_setup', 'io_submit',
         'statx', 'clone', 'clone3', 'fork', 'vfork', 'execve', 'sendto', 'sendmsg', 'sendmmsg')
MOST_BYTES = 1 << 26
LINE = re.compile(r'(\d+) +(\w+)\((.*)', re.DOTALL)
RESUMED = re.compile(r'(\d+) +<\.\.\. (\w+) resumed>(.*)', re.DOTALL)
UNFINISHED = ' <unfinished ...>'
RESULT = re.compile(r'(.*)\) += (-?\d+|0x[0-9a-f]+|\?)(.*)', re.DOTALL)
TOKEN = re.compile(r'"[^"]*"(?:\.\.\.)?|<[^>]*>|[(\[{]|[)\]}]|,|[^",()\[\]{}<]+|<')
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
DESCRIPTOR = re.compile(r'(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?)?')


class Call:
    """One system call: the thread that made it, name, arguments as strace prints them, result;
    `failed` if it did nothing."""

    def __init__(self, thread, name):
        self.thread, self.name = thread, name
        self.failed, self.result, self.after, self.arguments = True, None, '', []

    def complete(self, text):
        """What stood behind the opening bracket."""
        matched = RESULT.fullmatch(text)
        if matched and matched.group(2) not in ('?', '-1'):
            self.failed, self.result = False, int(matched.group(2), 0)
            self.after = matched.group(3)
        self.arguments = _split(matched.group(1) if matched else text)

    def data(self, number):
        """The bytes of a string argument, or of all of an iovec."""
        text = self.arguments[number]
        if '...' in text:
            raise Failure(f'strace cut the data of {self.name}')
        return b''.join(unescape(one.group(1)) for one in STRING.finditer(text))

    def path(self, number):
        return self.data(number).decode('utf-8', 'surrogateescape')

    def descriptor(self, number):
        """(number, the path that it leads to or None)."""
        return descriptor(self.arguments[number])

    def result_path(self):
        matched = re.match(r'<((?:\\x[0-9a-f]{2})*)>', self.after)
        return unescape(matched.group(1)).decode('utf-8', 'surrogateescape') if matched else None

    def number(self, number):
        return int(self.arguments[number], 0)

    def __str__(self):
        return f'{self.name}({", ".join(one[:80] for one in self.arguments)}) = {self.result}'


def unescape(text):
    return bytes.fromhex(text.replace('\\x', ''))


def descriptor(text):
    matched = DESCRIPTOR.match(text)
    if not matched:
        raise Failure(f'strace shows no descriptor: {text[:80]}')
    path = matched.group(2)
    return (matched.group(1),
            None if path is None else unescape(path).decode('utf-8', 'surrogateescape'))


def _split(text):
    """The arguments of a call, one text each."""
    found, depth, one = [], 0, []
    for token in TOKEN.findall(text):
        depth += token in ('(', '[', '{')
        depth -= token in (')', ']', '}')
        if token == ',' and depth == 0:
            found.append(''.join(one).strip())
            one = []
        else:
            one.append(token)
    return found + [''.join(one).strip()] if one else found


def record(argv, trace, **options):
    """Runs a program, and all that it starts, to the end; returns its exit status and what it
    called, as moments() takes it."""
    command = ['strace', '-f', '-y', '-v', '-xx', '-s', str(MOST_BYTES), '-o', str(trace),
               '-e', 'signal=none', '-e', 'trace=' + ','.join(f'?{name}' for name in CALLS)]
    child = subprocess.Popen(command + list(map(str, argv)), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             preexec_fn=dies_with_parent, **options)
    try:
        status = child.wait(120)
    except subprocess.TimeoutExpired:
        child.terminate()
        child.wait(10)
        raise Failure(f'still running after 120 s: {argv}') from None
    with open(trace, encoding='ascii', errors='strict') as file:
        return status, moments(file)


def moments(lines):
    """[(is_over, call)] in the order of time: each call that came back twice, first with False."""
    found, begun = [], {}
    for line in lines:
        line = line.rstrip('\n')
        resumed, started = RESUMED.fullmatch(line), LINE.fullmatch(line)
        if resumed:
            call, text = begun.pop(resumed.group(1, 2))
            call.complete(text + resumed.group(3))
            found.append((True, call))
        elif started and line.endswith(UNFINISHED):
            call = Call(*started.group(1, 2))
            begun[started.group(1, 2)] = call, started.group(3)[:-len(UNFINISHED)]
            found.append((False, call))
        elif started:
            call = Call(*started.group(1, 2))
            call.complete(started.group(3))
            found += [(False, call), (True, call)]
    for call, text in begun.values():
        call.complete(text)
    return found
