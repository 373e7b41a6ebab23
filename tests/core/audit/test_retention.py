"""At the end of its time goes what the log has about persons; what was proven stays proven."""

import pytest
from audit_logs import KEY, audit_log, entry
from memory_store import MemorySecrets

from watchfloor.adapters.clock import SettableClock
from watchfloor.audit import FLOOR_DAYS, AuditEvent, Forgetting, Proof, Sealer
from watchfloor.audit.verify import verify
from watchfloor.contracts import NotFound, micros

DAY = 24 * 3600 * 1_000_000
PLATE = "ZZT1234"


def at(text):
    return micros(f"{text}T00:00:00Z")


async def test_a_month_s_key_goes_with_its_last_day_and_the_log_still_holds(tmp_path):
    clock = SettableClock(at("2026-11-23"))
    sealer = Sealer(MemorySecrets(), clock)
    async with audit_log(tmp_path, clock=clock) as log:
        sealed = await sealer.seal("plate", PLATE)
        receipt = await log.record(entry(subject=sealed))
        proof = bytes(await log.proof(receipt.index))
        forgetting = Forgetting(log, sealer, clock, lambda: 730 * DAY)
        clock.set(at("2028-11-29"))
        assert await forgetting.forget() == []
        clock.set(at("2028-11-30"))  # 730 days after the first of December
        assert await forgetting.forget() == ["2026-11"]
        with pytest.raises(NotFound) as caught:
            await sealer.open(sealed)
        assert caught.value.code == "seal_expired"
        assert await sealer.joining("plate", PLATE) == sealed.key
        [last] = (await log.read(limit=1)).items
        assert (last.entry.event, last.entry.object.id) == (AuditEvent.KEY_DESTROYED, "2026-11")
    assert Proof.parse(proof).check([KEY])
    assert verify(tmp_path / "audit", [KEY]).holds


async def test_whatever_is_asked_for_nothing_goes_within_a_year(tmp_path):
    clock = SettableClock(at("2026-01-31"))
    sealer = Sealer(MemorySecrets(), clock)
    async with audit_log(tmp_path, clock=clock) as log:
        await sealer.seal("plate", PLATE)
        clock.set(at("2026-02-01") + FLOOR_DAYS * DAY - 1)
        assert await Forgetting(log, sealer, clock, lambda: DAY).forget() == []
        clock.set(at("2026-02-01") + FLOOR_DAYS * DAY)
        assert await Forgetting(log, sealer, clock, lambda: DAY).forget() == ["2026-01"]
