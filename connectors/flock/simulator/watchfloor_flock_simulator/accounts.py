"""Who may call the simulated API: the agency's client, and people who signed in as themselves."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from watchfloor_flock.users import challenge

AUDIENCE = "com.flocksafety.integrations"
USER_LIFE_S = 1800.0
"""An access token of a person's lives 30 minutes (documented)."""


class NotTaken(Exception):
    """A token endpoint's refusal; ``args`` are status and error."""


@dataclass(frozen=True, slots=True)
class _Code:
    user: str
    return_to: str
    challenge: str


class Accounts:
    """Tokens and codes that were handed out. ``life_s`` is a client's token's."""

    def __init__(self, life_s: float) -> None:
        self.client = {"client_id": "SIM-client", "client_secret": secrets.token_urlsafe(24)}
        self.life_s = life_s
        self._tokens: dict[str, tuple[str, float]] = {}
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, str] = {}

    def rotate(self) -> None:
        """A new secret; tokens of the old one end."""
        self.client = {**self.client, "client_secret": secrets.token_urlsafe(24)}
        self._tokens.clear()

    def approve(self, asked: Mapping[str, str], user: str) -> dict[str, str]:
        """``user`` signs in, and is sent back with this query."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(user, asked["redirect_uri"], asked["code_challenge"])
        return {"code": code, "state": asked["state"]}

    def caller(self, token: str) -> str | None:
        """Whose token it is; none, where it does not serve (any more)."""
        who, until = self._tokens.get(token, ("", 0.0))
        return who if until > time.monotonic() else None

    def end_access(self) -> None:
        """Half an hour passes: no access token serves any more."""
        self._tokens = {token: (who, 0.0) for token, (who, _) in self._tokens.items()}

    def end_refresh(self) -> None:
        """Twelve hours pass: nobody is signed in any more."""
        self.end_access()
        self._refresh.clear()

    def granted(self, form: Mapping[str, str]) -> dict[str, object]:
        """The token endpoint's answer. Raises ``NotTaken``."""
        if any(form.get(name) != value for name, value in self.client.items()):
            raise NotTaken(401, "invalid_client")
        match form.get("grant_type"):
            case "client_credentials" if form.get("audience") == AUDIENCE:
                return self._token(self.client["client_id"], self.life_s)
            case "client_credentials":
                raise NotTaken(403, "access_denied")
            case "authorization_code":
                return self._of_user(self._redeemed(form))
            case "refresh_token":
                return self._of_user(self._refresh.pop(form.get("refresh_token", ""), None))
        raise NotTaken(400, "unsupported_grant_type")

    def _redeemed(self, form: Mapping[str, str]) -> str | None:
        code = self._codes.pop(form.get("code", ""), None)
        fits = (
            code is not None
            and code.return_to == form.get("redirect_uri")
            and code.challenge == challenge(form.get("code_verifier", ""))
        )
        return code.user if code and fits else None

    def _of_user(self, user: str | None) -> dict[str, object]:
        """With a refresh token that serves once (documented)."""
        if user is None:
            raise NotTaken(400, "invalid_grant")
        refresh = secrets.token_urlsafe(24)
        self._refresh[refresh] = user
        return {**self._token(user, USER_LIFE_S), "refresh_token": refresh}

    def _token(self, who: str, life_s: float) -> dict[str, object]:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (who, time.monotonic() + life_s)
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(life_s)}
