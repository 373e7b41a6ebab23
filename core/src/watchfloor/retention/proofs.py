"""Proving a deletion: commitments to ids, receipts as documents, and the check of a proof.

The leaves of a receipt's tree (RFC 6962) are commitments: ``SHA-256(blind ‖ source ‖ 0 ‖ class ‖ 0
‖ id)``, the first 16 bytes. ``blind`` is a keyed hash of the same, so that nobody who holds the
receipt, or another record's proof, can try ids out; a proof reveals the blind of its own id alone,
and anybody can check it without the key.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from watchfloor.audit.tree import check_inclusion, leaf_hash
from watchfloor.contracts import GiveUp, rfc3339
from watchfloor.ports.store import Deletion, Receipt

from .kinds import RECORDS

LEAF = 16
"""Bytes of a commitment: as good as 32 against finding a second id that fits (2^128 tries)."""


def identity(source: str, id: str, kind: str | None = None) -> bytes:
    """A record by its source, class and id. Events of all types are one class, as their ids are
    unique within their source; no part can hold a zero byte (CloudEvents 1.0.2, "Type system")."""
    return b"\0".join(part.encode() for part in (source, kind if kind in RECORDS else "event", id))


def blind_of(key: bytes, record: bytes) -> bytes:
    """What opens a record's commitment."""
    return hmac.digest(key, record, sha256)


def commitment(blind: bytes, record: bytes) -> bytes:
    """What stands in the tree for a record."""
    return sha256(blind + record).digest()[:LEAF]


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """A receipt for people and for proofs."""
    return {
        "no": receipt.no,
        "source": receipt.stream.source,
        "kind": receipt.stream.kind,
        "rule": receipt.rule,
        "schedule": receipt.schedule,
        "before": rfc3339(receipt.before),
        "count": receipt.count,
        "oldest": rfc3339(receipt.oldest),
        "newest": rfc3339(receipt.newest),
        "begun": rfc3339(receipt.begun),
        "ended": None if receipt.ended is None else rfc3339(receipt.ended),
        "root": None if receipt.root is None else receipt.root.hex(),
    }


def proof_document(deletion: Deletion) -> dict[str, Any]:
    """“This was held and was deleted at … under …”, with what it takes to check that."""
    return {
        "receipt": receipt_document(deletion.receipt),
        "at": rfc3339(deletion.at),
        "index": deletion.index,
        "blind": deletion.blind.hex(),
        "path": [step.hex() for step in deletion.path],
    }


def proves(proof: dict[str, Any], source: str, id: str, kind: str | None = None) -> bool:
    """Whether a proof is about this record and leads to its receipt's root. That the receipt is the
    hub's own, the audit log shows. Raises ``GiveUp`` (code ``bad_proof``) for no proof at all."""
    try:
        receipt = proof["receipt"]
        leaf = leaf_hash(commitment(bytes.fromhex(proof["blind"]), identity(source, id, kind)))
        path = [bytes.fromhex(step) for step in proof["path"]]
        root = bytes.fromhex(receipt["root"])
        return receipt["source"] == source and check_inclusion(
            leaf, proof["index"], receipt["count"], path, root
        )
    except (KeyError, TypeError, ValueError):
        raise GiveUp(
            "This is no proof of a deletion.",
            code="bad_proof",
            remedy="Give the document that “watchfloor retention receipt prove --out” wrote.",
        ) from None
