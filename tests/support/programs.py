"""Where the system's programs lie that tests run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def located(program: str) -> str | None:
    """The path of a program; ``None`` where it is not installed. Debian keeps those of PostgreSQL's
    server off the search path."""
    folders = [
        os.environ.get("PATH", os.defpath),
        *map(str, Path("/usr/lib/postgresql").glob("*/bin")),
    ]
    return shutil.which(program, path=os.pathsep.join(folders))
