"""A key a day, so that a day's backups can be made unreadable wherever copies of them lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from watchfloor.adapters.keyring_file import SealedKeyring
from watchfloor.contracts import AskAPerson

_DAYS, _OWN = "watchfloor/backup-days", "watchfloor/backup"
_KEY_BYTES = 32


class DayKeys:
    """Sealed like the hub's credentials, in ``folder``, apart from them: the file of the
    credentials goes into the backups. All methods raise ``AskAPerson`` (``keyring_...``)."""

    def __init__(self, folder: Path) -> None:
        self._keyring = SealedKeyring(folder / "keys")

    def days(self) -> list[str]:
        """Those that have a key, ``2026-11-23``, oldest first."""
        return list(self._keyring.names(_DAYS))

    def make(self, day: str) -> bytes:
        """The day's key, made where there is none."""
        key = self._keyring.get_password(_DAYS, day)
        if key is None:
            key = os.urandom(_KEY_BYTES).hex()
            self._keyring.set_password(_DAYS, day, key)
        return bytes.fromhex(key)

    def destroy(self, day: str) -> None:
        """What was sealed with it is unreadable from now on."""
        self._keyring.delete_password(_DAYS, day)

    def all(self) -> dict[str, str]:
        """Day → key in hex."""
        kept = {day: self._keyring.get_password(_DAYS, day) for day in self.days()}
        return {day: key for day, key in kept.items() if key is not None}

    def take_over(self, keys: Mapping[str, str]) -> None:
        """Keep keys that came from elsewhere."""
        for day, key in keys.items():
            self._keyring.set_password(_DAYS, day, key)

    def note(self, name: str) -> str | None:
        """Something of the backups' own that is kept sealed."""
        return self._keyring.get_password(_OWN, name)

    def keep(self, name: str, value: str) -> None:
        """Keep such a thing."""
        self._keyring.set_password(_OWN, name, value)


def key_missing(day: str) -> AskAPerson:
    """The error for a day without a key."""
    return AskAPerson(
        f"There is no key for backups of {day}.",
        code="backup_key_missing",
        remedy=(
            "It was destroyed when its time was up, or the backup is another hub's. If the machine "
            "was lost, name the escrow file: --escrow."
        ),
    )
