"""The street network: nodes, directed hops, routes, and the nearest street to a place.

A **hop** is one edge in one direction, written as an integer: ``2 * edge`` from its first point to
its last, ``2 * edge + 1`` the other way. What moves, moves along the **legs** of hops.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from .city import City, Street
from .geometry import XY, Plane, between, course_deg, length, nearest_on
from .happenings import Point
from .noding import NEAR_M, cut_where_they_meet

MAJOR_MPS = 13.0
MINOR_MPS = 8.5
"""Usual speeds, about 47 and 31 km/h."""

LINK_M = 600.0
"""Parts of the network no further apart than this are joined: sources lack some stretches."""

CELL_M = 250.0


class Leg(NamedTuple):
    """A straight piece of a hop: start, step to the end (degrees), metres, course, usual speed."""

    lon: float
    lat: float
    dlon: float
    dlat: float
    metres: float
    course: float
    mps: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A street between two nodes."""

    street: Street
    line: tuple[XY, ...]
    start: int
    end: int
    metres: float

    @property
    def seconds(self) -> float:
        """To drive it at the usual speed."""
        return self.metres / speed_of(self.street)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the network: how far along an edge, and how far off the asked place it is."""

    edge: int
    along_m: float
    point: Point
    off_m: float


def speed_of(street: Street) -> float:
    """The usual speed on it, metres per second."""
    return MAJOR_MPS if street.kind == "major" else MINOR_MPS


class StreetNetwork:
    """The largest connected part of a city's streets."""

    def __init__(self, city: City) -> None:
        west, south, east, north = city.bounds
        self.plane = Plane(((west + east) / 2, (south + north) / 2))
        nodes = _Nodes()
        edges = list(_edges(cut_where_they_meet(city.streets, self.plane), self.plane, nodes))
        edges += _links(edges, nodes)
        self.nodes: list[XY] = nodes.places
        self.edges = _largest_part(edges)
        self.hops_from: dict[int, list[int]] = defaultdict(list)
        for index, edge in enumerate(self.edges):
            self.hops_from[edge.start].append(2 * index)
            self.hops_from[edge.end].append(2 * index + 1)
        self._legs: dict[int, tuple[Leg, ...]] = {}
        self._grid = _grid(self.edges)

    def target(self, hop: int) -> int:
        """The node at which a hop ends."""
        edge = self.edges[hop >> 1]
        return edge.start if hop & 1 else edge.end

    def source(self, hop: int) -> int:
        """The node at which a hop begins."""
        return self.target(hop ^ 1)

    def legs(self, hop: int) -> tuple[Leg, ...]:
        """The straight pieces of a hop, in order."""
        found = self._legs.get(hop)
        if found is None:
            edge = self.edges[hop >> 1]
            line = edge.line[::-1] if hop & 1 else edge.line
            found = self._legs[hop] = self.legs_along(line, speed_of(edge.street))
        return found

    def legs_along(self, line: Sequence[XY], mps: float) -> tuple[Leg, ...]:
        """The straight pieces of any line."""
        points = [self.plane.degrees(xy) for xy in line]
        return tuple(
            Leg(*p, q[0] - p[0], q[1] - p[1], math.dist(a, b), round(course_deg(a, b), 1), mps)
            for a, b, p, q in zip(line, line[1:], points, points[1:], strict=False)
        )

    def course(self, hop: int) -> float:
        """The course at a hop's beginning."""
        return self.legs(hop)[0].course

    def last_course(self, hop: int) -> float:
        """The course at a hop's end."""
        return self.legs(hop)[-1].course

    def node_point(self, node: int) -> Point:
        """Longitude and latitude of a node."""
        return self.plane.degrees(self.nodes[node])

    def spot(self, edge: int, along_m: float) -> Spot:
        """The place that lies so far along an edge."""
        done = along_m
        line = self.edges[edge].line
        for a, b in pairwise(line):
            step = math.dist(a, b)
            if done <= step and step > 0:
                return Spot(edge, along_m, self.plane.degrees(between(a, b, done / step)), 0.0)
            done -= step
        return Spot(edge, self.edges[edge].metres, self.plane.degrees(line[-1]), 0.0)

    def nearest(self, point: Point, within_m: float) -> Spot | None:
        """The nearest place on any street, if there is one within so many metres."""
        here = self.plane.metres(point)
        best: Spot | None = None
        for edge, number in self._near(here, within_m):
            a, b = self.edges[edge].line[number : number + 2]
            foot = between(a, b, nearest_on(a, b, here))
            off = math.dist(foot, here)
            if off <= within_m and (best is None or off < best.off_m):
                along = length([*self.edges[edge].line[: number + 1], foot])
                best = Spot(edge, along, self.plane.degrees(foot), off)
        return best

    def _near(self, here: XY, within_m: float) -> list[tuple[int, int]]:
        low = [math.floor((one - within_m) / CELL_M) for one in here]
        high = [math.floor((one + within_m) / CELL_M) for one in here]
        found = {
            segment
            for x in range(low[0], high[0] + 1)
            for y in range(low[1], high[1] + 1)
            for segment in self._grid.get((x, y), ())
        }
        return sorted(found)

    def route(self, start: int, goal: int) -> list[int]:
        """The hops of the quickest way between two nodes (A*; the network is connected)."""
        seconds = {start: 0.0}
        came: dict[int, int] = {}
        frontier = [(0.0, start)]
        done: set[int] = set()
        while frontier:
            _, node = heappop(frontier)
            if node == goal:
                break
            if node in done:
                continue
            done.add(node)
            for hop in self.hops_from[node]:
                target = self.target(hop)
                cost = seconds[node] + self.edges[hop >> 1].seconds
                if cost < seconds.get(target, math.inf):
                    seconds[target] = cost
                    came[target] = hop
                    left = math.dist(self.nodes[target], self.nodes[goal]) / MAJOR_MPS
                    heappush(frontier, (cost + left, target))
        return self._hops_back(came, start, goal)

    def _hops_back(self, came: dict[int, int], start: int, goal: int) -> list[int]:
        hops: list[int] = []
        while goal != start:
            hops.append(came[goal])
            goal = self.source(came[goal])
        return hops[::-1]

    def reached_from(self, start: int) -> Iterator[tuple[float, int]]:
        """Nodes with their seconds from ``start``, nearest first (Dijkstra)."""
        best = {start: 0.0}
        frontier = [(0.0, start)]
        done: set[int] = set()
        while frontier:
            cost, node = heappop(frontier)
            if node in done:
                continue
            done.add(node)
            yield cost, node
            for hop in self.hops_from[node]:
                target = self.target(hop)
                onward = cost + self.edges[hop >> 1].seconds
                if onward < best.get(target, math.inf):
                    best[target] = onward
                    heappush(frontier, (onward, target))


