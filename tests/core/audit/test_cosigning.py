"""A log has its heads cosigned by a neighbour, and what it cannot show to carry on is found out."""

import shutil

import pytest
from audit_logs import KEY, NOW, ORIGIN, Ticking, audit_log, entry

from watchfloor.adapters.audit import FileHeads
from watchfloor.audit import AuditEvent, Signer, Where
from watchfloor.audit.cosigning import Cosigners, Witnessing
from watchfloor.audit.notes import COSIGNATURE, signed_by
from watchfloor.audit.verify import verify
from watchfloor.audit.witness import Witness
from watchfloor.contracts import RetryLater

URL = "https://north-so.example.org/api/v1/witness"
COSIGNER = Signer("witness.north-so.example.org", bytes(reversed(range(32))), COSIGNATURE)


class Neighbour:
    """A neighbour's hub, as far as it answers; ``away`` while it does not."""

    def __init__(self, folder):
        self.noted = []
        self.witness = Witness(COSIGNER, FileHeads(folder), [KEY], Ticking(NOW), self.noted.append)
        self.away = False
        self.asked = 0

    async def post(self, url, body):
        assert url == f"{URL}/add-checkpoint"
        self.asked += 1
        if self.away:
            raise RetryLater("No answer.", code="no_answer")
        answer = await self.witness.add_checkpoint(body)
        return answer.status, answer.body


@pytest.fixture
def neighbour(tmp_path):
    return Neighbour(tmp_path / "neighbour")


def cosigners_of(log, neighbour, key=COSIGNER.verifier):
    return Cosigners(log, [Witnessing(URL, key)], neighbour.post, Ticking(NOW))


async def grown(log, count):
    for number in range(count):
        await log.record(entry(number))


async def test_heads_are_cosigned_and_the_verifier_and_each_proof_say_so(tmp_path, neighbour):
    async with audit_log(tmp_path) as log:
        cosigners = cosigners_of(log, neighbour)
        for _ in range(2):
            await grown(log, 5)
            await cosigners.ask()
            await log.record(entry())  # written after the cosignature was
        [standing] = cosigners.standing
        assert (standing.problem, standing.size) == (None, 5 + 2 + 5)
        found = await log.read(Where(event=AuditEvent.AUDIT_WITNESSED))
        assert [each.entry.object.id for each in found.items] == [COSIGNER.verifier.name] * 2
    for copy in ("audit", "audit-copy"):
        report = verify(tmp_path / copy, [KEY, COSIGNER.verifier])
        assert report.holds
        assert report.witnessed == {COSIGNER.verifier.name: standing.size}


async def test_a_proof_carries_the_witness_s_signature(tmp_path, neighbour):
    async with audit_log(tmp_path) as log:
        await grown(log, 3)
        await cosigners_of(log, neighbour).ask()
        await log.record(entry())  # once it is written, what came before it is
        proof = await log.proof(2)
        later = await log.proof(4)
    assert signed_by(proof.note, [KEY, COSIGNER.verifier]) == [KEY, COSIGNER.verifier]
    assert proof.check([KEY]).size == 3
    assert signed_by(later.note, [KEY, COSIGNER.verifier]) == [KEY]


async def test_a_log_that_was_written_anew_is_refused_by_who_saw_the_one_before(
    tmp_path, neighbour
):
    """With the same key, and every hash of it right: only the neighbour can tell."""
    async with audit_log(tmp_path) as log:
        await grown(log, 5)
        await cosigners_of(log, neighbour).ask()
    for folder in ("audit", "audit-copy", "audit-index"):
        shutil.rmtree(tmp_path / folder)
    async with audit_log(tmp_path) as forked:
        for number in range(9):
            await forked.record(entry(number + 100))
        cosigners = cosigners_of(forked, neighbour)
        for _ in range(2):
            await cosigners.ask()
        [standing] = cosigners.standing
        assert standing.problem == "log_forked"
        await forked.record(entry())  # once it is written, what came before it is
        recorded = await forked.read(Where(event=AuditEvent.AUDIT_WITNESSED, outcome="failed"))
        assert len(recorded.items) == 1
    assert verify(tmp_path / "audit", [KEY]).holds
    assert neighbour.noted[-1].outcome == "denied"
    assert ORIGIN in neighbour.witness.refused


async def test_a_log_that_lost_its_end_is_found_out(tmp_path, neighbour):
    async with audit_log(tmp_path) as log:
        await grown(log, 20)
        await cosigners_of(log, neighbour).ask()
    for folder in ("audit", "audit-copy", "audit-index"):
        shutil.rmtree(tmp_path / folder)
    async with audit_log(tmp_path) as short:
        await grown(short, 5)
        cosigners = cosigners_of(short, neighbour)
        await cosigners.ask()
        assert cosigners.standing[0].problem == "log_forked"


async def test_a_neighbour_that_is_away_is_asked_again(tmp_path, neighbour):
    async with audit_log(tmp_path) as log:
        await grown(log, 3)
        cosigners = cosigners_of(log, neighbour)
        neighbour.away = True
        await cosigners.ask()
        assert cosigners.standing[0].problem == "no_answer"
        neighbour.away = False
        await cosigners.ask()
        assert cosigners.standing[0].problem is None
        assert cosigners.standing[0].size >= 3


async def test_a_signature_of_somebody_else_is_none(tmp_path, neighbour):
    other = Signer(COSIGNER.verifier.name, bytes(32), COSIGNATURE).verifier
    async with audit_log(tmp_path) as log:
        await grown(log, 3)
        cosigners = cosigners_of(log, neighbour, other)
        await cosigners.ask()
        assert cosigners.standing[0].problem == "not_cosigned"
