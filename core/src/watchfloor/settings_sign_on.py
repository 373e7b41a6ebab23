"""How people sign in: the table ``sign_on`` of ``hub.toml``.

[sign_on]
issuer = "https://login.example.org/realms/ex-pd"
client_id = "watchfloor"
contact = "the help desk, 555-0142"

[sign_on.roles]
"RTCC Analysts" = "analyst"
"RTCC Supervisors" = "supervisor"
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Url = Annotated[str, Meta(pattern=r"^https?://[^\s?#@]+$")]
Text = Annotated[str, Meta(min_length=1, max_length=200)]

RoleName = Literal[
    "analyst", "supervisor", "agency_it", "auditor", "records_officer", "partner_agency"
]
"""What a group can be mapped to. A vendor's service is let in by a token of its own, never here."""

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures with a public key (RFC 7518, section 3.1). ``none`` and the HMACs can't be allowed:
one is no signature, the others would turn the provider's public key into a secret."""


USUAL_FACTORS: Sequence[Sequence[str]] = (
    ["mfa"], ["pwd", "otp"], ["pwd", "hwk"], ["pwd", "swk"],
    ["hwk", "pin"], ["hwk", "fpt"], ["hwk", "face"], ["sc", "pin"],
)  # fmt: skip
"""Two of what one knows, has and is, in the words of RFC 8176, section 2."""


class MultiFactor(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What proves that two factors were shown (CJISSECPOL IA-2(1), IA-2(2)): one of ``acr``, or
    all of one of ``amr``. Left out as a whole, it is ``USUAL_FACTORS``."""

    acr: list[Text] = []
    """Context classes, in the provider's own words."""
    amr: list[Annotated[list[Text], Meta(min_length=1)]] | None = None
    """Methods that count when they come together."""

    def met_by(self, acr: str | None, amr: Collection[str]) -> bool:
        """Whether a sign-on was strong enough."""
        shown = {*amr}
        return acr in self.acr or any({*together} <= shown for together in self._together())

    def _together(self) -> Sequence[Sequence[str]]:
        if self.amr is None and not self.acr:
            return USUAL_FACTORS
        return self.amr or ()


Level = Annotated[int, Meta(ge=0, le=3)]


class Assurance(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The least levels of NIST SP 800-63 that the provider has to vouch for; 0: none."""

    identity: Level = 0
    """How well it was checked who the person is (IAL)."""
    authenticator: Level = 0
    """How well they showed that they are that person (AAL)."""


Names = tuple[Text, ...]

CERTIFICATIONS: Mapping[str, Names] = {
    "28cfr23": ("cert_28cfr23", "gfipm:2.0:user:28CFRCertificationIndicator"),
    "ncic": ("cert_ncic", "gfipm:2.0:user:NCICCertificationIndicator"),
    "ndex": ("cert_ndex", "gfipm:2.0:user:NDExPrivilegeIndicator"),
    "pcii": ("cert_pcii", "gfipm:2.0:user:PCIICertificationIndicator"),
}
"""Trainings and privileges that GFIPM has a name for."""


class ClaimNames(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Under which names the provider says what. The defaults are standard claims (OpenID Connect
    Core 1.0, section 5.1), custom names in common use, and GFIPM 2.0 user attributes. Where several
    are there they must agree; of ``handle`` and ``name`` the first counts."""

    handle: Names = ("preferred_username", "upn", "email", "gfipm:2.0:user:LocalId")
    name: Names = ("name", "gfipm:2.0:user:DisplayName")
    given_name: Names = ("given_name", "gfipm:2.0:user:GivenName")
    family_name: Names = ("family_name", "gfipm:2.0:user:SurName")
    email: Names = ("email", "gfipm:2.0:user:EmailAddressText")
    groups: Names = ("groups", "roles")
    ori: Names = ("employer_ori", "gfipm:2.0:user:EmployerORI")
    employer: Names = ("employer_name", "gfipm:2.0:user:EmployerName")
    state: Names = ("employer_state", "gfipm:2.0:user:EmployerStateCode")
    sworn: Names = ("sworn_leo", "gfipm:2.0:user:SwornLawEnforcementOfficerIndicator")
    federation_id: Names = ("federation_id", "gfipm:2.0:user:FederationId")
    identity_assurance: Names = ("ial", "gfipm:2.0:user:IdentityAssuranceLevel")
    authenticator_assurance: Names = ("aal", "gfipm:2.0:user:AuthenticatorAssuranceLevel")
    certifications: dict[Text, Names] = field(default_factory=lambda: dict(CERTIFICATIONS))
    """Trainings and privileges: true, or until when."""


class SignOnSettings(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One identity provider. Its secret is ``sign_on`` of ``hub`` in the keyring."""

    issuer: Url
    """Exactly as the provider writes itself; https, but on this machine."""
    client_id: Text
    """What the provider calls this hub."""
    client_auth: Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] = (
        "client_secret_basic"
    )
    """How the hub shows the provider who it is (OpenID Connect Core 1.0, section 9)."""
    scopes: Names = ("openid", "profile", "email")
    """What is asked for; ``openid`` is among them."""
    algorithms: Annotated[tuple[Algorithm, ...], Meta(min_length=1)] = ("RS256", "PS256", "ES256")
    """Signatures that are believed. A token's own word never counts."""
    multi_factor: MultiFactor = field(default_factory=MultiFactor)
    assurance: Assurance = field(default_factory=Assurance)
    claims: ClaimNames = field(default_factory=ClaimNames)
    roles: dict[Text, RoleName] = {}
    """Group → role. Who is in none of these has no access."""
    agencies: dict[Text, Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]] = {}
    """Employer ORI → agency id, where people of several agencies sign in. Empty: all are of the
    hub's own agency."""
    contact: Text = "your agency's IT"
    """Whom somebody is told to ask who has no access."""
    saml_metadata: str = ""
    """A file: the provider's metadata, where it speaks SAML 2.0 instead. ``issuer`` and
    ``client_id`` are then the two entity ids."""
