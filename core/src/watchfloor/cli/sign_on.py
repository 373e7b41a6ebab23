"""``watchfloor sign-on``: whether the identity provider and the settings fit, before anybody has to
find out by not getting in. It asks the provider what the hub would ask; nobody is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import msgspec
import typer
from joserfc import jws
from joserfc.errors import JoseError

from watchfloor import settings
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.egress import proxy_of
from watchfloor.adapters.http_out import HttpOut
from watchfloor.adapters.oidc import Provider
from watchfloor.adapters.saml import SamlSignOn
from watchfloor.bootstrap import keyring_of
from watchfloor.contracts import AskAPerson, GiveUp
from watchfloor.identity.claims import attributes
from watchfloor.ports.signon import CALLBACK, LOGGED_OUT
from watchfloor.settings import HubSettings
from watchfloor.settings_sign_on import RoleName, SignOnSettings

from .files import text
from .findings import Check, Finding, finding, report
from .output import Json, failing_well
from .places import DataDir

T = TypeVar("T")
LOCAL = "http://127.0.0.1:8080"

app = typer.Typer(help="See whether people can sign in.", no_args_is_help=True)

Sample = Annotated[
    Path | None,
    typer.Option(
        "--sample", help="A token, or the JSON of its claims: say what it would make of a person."
    ),
]


@app.callback()
def _group() -> None:
    """So that ``check`` stays a command of its own."""


@app.command("check")
def check(data_dir: DataDir, sample: Sample = None, as_json: Json = False) -> None:
    """Ask the identity provider what it says of itself and which keys it has; compare with the
    settings. Exits with 4 when something needs attention."""
    with failing_well(as_json):
        hub = settings.load(data_dir)
    saml = hub.sign_on is not None and hub.sign_on.saml_metadata
    ways: list[Check] = [_saml] if saml else [_provider, _keys, _credential]
    checks = [_settings, *ways, _registered]
    if sample is not None:
        checks.append(_sampled(sample))
    report(checks, data_dir, as_json)


def _settings(data_dir: Path) -> Finding:
    """Settings."""
    roles = {*_sign_on(settings.load(data_dir)).roles.values()}
    vacant = [role for role in get_args(RoleName) if role not in roles]
    detail = f"{len(roles)} roles have a group; nobody can be: {', '.join(vacant) or 'none'}"
    remedy = "Write groups of your provider into [sign_on.roles]."
    return finding(bool(roles), "Settings", detail, remedy)


def _provider(data_dir: Path) -> Finding:
    """Provider."""
    said = _asked(data_dir, Provider.metadata)
    offers = {
        "PKCE": "S256" in (said.code_challenge_methods_supported or ()),
        "sign-out": said.end_session_endpoint is not None,
        "back-channel logout": said.backchannel_logout_supported,
        "its name in each answer": said.authorization_response_iss_parameter_supported,
    }
    listed = "; ".join(
        f"{what}: {'yes' if there else 'not said'}" for what, there in offers.items()
    )
    return finding(True, "Provider", f"{said.issuer}; {listed}")


def _keys(data_dir: Path) -> Finding:
    """Keys."""
    allowed = _sign_on(settings.load(data_dir)).algorithms
    keys = _asked(data_dir, Provider.keys)
    named = [f"{key.get('kid') or 'without id'} ({key.get('alg') or key.key_type})" for key in keys]
    fits = any(key.get("alg", allowed[0]) in allowed for key in keys)
    remedy = f"None signs in a way that is allowed; add it to algorithms ({', '.join(allowed)})."
    return finding(fits, "Keys", ", ".join(named), remedy)


def _credential(data_dir: Path) -> Finding:
    """Credential."""
    way = _sign_on(settings.load(data_dir)).client_auth
    if way == "none":
        return finding(True, "Credential", "none needed: a public client")
    known = asyncio.run(keyring_of(data_dir, settings.load(data_dir)).names("hub"))
    detail = f"{way}: {'set' if 'sign_on' in known else 'not set'}"
    remedy = "watchfloor credential set hub sign_on"
    return finding("sign_on" in known, "Credential", detail, remedy)


def _saml(data_dir: Path) -> Finding:
    """Provider."""
    chosen = _sign_on(settings.load(data_dir))
    SamlSignOn(chosen, SystemClock(), _base(data_dir) + CALLBACK)
    classes = ", ".join(chosen.multi_factor.acr)
    detail = f"{chosen.issuer}, by SAML 2.0; two factors are: {classes or 'nothing'}"
    return finding(bool(classes), "Provider", detail, "Name them as acr in [sign_on.multi_factor].")


def _registered(data_dir: Path) -> Finding:
    """To register."""
    base = _base(data_dir)
    detail = f"redirect {base}{CALLBACK}, after sign-out {base}/, back-channel {base}{LOGGED_OUT}"
    return finding(True, "To register at the provider", detail)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Claims as if somebody had come with them."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    acr: str | None
    amr: list[str]


def _sampled(file: Path) -> Check:
    def sample(data_dir: Path) -> Finding:
        """Sample."""
        return _person(settings.load(data_dir), _claims(text(file)))

    return sample


def _person(hub: HubSettings, claims: Mapping[str, Any]) -> Finding:
    chosen = _sign_on(hub)
    acr, amr = claims.get("acr"), [str(each) for each in claims.get("amr") or ()]
    vouched = _Sample(chosen.issuer, str(claims.get("sub", "")), claims, acr, amr)
    found = attributes(vouched, chosen, hub.agency, SystemClock().now())
    person = found.person
    detail = (
        f"{person.name} ({person.handle}) of {person.agency}, ORI {person.ori or 'unknown'}; "
        f"{', '.join(sorted(person.roles))}; {'sworn' if person.sworn else 'not sworn'}; "
        f"trained: {', '.join(sorted(person.certified)) or 'nothing'}; "
        f"IAL {person.identity_assurance or 'not said'}, "
        f"AAL {person.authenticator_assurance or 'not said'}"
    )
    if not chosen.multi_factor.met_by(acr, amr):
        remedy = f"It shows one factor (acr {acr}, amr {amr}): see docs/sign-in.md."
        return finding(False, "Sample", detail, remedy)
    dated = "auth_time" in claims or bool(chosen.saml_metadata)
    remedy = "It does not say when the person signed in: add auth_time to the provider's ID tokens."
    return finding(dated, "Sample", detail, remedy)


def _claims(sample: str) -> dict[str, Any]:
    """Of a token (its signature is not looked at: it is only a sample) or of plain JSON."""
    try:
        token = sample.count(".") == 2 and not sample.startswith("{")
        content = jws.extract_compact(sample.encode()).payload if token else sample
        return msgspec.json.decode(content, type=dict[str, Any])
    except (JoseError, msgspec.MsgspecError, ValueError):
        raise GiveUp("The sample is neither a token nor JSON.", code="usage") from None


def _base(data_dir: Path) -> str:
    return settings.load(data_dir).listening.public_url or LOCAL


def _sign_on(hub: HubSettings) -> SignOnSettings:
    if hub.sign_on is None:
        raise AskAPerson(
            "Nothing is said about signing in.",
            code="bad_settings",
            remedy=f"Write a table [sign_on] into {settings.FILE}: docs/sign-in.md.",
        )
    return hub.sign_on


def _asked(data_dir: Path, question: Callable[[Provider], Awaitable[T]]) -> T:
    """Ask the provider, as the hub would."""
    hub = settings.load(data_dir)

    async def ask() -> T:
        proxy = partial(proxy_of, hub.proxy, keyring_of(data_dir, hub))
        http = HttpOut(hub.outgoing_hosts, hub.certificates, proxy)
        try:
            return await question(Provider(_sign_on(hub), http))
        finally:
            await http.close()

    return asyncio.run(ask())
