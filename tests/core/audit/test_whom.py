"""Somebody in words that no keyed hash finds."""

import sqlite3
import unicodedata

import pytest

from watchfloor.audit import Asked, Whom
from watchfloor.contracts.normal import visible, words_of

JOSE = Whom("name", "José Núñez")
JANE, PLATE = Whom("name", "Jane  EXAMPLE"), Whom("plate", "zzt-1234")
PHONE, STREET = Whom("phone", "(555) 010-0199"), Whom("address", "12 Elm Street")


@pytest.mark.parametrize(
    ("whom", "kind", "words"),
    [
        (JANE, "search", "jane example"),
        (JANE, "search", "Jane_Example"),
        (JANE, "search", "jan* exam*"),
        (JOSE, "search", "jose nunez"),
        (Whom("name", "jose nunez"), "search", "José Núñez"),
        (JOSE, "person", "JOSE\u0301 NUN\u0303EZ"),
        (JANE, "search", "“Example, Jane” robbery"),
        (JANE, "person", "Jane Q. Example"),
        (Whom("person", "jane example"), "search", "Jane\u200b Example"),
        (PLATE, "search", "stolen ZZT1234"),
        (PLATE, "search", "zzt 1234"),
        (PLATE, "search", "van ZZT12*"),
        (PLATE, "search", "van zzt-12*"),
        (PLATE, "search", "zzt 12*"),
        (PLATE, "search", "text:ZZT12*"),
        (PLATE, "plate_pattern", "ZZ?12*"),
        (PHONE, "search", "rang 555010*"),
        (PHONE, "search", "+1555010*"),
        (PHONE, "search", "555-010*"),
        (PHONE, "search", "(555) 010 01*"),
        (PHONE, "search", "rang from 555-010-0199"),
        (PHONE, "phone_pattern", "555*"),
        (STREET, "search", "noise at 12 elm st again"),
        (STREET, "search", "noise, 12 Elm Street; again"),
        (STREET, "search", "elm str* 12"),
    ],
)
def test_it_is_found(whom, kind, words):
    assert kind in whom.found_in
    assert whom.is_in(Asked(kind, words))


@pytest.mark.parametrize(
    ("whom", "kind", "words"),
    [
        (JANE, "search", "jane"),
        (JANE, "person", "June Example"),
        (JANE, "search", "jane* robbery"),
        (Whom("name", "&"), "search", "robbery"),
        (PLATE, "search", "ZZT123 robbery"),
        (PLATE, "search", "anything *"),
        (PLATE, "plate_pattern", "ZZT9*"),
        (PHONE, "search", "robbery"),
        (PHONE, "search", "504010* 555"),
        (Whom("phone", "none"), "search", "robbery 1*"),
        (STREET, "search", "112 elm street"),
        (Whom("address", "&"), "search", "robbery"),
    ],
)
def test_it_is_not_found(whom, kind, words):
    assert not whom.is_in(Asked(kind, words))


def test_a_part_of_a_plate_is_no_part_of_a_name():
    assert "plate_pattern" not in JANE.found_in


def test_words_are_those_of_the_full_text_index():
    """Of each character between two letters: what the index takes for the same words, and for one
    or two, is the same here. (It knows no later Unicode than it was built with, and four marks that
    nobody writes stand for others. A ``*`` is kept for what it begins.)"""
    besides = (0x340, 0x341, 0x344, 0x345, ord("*"))
    known = [
        f"xx{chr(code)}yy"
        for code in range(1, 0x110000)
        if code not in besides and visible(chr(code))
        and unicodedata.ucd_3_2_0.category(chr(code)) not in ("Cn", "Cs")
    ]  # fmt: skip
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE told USING fts5(text, tokenize='unicode61')")
    index.execute("CREATE VIRTUAL TABLE word USING fts5vocab(told, instance)")
    index.executemany("INSERT INTO told(rowid, text) VALUES (?, ?)", enumerate(known))
    found = {}
    for doc, word in index.execute("SELECT doc, term FROM word ORDER BY doc, offset"):
        found.setdefault(doc, []).append(word)
    others = [
        text for doc, text in enumerate(known)
        if words_of(text) != [each for word in found[doc] for each in words_of(word)]
    ]  # fmt: skip
    assert not others
