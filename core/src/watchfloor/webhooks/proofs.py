"""How vendors prove that a webhook is theirs: by a signature, by a secret, by a signed token.

Each is made once, of a recipe, a credential and the address that the vendor was given, and raises
``Refused`` for what is not the vendor's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from string import Formatter
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlsplit

from watchfloor.contracts import AskAPerson, Refused, WebhookRecipe

_HASHES = {"hmac-sha256": "sha256", "hmac-sha1": "sha1"}
_RSA = ["RS256", "RS384", "RS512"]
_PORTS = {"https": "443", "http": "80"}
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 1000

_MILLISECONDS_FROM = 100_000_000_000
"""No timestamp in seconds is this large before the year 5138; one in milliseconds always is."""


class Claim(NamedTuple):
    """A delivery, and what it says in proof. ``now`` is in microseconds."""

    proofs: Sequence[bytes]
    timestamp: str
    id: str
    headers: Mapping[str, str]
    body: bytes
    query: str
    now: int


Prove = Callable[[Claim], None]


class Secret:
    """The secret itself is sent, as it is or with a user's name (RFC 7617, section 2)."""

    def __init__(self, recipe: WebhookRecipe, secret: Mapping[str, str], _: str | None) -> None:
        basic = recipe.algorithm == "basic"
        self._secrets = _logins(secret) if basic else _keys(recipe, secret)

    def __call__(self, claim: Claim) -> None:
        """Raises ``Refused``."""
        _one_of(claim.proofs, self._secrets)


class Signature:
    """HMAC (RFC 2104) over the body and what else the recipe says."""

    def __init__(self, recipe: WebhookRecipe, secret: Mapping[str, str], url: str | None) -> None:
        if recipe.problem:  # such a manifest is refused when it is read
            raise ValueError(recipe.problem)
        name = _HASHES[recipe.algorithm]
        self._macs = [hmac.new(key, digestmod=name) for key in _keys(recipe, secret)]
        self._hex = recipe.encoding == "hex"
        self._template = _template(recipe.signed)
        self._urls = _with_and_without_port(url) if url else [""]
        self._body_hash = recipe.body_hash
        self._after_id = _after_id(recipe.signed)

    def __call__(self, claim: Claim) -> None:
        """Raises ``Refused``."""
        if self._after_id and self._after_id in claim.id:
            raise bad("The delivery's id could be mistaken for more than the id.")
        proofs = [proof.lower() for proof in claim.proofs] if self._hex else claim.proofs
        _one_of(proofs, [self._signature(*each) for each in self._signed(claim)])

    def _signed(self, claim: Claim) -> Iterator[tuple[Any, bytes]]:
        values = {
            b"body": claim.body,
            b"timestamp": claim.timestamp.encode(),
            b"id": claim.id.encode(),
            b"params": self._params(claim) if self._body_hash else b"",
        }
        for url in self._urls:
            values[b"url"] = (f"{url}?{claim.query}" if claim.query else url).encode()
            message = self._template % values
            for mac in self._macs:
                yield mac, message

    def _params(self, claim: Claim) -> bytes:
        """The form's names and values, sorted. A body that is no form must be vouched for by its
        hash in the address, which is signed."""
        is_form = claim.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
        hashes = parse_qs(claim.query).get(self._body_hash or "", [])
        if hashes or not is_form:
            _check_hash(hashes[0] if hashes else "", claim.body)
        return _sorted_form(claim.body) if is_form else b""

    def _signature(self, mac: Any, message: bytes) -> bytes:
        # Not hmac.digest: it gives up the interpreter lock for these few microseconds, and a busy
        # hub then waits much longer to get it back.
        mac = mac.copy()
        mac.update(message)
        return mac.hexdigest().encode() if self._hex else base64.b64encode(mac.digest())


class Token:
    """A JWT (RFC 7519) signed with RSA by one key of a JWK set (RFC 7517).

    It must say when it was issued, or until when it holds. Where the recipe names a claim with the
    body's hash, that must fit; otherwise the token vouches for the sender alone.
    """

    def __init__(self, recipe: WebhookRecipe, secret: Mapping[str, str], _: str | None) -> None:
        # Costs memory and time that only a hub with such a source should pay.
        from joserfc import errors, jwt

        self._decode = jwt.decode
        # What is sent as a token is a stranger's, and may be of any shape.
        self._errors = (errors.JoseError, ValueError, TypeError, LookupError, AttributeError,
                        RecursionError)  # fmt: skip
        self._keys = _key_set(_chosen(recipe, secret), secret.get("previous", ""))
        self._body_hash = recipe.body_hash
        self._tolerance_s = recipe.tolerance_s

    def __call__(self, claim: Claim) -> None:
        """Raises ``Refused``."""
        for proof in claim.proofs[:1]:
            try:
                claims = self._decode(proof, self._keys, algorithms=_RSA).claims
            except self._errors:
                break
            self._check(claims, claim)
            return
        raise bad("The token's signature does not fit.")

    def _check(self, claims: Mapping[str, Any], claim: Claim) -> None:
        issued, expires, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
        if issued is None and expires is None:
            raise bad("The token does not say when it was issued or until when it holds.")
        if issued is not None:
            check_age(issued, self._tolerance_s, claim.now)
        now = claim.now / 1e6
        if expires is not None and not now <= _seconds(expires) + self._tolerance_s:
            raise replayed(self._tolerance_s)
        if begins is not None and not now >= _seconds(begins) - self._tolerance_s:
            raise replayed(self._tolerance_s)
        if self._body_hash:
            _check_hash(str(claims.get(self._body_hash, "")), claim.body)


