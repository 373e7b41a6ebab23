"""The agency's rules: list, check, write, remove; and the ones a new hub starts with."""

from __future__ import annotations

from importlib.resources import files

from watchfloor.contracts import NotFound, Refused
from watchfloor.ports.store import Rule, Store
from watchfloor.ports.world import Clock

from .engine import compile_rule
from .rules import RuleDocument, read_rule
from .watch import RuleStatus, Watch

_INSTALLED = "alert_rules_installed"


class RuleBook:
    """Rules of one hub."""

    def __init__(self, store: Store, clock: Clock, watch: Watch) -> None:
        self._book = store.alerts
        self._ledger = store.ledger
        self._clock = clock
        self._watch = watch

    def all(self) -> list[RuleStatus]:
        """Every rule and how it stands; ``active`` only when the engine runs it."""
        return self._watch.rules()

    def get(self, id: str) -> RuleStatus:
        """One rule. Raises ``NotFound``."""
        for status in self._watch.rules():
            if status.rule.id == id:
                return status
        raise NotFound(f"There is no rule {id!r}.", code="no_such_rule")

    def check(self, document: str) -> RuleDocument:
        """What a rule says, without writing it. Raises ``RuleInvalid`` with lines and fields."""
        return compile_rule(read_rule(document)).rule

    async def put(self, id: str, document: str, by: str, *, enabled: bool = True) -> RuleStatus:
        """Add or change a rule; in force when this returns. Raises ``RuleInvalid``."""
        named = self.check(document).id
        if named != id:
            raise Refused(
                f"The document's id is {named!r}, not {id!r}.",
                code="rule_id_differs",
                remedy="Write the rule under its own id.",
            )
        await self._book.put_rule(Rule(id, document, enabled, self._clock.now(), by))
        await self._watch.use_rules()
        return self.get(id)

    async def remove(self, id: str) -> None:
        """Remove a rule; the alerts that it raised stay. Raises ``NotFound``."""
        self.get(id)
        await self._book.remove_rule(id)
        await self._watch.use_rules()

    async def install_defaults(self) -> None:
        """Give a new hub its first rules, once: what the agency removes stays removed."""
        if await self._ledger.notes(_INSTALLED, 1):
            return
        present = {rule.id for rule in await self._book.rules()}
        installed = []
        for document in default_rules():
            rule = self.check(document)
            if rule.id not in present:
                await self._book.put_rule(
                    Rule(rule.id, document, True, self._clock.now(), "watchfloor")
                )
                installed.append(rule.id)
        await self._ledger.note(_INSTALLED, "watchfloor", {"rules": installed})


def default_rules() -> list[str]:
    """The documents of the rules that a new hub starts with."""
    folder = files(__package__) / "defaults"
    return [
        entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    ]
