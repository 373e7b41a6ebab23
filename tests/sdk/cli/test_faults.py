"""Faults by the words that they are asked for with."""

import pytest

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.cli.faults import fault_of, queue
from watchfloor_sdk.simulation import Simulator


@pytest.mark.parametrize(
    ("word", "name"),
    [("429", "status 429"), ("429:5", "status 429"), ("html", "html"), ("half-body", "half body"),
     ("slow:3", "slow 3 s"), ("hang", "hang")],
)  # fmt: skip
def test_a_fault_by_its_word(word, name):
    assert fault_of(word).name == name


@pytest.mark.parametrize("word", ["", "x", "99", "200", "slow", "slow:x", "html:3", "status", "_x"])
def test_a_word_that_is_none_names_those_that_are(word):
    with pytest.raises(AskAPerson) as caught:
        fault_of(word)
    assert caught.value.code == "unknown_fault"
    for known in ("hang", "half-body", "slow:<seconds>", "429"):
        assert known in caught.value.remedy


class Speechless(Simulator):
    async def start(self, host="127.0.0.1", port=0): ...
    async def stop(self): ...
    def feed(self, happening): ...

    ledger = {}


def test_a_simulator_that_plays_none_says_so():
    with pytest.raises(AskAPerson) as caught:
        queue(Speechless(), ["429"])
    assert caught.value.code == "no_faults"
    queue(Speechless(), [])
