"""What it means when the system refuses to read or write a file of the data directory."""

from __future__ import annotations

import errno

from watchfloor.contracts import AskAPerson


def trouble(error: OSError, what: str) -> AskAPerson:
    """The error for whoever asked. ``what`` names the files, in the plural."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AskAPerson(
            f"The disk that holds {what} is full; nothing was changed.",
            code="disk_full",
            remedy="Free space and try again.",
        )
    return AskAPerson(
        f"{what[0].upper()}{what[1:]} cannot be read or written: {error.strerror}.",
        code="disk_error",
        remedy="Check the disk, the mount and the owner of the data directory.",
    )
