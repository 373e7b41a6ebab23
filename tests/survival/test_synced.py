"""An acknowledgement comes only after a sync, seen at the system calls of the running hub.

``strace`` watches it: from the moment a request with our mark is read to the moment its 2xx is
written, the write-ahead log must have been written, and synced after its last write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hub import hub_process
from made_up import call, push_source
from vendors import SignedWebhooks, webhook_source

pytestmark = [pytest.mark.survival, pytest.mark.timeout(120)]

CALLS = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync"
SECRET = "a-secret-of-the-test"
MARK = re.compile(r"X-Mark: (m-\d+)\\r\\n")
BEGUN = re.compile(r"^(\d+) +(\w+)\((\d+)<(.*?)>(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


@dataclass
class Watch:
    """The state of the write-ahead log while a trace is read line by line."""

    written: int = 0
    synced: int = 0
    waiting: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Thread → (the descriptor it syncs, writes that had ended when it began)."""
    asked: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Socket → (the mark of the request it brought, writes when it came)."""
    verdicts: dict[str, str] = field(default_factory=dict)

    def read(self, line):
        if match := BEGUN.match(line):
            thread, name, number, file, rest = match.groups()
            self._begun(thread, name, f"{number}<{file}>", rest)
        elif match := RESUMED.match(line):
            thread, name, rest = match.groups()
            self._ended(thread, name, rest)

    def _begun(self, thread, name, file, rest):
        whole = "<unfinished ...>" not in rest
        if file.endswith("hub.sqlite-wal>"):
            if name.startswith("pwrite"):
                self.written += 1
            elif name in ("fsync", "fdatasync"):
                self.waiting[thread] = (file, self.written)
                if whole:
                    self._ended(thread, name, rest)
        elif name.startswith(("read", "recv")):
            self.waiting[thread] = (file, -1)
            if whole:
                self._ended(thread, name, rest)
        elif '"HTTP/1.1 2' in rest and file in self.asked:
            self._judge(*self.asked.pop(file))

    def _ended(self, thread, name, rest):
        file, upto = self.waiting.pop(thread, ("", -1))
        if name in ("fsync", "fdatasync") and rest.rstrip().endswith("= 0"):
            self.synced = max(self.synced, upto)
        elif match := MARK.search(rest):
            self.asked[file] = (match[1], self.written)

    def _judge(self, mark, before):
        if self.written == before:
            self.verdicts[mark] = "answered before anything was written"
        elif self.synced <= before:
            self.verdicts[mark] = "answered before what was written was synced"
        else:
            self.verdicts[mark] = "synced"


def judged(lines):
    watch = Watch()
    for line in lines:
        watch.read(line)
    return watch.verdicts


WAL = "12</hub/hub.sqlite-wal>"
ASK = r'7 read(9<TCP:[1]>, "POST / HTTP/1.1\r\nX-Mark: m-1\r\n\r\n", 65536) = 40'
PUT = f'8 pwrite64({WAL}, "...", 4096, 32) = 4096'
SYNC = f"8 fdatasync({WAL}) = 0"
SAY = r'7 write(9<TCP:[1]>, "HTTP/1.1 202 Accepted\r\n", 99) = 99'


HALF_SYNC = f"8 fdatasync({WAL} <unfinished ...>"
OTHER_HALF = "8 <... fdatasync resumed>) = 0"
HALF_ASK = "7 read(9<TCP:[1]> <unfinished ...>"
ASK_ENDS = r'7 <... read resumed>, "POST / HTTP/1.1\r\nX-Mark: m-1\r\n\r\n", 65536) = 40'
FAILED = SYNC.replace("= 0", "= -1 EIO (Input/output error)")
NOT_WRITTEN, NOT_SYNCED = (
    "answered before anything was written",
    "answered before what was written was synced",
)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([ASK, PUT, SYNC, SAY], "synced"),
        ([ASK, PUT, HALF_SYNC, OTHER_HALF, SAY], "synced"),
        ([HALF_ASK, ASK_ENDS, PUT, SYNC, SAY], "synced"),
        ([ASK, PUT, SAY, SYNC], NOT_SYNCED),
        ([ASK, SYNC, PUT, SAY], NOT_SYNCED),
        ([ASK, PUT, FAILED, SAY], NOT_SYNCED),
        ([ASK, PUT, HALF_SYNC, SAY, OTHER_HALF], NOT_SYNCED),
        ([ASK, HALF_SYNC, PUT, OTHER_HALF, SAY], NOT_SYNCED),
        ([PUT, SYNC, ASK, SAY], NOT_WRITTEN),
    ],
)
def test_the_watch_tells_right_from_wrong(lines, verdict):
    assert judged(lines) == {"m-1": verdict}


async def test_every_acknowledgement_follows_a_sync(tmp_path):
    trace = tmp_path / "trace"
    around = ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(trace)]
    async with hub_process(tmp_path / "hub", around) as hub:
        async with hub.api() as api:
            await push_source(api)
            await webhook_source(api, SECRET)
            for number in range(30):
                marked = {"X-Mark": f"m-{number}"}
                if number % 2:
                    events = [call(number * 10 + each) for each in range(3)]
                    answer = await api.call(
                        "POST", "/events", events, headers=marked, source="push-1"
                    )
                    assert answer.status == 200
                else:
                    _, body, headers = SignedWebhooks("", SECRET).signed()
                    answer = await api.knock("gate", body, {**headers, **marked})
                    assert answer.status == 202
        assert await hub.stop() == 0
    verdicts = judged(trace.read_text("utf-8", "replace").splitlines())
    assert verdicts == {f"m-{number}": "synced" for number in range(30)}
