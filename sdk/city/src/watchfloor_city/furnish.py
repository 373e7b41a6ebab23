"""Puts made-up cameras and plate readers into a city that has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from .city import Asset, City
from .network import StreetNetwork

CITY_EYE = "City crime centre"
_PRIVATE = (
    ("Corner shop", "request"), ("Filling station", "conditional_live"),
    ("Parking garage", "live"), ("School board", "conditional_live"),
    ("Transit authority", "live"), ("Block association", "listed"),
)  # fmt: skip


def furnish(city: City, rng: Random, cameras: int) -> City:
    """The same city with so many cameras, and plate readers on its major streets."""
    network = StreetNetwork(city)
    assets = (*_cameras(network, rng, cameras), *_readers(network, rng, max(4, cameras * 2 // 5)))
    return replace(city, assets=assets)


def _cameras(network: StreetNetwork, rng: Random, count: int) -> Iterator[Asset]:
    """Two thirds of the crime centre's own at intersections, the rest somebody's on a block."""
    junctions = [node for node, hops in network.hops_from.items() if len(hops) > 2]
    busy = [node for node in junctions if _is_busy(network, node)]
    own = rng.sample(busy, min(len(busy), count * 2 // 3))
    own += rng.sample(junctions, min(len(junctions), count * 2 // 3 - len(own)))
    for number, node in enumerate(own, 1):
        yield _own_camera(network, rng, number, node)
    for number in range(1, count - len(own) + 1):
        yield _private_camera(network, rng, number)


def _is_busy(network: StreetNetwork, node: int) -> bool:
    return any(network.edges[hop >> 1].street.kind == "major" for hop in network.hops_from[node])


def _own_camera(network: StreetNetwork, rng: Random, number: int, node: int) -> Asset:
    hops = network.hops_from[node]
    names = sorted({network.edges[hop >> 1].street.name for hop in hops})
    corner = " & ".join(names[:2])
    return Asset(
        id=f"cam-{number:04d}",
        kind="camera",
        name=corner,
        point=network.node_point(node),
        heading_deg=network.course(rng.choice(hops)),
        angle_deg=float(rng.choice((60, 75, 90, 110))),
        range_m=float(rng.randrange(60, 150, 10)),
        owner=CITY_EYE,
        address=corner,
        access="live_and_recorded",
    )


def _private_camera(network: StreetNetwork, rng: Random, number: int) -> Asset:
    index = rng.randrange(len(network.edges))
    edge = network.edges[index]
    spot = network.spot(index, edge.metres * rng.uniform(0.2, 0.8))
    owner, access = rng.choice(_PRIVATE)
    return Asset(
        id=f"reg-{number:04d}",
        kind="camera",
        name=f"{owner} {number}",
        point=spot.point,
        heading_deg=float(rng.randrange(0, 360, 5)),
        angle_deg=float(rng.choice((70, 90, 120))),
        range_m=float(rng.randrange(20, 60, 5)),
        owner=f"{owner} {number}",
        address=f"{edge.street.number_min or ''} block {edge.street.name}".strip(),
        access=access,
    )


def _readers(network: StreetNetwork, rng: Random, count: int) -> Iterator[Asset]:
    major = [i for i, edge in enumerate(network.edges) if edge.street.kind == "major"]
    for number, index in enumerate(sorted(rng.sample(major, min(count, len(major)))), 1):
        edge = network.edges[index]
        spot = network.spot(index, edge.metres / 2)
        course = network.course(2 * index + rng.randrange(2))
        yield Asset(
            id=f"lpr-{number:03d}",
            kind="plate_reader",
            name=f"{edge.street.name} {edge.street.number_min or ''}".strip(),
            point=spot.point,
            heading_deg=course,
            angle_deg=30.0,
            range_m=25.0,
            owner=CITY_EYE,
            address=f"{edge.street.number_min or ''} block {edge.street.name}".strip(),
            access="live_and_recorded",
        )