class _Nodes:
    """Street ends, those within ``NEAR_M`` of one another taken as one."""

    def __init__(self) -> None:
        self.places: list[XY] = []
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)

    def at(self, place: XY) -> int:
        x, y = (math.floor(one / NEAR_M) for one in place)
        for cell in ((x + dx, y + dy) for dx in (0, -1, 1) for dy in (0, -1, 1)):
            for node in self._cells.get(cell, ()):
                if math.dist(self.places[node], place) <= NEAR_M:
                    return node
        self._cells[x, y].append(len(self.places))
        self.places.append(place)
        return len(self.places) - 1


def _edges(streets: Sequence[Street], plane: Plane, nodes: _Nodes) -> Iterator[Edge]:
    for street in streets:
        line = tuple(plane.metres(point) for point in street.points)
        metres = length(line)
        start, end = nodes.at(line[0]), nodes.at(line[-1])
        if metres > 0 and start != end:
            yield Edge(street, line, start, end, metres)


def _parts(edges: Sequence[Edge], count: int) -> list[int]:
    """For each node a number that all nodes of one connected part share (union-find)."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for edge in edges:
        parent[root(edge.start)] = root(edge.end)
    return [root(node) for node in range(count)]


def _links(edges: Sequence[Edge], nodes: _Nodes) -> list[Edge]:
    """Nameless edges that join what the source left apart, the shortest first (Kruskal)."""
    part = _parts(edges, len(nodes.places))
    links: list[Edge] = []
    joined: dict[int, int] = {}

    def root(one: int) -> int:
        while one in joined:
            one = joined[one]
        return one

    for metres, a, b in sorted(_candidates(nodes.places, part)):
        if root(part[a]) != root(part[b]):
            joined[root(part[a])] = root(part[b])
            line = (nodes.places[a], nodes.places[b])
            links.append(Edge(Street("", ()), line, a, b, metres))
    return links


def _candidates(places: Sequence[XY], part: Sequence[int]) -> Iterator[tuple[float, int, int]]:
    """For each node outside the main part, the nodes of other parts within ``LINK_M``."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node, (x, y) in enumerate(places):
        cells[math.floor(x / LINK_M), math.floor(y / LINK_M)].append(node)
    main = Counter(part).most_common(1)[0][0] if part else None
    for (x, y), here in cells.items():
        around = [
            n for dx in (-1, 0, 1) for dy in (-1, 0, 1) for n in cells.get((x + dx, y + dy), ())
        ]
        for a in (node for node in here if part[node] != main):
            others = [(math.dist(places[a], places[b]), a, b) for b in around if part[b] != part[a]]
            if others and min(others)[0] <= LINK_M:
                yield min(others)


def _largest_part(edges: Sequence[Edge]) -> list[Edge]:
    if not edges:
        raise ValueError("the city has no street to drive on")
    part = _parts(edges, 1 + max(max(edge.start, edge.end) for edge in edges))
    main = Counter(part[edge.start] for edge in edges).most_common(1)[0][0]
    return [edge for edge in edges if part[edge.start] == main]


def _grid(edges: Sequence[Edge]) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Which segments (edge, number) touch which square of ``CELL_M``."""
    grid: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for index, edge in enumerate(edges):
        for number, (a, b) in enumerate(zip(edge.line, edge.line[1:], strict=False)):
            xs = sorted(math.floor(one / CELL_M) for one in (a[0], b[0]))
            ys = sorted(math.floor(one / CELL_M) for one in (a[1], b[1]))
            for x in range(xs[0], xs[1] + 1):
                for y in range(ys[0], ys[1] + 1):
                    grid[x, y].append((index, number))
    return grid
