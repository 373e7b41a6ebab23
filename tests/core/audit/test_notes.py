"""Notes and checkpoints are those of C2SP: its own example, and what it says must be refused."""

import pytest
from audit_logs import KEY, ORIGIN, SIGNER
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.audit import Checkpoint, Note, Signer, Verifier
from watchfloor.audit.notes import COSIGNATURE, notes_in, signed_by
from watchfloor.contracts import GiveUp

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()  # noqa: E501 - as it stands in c2sp.org/signed-note
HEAD = Checkpoint(ORIGIN, 7, bytes(32))


def signed(head=HEAD):
    return Note(str(head), (SIGNER.sign(str(head)),))


def test_the_example_of_the_specification_holds():
    key, note = Verifier.parse(EXAMPLE_KEY), Note.parse(EXAMPLE)
    assert signed_by(note, [key]) == [key]
    assert bytes(note) == EXAMPLE
    assert str(key) == EXAMPLE_KEY


def test_a_changed_note_does_not():
    note = Note.parse(EXAMPLE.replace(b"an example", b"another"))
    with pytest.raises(GiveUp) as caught:
        signed_by(note, [Verifier.parse(EXAMPLE_KEY)])
    assert caught.value.code == "bad_note_signature"


def test_signatures_of_unknown_keys_are_let_by():
    assert signed_by(Note.parse(EXAMPLE), [KEY]) == []


def test_a_checkpoint_comes_back():
    note = Note.parse(bytes(signed()))
    assert Checkpoint.parse(note.text) == HEAD
    assert signed_by(note, [KEY]) == [KEY]


def test_a_witness_signs_the_time_too():
    witness = Signer("witness.example.org", bytes(32), COSIGNATURE)
    note = signed()
    line = witness.cosign(note.text, 1_795_400_000)
    both = Note(note.text, (*note.signatures, line))
    assert signed_by(Note.parse(bytes(both)), [KEY, witness.verifier]) == [KEY, witness.verifier]
    later = type(line)(line.name, line.key, (1_795_400_001).to_bytes(8) + line.value[8:])
    assert not witness.verifier.check(note.text, later)
    assert int.from_bytes(line.value[:8]) == 1_795_400_000


def test_one_key_for_two_uses_is_two_keys():
    """Else a witness's signature could be passed off as a log's."""
    plain, cosigning = (Signer(ORIGIN, bytes(32), kind).verifier for kind in (1, COSIGNATURE))
    assert plain.key != cosigning.key


@pytest.mark.parametrize(
    "content",
    [
        b"", b"text\n", b"text\n\n", b"text\n\n\xe2\x80\x94 name AAAA",
        b"text\n\n- name AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 name !\n", b"te\x00xt" + EXAMPLE, b"\xff" + EXAMPLE,
        EXAMPLE + b"\xe2\x80\x94 a AAAAAAAA\n" * 64,
    ],
)  # fmt: skip
def test_what_is_no_note(content):
    with pytest.raises(GiveUp) as caught:
        Note.parse(content)
    assert caught.value.code == "bad_note"


@pytest.mark.parametrize("lines", [
    ["a", "1"], ["a", "01", "A" * 43 + "="], ["a", "-1", "A" * 43 + "="], ["a", "1", "AAAA"],
    ["", "1", "A" * 43 + "="], ["a", "1", "A" * 43 + "=", ""], ["a", "٣", "A" * 43 + "="],
])  # fmt: skip
def test_what_is_no_checkpoint(lines):
    with pytest.raises(GiveUp):
        Checkpoint.parse("\n".join(lines) + "\n")


@pytest.mark.parametrize("text", [
    "", "name", "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "a+b+c",
    EXAMPLE_KEY.replace("foo", "bar"), EXAMPLE_KEY.replace("530d", "530e"), EXAMPLE_KEY[:-4],
])  # fmt: skip
def test_what_is_no_key(text):
    with pytest.raises(GiveUp) as caught:
        Verifier.parse(text)
    assert caught.value.code == "bad_key"


@given(st.integers(0, 5), st.integers(1, 400))
def test_a_file_of_notes_is_read_up_to_what_a_crash_left(count, torn):
    notes = [signed(Checkpoint(ORIGIN, size, bytes(32))) for size in range(count)]
    content = b"".join(bytes(note) + b"\n" for note in notes)
    assert notes_in(content) == (notes, len(content))
    more = (bytes(signed()) + b"\n")[:torn]
    whole = count + (torn >= len(bytes(signed())) + 1)
    assert len(notes_in(content + more)[0]) == whole
