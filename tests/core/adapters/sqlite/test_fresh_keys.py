"""Keys in memory: seen at once, filed in slices, never lost when a transaction fails."""

import sqlite3

import pytest

from watchfloor.adapters.sqlite import fresh_keys
from watchfloor.adapters.sqlite.fresh_keys import FreshKeys


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(
        "CREATE TABLE event_key"
        " (kind_no, value, time, seq, PRIMARY KEY (kind_no, value, time, seq))"
    )
    connection.execute("CREATE TABLE head (filed)")
    connection.execute("INSERT INTO head VALUES (0)")
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(fresh_keys, "SEGMENT", 3)
    monkeypatch.setattr(fresh_keys, "SLICE", 2)
    monkeypatch.setattr(fresh_keys, "_ROWS_PER_EVENT", 0)


def add(fresh, *seqs, stands=True):
    for seq in seqs:
        fresh.add([(1, f"ZZ{seq % 3}", (seq, seq)), (0, -1, (seq, seq))], 1, seq)
        fresh.settle(stands)


def filed(connection):
    rows = connection.execute("SELECT kind_no, value, seq FROM event_key").fetchall()
    return {(value, seq) for _, value, seq in rows}


def held(fresh):
    return {
        (value, seq)
        for segment in fresh.segments
        for values in segment.found.values()
        for value, candidates in values.items()
        for _, seq in candidates
    }


def everything(*seqs):
    return {(f"ZZ{seq % 3}", seq) for seq in seqs} | {(-1, seq) for seq in seqs}


def file_all(fresh, connection, urgent=False):
    slices = 0
    while fresh.file_some(connection, urgent):
        fresh.settle(True)
        slices += 1
    return slices


def test_what_was_added_is_held_once_its_transaction_stands():
    fresh = FreshKeys()
    add(fresh, 1)
    add(fresh, 2, stands=False)
    assert held(fresh) == everything(1)


def test_all_of_it_is_filed_slice_by_slice_when_there_is_time(connection):
    fresh = FreshKeys()
    add(fresh, 1, 2, 3, 4, 5)
    assert file_all(fresh, connection) > 1
    assert filed(connection) == everything(1, 2, 3, 4, 5)
    assert held(fresh) == set()
    assert connection.execute("SELECT filed FROM head").fetchone() == (5,)
    assert not fresh.file_some(connection, urgent=False), "nothing is left to do"


def test_only_full_segments_are_filed_while_others_wait(connection):
    fresh = FreshKeys()
    add(fresh, 1, 2)
    assert not fresh.file_some(connection, urgent=True)
    add(fresh, 3, 4, 5, 6, 7)
    file_all(fresh, connection, urgent=True)
    assert filed(connection) == everything(*range(1, 7))
    assert held(fresh) == everything(7)


def test_nothing_is_missing_between_slices_or_while_more_comes(connection):
    fresh = FreshKeys()
    add(fresh, 1, 2, 3)
    seq = 3
    while fresh.file_some(connection, urgent=False):
        fresh.settle(True)
        seq += 1
        if seq < 9:
            add(fresh, seq)
        assert held(fresh) | filed(connection) >= everything(*range(1, min(seq, 8) + 1))
    assert filed(connection) == everything(*range(1, 9))
    assert connection.execute("SELECT filed FROM head").fetchone() == (8,)


def test_a_slice_whose_transaction_failed_is_filed_again(connection):
    fresh = FreshKeys()
    add(fresh, 1, 2, 3, 4)
    for failing in (True, False, True, True):
        connection.execute("BEGIN")
        fresh.file_some(connection, urgent=False)
        connection.execute("ROLLBACK" if failing else "COMMIT")
        fresh.settle(not failing)
        add(fresh)  # and a transaction of something else stands
        fresh.settle(True)
        assert held(fresh) | filed(connection) == everything(1, 2, 3, 4)
    file_all(fresh, connection)
    assert filed(connection) == everything(1, 2, 3, 4)
