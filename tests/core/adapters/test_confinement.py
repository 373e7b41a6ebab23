"""A worker that attacks: what it may not touch is closed to it, and the source says how far."""

import asyncio
import json
import os
import signal
import socket
import ssl
import sys
from pathlib import Path

import pytest

from watchfloor.adapters.confinement import named_paths, trusted
from watchfloor.adapters.processes import Processes
from watchfloor.contracts import AskAPerson

SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
ALL = {"limits", "files", "signals", "network", "processes"}

TRY = """
import ctypes, json, os, signal, socket, sys, tempfile, threading
libc = ctypes.CDLL(None, use_errno=True)
told = {}
def tries(name, work):
    try:
        told[name] = "DONE " + str(work())
    except BaseException as error:
        told[name] = type(error).__name__
def call(*args):
    if libc.syscall(*args) < 0:
        raise OSError(ctypes.get_errno(), "no")
"""
TELL = "\nprint(json.dumps(told), flush=True)\n"


async def told(body, **options):
    paths = options.pop("paths", ())
    workers = Processes([sys.executable, "-c", TRY + body + TELL], **options)
    process = await workers.start("toy", "toy-1", options.pop("memory_mb", 64), paths=paths)
    lines = [line async for line in process.lines()]
    await process.wait()
    assert lines, process.complaints()
    return json.loads(lines[-1]), process


@pytest.fixture
def confined():
    """Only a kernel that has all of it can be held to it."""
    if sys.platform != "linux" or tuple(map(int, os.uname().release.split(".")[:2])) < (6, 12):
        pytest.skip("this kernel cannot confine a worker wholly")


async def test_what_is_in_force_is_said(confined):
    _, process = await told("")
    assert set(process.confinement) == ALL


async def test_no_socket_leads_out_but_the_egress(confined):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        got, _ = await told(f"""
tries("tcp", lambda: socket.create_connection(("127.0.0.1", {port})))
tries("tcp6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
tries("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
tries("dns", lambda: socket.getaddrinfo("example.org", 53))
tries("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW))
tries("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
tries("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
tries("vsock", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
tries("pair", lambda: socket.socketpair() and "")
tries("unix", lambda: socket.socket(socket.AF_UNIX) and "")
""")
    assert got.pop("pair").startswith("DONE")
    assert got.pop("unix").startswith("DONE")
    assert got.pop("dns") == "gaierror"
    assert set(got.values()) == {"PermissionError"}, got


async def test_the_hubs_data_and_all_but_its_own_folder_are_closed(confined, tmp_path):
    hub = tmp_path / "hub"
    (hub / "work").mkdir(parents=True)
    secret, given = hub / "credentials", tmp_path / "given" / "calls.csv"
    secret.write_text("hush")
    given.parent.mkdir()
    given.write_text("a,b")
    body = f"""
tries("keyring", lambda: open({str(secret)!r}).read())
tries("list", lambda: os.listdir({str(hub)!r}))
tries("passwords", lambda: open("/etc/passwd").read())
tries("parent", lambda: open("/proc/{os.getpid()}/environ", "rb").read())
tries("memory", lambda: open("/proc/{os.getpid()}/mem", "rb").read(1))
tries("write", lambda: open({str(tmp_path / "out")!r}, "w"))
tries("code", lambda: open(json.__file__, "a"))
tries("shared", lambda: open("/dev/shm/x", "w"))
tries("own", lambda: open(os.path.join(tempfile.gettempdir(), "x"), "w").write("x"))
tries("given", lambda: open({str(given)!r}).read())
tries("spoil", lambda: open({str(given)!r}, "w"))
"""
    got, _ = await told(body, work=hub / "work", closed=hub, paths=[str(given)])
    assert got.pop("own") == "DONE 1"
    assert got.pop("given") == "DONE a,b"
    assert set(got.values()) == {"PermissionError"}, got
    assert secret.read_text() == "hush"
    assert list((hub / "work").iterdir()) == [], "its folder ends with it"


