"""Where credentials are kept instead of the sealed file: the table ``[vault]`` of ``hub.toml``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class VaultSettings(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A HashiCorp Vault or OpenBao that the agency runs."""

    url: Annotated[str, Meta(pattern=r"^https://|^http://(127\.0\.0\.1|localhost|\[::1\])[:/]")]
    """Its address; over HTTP on this machine only."""
    mount: str = "secret"
    """Where its KV secrets engine (version 2) is mounted."""
    prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_./-]*\Z")] = "watchfloor"
    """Below this the hub keeps its credentials."""
    namespace: str = ""
    """The namespace, where there are some."""
    certificates: str = ""
    """A file (PEM) of the authorities that it is trusted by; the system's, when empty."""
    login_file: Annotated[str, Meta(min_length=1)]
    """A file of mode 0400 with a token, or with a role id and a secret id in two lines."""
