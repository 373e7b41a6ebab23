"""No small count can be worked out from what is published beside it."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.transparency.model import SMALL, WITHHELD
from watchfloor.transparency.suppression import shown, total

COUNTS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=1, max_size=4)


def could_be(rows, whole):
    """Every table of counts that fits what is published."""
    cells = [
        range(1, 5)
        if row.count == SMALL
        else range(5, 60)
        if row.count == WITHHELD
        else [row.count]
        for row in rows
    ]
    wholes = range(1, 5) if whole == SMALL else [whole]
    return [each for each in product(*cells) if sum(each) in wholes]


@settings(max_examples=60, deadline=None)
@given(COUNTS)
def test_a_small_count_could_be_any_small_number(counts):
    rows, whole = shown(counts), total(counts)
    if whole == SMALL or all(row.count == WITHHELD for row in rows):
        assert not any(isinstance(row.count, int) for row in rows)
        return
    fitting = could_be(rows, whole)
    for place, row in enumerate(rows):
        if row.count == SMALL:
            assert {each[place] for each in fitting} == {1, 2, 3, 4}


def test_nothing_small_nothing_hidden():
    assert {row.label: row.count for row in shown({"a": 5, "b": 900, "c": 0})} == {
        "a": 5,
        "b": 900,
        "c": 0,
    }


def test_a_total_of_few_is_not_published_either():
    assert total({"a": 1, "b": 3}) == SMALL
    assert total({}) == 0
