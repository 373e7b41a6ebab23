"""What a vendor answered, and which of our errors its status comes to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, RetryLater

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor answered: a 2xx, or a 304 to a conditional request.

    Header names are in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    host: str

    @property
    def content_type(self) -> str:
        """The media type without parameters; empty when not said."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that are not become replacement characters."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def last_modified(self) -> datetime | None:
        """When the document was last written, where that is said (RFC 9110, section 8.8.2)."""
        return _date(self.headers.get("last-modified", ""))

    @property
    def date(self) -> datetime | None:
        """When it was written by the vendor's clock; ``None`` also for one out of a cache."""
        if self.headers.get("age", "0").strip() != "0":
            return None
        return _date(self.headers.get("date", ""))

    def document(self, expected: str) -> bytes:
        """The body, which should be ``expected`` ("a CSV file").

        Raises ``RetryLater`` (code ``html_answer``) for a web page: log-in and error pages of
        proxies come with status 200, and pass by.
        """
        if "html" in self.content_type or self.body[:64].lstrip()[:1] == b"<":
            raise RetryLater(
                f"{self.host} answered with a web page where {expected} was expected.",
                code="html_answer",
                remedy="If it stays so: check the address in the settings, and proxies between.",
            )
        return self.body

    def json(self) -> Any:
        """The decoded body. Raises ``RetryLater``: a web page or half a document passes by."""
        body = self.document("JSON")
        try:
            return _decode(body)
        except (ValueError, RecursionError):
            raise RetryLater(
                f"{self.host} answered with broken JSON ({len(body)} bytes).",
                code="broken_json",
            ) from None

    def read(self, shape: type[T]) -> T:
        """The decoded body as ``shape``; members that it does not name are passed over. Raises
        ``RetryLater``: code ``html_answer`` or, where the body does not fit, ``unreadable_answer``.
        """
        try:
            return msgspec.json.decode(self.document("JSON"), type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise RetryLater(
                f"The answer of {self.host} is not as documented ({type(wrong).__name__}).",
                code="unreadable_answer",
                remedy="If it stays so, check the base address: a proxy or log-in page may answer.",
            ) from None


class VendorRejected(GiveUp):
    """The vendor says that the request cannot be: any 4xx that has no error of its own here.

    ``status`` is there for vendors that document what one of them means.
    """

    code = "vendor_rejected"
    remedy = "Check the settings; if they are right, tell the connector's maintainer."

    def __init__(self, detail: str, status: int) -> None:
        super().__init__(detail)
        self.status = status


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Vendors send NaN, byte order marks and UTF-16, which JSON forbids: one odd number must
        # not take the whole page with it. The mapping refuses the record that holds it.
        return json.loads(body)


def judge(answer: Answer) -> Answer:
    """The answer, when it is one. Raises our error for its status otherwise."""
    status, host = answer.status, answer.host
    if status < 300 or status == 304:
        return answer
    if status in (401, 403, 407):
        raise refusal(answer)
    detail = f"{host} answered with status {status}."
    if status in (408, 425, 429) or status >= 500:
        code = "rate_limited" if status == 429 else "vendor_unavailable"
        raise RetryLater(detail, code=code, retry_after=retry_after(answer.headers))
    if status in (404, 410):
        raise NotFound(
            detail,
            code="vendor_gone" if status == 410 else "vendor_not_found",
            remedy="If it stays so, check the address in the settings.",
        )
    raise VendorRejected(detail, status)


def refusal(answer: Answer) -> AskAPerson:
    """The vendor does not let us: the credential, or what it may see, is not right."""
    said = f"{answer.host} answered with status {answer.status}."
    if answer.status < 400:  # its own words for "refused" stand in the body (Auth.refused)
        said = f"{answer.host} does not take what its log-in has just handed out."
    return AskAPerson(
        said,
        code="vendor_refused",
        remedy="Check this source's credential and what the vendor lets it see.",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: ``Retry-After`` as seconds or as a date (RFC 9110, section 10.2.3).

    A date is by the vendor's clock, which the answer tells where it is dated.
    """
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    moment, now = _date(text), _date(headers.get("date", "")) or datetime.now(UTC)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
