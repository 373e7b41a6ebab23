"""The audit log: who did what, when, from where and why, so that it can be proven afterwards."""

from watchfloor.ports.audit import Where

from .cosigning import Cosigned, Cosigners, Witnessing
from .custody import Custody, Trouble
from .events import AuditEvent, Outcome
from .inspection import Inspected, Inspector
from .lasthead import LastHead, carries_on
from .log import COSIGNING, PAGE, AuditLog, signer_of
from .notes import COSIGNATURE, Checkpoint, Note, Signer, Verifier
from .proofs import Proof
from .reader import Numbered, Page
from .record import (
    ATTEMPT,
    Decision,
    Entry,
    Lookback,
    Object,
    OnBehalfOf,
    Operator,
    Origin,
    PurposeRecord,
    Scalar,
    Sealed,
    decode,
    encode,
)
from .retention import FLOOR_DAYS, Forgetting
from .sealing import Sealer, normal_form
from .tree import Range, check_inclusion, leaf_hash
from .waiting import Health, Pace, Receipt
from .whom import Asked, Whom
from .witness import Witness

__all__ = [
    "ATTEMPT",
    "COSIGNATURE",
    "COSIGNING",
    "FLOOR_DAYS",
    "PAGE",
    "Asked",
    "AuditEvent",
    "AuditLog",
    "Checkpoint",
    "Cosigned",
    "Cosigners",
    "Custody",
    "Decision",
    "Entry",
    "Forgetting",
    "Health",
    "Inspected",
    "Inspector",
    "LastHead",
    "Lookback",
    "Note",
    "Numbered",
    "Object",
    "OnBehalfOf",
    "Operator",
    "Origin",
    "Outcome",
    "Pace",
    "Page",
    "Proof",
    "PurposeRecord",
    "Range",
    "Receipt",
    "Scalar",
    "Sealed",
    "Sealer",
    "Signer",
    "Trouble",
    "Verifier",
    "Where",
    "Whom",
    "Witness",
    "Witnessing",
    "carries_on",
    "check_inclusion",
    "decode",
    "encode",
    "leaf_hash",
    "normal_form",
    "signer_of",
]
