"""The desk's rules: nothing is listed unasked, nothing that was said is lost, what is withdrawn is
gone; owners are asked once, and answer freely."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_camera_registry_desk.book import Registration
from watchfloor_camera_registry_desk.footage import Denied, Questioner

START = datetime(2026, 5, 2, 19, 0, tzinfo=UTC)
REFERENCE = "FR-0123456789AB"
CASEY = Questioner(requester="Casey Analyst", purpose="investigation", reason="Who answered?")


def ids(at_work):
    return [camera.id for camera in at_work.desk.registry.cameras()]


def test_a_camera_is_on_no_list_before_its_link_is_followed(at_work):
    at_work.register()
    assert ids(at_work) == []
    (letter,) = at_work.letters()
    confirmed = at_work.desk.registry.confirm(letter.token("confirm"))
    assert ids(at_work) == [confirmed.id]


def test_confirming_twice_is_confirming_once(at_work):
    at_work.register()
    (letter,) = at_work.letters()
    for _ in range(2):
        at_work.desk.registry.confirm(letter.token("confirm"))
    assert len(ids(at_work)) == 1
    assert len(at_work.letters()) == 1


def test_a_form_that_is_sent_twice_is_one_camera(at_work):
    at_work.register(submission="the-same-form")
    at_work.register(submission="the-same-form")
    assert at_work.count("registrations") == 1
    assert len(at_work.letters()) == 1


def test_the_first_letter_has_nothing_that_was_typed(at_work):
    """Or the form would carry anybody's words into anybody's mailbox."""
    at_work.register(name="Buy at http://spam.example", address="Now!")
    (letter,) = at_work.letters()
    assert "spam" not in letter.text
    assert "Now!" not in letter.text


def test_nobodys_mailbox_is_filled(at_work):
    for _ in range(10):
        at_work.register(email="victim@example.org")
        at_work.register(email="Victim@Example.org")
    assert len(at_work.letters()) == 3


def test_what_is_not_confirmed_in_two_days_is_forgotten(at_work):
    at_work.register()
    (letter,) = at_work.letters()
    at_work.now += timedelta(days=2)
    with pytest.raises(LookupError):
        at_work.desk.registry.confirm(letter.token("confirm"))
    at_work.desk.tidy()
    assert at_work.count("registrations") == 0
    assert at_work.count("links") == 0


def test_a_link_is_good_for_its_own_purpose_only(at_work):
    at_work.register()
    (letter,) = at_work.letters()
    with pytest.raises(LookupError):
        at_work.desk.registry.confirm(letter.token("withdraw"))
    with pytest.raises(LookupError):
        at_work.desk.registry.confirm("A" * 32)


@pytest.mark.parametrize("years", [0, 3])
def test_withdrawing_leaves_nothing_of_the_owner_on_the_disk(at_work, years):
    camera, letter = at_work.confirmed(name="Zebulon Exampleson", email="zebulon@example.org")
    at_work.ask(camera)
    at_work.now += timedelta(days=365 * years)
    at_work.desk.registry.withdraw(letter.token("withdraw"))
    assert ids(at_work) == []
    assert [at_work.count(one) for one in ("registrations", "links", "letters")] == [0, 0, 0]
    assert at_work.count("withdrawals") == 1
    left = b"".join(one.read_bytes() for one in at_work.folder.glob("registry.sqlite3*"))
    for word in (b"Zebulon", b"zebulon", b"Example St"):
        assert word not in left
    with pytest.raises(LookupError):
        at_work.desk.registry.withdraw(letter.token("withdraw"))


def test_what_was_said_is_there_after_a_power_cut(at_work):
    at_work.register()
    at_work.reopen()
    (letter,) = at_work.letters()
    at_work.desk.registry.confirm(letter.token("confirm"))
    at_work.reopen()
    assert len(ids(at_work)) == 1
    assert [one.subject for one in at_work.letters()] == [
        "Example Police Department: Your camera is registered"
    ]


def test_an_owner_is_asked_once_and_told_all_that_counts(at_work):
    camera, _ = at_work.confirmed()
    first = at_work.ask(camera)
    assert at_work.ask(camera) == first
    (letter,) = at_work.letters()
    for words in (
        "Casey Analyst of Example Police Department", "100 Example St", "A car was stolen nearby.",
        "Saturday 2 May 2026, 14:00 to 15:00 (CDT)", "SIM-1", REFERENCE, "free to say no",
    ):  # fmt: skip
        assert words in letter.text
    assert letter.link("withdraw")


def test_a_window_over_midnight_names_both_days(at_work):
    camera, _ = at_work.confirmed()
    request = at_work.ask(camera, start=START - timedelta(hours=16), hours=4)
    assert at_work.desk.wording.window(request) == (
        "Friday 1 May 2026, 22:00 to Saturday 2 May 2026, 02:00 (CDT)"
    )


@pytest.mark.parametrize(("helps", "state"), [(True, "will_help"), (False, "declined")])
def test_the_owners_last_word_counts(at_work, helps, state):
    camera, _ = at_work.confirmed()
    at_work.ask(camera)
    (letter,) = at_work.letters()
    at_work.desk.footage.answer(letter.token("answer"), helps=not helps)
    at_work.now += timedelta(hours=1)
    at_work.desk.footage.answer(letter.token("answer"), helps=helps)
    (request,) = at_work.desk.footage.of_case("SIM-1", CASEY)
    assert request.state == state
    assert request.answered == int(at_work.now.timestamp())


def test_who_wants_to_know_is_written_down(at_work):
    assert at_work.desk.footage.of_case("SIM-1", CASEY) == []
    assert at_work.count("questions WHERE requester = 'Casey Analyst' AND case_number = 'SIM-1'")


@pytest.mark.parametrize(
    ("level", "start", "hours", "status"),
    [
        ("listed", START, 1, 409),
        ("request", START, 25, 422),
        ("request", START, 0, 422),
        ("request", START + timedelta(days=1), 1, 422),
    ],
)
def test_what_an_owner_is_not_asked(at_work, level, start, hours, status):
    camera, _ = at_work.confirmed(level=level)
    with pytest.raises(Denied) as caught:
        at_work.ask(camera, start=start, hours=hours)
    assert caught.value.status == status
    assert at_work.letters() == []


def test_a_camera_that_is_not_listed_is_not_asked_for(at_work):
    at_work.register()
    at_work.letters()
    with at_work.book.change() as change:
        (camera,) = change.rows(Registration, "SELECT * FROM registrations")
    with pytest.raises(Denied) as caught:
        at_work.ask(camera.id)
    assert caught.value.status == 404


def test_a_request_that_is_taken_back_is_told_and_can_no_longer_be_answered(at_work):
    camera, _ = at_work.confirmed()
    at_work.ask(camera)
    (letter,) = at_work.letters()
    for _ in range(2):
        assert at_work.desk.footage.take_back(REFERENCE).state == "taken_back"
    (told,) = at_work.letters()
    assert "taken back" in told.subject
    with pytest.raises(LookupError):
        at_work.desk.footage.answer(letter.token("answer"), helps=True)


def test_a_request_that_has_not_left_is_taken_back_without_a_letter(at_work):
    camera, _ = at_work.confirmed()
    at_work.ask(camera)
    at_work.desk.footage.take_back(REFERENCE)
    assert at_work.letters() == []


def test_a_request_says_when_its_owner_is_gone(at_work):
    camera, letter = at_work.confirmed()
    at_work.ask(camera)
    at_work.desk.registry.withdraw(letter.token("withdraw"))
    assert at_work.desk.footage.asked(REFERENCE).state == "owner_gone"
    assert at_work.desk.footage.take_back(REFERENCE).state == "owner_gone"


def test_requests_are_forgotten_after_a_year(at_work):
    camera, _ = at_work.confirmed()
    at_work.ask(camera)
    at_work.desk.footage.of_case("SIM-1", CASEY)
    at_work.now += timedelta(days=365)
    at_work.desk.tidy()
    assert (at_work.count("requests"), at_work.count("questions")) == (0, 0)
    assert ids(at_work) == [camera]
