"""A proof of deletion is about one record, and any change to it shows."""

import copy

import pytest
from store_contract import NOON, READ, Make

from watchfloor.contracts import GiveUp
from watchfloor.ports.store import Due, Stream
from watchfloor.retention import proof_document, proves


@pytest.fixture
async def proof(store):
    await store.log.commit([Make.batch([Make.read(f"r{n}", at=NOON + n) for n in range(13)])])
    await store.purging.settle()
    await store.purging.step(Due(Stream("lpr", READ), NOON + 99, "us-va-lpr", 1), None, 99)
    await store.purging.finish()
    return proof_document(await store.receipts.deletion("lpr", "r5"))


def changed(proof, **more):
    other = copy.deepcopy(proof)
    other["receipt"].update({k: v for k, v in more.items() if k in other["receipt"]})
    other.update({k: v for k, v in more.items() if k in other})
    return other


async def test_it_holds_for_its_record_alone(proof):
    assert proves(proof, "lpr", "r5")
    assert not proves(proof, "lpr", "r6")
    assert not proves(proof, "cad", "r5")
    assert not proves(proof, "lpr", "r5", "dead-letter")


async def test_any_change_shows(proof):
    zeros = "00" * 32
    assert not proves(changed(proof, blind=zeros), "lpr", "r5")
    assert not proves(changed(proof, root=zeros), "lpr", "r5")
    assert not proves(changed(proof, index=(proof["index"] + 1) % 13), "lpr", "r5")
    assert not proves(changed(proof, path=proof["path"][1:]), "lpr", "r5")
    assert not proves(changed(proof, path=[zeros, *proof["path"][1:]]), "lpr", "r5")


@pytest.mark.parametrize("wrong", [{}, {"receipt": {}}, {"receipt": None}])
def test_what_is_no_proof_is_said_to_be_none(wrong):
    with pytest.raises(GiveUp) as refused:
        proves(wrong, "lpr", "r5")
    assert refused.value.code == "bad_proof"


async def test_it_holds_no_personal_data(proof):
    assert "ZZT1234" not in str(proof)
    assert "r5" not in str(proof)
