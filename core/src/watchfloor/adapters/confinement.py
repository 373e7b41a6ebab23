"""What a worker may read, run and write: the grants of ``launch.py``.

Its interpreter and libraries, certificates, time zones, a folder of its own, and the paths that
its settings name. Not the hub's data, nor anything else.
"""

from __future__ import annotations

import os
import site
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from watchfloor.contracts import AskAPerson

_RUN = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_READ = (
    "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo",
    "/etc/mime.types", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs",
    "/etc/pki/ca-trust", "/etc/ca-certificates", "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates", "/dev/urandom", "/dev/random", "/dev/zero",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
)  # fmt: skip
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
)  # fmt: skip
"""What the system trusts, in one file: Debian, Red Hat, SUSE, Alpine."""
_WRITE = ("/dev/null",)
_NAMED_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")


def trusted(own: Path, folder: Path) -> Path:
    """One file in ``folder`` of the authorities that the system trusts and those in ``own``. Raises
    ``AskAPerson`` (code ``bad_settings``) when that is no file of certificates."""
    known = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
    system = next((path for path in known if path and Path(path).exists()), None)
    try:
        ssl.create_default_context(cafile=str(own))
        texts = [Path(path).read_text("ascii", "replace") for path in (system, own) if path]
    except OSError as error:  # ssl's own errors among them
        raise AskAPerson(
            f"The certificates in {own} cannot be used: {error.strerror or 'not PEM'}.",
            code="bad_settings",
            remedy="Name a file of certificates in PEM as certificates in hub.toml.",
        ) from None
    file = folder / "authorities.pem"
    file.write_text("\n".join(texts))
    return file


def grants(
    command: Sequence[str], own: Path, paths: Iterable[Path], environment: Mapping[str, str]
) -> str:
    """For ``launch.py``. ``own`` is the worker's folder, ``paths`` what its settings name."""
    named = (environment.get(name, "") for name in _NAMED_BY)
    read = (*_READ, *map(str, paths), *(path for text in named for path in text.split(":") if path))
    run = (*_RUN, *map(str, code(command)))
    lines = (
        *(f"x{path}" for path in run), *(f"r{path}" for path in read),
        *(f"w{path}" for path in (*_WRITE, own)),
    )  # fmt: skip
    return "\n".join(line for line in lines if "\n" not in line)


def code(command: Sequence[str]) -> Iterator[Path]:
    """Where the command's code is: this environment and what its ``.pth`` files add (packages
    that are developed), the interpreter's own environment, and the files that it names.

    Those of another environment's ``.pth`` files are not read: a vendor wrote them.
    """
    yield from (Path(sys.prefix), Path(sys.base_prefix))
    yield Path(command[0]).parent.parent
    yield from (Path(part).parent for part in command[1:] if part.startswith("/"))
    for folder in map(Path, site.getsitepackages()):
        for file in folder.glob("*.pth"):
            lines = file.read_text("utf-8", "replace").splitlines()
            yield from (Path(line) for line in lines if line.startswith("/"))


def named_paths(texts: Iterable[str], closed: Path | None) -> list[Path]:
    """What to let a worker read for the paths in its settings. Raises ``AskAPerson`` (code
    ``path_not_allowed``) for the hub's own data, ``closed``, and what it lies in.

    Of a file it is the folder: one that is written anew is another file under the same name. Where
    the hub's data lie in that folder, it is the file alone. What is no path after all (the name of
    a mapping that a connector brings) opens nothing.
    """
    found = (text for text in texts if Path(text).is_absolute() or Path(text).exists())
    return [_named(Path(os.path.realpath(text)), closed) for text in found]


def _named(path: Path, closed: Path | None) -> Path:
    if _opens(path, closed):
        raise AskAPerson(
            "A path in the settings leads to the hub's own data.",
            code="path_not_allowed",
            remedy="Name a folder that holds only what this source is to read.",
        )
    if path.is_dir() or _opens(path.parent, closed):
        return path
    return path.parent


def _opens(path: Path, closed: Path | None) -> bool:
    if closed is None:
        return False
    closed = Path(os.path.realpath(closed))
    return path.is_relative_to(closed) or closed.is_relative_to(path)
