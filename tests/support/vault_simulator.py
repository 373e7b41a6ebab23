"""A Vault on loopback, as far as the hub speaks to it: AppRole, and the KV engine, version 2.

Paths, methods, bodies and statuses are those of its public HTTP API (``/v1/auth/approle/login``,
``/v1/<mount>/data/…``, ``LIST`` and ``DELETE /v1/<mount>/metadata/…``), which OpenBao has as well.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DATA, METADATA = "/v1/secret/data/", "/v1/secret/metadata/"
Said = tuple[int, dict[str, Any]]


def _errors(status: int, *errors: str) -> Said:
    return status, {"errors": list(errors)}


class Vault:
    """``kept`` are the versions of each secret, by path; ``unreadable`` those that its policy lets
    nobody read. ``between`` is called between the read and
    the write of a check-and-set."""

    role_id, secret_id = "sim-role", "sim-secret-id"

    def __init__(self) -> None:
        self.root = f"hvs.{secrets.token_hex(12)}"
        self.sealed = False
        self.between: Any = None
        self.kept: dict[str, list[dict[str, str]]] = {}
        self.unreadable: set[str] = set()
        self.logins = 0
        self._tokens: dict[str, float] = {}
        vault = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request on."""

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length", 0))
                body = json.loads(self.rfile.read(length) or b"null")
                token = self.headers.get("X-Vault-Token", "")
                status, said = vault.answer(self.command, self.path, token, body)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(said).encode() if status != 204 else b"")

            do_GET = do_POST = do_PUT = do_DELETE = do_LIST = handle_any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def withdraw(self) -> None:
        """Revoke every token."""
        self._tokens.clear()

    def answer(self, method: str, path: str, token: str, body: Any) -> Said:
        """What it says to a request: status and JSON."""
        if self.sealed:
            return _errors(503, "Vault is sealed")
        if path == "/v1/auth/approle/login":
            return self._login(body)
        if token != self.root and self._tokens.get(token, 0.0) <= time.monotonic():
            return _errors(403, "permission denied")
        if path.startswith(DATA):
            name = path.removeprefix(DATA).partition("?")[0]
            return self._read(name) if method == "GET" else self._write(name, body)
        name = path.removeprefix(METADATA)
        return self._list(name) if method == "LIST" else self._delete(name)

    def _login(self, body: Any) -> Said:
        if (body.get("role_id"), body.get("secret_id")) != (self.role_id, self.secret_id):
            return _errors(400, "invalid role or secret ID")
        self.logins += 1
        token = f"hvs.{secrets.token_hex(12)}"
        self._tokens[token] = time.monotonic() + 3600
        auth = {"client_token": token, "lease_duration": 3600, "renewable": True}
        return 200, {"auth": auth}

    def _read(self, name: str) -> Said:
        if name in self.unreadable:
            return _errors(403, "permission denied")
        versions = self.kept.get(name)
        if not versions:
            return _errors(404)
        metadata = {"version": len(versions), "destroyed": False, "deletion_time": ""}
        return 200, {"data": {"data": versions[-1], "metadata": metadata}}

    def _write(self, name: str, body: Any) -> Said:
        if self.between:
            self.between()
        versions = self.kept.setdefault(name, [])
        cas = (body.get("options") or {}).get("cas")
        if cas is not None and cas != len(versions):
            return _errors(400, "check-and-set parameter did not match the current version")
        versions.append(body["data"])
        return 200, {"data": {"version": len(versions)}}

    def _list(self, name: str) -> Said:
        folder = name.rstrip("/") + "/"
        below = [path[len(folder) :] for path in self.kept if path.startswith(folder)]
        keys = {first + slash for first, slash, _ in (path.partition("/") for path in below)}
        return (200, {"data": {"keys": sorted(keys)}}) if keys else _errors(404)

    def _delete(self, name: str) -> Said:
        self.kept.pop(name, None)
        return 204, {}
