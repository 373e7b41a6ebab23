"""Worker processes: the ``Workers`` port on the operating system.

Each worker has its own session and process group, no core files, an environment of named
variables only, a folder of its own, and dies with the hub. What else it may touch, ``launch.py``
and ``confinement.py`` say.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import cast

from watchfloor.contracts import AskAPerson
from watchfloor.contracts.protocol import MAX_LINE

from .confinement import grants, named_paths

WORKER = (sys.executable, "-I", "-m", "watchfloor_sdk.worker")
_LAUNCH = str(Path(__file__).with_name("launch.py"))
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")
_CONFINED = b"confinement "
_COMPLAINTS = 50
_COMPLAINT_LENGTH = 500
_MEGABYTE = 1024 * 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Processes:
    """Starts workers. ``command`` comes before the connector's id. ``work`` is where their folders
    are made; ``closed`` is what no setting may open to them. ``certificates`` is a file of the
    authorities that they trust, where it is not the system's."""

    def __init__(
        self,
        command: Sequence[str] = WORKER,
        *,
        work: Path | None = None,
        closed: Path | None = None,
        certificates: Path | None = None,
    ) -> None:
        self._command = tuple(command)
        self._work = work
        self._closed = closed
        self._certificates = certificates

    async def start(
        self,
        connector: str,
        instance: str,
        memory_mb: int,
        python: Path | None = None,
        paths: Sequence[str] = (),
    ) -> Process:
        """Start the worker of one instance. Raises ``AskAPerson`` when it cannot be started.

        The supervisor watches the resident size. ``memory_mb`` sets a second limit above it, for
        a worker that takes more in one go than there is between two looks.
        """
        backstop = (2 * memory_mb + 256) * _MEGABYTE
        named = named_paths(paths, self._closed)
        command = self._worker(python)
        loop = asyncio.get_running_loop()
        with _sorted_errors(instance), contextlib.ExitStack() as until_it_runs:
            own = Path(tempfile.mkdtemp(prefix="watchfloor-worker-", dir=self._work))
            until_it_runs.callback(shutil.rmtree, own, ignore_errors=True)
            environment = self._environment(instance, own)
            granted = grants(command, own, named, environment)
            transport, protocol = await loop.subprocess_exec(
                lambda: _Protocol(loop),
                *launched(backstop, granted), *command, connector,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )  # fmt: skip
            until_it_runs.pop_all()
        return Process(asyncio.subprocess.Process(transport, protocol, loop), own)

    def _environment(self, instance: str, own: Path) -> dict[str, str]:
        folder = {"HOME": str(own), "TMPDIR": str(own)}
        trusted = {"SSL_CERT_FILE": str(self._certificates)} if self._certificates else {}
        about = {"WATCHFLOOR_INSTANCE": instance, "PYTHONUNBUFFERED": "1"}
        return bare_environment() | folder | trusted | about

    def _worker(self, python: Path | None) -> Sequence[str]:
        """``-B``: an environment of its own is compared with what was installed, file by file."""
        return self._command if python is None else (str(python), "-B", *WORKER[1:])


class _Protocol(asyncio.subprocess.SubprocessStreamProtocol):
    """The library's own, which ends the whole process group when the worker has ended: what it
    left behind holds its pipes open, and nobody would ever see them close."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=MAX_LINE, loop=loop)
        self._pid = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember which group. (uvloop's transport is one without being derived from it.)"""
        self._pid = cast(asyncio.SubprocessTransport, transport).get_pid()
        super().connection_made(transport)

    def process_exited(self) -> None:
        """The worker itself has ended."""
        _kill_group(self._pid)
        super().process_exited()


class Process:
    """A started worker: lines in, lines out, and a way to end it. ``own`` is its folder, which ends
    with it."""

    def __init__(self, process: asyncio.subprocess.Process, own: Path) -> None:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self.pid = process.pid
        self.confinement: Sequence[str] = ()
        self._own = own
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._complaints: deque[str] = deque(maxlen=_COMPLAINTS)
        self._ended = asyncio.create_task(self._end(process.stderr))

    async def write(self, line: bytes) -> None:
        """Send one line (without its newline). Raises ``BrokenPipeError`` when it is gone."""
        try:
            self._stdin.write(line + b"\n")
            await self._stdin.drain()
        except (ConnectionError, RuntimeError):  # the latter is uvloop's word for it
            raise BrokenPipeError from None

    async def lines(self) -> AsyncIterator[bytes]:
        """Its lines, until it closes its output. Raises ``ValueError`` on one over the limit.

        What it wrote last without a newline is not a line: it died within it.
        """
        first = await self._stdout.readline()
        if first.startswith(_CONFINED):
            self.confinement = first.decode("ascii", "replace").split()[1:]
        elif first.endswith(b"\n"):
            yield first
        while (line := await self._stdout.readline()).endswith(b"\n"):
            yield line

    def complaints(self) -> Sequence[str]:
        """The last lines of its standard error."""
        return tuple(self._complaints)

    def memory_mb(self) -> float | None:
        """Its resident size; ``None`` when it is gone or the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_bytes().split()[1])
        except (OSError, IndexError):
            return None
        return pages * _PAGE / _MEGABYTE

    async def wait(self) -> int:
        """Its exit status; negative for a signal. What it started is ended with it."""
        return await asyncio.shield(self._ended)

    def terminate(self) -> None:
        """SIGTERM."""
        if self._process.returncode is None:
            self._process.terminate()

    def kill(self) -> None:
        """SIGKILL to the whole process group."""
        if self._process.returncode is None:
            _kill_group(self.pid)

    async def _end(self, stderr: asyncio.StreamReader) -> int:
        """Hear it to its end, whoever waits for that, and take its folder away."""
        await self._listen(stderr)
        status = await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self._own, ignore_errors=True)
        return status

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stderr.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:_COMPLAINT_LENGTH]
            self._complain(lines)
        self._complain([rest])

    def _complain(self, lines: Sequence[bytes]) -> None:
        for line in lines[-_COMPLAINTS:]:
            if text := line[:_COMPLAINT_LENGTH].decode("utf-8", "replace").strip():
                self._complaints.append(text)


@contextlib.contextmanager
def _sorted_errors(instance: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AskAPerson(
            f"The worker of {instance} cannot be started: {error.strerror}.",
            code="worker_not_started",
            remedy="Check memory and process limits of this machine.",
        ) from error


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def launched(memory: int, granted: str = "") -> tuple[str, ...]:
    """What to put before a command so that it dies with this process, leaves no core file and takes
    no more than ``memory`` bytes. With ``granted`` (``confinement.grants``) it is confined."""
    return (sys.executable, "-I", "-S", _LAUNCH, str(os.getpid()), str(memory), granted)


def bare_environment() -> dict[str, str]:
    """What a process of ours needs of this one's environment, and no more."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}
