"""What runs is a version that one person proposed and another approved; nothing else ever does."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import AGENCY, EVERYBODY, NOW

from watchfloor.adapters.cedar import read_rules
from watchfloor.contracts import AskAPerson, NotFound, Refused
from watchfloor.policy import PolicyBook, packaged, version_of


class _Clock:
    def now(self):
        return NOW


@pytest.fixture
def book(tmp_path):
    return PolicyBook(tmp_path, AGENCY, read_rules, _Clock())


@pytest.fixture
def write(book):
    def written(**files):
        book.folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = book.folder / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    return written


def adopt(book, first="ana", second="ben"):
    proposal = book.propose(first)
    return book.approve(proposal.version, second)


def test_a_hub_without_a_folder_runs_the_strict_default(book):
    running = book.running()
    assert running.files == packaged()
    assert (running.adopted, running.differs, running.notice) == (None, False, "")


def test_what_nobody_adopted_does_not_run(book, write):
    write(own_cedar=EVERYBODY)
    running = book.running()
    assert "all" not in running.policy.rules.rules
    assert "another approves it" in running.notice


def test_two_people_adopt(book, write):
    write(own_cedar=EVERYBODY)
    assert "all" in adopt(book).rules.rules
    running = book.running()
    assert list(running.policy.rules.rules) == ["all"]
    assert not running.differs
    assert [(each.step, each.by) for each in book.entries()] == [
        ("proposed", "ana"), ("approved", "ben"),
    ]  # fmt: skip


@pytest.mark.parametrize("second", ["ana", " ANA "])
def test_nobody_approves_their_own(book, write, second):
    write(own_cedar=EVERYBODY)
    with pytest.raises(Refused) as caught:
        adopt(book, "Ana", second)
    assert caught.value.code == "policy_same_person"
    assert book.running().adopted is None


def test_nobody_approves_at_the_console_what_they_proposed_by_name(book, write):
    write(own_cedar=EVERYBODY)
    version = book.propose("ana").version
    with pytest.raises(Refused) as caught:
        book.approve(version, "https://idp.example.org#17", "Ana")
    assert caught.value.code == "policy_same_person"


def test_what_was_turned_down_waits_no_more_until_it_is_proposed_again(book, write):
    write(own_cedar=EVERYBODY)
    version = book.propose("ana").version
    assert book.decline(version[:12], "ben").step == "declined"
    assert book.proposed() == []
    with pytest.raises(NotFound):
        book.approve(version, "ben")
    assert [each.version for each in (book.propose("ana"), *book.proposed())] == [version] * 2


def test_an_approval_is_of_what_was_proposed_not_of_the_folder(book, write):
    write(own_cedar=EVERYBODY)
    proposal = book.propose("ana")
    write(own_cedar=EVERYBODY.replace("all", "later"))
    assert list(book.approve(proposal.version, "ben").rules.rules) == ["all"]
    assert book.running().differs


def test_a_proposal_ends_when_another_is_adopted_before_it(book, write):
    write(own_cedar=EVERYBODY)
    first = book.propose("ana")
    write(own_cedar=EVERYBODY.replace("all", "later"))
    adopt(book)
    with pytest.raises(NotFound) as caught:
        book.approve(first.version, "ben")
    assert caught.value.code == "no_such_proposal"


def test_an_approval_is_not_given_twice(book, write):
    write(own_cedar=EVERYBODY)
    proposal = book.propose("ana")
    book.approve(proposal.version, "ben")
    with pytest.raises(NotFound):
        book.approve(proposal.version, "ben")


def test_of_two_approvals_at_once_one_is_given(book, write, monkeypatch):
    write(own_cedar=EVERYBODY)
    proposal, note = book.propose("ana"), PolicyBook._note

    def at_length(*args):
        time.sleep(0.2)
        return note(*args)

    monkeypatch.setattr(PolicyBook, "_note", at_length)
    with ThreadPoolExecutor() as people:
        given = [people.submit(book.approve, proposal.version, who) for who in ("ben", "cy")]
    refused = [each.exception() for each in given if each.exception()]
    assert [each.code for each in refused] == ["no_such_proposal"]
    assert len(book.entries()) == 2


@pytest.mark.parametrize("version", ["", "0" * 64, "abc"])
def test_a_version_that_nobody_proposed_is_not_found(book, write, version):
    write(own_cedar=EVERYBODY)
    book.propose("ana")
    with pytest.raises(NotFound):
        book.approve(version, "ben")


def test_a_short_hash_is_enough(book, write):
    write(own_cedar=EVERYBODY)
    assert book.approve(book.propose("ana").version[:12], "ben")


def test_what_runs_already_is_not_proposed(book, write):
    write(own_cedar=EVERYBODY)
    adopt(book)
    with pytest.raises(Refused) as caught:
        book.propose("ana")
    assert caught.value.code == "policy_unchanged"


def test_what_fails_its_own_tests_is_not_proposed(book, write):
    write(own_cedar=EVERYBODY, tests__case_toml=CASE.format(permitted="false"))
    with pytest.raises(Refused, match="a guest searches") as caught:
        book.propose("ana")
    assert caught.value.code == "policy_tests_fail"


CASE = """
[[case]]
name = "a guest searches"
person = {{ roles = ["analyst"] }}
permission = "data:search"
purpose = {{ code = "in_progress_call", call_number = "C-1" }}
expect = {{ permitted = {permitted} }}
"""


def test_what_passes_them_is(book, write):
    write(own_cedar=EVERYBODY, tests__case_toml=CASE.format(permitted="true"))
    assert book.propose("ana")


def test_a_broken_folder_stops_nothing_that_runs(book, write):
    write(own_cedar=EVERYBODY)
    adopt(book)
    write(own_cedar="permit(")
    assert list(book.running().policy.rules.rules) == ["all"]
    with pytest.raises(AskAPerson):
        book.propose("ana")
    (book.folder / "own.cedar").write_bytes(b"\xff")
    assert book.running().differs


@pytest.mark.parametrize("how", ["changed", "added", "gone", "book"])
def test_a_version_that_was_tampered_with_is_not_run(book, write, tmp_path, how):
    write(own_cedar=EVERYBODY, settings_toml="")
    version = adopt(book).version
    folder = tmp_path / "policy-versions" / version
    match how:
        case "changed":
            (folder / "own.cedar").write_text(EVERYBODY + "//")
        case "added":
            (folder / "more.cedar").write_text("")
        case "gone":
            (folder / "settings.toml").unlink()
        case "book":
            (folder.parent / "book.jsonl").write_text("{}\n")
    with pytest.raises(AskAPerson) as caught:
        book.running()
    assert caught.value.code == "bad_policy"


def test_what_a_power_cut_left_of_a_step_is_none(book, write, tmp_path):
    write(own_cedar=EVERYBODY)
    proposal = book.propose("ana")
    with (tmp_path / "policy-versions" / "book.jsonl").open("ab") as steps:
        steps.write(b'{"step":"approved","ver')
    assert book.running().adopted is None
    book.approve(proposal.version, "ben")
    assert book.running().adopted.by == "ben"
    assert len(book.entries()) == 2


def test_a_place_that_cannot_be_written_is_said(book, write, tmp_path):
    write(own_cedar=EVERYBODY)
    (tmp_path / "policy-versions").write_text("in the way")
    with pytest.raises(AskAPerson) as caught:
        book.propose("ana")
    assert caught.value.code == "disk_error"


def test_a_hash_covers_names_and_where_texts_end():
    assert len({version_of(files) for files in (
        {"a.cedar": "bc"}, {"a.cedarb": "c"}, {"a.cedar": "b", "c": ""}, {"b.cedar": "bc"}, {},
    )}) == 5  # fmt: skip


def test_a_day_to_come_confirms_nothing_and_stops_nothing_that_runs(book, write):
    gate = '[gates.no_immigration]\nconfirmed_by = "A. Counsel"\nconfirmed_on = {}\n'
    write(settings_toml=gate.format("2099-11-03"))
    with pytest.raises(AskAPerson, match="no_immigration is confirmed on a day to come"):
        book.propose("ana")
    write(settings_toml=gate.format("2025-11-03"))
    adopt(book)
    book.clock.now = lambda: 0  # a clock that was set back
    assert book.running().policy.gates
