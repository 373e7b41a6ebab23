"""What can be typed, and what is said about the rest."""

import pytest

from watchfloor_camera_registry_desk.book import Entry
from watchfloor_camera_registry_desk.form import read_form

BOUNDS = (-90.2, 29.8, -89.6, 30.2)


def test_every_field(form):
    assert read_form(form, BOUNDS) == Entry(
        name="Zed Example", email="zed@example.org", site_kind="residence",
        address="100 Example St", latitude=29.98, longitude=-90.03, looks_at="street",
        heading_deg=135.0, kept_days=14, level="request",
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    ["29.98, -90.03", "29.98 -90.03", "(29.98,-90.03)", " 29.98°,  -90.03° ", "+29.98;-90.03"],
)
def test_a_position_as_map_programs_copy_it(form, typed):
    entry = read_form({**form, "position": typed}, BOUNDS)
    assert (entry.latitude, entry.longitude) == (29.98, -90.03)


def test_what_is_left_out_by_right(form):
    entry = read_form({**form, "heading_deg": "", "kept_days": ""}, None)
    assert (entry.heading_deg, entry.kept_days) == (None, None)


def test_nothing_typed_is_told_field_by_field():
    wrong = read_form({}, BOUNDS)
    assert set(wrong) == {
        "name", "email", "site_kind", "address", "position", "looks_at", "level", "agree",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "a" * 201, "at most 200"),
        ("name", "Zed\x00", "letters, numbers"),
        ("email", "zed", "such as"),
        ("email", "zed@example.org, you@example.org", "such as"),
        ("email", "zed@example.org\nBcc: you@example.org", "such as"),
        ("email", "zed@localhost", "such as"),
        ("email", "z" * 250 + "@example.org", "such as"),
        ("position", "somewhere", "two numbers"),
        ("position", "91, 181", "No place"),
        ("position", "-90.03, 29.98", "exchanged"),
        ("position", "40, -75", "outside"),
        ("looks_at", "interior", "looks at"),
        ("level", "live", "allow"),
        ("heading_deg", "361", "where it looks"),
        ("kept_days", "-1", "number of days"),
        ("kept_days", "9" * 5000, "number of days"),
        ("kept_days", "²", "number of days"),
        ("agree", "", "consent"),
    ],
)
def test_what_is_to_be_mended(form, field, typed, words):
    wrong = read_form({**form, field: typed}, BOUNDS)
    assert list(wrong) == [field]
    assert words in wrong[field]
