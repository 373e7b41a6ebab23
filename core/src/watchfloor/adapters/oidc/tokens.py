"""Whether a token is the provider's, for this hub, for this sign-on, and still good.

Which algorithms are believed stands in the settings; what a token says of itself chooses among
them and no more (RFC 8725, sections 3.1 and 3.2).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec
from authlib.oidc.core.util import create_half_hash
from joserfc import jws, jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import Key
from msgspec import Struct

from watchfloor.adapters.sign_on_rules import refused
from watchfloor.settings_sign_on import SignOnSettings

LEEWAY_S = 60
"""By how much the provider's clock may differ."""
FRESH_S = 600
"""How old a token may be when it comes: it has just been made."""
LONGEST = 64 * 1024
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"

T = TypeVar("T")
Keys = Callable[[str | None], Awaitable[Key]]


class IdToken(Struct, frozen=True):
    """OpenID Connect Core 1.0, section 2; ``sid`` of Back-Channel Logout 1.0, section 2.1."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    nonce: str
    auth_time: float | None = None
    acr: str | None = None
    amr: list[str] = []
    azp: str | None = None
    at_hash: str | None = None
    sid: str | None = None


class LogoutToken(Struct, frozen=True):
    """OpenID Connect Back-Channel Logout 1.0, section 2.4."""

    iss: str
    aud: str | list[str]
    exp: float
    iat: float
    jti: str
    events: dict[str, Any]
    sub: str | None = None
    sid: str | None = None


async def id_token(
    token: str,
    keys: Keys,
    settings: SignOnSettings,
    now_s: int,
    *,
    nonce: str,
    access_token: str,
    max_age_s: int | None,
) -> tuple[IdToken, dict[str, Any]]:
    """What an ID token says, checked as OpenID Connect Core 1.0, section 3.1.3.7, asks: as what
    the hub uses, and all of it. Raises ``Refused``."""
    alg, claims = await _signed(token, keys, settings, now_s)
    said = _shaped(claims, IdToken)
    if not hmac.compare_digest(said.nonce.encode(), nonce.encode()):
        refuse("its nonce is another sign-on's")
    if said.azp not in (None, settings.client_id):
        refuse("it was made for another client")
    if said.at_hash is not None:
        _bound(said.at_hash, access_token, alg)
    if said.auth_time is not None:
        _recent(said.auth_time, now_s, max_age_s)
    return said, claims


async def logout_token(token: str, keys: Keys, settings: SignOnSettings, now_s: int) -> LogoutToken:
    """What a logout token says, checked as Back-Channel Logout 1.0, section 2.6, asks. Raises
    ``Refused``."""
    _, claims = await _signed(token, keys, settings, now_s)
    said = _shaped(claims, LogoutToken)
    if "nonce" in claims:
        refuse("a logout token has no nonce")
    if not isinstance(said.events.get(LOGOUT), dict):
        refuse("it is no logout token")
    if not (said.sub or said.sid):
        refuse("it names neither person nor session")
    return said


async def _signed(
    token: str, keys: Keys, settings: SignOnSettings, now_s: int
) -> tuple[str, dict[str, Any]]:
    """Algorithm and claims of a token that the provider signed for this hub a moment ago."""
    if len(token) > LONGEST:
        refuse("it is too long")
    try:
        header = jws.extract_compact(token.encode()).headers()
        alg, kid = header.get("alg"), header.get("kid")
        if alg not in settings.algorithms:
            refuse("it is signed in a way that is not allowed")
        key = await keys(kid if isinstance(kid, str) else None)
        if key.get("alg", alg) != alg:
            refuse("it is signed in another way than its key is for")
        claims = jwt.decode(token, key, algorithms=[alg]).claims
        _registry(settings, now_s).validate(claims)
    except ClaimError as error:
        refuse(f"its {error.claim} does not hold")
    except JoseError as error:  # the name of the error: its text may quote the token
        refuse(f"it does not hold ({error.error})")
    except (ValueError, TypeError, UnicodeError):
        refuse("it can't be read")
    audience = claims["aud"]
    if audience not in (settings.client_id, [settings.client_id]):
        refuse("it is meant for others, too")
    if claims["iat"] < now_s - FRESH_S:
        refuse("it is old")
    return alg, claims


def _registry(settings: SignOnSettings, now_s: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now_s,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )


def _shaped(claims: Mapping[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(claims, kind)
    except msgspec.ValidationError as error:  # names the field, not what is in it
        refuse(f"a claim is not as it should be ({error})")


def _bound(at_hash: str, access_token: str, alg: str) -> None:
    expected = create_half_hash(access_token, alg)
    if expected is None or not hmac.compare_digest(expected, at_hash.encode()):
        refuse("it came with another access token")


def _recent(auth_time: float, now_s: int, max_age_s: int | None) -> None:
    if auth_time > now_s + LEEWAY_S:
        refuse("the person signed in later than now")
    if max_age_s is not None and auth_time < now_s - max_age_s - LEEWAY_S:
        refuse("the person signed in longer ago than was asked")


def refuse(why: str) -> NoReturn:
    """The token is not believed."""
    raise refused(f"The identity provider's token is refused: {why}.")
