"""Records out of files that are being written, or were written badly."""

import io

import pytest

from watchfloor_cad_file.records import MAX_LINE, Layout, records


def read(text, *, settled=False, encoding="utf-8"):
    raw = text if isinstance(text, bytes) else text.encode(encoding)
    return list(records(io.BytesIO(raw), Layout(encoding=encoding), settled=settled))


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
    rows = "".join(f"{n},ok\n" for n in range(60))
    found = read("1,\"Joe's\n" + rows)
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
    assert "can't decode" in found[0].problem
    assert found[1].fields == ["b", "c"]


def test_cp1252_is_read():
    assert read("a,O’Keefe\n", encoding="cp1252")[0].fields == ["a", "O’Keefe"]


@pytest.mark.parametrize("size", [MAX_LINE + 5, 10 * 1024 * 1024])
def test_a_field_of_many_megabytes_is_not_kept(size):
    found = read(b"x" * size + b",b\nc,d\n")
    assert "longer than" in found[0].problem
    assert len(found[0].raw) == MAX_LINE
    assert found[1].fields == ["c", "d"]
    assert found[1].end == size + 7
