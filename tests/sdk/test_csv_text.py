"""CSV out of files that are being written, or were written badly."""

import io

import pytest

from watchfloor_sdk import Rejected
from watchfloor_sdk.csv_text import MAX_LINE, Layout, Row, layout_of, records, rows


def read(text, *, settled=False, encoding="utf-8", fallback=None):
    raw = text if isinstance(text, bytes) else text.encode(encoding)
    stream = io.BytesIO(raw)
    layout = layout_of(stream, Layout(encoding=encoding, fallback=fallback))
    return list(records(stream, layout, settled=settled))


def table(raw, layout=None):
    return list(rows(io.BytesIO(raw), layout))


def test_offsets_say_where_to_read_on():
    found = read("a,b\nc,d\r\n")
    assert [(r.fields, r.end) for r in found] == [(["a", "b"], 4), (["c", "d"], 9)]


def test_half_a_line_waits():
    assert [r.fields for r in read("a,b\nc,d")] == [["a", "b"]]


def test_half_a_line_of_a_settled_file_is_told_as_such():
    assert [(r.fields, r.whole) for r in read("a,b\nc,d", settled=True)] == [
        (["a", "b"], True),
        (["c", "d"], False),
    ]


def test_a_record_may_span_lines():
    assert [r.fields for r in read('a,"x\ny, ""z"""\nb,c\n')] == [["a", 'x\ny, "z"'], ["b", "c"]]


def test_an_open_quote_at_the_end_waits():
    assert read('a,"x\ny') == []


def test_a_stray_quote_costs_one_row_only():
    lines = "".join(f"{n},ok\n" for n in range(60))
    found = read("1,\"Joe's\n" + lines)
    assert found[0].problem == "a quote opens and never closes"
    assert [r.fields[0] for r in found[1:]] == [str(n) for n in range(60)]


def test_a_stray_quote_near_the_end_of_a_settled_file_costs_one_row_only():
    found = read('1,"Joe\n2,ok\n', settled=True)
    assert [bool(r.problem) for r in found] == [True, False]


def test_a_quote_inside_an_unquoted_field_is_a_sign_like_any_other():
    assert read('a,5" pipe\n')[0].fields == ["a", '5" pipe']


def test_text_after_a_closing_quote_is_refused():
    assert "expected after" in read('a,"b"c\nd,e\n')[0].problem


def test_bytes_outside_the_encoding_cost_one_row_only():
    found = read(b"a,\x92\nb,c\n")
    assert found[0].problem == "the bytes are not utf-8 (at byte 2)"
    assert found[1].fields == ["b", "c"]


def test_cp1252_is_read():
    assert read("a,O’Keefe\n", encoding="cp1252")[0].fields == ["a", "O’Keefe"]


def test_two_encodings_in_one_file_are_read_row_by_row():
    raw = "a,Café\n".encode() + "b,Café\n".encode("cp1252")
    assert [r.fields[1] for r in read(raw, fallback="cp1252")] == ["Café", "Café"]


def test_a_row_that_is_in_neither_encoding_is_told_with_its_bytes():
    bad = read(b"a,b\nc,\x81\nd,e\n", fallback="cp1252")[1]
    assert bad.raw == b"c,\x81\n"
    assert bad.problem


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_by_its_mark_and_read_on_at_any_record(encoding):
    # U+0A0A and U+0A41 have bytes that look like a line end.
    raw = "\ufeffa,b\r\n\u0a0a,\u0a41\r\nc,\u4e0a\n".encode(encoding)
    stream = io.BytesIO(raw)
    layout = layout_of(stream, Layout())
    assert layout.encoding == encoding
    found = list(records(stream, layout, settled=False))
    assert [r.fields for r in found] == [["a", "b"], ["\u0a0a", "\u0a41"], ["c", "\u4e0a"]]
    stream.seek(found[1].end)
    assert [r.fields for r in records(stream, layout, settled=False)] == [["c", "\u4e0a"]]
    assert b"".join(r.raw for r in found) == raw


def test_half_a_unit_of_utf_16_waits_and_of_a_settled_file_is_told():
    raw = "\ufeffa,b\nc,d\n".encode("utf-16-le")[:-1]
    assert len(read(raw)) == 1
    assert read(raw, settled=True)[1].problem == "the bytes are not utf-16-le (at byte 6)"


def test_a_byte_order_mark_before_a_quoted_header_is_no_part_of_it():
    assert read('\ufeff"a ""b""",c\n')[0].fields == ['a "b"', "c"]


def test_nul_is_a_sign_like_any_other():
    assert read(b"a,b\0c\nd,e\n")[0].fields == ["a", "b\0c"]


@pytest.mark.parametrize("size", [MAX_LINE + 5, 10 * 1024 * 1024])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_field_of_many_megabytes_is_not_kept(size, encoding):
    raw = ("x" * size + ",b\nc,d\n").encode(encoding)
    found = read(raw, encoding=encoding)
    assert "longer than" in found[0].problem
    assert len(found[0].raw) == MAX_LINE
    assert found[1].fields == ["c", "d"]
    assert found[1].end == len(raw)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_one_in_quotes_does_not_count(delimiter):
    raw = f'"a,;\t|,;\t|"{delimiter}b\n1{delimiter}2\n'.encode()
    (row,) = table(raw)
    assert row.cells == {"a,;\t|,;\t|": "1", "b": "2"}


def test_rows_come_under_the_headers_names_and_bad_ones_with_their_very_bytes():
    raw = b'id, name \n1,Caf\xe9\n2,"x"y\n\n3\n4,=1+1\n'
    assert table(raw) == [
        Row(2, b"1,Caf\xe9\n", {"id": "1", "name": "Café"}),
        Rejected(b'2,"x"y\n', "bad_csv", "',' expected after '\"'"),
        Rejected(b"3\n", "bad_width", "The row has 1 fields, the header 2."),
        Row(6, b"4,=1+1\n", {"id": "4", "name": "=1+1"}),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"])
def test_a_formula_is_text(text):
    (row,) = table(f'a,b\n1,"{text}"\n'.encode())
    assert row.cells["b"] == text


def test_a_declared_layout_is_not_guessed_at():
    (row,) = table(b"a;b,c\n1;2,3\n", Layout(delimiter=","))
    assert row.cells == {"a;b": "1;2", "c": "3"}


@pytest.mark.parametrize("raw", [b"", b"\n", b"a,b\n", b"\xff\xfe", b"\xef\xbb\xbf"])
def test_a_file_without_rows_has_none(raw):
    assert table(raw) == []
