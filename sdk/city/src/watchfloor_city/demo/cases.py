"""The cases of a made-up city: reports of the last days, so that work can be done for one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watchfloor_city import City, ReportFiled
from watchfloor_city.chance import stream
from watchfloor_city.happenings import Code

REPORTS = (
    (Code("67A", "AUTO THEFT"), Code("14 67.26", "THEFT OF A MOTOR VEHICLE"), "OPEN"),
    (Code("62C", "SIMPLE BURGLARY VEHICLE"), Code("14 62", "SIMPLE BURGLARY"), "OPEN"),
    (Code("35", "SIMPLE BATTERY"), Code("14 35", "SIMPLE BATTERY"), "CLOSED"),
    (Code("64G", "ARMED ROBBERY WITH GUN"), Code("14 64", "ARMED ROBBERY"), "OPEN"),
    (Code("56D", "CRIMINAL DAMAGE DOMESTIC"), Code("14 56", "CRIMINAL DAMAGE"), "CLOSED"),
    (Code("62R", "RESIDENCE BURGLARY"), Code("14 62.2", "RESIDENCE BURGLARY"), "OPEN"),
    (Code("34S", "AGGRAVATED BATTERY BY SHOOTING"), Code("14 34", "AGGRAVATED BATTERY"), "OPEN"),
    (Code("67S", "SHOPLIFTING"), Code("14 67.10", "THEFT OF GOODS"), "UNFOUNDED"),
)
"""What happened, the charge, and whether it is open: signals and codes as New Orleans has them, on
which the connector's own mapping is made. The oldest comes first."""

EVERY = timedelta(hours=31)

CASE_FORMAT = "@-#####-##"
"""How the records system writes their numbers, for a look-up that takes no others."""


def cases(city: City, now: datetime) -> list[ReportFiled]:
    """Reports up to yesterday noon, city time. The same all day long, so that a demo that is
    started again has no second ones."""
    rng = stream(city.name, "cases")
    streets = [each for each in city.streets if each.name and each.number_min is not None]
    zone = ZoneInfo(city.timezone)
    noon = datetime.combine(now.astimezone(zone).date(), time(12), zone) - timedelta(days=1)
    oldest = noon - EVERY * (len(REPORTS) - 1)
    filed = []
    for number, (signal, charge, disposition) in enumerate(REPORTS, 1):
        street, area = rng.choice(streets), rng.choice(city.areas)
        at = oldest + EVERY * (number - 1)
        filed.append(
            ReportFiled(
                at=at.astimezone(UTC), item_number=f"Z{number:05}{noon:%y}", signal=signal,
                report_type="Incident Report", district=area.district, charge=charge,
                address=f"{(street.number_min or 0) // 100}XX {street.name}",
                disposition=disposition,
            )
        )  # fmt: skip
    return filed
