"""Who somebody is, as the identity provider vouched for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from watchfloor.contracts import Refused
from watchfloor.ports.store import Micros

from .permissions import APART, ROLE_PERMISSIONS, Permission, Role


@dataclass(frozen=True, slots=True)
class Person:
    """A person (or a vendor's service), with the attributes that policy decides by.

    ``id`` is the issuer's name and its subject (OIDC Core 1.0, section 2: the two together never
    change and are never reused); ``handle`` is what histories say. ``certified`` holds until when a
    training is valid (GFIPM ``28CFRCertificationIndicator``, ``NCICCertificationIndicator``); what
    is not in it was never held.
    """

    id: str
    handle: str
    name: str
    agency: str
    roles: frozenset[Role]
    ori: str | None = None
    sworn: bool = False
    certified: Mapping[str, Micros] = field(default_factory=dict)
    identity_assurance: int = 0
    """Level of NIST SP 800-63, 1 to 3; 0 where the provider says none."""
    authenticator_assurance: int = 0
    acr: str | None = None
    amr: tuple[str, ...] = ()
    only: frozenset[Permission] | None = None
    """What this way in is limited to, whatever the roles allow: a wall's screen, a token."""
    formerly: frozenset[str] = frozenset()
    """Handles that they had before, plain: histories still say those."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that its roles allow at most."""
        whole = frozenset[Permission]().union(*(ROLE_PERMISSIONS[role] for role in self.roles))
        return whole if self.only is None else whole & self.only

    def is_among(self, handles: Iterable[str]) -> bool:
        """Whether histories mean them by one of these."""
        own = {plain_handle(self.handle), *self.formerly}
        return not own.isdisjoint(map(plain_handle, handles))

    def is_certified(self, training: str, now: Micros) -> bool:
        """Whether a training is valid now."""
        return self.certified.get(training, 0) > now


def plain_handle(handle: str) -> str:
    """Without what nobody sees a difference by: case, width, blanks around it."""
    return unicodedata.normalize("NFKC", handle).casefold().strip()


def roles_of(names: Iterable[str]) -> frozenset[Role]:
    """Roles by name, as an identity provider's groups give them. Raises ``Refused`` (code
    ``roles_apart``) for two that nobody may have at once; names that are no role are left out, and
    give nothing."""
    known = {role.value for role in Role} - {Role.DEVELOPER}
    roles = frozenset(Role(name) for name in names if name in known)
    for pair in APART:
        if pair <= roles:
            first, second = sorted(pair)
            raise Refused(
                f"One person cannot be both {first} and {second}.",
                code="roles_apart",
                remedy="Ask whoever manages the groups to take one of the two away.",
            )
    return roles
