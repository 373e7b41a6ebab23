"""Which policy runs: a version that one person proposed and another approved (F6).

The agency edits its folder ``policy`` as it likes; nothing of that runs until it is adopted. A
proposed version is copied under its hash to ``policy-versions`` and never changed; ``book.jsonl``
beside it says who proposed, approved and declined what, in order. Whoever can write files there
could write that too: the audit log, which records the same steps, is the witness.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson, NotFound, Refused
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .cases import run_cases
from .differences import Difference, differences
from .engine import Policy
from .folder import SETTINGS, Files, bad, load, packaged, read_folder, starter, version_of
from .rules import RuleReader

FOLDER, VERSIONS, BOOK = "policy", "policy-versions", "book.jsonl"

_ANY_ZONE = timedelta(days=1)
"""Somewhere it is tomorrow already."""

Step = Literal["proposed", "approved", "declined"]


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step. ``base`` is the version that ran when it was proposed; ``by`` the person's id or,
    from the command line, their name; ``called`` what people call them, where that is another."""

    step: Step
    version: str
    base: str
    by: str
    at: Micros
    called: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """What runs. ``adopted`` is absent for the packaged default. ``differs``: the folder holds
    something else, which does not run."""

    policy: Policy
    files: Files
    adopted: Entry | None
    differs: bool

    @property
    def notice(self) -> str:
        """What somebody who starts the hub should know; empty when there is nothing."""
        if not self.differs:
            return ""
        ran = f"version {self.policy.version[:12]}" if self.adopted else "the packaged default"
        return (
            f"The folder {FOLDER} differs from what runs, which is {ran}: nothing in it counts "
            "until one person proposes it and another approves it."
        )


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies of one hub."""

    data_dir: Path
    agency: str
    read_rules: RuleReader
    clock: Clock
    _step: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """One step at a time: each rests on what runs and what waits."""

    @property
    def folder(self) -> Path:
        """Where the agency edits."""
        return self.data_dir / FOLDER

    def running(self) -> Running:
        """The version that was approved last; the packaged default where none was. Raises
        ``AskAPerson`` (``bad_policy``) when it cannot be used: nothing else is run instead."""
        adopted = next((each for each in reversed(self.entries()) if each.step == "approved"), None)
        files = self._version(adopted.version) if adopted else packaged()
        return Running(self._load(files), files, adopted, self._differs(files))

    def start(self) -> Files:
        """Make the folder: the packaged rules, settings with nothing set, first test cases. Raises
        ``Refused`` when there is one."""
        if self.folder.exists():
            raise Refused(
                f"There is a folder {self.folder} already.",
                code="policy_folder_exists",
                remedy="Edit it, or move it away.",
            )
        files = starter()
        _write(self.folder, files)
        return files

    def edited(self) -> Files:
        """What the folder holds. Raises ``NotFound`` when there is none."""
        if not self.folder.is_dir():
            raise NotFound(
                f"There is no folder {self.folder}.",
                code="no_policy_folder",
                remedy="`watchfloor policy start` makes one.",
            )
        return read_folder(self.folder)

    def proposed(self) -> Sequence[Entry]:
        """What waits for a second person: the last proposal of each version that was made on top
        of what runs, and that nobody turned down since."""
        current = self.running().policy.version
        waiting: dict[str, Entry] = {}
        for each in self.entries():
            if each.step != "proposed":
                waiting.pop(each.version, None)
            elif each.base == current != each.version:
                waiting[each.version] = each
        return [*waiting.values()]

    def entries(self) -> Sequence[Entry]:
        """Every step that was ever taken, oldest first."""
        path = self.data_dir / VERSIONS / BOOK
        if not path.exists():
            return []
        try:
            # What a power cut left of a last line was never acknowledged.
            *lines, _ = path.read_bytes().split(b"\n")
            return [msgspec.json.decode(line, type=Entry) for line in lines]
        except (OSError, msgspec.MsgspecError) as error:
            raise _damaged(f"{BOOK} cannot be read ({type(error).__name__})") from None

    def sound(self, files: Files) -> Policy:
        """The policy of files that nobody adopted yet, checked as a whole. A day that has not come
        is nobody's confirmation; what runs goes on, whatever a clock says. Raises ``AskAPerson``
        (``bad_policy``)."""
        policy = self._load(files)
        latest = datetime.fromtimestamp(self.clock.now() / 1_000_000, UTC).date() + _ANY_ZONE
        for name, each in {**policy.settings.gates, **policy.settings.presets}.items():
            if each.confirmed_on > latest:
                raise bad(SETTINGS, f"{name} is confirmed on a day to come, {each.confirmed_on}")
        return policy

    def propose(self, by: str, called: str = "") -> Entry:
        """Offer what the folder holds for approval. Raises ``AskAPerson`` (``bad_policy``), and
        ``Refused`` when it is what runs or when one of its own tests fails."""
        with self._step:
            return self._propose(by, called)

    def _propose(self, by: str, called: str) -> Entry:
        files, running = self.edited(), self.running()
        policy = self.sound(files)
        if policy.version == running.policy.version:
            raise Refused(
                "The folder holds what runs already.",
                code="policy_unchanged",
                remedy="Change something first.",
            )
        failed = [each for each in run_cases(files, policy) if not each.passed]
        if failed:
            raise Refused(
                f"{len(failed)} of the policy's own tests fail; the first: {failed[0].name}: "
                f"{failed[0].differs}.",
                code="policy_tests_fail",
                remedy="Mend the rules or the tests; `watchfloor policy test` shows all.",
            )
        _write(self.data_dir / VERSIONS / policy.version, files)
        return self._note("proposed", policy.version, running.policy.version, by, called)

    def approve(self, version: str, by: str, called: str = "") -> Policy:
        """Adopt a proposal, as a second person. Answers the policy, for the engine to use. Raises
        ``NotFound`` and ``Refused``."""
        with self._step:
            return self._approve(version, by, called)

    def _approve(self, version: str, by: str, called: str) -> Policy:
        proposal = self._proposal(version)
        if _names(proposal.by, proposal.called) & _names(by, called):
            raise Refused(
                "Who proposes a policy does not approve it.",
                code="policy_same_person",
                remedy="Ask a second person to read the difference and to approve it.",
            )
        policy = self._load(self._version(proposal.version))
        self._note("approved", proposal.version, proposal.base, by, called)
        return policy

    def proposer(self, version: str) -> str:
        """Who made a proposal that waits. Raises ``NotFound``."""
        return self._proposal(version).by

    def decline(self, version: str, by: str, called: str = "") -> Entry:
        """Turn a proposal down, or take one's own back. Raises ``NotFound``."""
        with self._step:
            proposal = self._proposal(version)
            return self._note("declined", proposal.version, proposal.base, by, called)

    def changes(self, files: Files) -> list[Difference]:
        """What some files would change in what runs."""
        return differences(self.running().policy, self._load(files))

    def version(self, version: str) -> Files:
        """The files of a proposed or adopted version. Raises ``NotFound``."""
        return self._version(self._proposal(version).version)

    def _differs(self, files: Files) -> bool:
        """Whether the folder holds something else. What cannot be read does, and stops nothing."""
        try:
            return self.folder.is_dir() and version_of(read_folder(self.folder)) != version_of(
                files
            )
        except AskAPerson:
            return True

    def _proposal(self, version: str) -> Entry:
        """A waiting proposal by its hash, or by the hash's first 12 digits or more."""
        for each in self.proposed():
            if len(version) >= 12 and each.version.startswith(version):
                return each
        raise NotFound(
            "No such proposal waits for approval.",
            code="no_such_proposal",
            remedy="Propose it anew: a proposal ends when another version is adopted before it.",
        )

    def _load(self, files: Files) -> Policy:
        return load(files, self.agency, self.read_rules)

    def _version(self, version: str) -> Files:
        """An adopted version's files, which must still be what was adopted."""
        files = read_folder(self.data_dir / VERSIONS / version)
        if version_of(files) != version:
            raise _damaged(f"version {version[:12]} is not what was proposed any more")
        return files

    def _note(self, step: Step, version: str, base: str, by: str, called: str) -> Entry:
        entry = Entry(
            step=step, version=version, base=base, by=by, at=self.clock.now(), called=called
        )
        with _writing(), (self.data_dir / VERSIONS / BOOK).open("a+b") as book:
            book.seek(0)
            book.truncate(book.read().rfind(b"\n") + 1)
            book.write(msgspec.json.encode(entry) + b"\n")
            _sync(book)
        return entry


def _write(folder: Path, files: Files) -> None:
    with _writing():
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(text.encode())
                _sync(file)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AskAPerson(
            f"The policy's files cannot be written: {error.strerror}.",
            code="disk_error",
            remedy="Check the disk, the mount and the owner of the data directory.",
        ) from None


def _names(*names: str) -> set[str]:
    """However they are written: the command line knows people by name, the console by their id."""
    return {" ".join(name.casefold().split()) for name in names if name}


def _damaged(what: str) -> AskAPerson:
    return AskAPerson(
        f"The adopted policy cannot be trusted: {what}.",
        code="bad_policy",
        remedy="Restore the folder policy-versions from a backup, and find out who changed it.",
    )
