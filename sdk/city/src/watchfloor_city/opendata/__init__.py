"""Real open data, read where it lies: cities and the happenings of data sets.

Nothing of it is in this package. ``data_dir`` is the folder that holds ``new_orleans``,
``cincinnati`` and ``washington_dc``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from watchfloor_city.city import City
from watchfloor_city.happenings import Happening

from . import cincinnati, new_orleans, washington_dc

__all__ = ["CITIES", "DATASETS", "load_city", "read_dataset"]

CITIES: Mapping[str, Callable[[Path], City]] = MappingProxyType({
    "new-orleans": new_orleans.city,
    "cincinnati": cincinnati.city,
    "washington-dc": washington_dc.city,
})  # fmt: skip

DATASETS: Mapping[str, Callable[[Path], Iterator[Happening]]] = MappingProxyType({
    "new-orleans-calls": new_orleans.calls,
    "new-orleans-reports": new_orleans.reports,
    "cincinnati-gunshots": cincinnati.shots,
    "washington-dc-gunshots": washington_dc.shots,
    "washington-dc-buses": washington_dc.buses,
})  # fmt: skip


def load_city(name: str, data_dir: Path | str) -> City:
    """One of ``CITIES``.

    Raises ``KeyError`` for another name and ``FileNotFoundError`` where a file is missing.
    """
    if name not in CITIES:
        raise KeyError(f"no such city: {name}; there are {', '.join(CITIES)}")
    return CITIES[name](Path(data_dir))


def read_dataset(name: str, data_dir: Path | str) -> list[Happening]:
    """All happenings of one of ``DATASETS``, in order, at the times of the data (UTC).

    Raises ``KeyError`` for another name and ``FileNotFoundError`` where the file is missing.
    """
    if name not in DATASETS:
        raise KeyError(f"no such data set: {name}; there are {', '.join(DATASETS)}")
    return sorted(DATASETS[name](Path(data_dir)), key=lambda happening: happening.at)