PROOFS: Mapping[str, Callable[[WebhookRecipe, Mapping[str, str], str | None], Prove]] = {
    "hmac-sha256": Signature,
    "hmac-sha1": Signature,
    "shared-token": Secret,
    "basic": Secret,
    "jwt-rsa": Token,
}
"""By a recipe's ``algorithm``. Making one raises ``AskAPerson`` for a secret that is no key."""


def bad(detail: str) -> Refused:
    """It is not the vendor's."""
    return Refused(
        detail,
        code="bad_signature",
        remedy="Check that the secret here and at the vendor are the same.",
    )


def replayed(tolerance_s: float) -> Refused:
    """It is too old, or of the future."""
    return Refused(
        f"The delivery's timestamp is more than {tolerance_s:.0f} s off.",
        code="replayed",
        remedy="Check the clocks of both sides; a repeated delivery needs a fresh timestamp.",
    )


def check_age(timestamp: Any, tolerance_s: float, now: int) -> None:
    """Raises ``Refused`` for a time, in seconds or milliseconds, that is not about ``now``."""
    if not abs(now / 1e6 - _seconds(timestamp)) <= tolerance_s:
        raise replayed(tolerance_s)


def _seconds(timestamp: Any) -> float:
    try:
        sent = float(timestamp)
    except (TypeError, ValueError):
        raise bad("The timestamp is no number.") from None
    return sent / 1000 if sent >= _MILLISECONDS_FROM else sent


def _one_of(proofs: Sequence[bytes], expected: Sequence[bytes]) -> None:
    for one in expected:
        for proof in proofs:
            if hmac.compare_digest(proof, one):
                return
    raise bad("The signature does not fit.")


def _check_hash(sent: str, body: bytes) -> None:
    digest = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(sent.lower().encode(errors="replace"), digest.encode()):
        raise bad("The body is not the one that was signed.")


def _sorted_form(body: bytes) -> bytes:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise bad("The form cannot be read.") from None
    return "".join(name + value for name, value in sorted(set(pairs))).encode()


def _with_and_without_port(url: str) -> list[str]:
    """Vendors sign an address with its port or without (Twilio, "Validating signatures")."""
    parts = urlsplit(url)
    bare = re.sub(r":\d*$", "", parts.netloc)
    port = parts.netloc[len(bare) + 1 :] or _PORTS.get(parts.scheme, "")
    return [parts._replace(netloc=netloc).geturl() for netloc in (bare, f"{bare}:{port}")]


def _template(signed: str) -> bytes:
    """For ``%``, which is by far the quickest way to put bytes together."""
    parts = ((text, name) for text, name, *_ in Formatter().parse(signed))
    made = "".join(
        text.replace("%", "%%") + (f"%({name})b" if name else "") for text, name in parts
    )
    return made.encode()


def _after_id(signed: str) -> str:
    """What stands behind the id in what is signed, so must not stand in it."""
    for (_, name, *_), (text, *_) in pairwise(Formatter().parse(signed)):
        if name == "id":
            return text
    return ""


# --- keys ------------------------------------------------------------------------------------


def _chosen(recipe: WebhookRecipe, secret: Mapping[str, str]) -> str:
    if recipe.field:
        return secret.get(recipe.field, "")
    return next(iter(secret.values()), "")


def _keys(recipe: WebhookRecipe, secret: Mapping[str, str]) -> list[bytes]:
    """The key, and the one before it while both are in use."""
    words = [_chosen(recipe, secret), secret.get("previous", "")]
    keys = [_key(recipe, word) for word in dict.fromkeys(words) if word]
    if not keys or not all(keys):
        raise _no_key("It is empty.")
    return keys


def _key(recipe: WebhookRecipe, word: str) -> bytes:
    word = word.removeprefix(recipe.key_prefix)
    if recipe.key == "text":
        return word.encode()
    try:
        return base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        raise _no_key("It is not base64.") from None


def _logins(secret: Mapping[str, str]) -> list[bytes]:
    """The user with the password, and with the one before it while both are in use."""
    user, password = secret.get("username"), secret.get("password")
    if not user or not password:
        raise _no_key("It needs username and password.")
    words = (word for word in (password, secret.get("previous")) if word)
    return [base64.b64encode(f"{user}:{word}".encode()) for word in words]


def _key_set(*texts: str) -> Any:
    """The RSA keys of one set, and of the one before it while both are in use."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        sets = [json.loads(text) for text in texts if text]
        listed = [key for read in sets for key in read.get("keys", [read])]
        keys = [key for key in listed if key["kty"] == "RSA"]
        if keys:
            return KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        pass
    raise _no_key("It is no JWK set with an RSA key.")


def _no_key(why: str) -> AskAPerson:
    return AskAPerson(
        f"The credential that webhooks are checked with cannot be used. {why}",
        code="bad_webhook_key",
        remedy="Set it again, as the vendor shows it.",
    )
