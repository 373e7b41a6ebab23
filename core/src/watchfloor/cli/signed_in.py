"""Where a person's own sessions are kept at a command line: one file that only they can read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from watchfloor.contracts import AskAPerson

FILE = "signed-in.json"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session at the hub with this address."""

    url: str
    session: str


def read(data_dir: Path) -> SignedIn | None:
    """The one for commands on a data directory, if somebody signed in for it."""
    kept = _all().get(_name(data_dir))
    return SignedIn(**kept) if kept else None


def write(data_dir: Path, signed_in: SignedIn | None) -> None:
    """Keep it instead of the one before; ``None``: keep none. Raises ``AskAPerson`` (code
    ``disk_error``)."""
    kept = _all()
    kept.pop(_name(data_dir), None)
    if signed_in is not None:
        kept[_name(data_dir)] = asdict(signed_in)
    path = _file()
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(json.dumps(kept), "utf-8")
        new.replace(path)
    except OSError as error:
        raise AskAPerson(
            f"The session cannot be kept: {error.strerror}.",
            code="disk_error",
            remedy=f"See to {path.parent}.",
        ) from None


def _all() -> dict[str, dict[str, str]]:
    try:
        kept: dict[str, dict[str, str]] = json.loads(_file().read_text("utf-8"))
        return kept
    except (OSError, ValueError):
        return {}


def _name(data_dir: Path) -> str:
    return str(data_dir.absolute())


def _file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "watchfloor-cli" / FILE
