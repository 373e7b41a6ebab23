"""One connection: the commands of submission, in their order."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from .letters import Letter

if TYPE_CHECKING:
    from .simulator import EmailSimulator

_OUT_OF_ORDER = b"503 5.5.1 Bad sequence of commands"
_END = b"\r\n.\r\n"


class Conversation(asyncio.Protocol):
    """Speaks with one client until it says QUIT. ``secure``: over TLS from the start."""

    def __init__(self, server: EmailSimulator, *, secure: bool) -> None:
        self.transport: asyncio.Transport
        self._server = server
        self._secure = secure
        self._known = False
        self._in_letter = self._upgrading = False
        self._heard = bytearray()
        self._sender = ""
        self._recipients: list[str] = []
        self._commands: dict[str, Callable[[str], None]] = {
            "EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth,
            "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data, "RSET": self._rset,
            "QUIT": self._quit,
        }  # fmt: skip

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport = cast(asyncio.Transport, transport)
        self._server.talks.add(self)
        self._say(b"220 sim.example.org ESMTP")

    def connection_lost(self, _: Exception | None) -> None:
        """The client has gone."""
        self._server.talks.discard(self)

    def data_received(self, data: bytes) -> None:
        """Answer what is whole: a line, or a letter."""
        self._heard += data
        if not self._upgrading:
            self._answer()

    def _answer(self) -> None:
        while (end := _END if self._in_letter else b"\r\n") in self._heard:
            whole, _, self._heard = self._heard.partition(end)
            if self._in_letter:
                self._letter(bytes(whole))
            else:
                self._command(whole.decode("ascii", "replace"))

    def _command(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        answer = self._commands.get(verb.upper())
        if answer is None:
            self._say(b"502 5.5.1 Not implemented")
        else:
            answer(rest)

    def _ehlo(self, _: str) -> None:
        extensions = ["sim.example.org", "8BITMIME", "SIZE 1000000"]
        if self._secure:
            extensions.append("AUTH PLAIN LOGIN")
        elif self._server.play.starttls:
            extensions.append("STARTTLS")
        lines = [f"250-{one}" for one in extensions[:-1]] + [f"250 {extensions[-1]}"]
        self._say("\r\n".join(lines).encode())

    def _starttls(self, _: str) -> None:
        self._say(b"220 2.0.0 Ready")
        self._heard.clear()  # what was said before TLS does not count (RFC 3207, section 4.2)
        self._upgrading = True
        self._server.upgrade(self)

    def secured(self, transport: asyncio.Transport) -> None:
        """TLS is on; what came by it meanwhile is answered."""
        self.transport, self._secure, self._upgrading = transport, True, False
        self._answer()

    def _auth(self, rest: str) -> None:
        self._server.logins += 1
        proof = b64decode(rest.partition(" ")[2]).decode()
        self._known = self._secure and proof.rpartition("\0")[2] == self._server.password
        self._say(b"235 2.7.0 Ok" if self._known else b"535 5.7.8 Not accepted")

    def _mail(self, rest: str) -> None:
        if not self._known:
            self._say(b"530 5.7.0 Authentication required")
        elif self._server.play.to_mail:
            self._say(self._server.play.to_mail.pop(0))
        else:
            self._sender, self._recipients = _address(rest), []
            self._say(b"250 2.1.0 Ok")

    def _rcpt(self, rest: str) -> None:
        address = _address(rest)
        replies = self._server.play.replies.get(address)
        if not self._sender:
            self._say(_OUT_OF_ORDER)
        elif replies:
            self._say(replies.pop(0))
        else:
            self._recipients.append(address)
            self._say(b"250 2.1.5 Ok")

    def _data(self, _: str) -> None:
        if not self._recipients:
            self._say(_OUT_OF_ORDER)
            return
        self._in_letter = True
        self._say(b"354 Go on")
        if self._server.play.drops:
            self._server.play.drops -= 1
            self.transport.abort()

    def _letter(self, raw: bytes) -> None:
        self._in_letter, play = False, self._server.play
        if play.to_data:
            self._say(play.to_data.pop(0))
            return
        name = self._server.take(Letter(self._sender, tuple(self._recipients), raw))
        if play.lost:
            play.lost -= 1
            self.transport.abort()
        else:
            self._say(f"250 {name}".encode())

    def _rset(self, _: str) -> None:
        self._sender, self._recipients = "", []
        self._say(b"250 2.0.0 Ok")

    def _quit(self, _: str) -> None:
        self._say(b"221 2.0.0 Bye")
        self.transport.close()

    def _say(self, line: bytes) -> None:
        self.transport.write(line + b"\r\n")


def _address(text: str) -> str:
    return text.partition("<")[2].partition(">")[0]
