"""Which files have changed: written, added, removed; and not what tools leave behind."""

import os

from watchfloor_sdk.cli.changes import Changes


def test_changes_are_told_once(tmp_path):
    kept, gone = tmp_path / "kept.py", tmp_path / "gone.py"
    kept.write_text("1")
    gone.write_text("1")
    changes = Changes(tmp_path, tmp_path / "not-there")
    assert changes.take() == []
    os.utime(kept, ns=(1, 1))
    gone.unlink()
    (tmp_path / "new.json").write_text("{}")
    assert changes.take() == [gone, kept, tmp_path / "new.json"]
    assert changes.take() == []


def test_what_tools_leave_behind_is_no_change(tmp_path):
    changes = Changes(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("")
    assert changes.take() == []
