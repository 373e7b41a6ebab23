"""A witness answers as c2sp.org/tlog-witness says, and cosigns one history of a log only."""

import asyncio

import pytest
from audit_logs import KEY, NOW, ORIGIN, SIGNER, audit_log, entry

from watchfloor.adapters.audit import FileHeads
from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import Checkpoint, Note, Signer
from watchfloor.audit.notes import COSIGNATURE, parse_signature, signed_by
from watchfloor.audit.tree import EMPTY, Range, leaf_hash
from watchfloor.audit.witness import Witness

NAME = "witness.north-so.example.org"
COSIGNER = Signer(NAME, bytes(reversed(range(32))), COSIGNATURE)


@pytest.fixture
def noted():
    return []


@pytest.fixture
def witness(tmp_path, noted):
    heads = FileHeads(tmp_path / "heads")
    return Witness(COSIGNER, heads, [KEY], SettableClock(NOW), noted.append)


@pytest.fixture
async def log(tmp_path):
    async with audit_log(tmp_path) as log:
        for number in range(7):
            await log.record(entry(number))
        yield log


def body(old, head, *steps, signer=SIGNER):
    note = Note(str(head), (signer.sign(str(head)),))
    return "\n".join([f"old {old}", *steps, "", ""]).encode() + bytes(note)


def root_of(*leaves):
    tree = Range()
    for leaf in leaves:
        tree.add(leaf_hash(leaf))
    return tree.root()


async def test_a_log_that_grows_is_cosigned_from_head_to_head(witness, log):
    old = 0
    for size in (7, 12, 13):
        for number in range(log.size, size):
            await log.record(entry(number))
        answer = await witness.add_checkpoint(await log.witness_request(old))
        assert answer.status == 200
        line = parse_signature(answer.body.decode().removesuffix("\n"))
        note = Note(log.checkpoint.text, (*log.checkpoint.signatures, line))
        assert signed_by(note, [KEY, COSIGNER.verifier]) == [KEY, COSIGNER.verifier]
        assert int.from_bytes(line.value[:8]) == NOW // 1_000_000
        kept = Note.parse(await witness.latest(ORIGIN))
        assert signed_by(kept, [KEY, COSIGNER.verifier]) == [KEY, COSIGNER.verifier]
        old = size


async def test_a_stale_size_is_answered_with_the_one_that_is_known(witness, log):
    assert (await witness.add_checkpoint(await log.witness_request(0))).status == 200
    await log.record(entry())
    answer = await witness.add_checkpoint(await log.witness_request(3))
    assert (answer.status, answer.body) == (409, b"7\n")
    assert answer.content_type == "text/x.tlog.size"
    assert (await witness.add_checkpoint(await log.witness_request(7))).status == 200


async def test_a_fork_is_not_cosigned_and_its_signed_head_is_kept_as_evidence(witness, noted):
    one, other = (Checkpoint(ORIGIN, 1, root_of(leaf)) for leaf in (b"a", b"b"))
    assert (await witness.add_checkpoint(body(0, one))).status == 200
    assert (await witness.add_checkpoint(body(1, other))).status == 422
    longer = Checkpoint(ORIGIN, 2, root_of(b"b", b"c"))
    step = "A" * 43 + "="
    assert (await witness.add_checkpoint(body(1, longer, step))).status == 422
    assert Checkpoint.parse(Note.parse(await witness.latest(ORIGIN)).text) == one
    assert [(each.outcome, each.count) for each in noted] == [
        ("done", 1), ("denied", 1), ("denied", 2),
    ]  # fmt: skip
    evidence = Note.parse(noted[1].more["checkpoint"].encode())
    assert signed_by(evidence, [KEY]) == [KEY]
    assert Checkpoint.parse(evidence.text) == other


async def test_what_is_seen_again_is_cosigned_again(witness):
    head = Checkpoint(ORIGIN, 1, root_of(b"a"))
    assert (await witness.add_checkpoint(body(0, head))).status == 200
    assert (await witness.add_checkpoint(body(1, head))).status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (body(0, Checkpoint("other.example.org/audit", 1, bytes(32))), 404),
        (body(0, Checkpoint(ORIGIN, 1, bytes(32)), signer=Signer(ORIGIN, bytes(32))), 403),
        (body(0, Checkpoint(ORIGIN, 1, bytes(32))).replace(b"\n1\n", b"\n2\n"), 403),
        (body(2, Checkpoint(ORIGIN, 1, bytes(32))), 400),
        (body(0, Checkpoint(ORIGIN, 1, bytes(32)), "A" * 43 + "="), 422),
        (body(0, Checkpoint(ORIGIN, 0, bytes(32))), 422),
        (body(0, Checkpoint(ORIGIN, 0, EMPTY)), 200),
        (body(0, Checkpoint(ORIGIN, 1, bytes(32)), *["A" * 43 + "="] * 64), 400),
        (body("00", Checkpoint(ORIGIN, 1, bytes(32))), 400),
        (body("-1", Checkpoint(ORIGIN, 1, bytes(32))), 400),
        (body(0, Checkpoint(ORIGIN, 1, bytes(32)), "?"), 400),
        (b"", 400),
        (b"old 0\n\nnothing", 400),
        (b"\xff\n\n", 400),
    ],
)
async def test_what_is_asked_wrongly(witness, request_, status):
    assert (await witness.add_checkpoint(request_)).status == status


async def test_of_two_at_once_one_is_told_to_look_again(witness):
    """Else the smaller head could replace the larger, and the log be rolled back."""
    small, large = (Checkpoint(ORIGIN, size, root_of(*[b"x"] * size)) for size in (3, 5))
    answers = await asyncio.gather(
        witness.add_checkpoint(body(0, large)), witness.add_checkpoint(body(0, small))
    )
    assert sorted(answer.status for answer in answers) == [200, 409]


async def test_what_was_cosigned_is_known_after_a_restart(witness, tmp_path, noted):
    await witness.add_checkpoint(body(0, Checkpoint(ORIGIN, 1, root_of(b"a"))))
    heads = FileHeads(tmp_path / "heads")
    again = Witness(COSIGNER, heads, [KEY], SettableClock(NOW), noted.append)
    answer = await again.add_checkpoint(body(0, Checkpoint(ORIGIN, 1, root_of(b"b"))))
    assert (answer.status, answer.body) == (409, b"1\n")
