"""OAuth 2 (RFC 6749): client credentials, password with one-time code, refresh that rotates."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor_sdk.answer import Answer, VendorRejected

from .base import part
from .keys import basic
from .one_time import one_time_code
from .tokens import PER_HOUR, Token, TokenAuth

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context


class ClientCredentials(TokenAuth):
    """The credential's ``client_id`` and ``client_secret`` for a token (section 4.4).

    ``extra`` are further form fields that the vendor wants: ``audience``, ``scope``,
    ``partner_id``. A field of the credential of the same name is sent instead of it.
    ``in_header``: the vendor takes the client's secret as HTTP Basic (section 2.3.1). ``{tenant}``
    in ``token_url`` is the credential's ``tenant``.
    """

    grant = "client_credentials"

    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        token_url: str,
        *,
        extra: Mapping[str, str] | None = None,
        in_header: bool = False,
        per_hour: int = PER_HOUR,
    ) -> None:
        super().__init__(ctx, credential, per_hour=per_hour)
        self._token_url = token_url
        self._extra = dict(extra or {})
        self._in_header = in_header

    async def fetch(self, lease: Mapping[str, str]) -> Token:
        """Ask the token endpoint."""
        form, headers = await self.form(lease), {}
        if self._in_header:
            id_, secret = form.pop("client_id"), form.pop("client_secret")
            headers["authorization"] = basic(quote_plus(id_), quote_plus(secret))
        form |= {name: lease.get(name, value) for name, value in self._extra.items()}
        answer = await self._ctx.http.post(
            self.address(lease), data={"grant_type": self.grant, **form}, headers=headers
        )
        return granted(answer)

    def address(self, lease: Mapping[str, str]) -> str:
        """Where this credential's tokens are asked for."""
        if "{tenant}" not in self._token_url:
            return self._token_url
        return self._token_url.replace("{tenant}", quote(part(lease, "tenant"), safe=""))

    async def form(self, lease: Mapping[str, str]) -> dict[str, str]:
        """The fields of this grant."""
        return {
            "client_id": part(lease, "client_id"),
            "client_secret": part(lease, "client_secret"),
        }


class PasswordCode(ClientCredentials):
    """``username``, ``password`` and a one-time code from the seed ``totp_seed`` (section 4.3).

    ``code_field`` is the form's field for the code. The token endpoints of such systems take few
    calls an hour: say how many as ``per_hour``. Other fields go by ``extra`` (``domain``).
    """

    grant = "password"

    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        token_url: str,
        *,
        code_field: str = "client_secret",
        extra: Mapping[str, str] | None = None,
        per_hour: int = PER_HOUR,
    ) -> None:
        super().__init__(ctx, credential, token_url, extra=extra, per_hour=per_hour)
        self._code_field = code_field

    async def form(self, lease: Mapping[str, str]) -> dict[str, str]:
        """User, password and the code of this half minute, where there is a seed."""
        form = {"username": part(lease, "username"), "password": part(lease, "password")}
        if lease.get("totp_seed"):
            form[self._code_field] = one_time_code(lease["totp_seed"], time.time())
        return form


class RotatingRefresh(ClientCredentials):
    """The field ``refresh_token``, which a person got by signing in (section 6).

    Vendors that rotate hand out the next refresh token with each access token and take the old one
    no more. The next one is with the hub, sealed, before either is used. What nobody can mend is a
    worker that is killed between the vendor's answer and the hub's: then, as when the sign-in was
    withdrawn, a person has to sign in again (code ``sign_in_again``).
    """

    grant = "refresh_token"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._unkept: tuple[Mapping[str, str], Token] | None = None

    async def form(self, lease: Mapping[str, str]) -> dict[str, str]:
        """The refresh token, with the client's id and secret where there are some."""
        names = ("client_id", "client_secret")
        return {"refresh_token": part(lease, "refresh_token")} | {
            name: lease[name] for name in names if lease.get(name)
        }

    async def fetch(self, lease: Mapping[str, str]) -> Token:
        """Ask the token endpoint, and have the next refresh token kept. Where that fails, the
        next call tries to have the same one kept, and asks for no other."""
        with self._ctx.unbroken():
            if self._unkept is None or self._unkept[0] != lease:
                self._unkept = lease, await self._refreshed(lease)
            token = await self._kept(*self._unkept)
            self._unkept = None
            return token

    async def _refreshed(self, lease: Mapping[str, str]) -> Token:
        try:
            return await super().fetch(lease)
        except (AskAPerson, VendorRejected) as error:
            if error.code not in ("vendor_refused", "vendor_rejected"):
                raise
            raise AskAPerson(
                f"{error.detail} The stored sign-in is used up or was withdrawn.",
                code="sign_in_again",
                remedy="Sign in at the vendor again and set the new refresh token.",
            ) from None

    async def _kept(self, lease: Mapping[str, str], token: Token) -> Token:
        following = token.more.get("refresh_token")
        if not isinstance(following, str) or following in ("", lease["refresh_token"]):
            return token
        fields = {"refresh_token": following}
        await self._ctx.renew_credential(self._name, fields)
        return replace(token, renewed={**lease, **fields})


def granted(answer: Answer) -> Token:
    """The token of a token endpoint's answer (section 5.1). Raises ``RetryLater``."""
    said = answer.json()
    text = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(text, str) or not text:
        raise RetryLater(
            f"The token endpoint of {answer.host} answered without a token.",
            code="unreadable_answer",
        )
    return Token(text, lives_s(said.get("expires_in")), more=said)


def lives_s(said: Any) -> float | None:
    """``expires_in``, a number or a number as text; ``None`` when it is neither."""
    try:
        return max(0.0, float(said))
    except (TypeError, ValueError):
        return None
