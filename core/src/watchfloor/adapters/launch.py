"""Prepares a process of the hub's, then becomes it.

Run by file name in a bare interpreter
(``python -I -S launch.py <parent> <memory> <grants> <command> ...``), so it imports nothing of
ours. It runs after the fork of a process with threads, where a hook between fork and exec could
wait for a lock that nobody holds any more.

``grants`` is empty for the hub's own programs. For a worker it says, a line each, what it may read
(``r<path>``), run (``x<path>``) and write (``w<path>``); all else is closed to it as far as the
kernel can, and the first line of its output says how far that is, before the worker can speak.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
import stat
import struct
import sys

NICE = 5
"""The hub goes before its workers where there is not enough processor for all."""
FILES = 512
"""Open files of a worker."""
FILE_SIZE = 256 * 1024 * 1024
"""Bytes of a file that it writes."""

# linux/prctl.h
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2

# linux/landlock.h: rights by the version of the interface that brought them.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
MAKE_CHAR, MAKE_BLOCK = 1 << 6, 1 << 11
RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: TRUNCATE, 5: IOCTL_DEV}
FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = READ_FILE | READ_DIR
TCP = 0b11  # bind and connect, since 4
SCOPES = 0b11  # abstract Unix sockets and signals, since 6
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446

# linux/filter.h and linux/seccomp.h
LOAD, JUMP_EQUAL, JUMP_ABOVE, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16
CLONE_THREAD, AF_UNIX, X32 = 0x10000, 1, 0x40000000
ARCHES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # linux/audit.h

# Numbers on x86_64 and aarch64 (asm/unistd.h).
DENIED = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setaffinity": (203, 122),
    "sched_setparam": (142, 118), "sched_setscheduler": (144, 119), "sched_setattr": (314, 274),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "fork": (57, None),
    "vfork": (58, None),
    # the file system as a whole, and ways around its rights
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268),
    "open_by_handle_at": (304, 265), "fanotify_init": (300, 262), "quotactl": (179, 60),
    # the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "iopl": (172, None), "ioperm": (173, None), "personality": (135, 92),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
    # memory that no limit counts
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
ABSENT = {
    # clone3 hides its flags from a filter; without it the C library uses clone
    "clone3": (435, 435), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}  # fmt: skip
OWN_ONLY = {"kill": (62, 129), "tgkill": (234, 131)}
SOCKET, CLONE, PRLIMIT, PRCTL, CAPSET = (41, 198), (56, 220), (302, 261), (157, 167), (126, 91)

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Limits, then exec."""
    parent, memory, grants, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    _die_with(parent)
    # A core would hold credentials. 1 byte, not 0: that is refused to programs that take cores by a
    # pipe as well (core_pattern; do_coredump in the kernel's fs/coredump.c).
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    # uvloop leaves copies of the three pipes open, so that closing one would not be seen.
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    if grants:
        os.write(1, " ".join(["confinement", *confine(grants.split("\n"))]).encode() + b"\n")
    os.execv(command[0], command)  # noqa: S606 - the command is the hub's own


def _die_with(parent: int) -> None:
    """Be killed when the hub ends, however it ends (prctl(2)); Linux only."""
    if sys.platform != "linux":
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def confine(grants: list[str]) -> list[str]:
    """Give up what a worker needs not. Answers what is in force, in words that
    ``docs/operations.md`` explains."""
    _limit()
    words = ["limits"]
    if sys.platform != "linux":
        return words
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return words
    with contextlib.suppress(KeyError):
        arch, column = ARCHES[os.uname().machine]
        _drop_capabilities(CAPSET[column])
        words += _landlock(grants)
        if _seccomp(_program(arch, column)):
            words += ["network", "processes"]
    return words


def _limit() -> None:
    os.umask(0o077)
    _lower(resource.RLIMIT_NOFILE, FILES)
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    os.nice(NICE)
    # Each worker is a session of its own, and where sessions share the processor among them, it is
    # the session that must be nice (sched(7)).
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/autogroup", os.O_WRONLY)
        os.write(fd, str(NICE).encode())
        os.close(fd)


def _lower(limit: int, most: int) -> None:
    _, hard = resource.getrlimit(limit)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, most))


def _drop_capabilities(number: int) -> None:
    """Those that root has (capabilities(7)); where there are none, nothing happens."""
    header = struct.pack("Ii", 0x20080522, 0)
    _libc.syscall(number, header, bytes(24))


def _landlock(grants: list[str]) -> list[str]:
    """Close the file system, but for what is granted (landlock(7))."""
    version = _libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return []
    handled = sum(bits for since, bits in RIGHTS.items() if version >= since)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = struct.pack("QQQ", handled, TCP, SCOPES)[:size]
    fd = _libc.syscall(CREATE_RULESET, ruleset, size, 0)
    if fd < 0:
        return []
    for grant in grants:
        _allow(fd, grant, handled)
    failed = _libc.syscall(RESTRICT_SELF, fd, 0)
    os.close(fd)
    if failed:
        return []
    return ["files", "signals"] if version >= 6 else ["files"]


def _allow(ruleset: int, grant: str, handled: int) -> None:
    how, path = grant[0], grant[1:]
    write = handled & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK)
    rights = {"r": READ, "x": READ | EXECUTE, "w": write}[how]
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    if not stat.S_ISDIR(os.fstat(fd).st_mode):
        rights &= FOR_FILES
    _libc.syscall(ADD_RULE, ruleset, 1, struct.pack("=Qi", rights & handled, fd), 0)
    os.close(fd)


def _program(arch: int, column: int) -> bytes:
    """The filter (seccomp(2)): what is not named is allowed."""
    refuse, absent = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
    steps = [(LOAD, 0, 0, ARCH), (JUMP_EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL)]
    steps += [(LOAD, 0, 0, NUMBER)]
    if column == 0:  # the same calls under other numbers
        steps += [(JUMP_ABOVE, 0, 1, X32), (RETURN, 0, 0, absent)]
    for table, answer in ((DENIED, refuse), (ABSENT, absent)):
        for numbers in table.values():
            if (number := numbers[column]) is not None:
                steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, answer)]
    own = os.getpid()
    for numbers in OWN_ONLY.values():
        steps += _when(numbers[column], (JUMP_EQUAL, 1, 0, own), refuse)
    steps += _when(SOCKET[column], (JUMP_EQUAL, 1, 0, AF_UNIX), refuse)
    steps += _when(CLONE[column], (JUMP_SET, 1, 0, CLONE_THREAD), refuse)
    steps += _when(PRCTL[column], (JUMP_EQUAL, 0, 1, PR_SET_PDEATHSIG), refuse)
    steps += _when(PRLIMIT[column], (JUMP_EQUAL, 1, 0, 0), refuse, (JUMP_EQUAL, 1, 0, own))
    steps += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _when(
    number: int,
    test: tuple[int, int, int, int],
    answer: int,
    other: tuple[int, int, int, int] | None = None,
) -> list[tuple[int, int, int, int]]:
    """Of the call ``number``, look at the first argument: the answer is skipped where ``test``, or
    else ``other``, says so."""
    tests = [test] if other is None else [(test[0], 2, 0, test[3]), other]
    verdict = [(LOAD, 0, 0, FIRST_ARGUMENT), *tests, (RETURN, 0, 0, answer), (RETURN, 0, 0, ALLOW)]
    return [(JUMP_EQUAL, 0, len(verdict), number), *verdict]


def _seccomp(program: bytes) -> bool:
    steps = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    return not _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, whole, 0, 0)


if __name__ == "__main__":
    main()
