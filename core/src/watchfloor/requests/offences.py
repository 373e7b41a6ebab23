"""Which offences a purpose may name: the codes of NIBRS, the FBI's incident-based reporting."""

from __future__ import annotations

from watchfloor.contracts import Offence, Refused

GROUP_A = (
    "09A", "09B", "09C", "100", "101", "103", "11A", "11B", "11C", "11D", "120", "13A", "13B",
    "13C", "200", "210", "220", "23A", "23B", "23C", "23D", "23E", "23F", "23G", "23H", "240",
    "250", "26A", "26B", "26C", "26D", "26E", "26F", "26G", "26H", "270", "280", "290", "30A",
    "30B", "30C", "30D", "35A", "35B", "360", "36A", "36B", "370", "39A", "39B", "39C", "39D",
    "40A", "40B", "40C", "49A", "49B", "49C", "510", "520", "521", "522", "526", "58A", "58B",
    "61A", "61B", "620", "64A", "64B", "720",
)  # fmt: skip
GROUP_B = (
    "90A", "90B", "90C", "90D", "90E", "90F", "90G", "90H", "90I", "90J", "90K", "90L", "90M",
    "90Z",
)  # fmt: skip
NIBRS = frozenset((*GROUP_A, *GROUP_B))


def known(offence: Offence) -> Offence:
    """An offence as its list writes it; one of a state's or an agency's own, which the hub does not
    have, as it stands. Raises ``Refused`` (``unknown_offence``)."""
    if offence.system != "nibrs":
        return offence
    code = offence.code.upper()
    if code not in NIBRS:
        raise Refused(
            "NIBRS has no such offence.",
            code="unknown_offence",
            remedy="Write its code of three characters: 120 is robbery, 13A aggravated assault,"
            " 220 burglary, 90Z all that has no code of its own.",
        )
    return Offence(code=code)
