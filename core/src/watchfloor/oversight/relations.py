"""Oneself, one's own people, and colleagues: by a register that staff keep themselves."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

from watchfloor.ports.store import StaffSubject

from .looks import Flags, Look, Window, flag

_WORDS = {
    "self": "Looked up their own {kind}, {times}.",
    "relative": "Looked up a {kind} that they registered as a relative's, {times}.",
    "colleague": "Looked up a {kind} that a colleague registered, {times}.",
}


def own_people(window: Window) -> Flags:
    """Who looks up what they or a colleague registered. A case is no excuse: it is somebody else's
    to work on."""
    registered: dict[str, list[StaffSubject]] = defaultdict(list)
    for each in window.staff:
        registered[each.key].append(each)
    found: dict[tuple[str, str, str], list[Look]] = defaultdict(list)
    for look in window.judged:
        keys = dict.fromkeys((*look.targets, *look.fits))
        for each in chain.from_iterable(registered.get(key, ()) for key in keys):
            found[look.person, each.key, _relation(look, each)].append(look)
    for (_, key, relation), looks in found.items():
        times = "once" if len(looks) == 1 else f"{len(looks)} times"
        words = _WORDS[relation].format(kind=registered[key][0].kind, times=times)
        yield flag(f"{relation}_lookup", looks, words, key)


def _relation(look: Look, registered: StaffSubject) -> str:
    return registered.relation if registered.person == look.person else "colleague"