async def test_other_processes_are_out_of_reach(confined):
    hub = os.getpid()
    got, _ = await told(f"""
tries("ptrace", lambda: call(101 if os.uname().machine == "x86_64" else 117, 16, {hub}, 0, 0))
tries("kill", lambda: os.kill({hub}, 0))
tries("group", lambda: os.kill(-1, 0))
tries("pidfd", lambda: os.pidfd_open({hub}))
tries("fork", os.fork)
tries("spawn", lambda: __import__("subprocess").run([sys.executable, "-c", ""]))
tries("limits", lambda: __import__("resource").prlimit({hub}, 7))
tries("nice", lambda: os.setpriority(os.PRIO_PROCESS, {hub}, 19))
tries("orphan", lambda: call(157 if os.uname().machine == "x86_64" else 167, 1, 0, 0, 0, 0))
tries("mount", lambda: call(165 if os.uname().machine == "x86_64" else 40, 0, 0, 0, 0, 0))
tries("memfd", lambda: os.memfd_create("x"))
tries("unshare", lambda: call(272 if os.uname().machine == "x86_64" else 97, 0x10000000))
def threads():
    done = []
    some = [threading.Thread(target=done.append, args=(n,)) for n in range(8)]
    [t.start() for t in some], [t.join() for t in some]
    return len(done)
tries("threads", threads)
tries("itself", lambda: os.kill(os.getpid(), 0))
""")
    assert got.pop("threads") == "DONE 8"
    assert got.pop("itself") == "DONE None"
    assert set(got.values()) == {"PermissionError"}, got


async def test_ten_thousand_children_and_ten_gigabytes_are_not_had(confined):
    got, _ = await told("""
def bomb():
    children = 0
    for _ in range(10_000):
        try:
            os.fork()
            children += 1
        except OSError:
            pass
    return children
tries("bomb", bomb)
tries("memory", lambda: len(bytearray(10 * 1024 ** 3)))
tries("files", lambda: len([open(os.devnull) for _ in range(5_000)]))
def large():
    with open(os.path.join(tempfile.gettempdir(), "x"), "wb") as file:
        file.truncate(10 * 1024 ** 3)
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
tries("large", large)
""")
    assert got == {
        "bomb": "DONE 0", "memory": "MemoryError", "files": "OSError", "large": "OSError",
    }  # fmt: skip


async def test_it_still_dies_with_its_hub(confined):
    script = (
        "import asyncio, sys\n"
        "from watchfloor.adapters.processes import Processes\n"
        "async def main():\n"
        "    worker = Processes([sys.executable, '-c',"
        " 'import time; print(\"up\", flush=True); time.sleep(60)'])\n"
        "    process = await worker.start('toy', 'toy-1', 64)\n"
        "    await anext(process.lines())\n"
        "    print(process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    hub = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    pid = int(await hub.stdout.readline())
    hub.send_signal(signal.SIGKILL)
    await hub.wait()
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it outlived its hub")


def test_paths_in_settings_never_open_the_hubs_data(tmp_path):
    hub, data = tmp_path / "hub", tmp_path / "data"
    for folder in (hub, data):
        folder.mkdir()
    (data / "a.csv").touch()
    (tmp_path / "b.csv").touch()
    (tmp_path / "trick").symlink_to(hub)
    assert named_paths([str(data)], hub) == [data]
    assert named_paths([str(data / "a.csv"), "new-orleans"], hub) == [data]
    assert named_paths([str(tmp_path / "b.csv")], hub) == [tmp_path / "b.csv"]
    for bad in (hub, hub / "hub.sqlite", tmp_path, Path("/"), tmp_path / "trick" / "x"):
        with pytest.raises(AskAPerson) as info:
            named_paths([str(bad)], hub)
        assert info.value.code == "path_not_allowed"


def test_what_is_no_file_of_certificates_is_a_matter_for_a_person(tmp_path):
    bad = tmp_path / "ca.pem"
    bad.write_text("nothing of the kind")
    for path in (bad, tmp_path / "absent.pem"):
        with pytest.raises(AskAPerson):
            trusted(path, tmp_path)


def test_the_agencys_authority_is_trusted_besides_the_systems(tmp_path):
    system = ssl.get_default_verify_paths().cafile or SYSTEM
    if not Path(system).exists():
        pytest.skip("this machine trusts nobody")
    whole = Path(system).read_text()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    own = tmp_path / "agency.pem"
    own.write_text(whole[whole.index(begin) : whole.index(end) + len(end)] + "\n")
    merged = trusted(own, tmp_path).read_text()
    assert merged.count(begin) == whole.count(begin) + 1
