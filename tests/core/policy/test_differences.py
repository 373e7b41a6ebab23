"""What a new policy changes, in words: what loosens stands first."""

from __future__ import annotations

import json

import pytest
from asking import AGENCY, EVERYBODY

from watchfloor.adapters.cedar import read_rules
from watchfloor.policy import differences, load, packaged, unified

FORBID = '@id("no") @reason("r") @says("s") forbid(principal, action, resource);'
GATE = '[gates.owner_only]\nconfirmed_by = "A. Counsel"\nconfirmed_on = 2025-11-03\n'
PRESET = GATE.replace("gates.owner_only", "presets.us-md-share")
MID = '[agencies.mid]\nlevel = "local"\n'


def zones(*names, west=-90.08):
    square = [[west, 29.95], [-90.07, 29.95], [-90.07, 29.96], [west, 29.95]]
    features = [
        {"type": "Feature", "properties": {"name": name},
         "geometry": {"type": "Polygon", "coordinates": [square]}}
        for name in names
    ]  # fmt: skip
    return {"zones.geojson": json.dumps({"type": "FeatureCollection", "features": features})}


def settings(text):
    return {"settings.toml": text}


CHANGES = [
    ({}, {"b.cedar": EVERYBODY}, "loosens", "Rule all (permit) is new."),
    ({"b.cedar": EVERYBODY}, {}, "tightens", "Rule all (permit) is gone."),
    ({}, {"b.cedar": FORBID}, "tightens", "Rule no (forbid) is new."),
    ({"b.cedar": FORBID}, {}, "loosens", "Rule no (forbid) is gone."),
    ({"b.cedar": EVERYBODY}, {"b.cedar": EVERYBODY.replace(";", "when { true };")},
     "changes", "Rule all (permit) reads otherwise."),
    (settings(GATE), {}, "loosens", "Gate owner_only is switched off."),
    ({}, settings(GATE), "tightens", "Gate owner_only is switched on."),
    (settings(GATE), settings(GATE.replace("A.", "B.")), "changes",
     "Gate owner_only is confirmed by B. Counsel now."),
    (settings(PRESET), {}, "loosens", "Preset us-md-share is switched off."),
    ({}, settings(PRESET), "tightens", "Preset us-md-share is switched on."),
    (zones("Clinic"), {}, "loosens", "Sensitive zone 'Clinic' is gone."),
    ({}, zones("Clinic"), "tightens", "Sensitive zone 'Clinic' is new."),
    (zones("Clinic"), zones("Clinic", west=-90.09), "changes",
     "Sensitive zone 'Clinic' has another outline."),
    (zones("Clinic", "Clinic"), zones("Clinic"), "changes",
     "Sensitive zone 'Clinic' has another outline."),
    ({}, settings("limits.broad_plates = 60"), "loosens", "Limit broad_plates: 50 is now 60."),
    ({}, settings("limits.history_days = 3"), "tightens", "Limit history_days: 7 is now 3."),
    ({}, settings("limits.lookback_days = {read = 30}"), "loosens",
     "Look-back of hit (days): 30 is now without limit."),
    ({}, settings("limits.lookback_days = {read = 30, hit = 30, call = 9}"), "tightens",
     "Look-back of call (days): without limit is now 9."),
    ({}, settings(MID), "loosens", "Agency mid is listed: it may ask."),
    (settings(MID), {}, "tightens", "Agency mid is no longer listed."),
    (settings(MID), settings(MID + 'agreement = "A"'), "changes",
     "Agency mid is described otherwise."),
    ({}, settings('state = "LA"'), "changes", "The agency's state is LA now."),
    ({}, settings('contact = "X"'), "changes", "Denials name another contact."),
]  # fmt: skip
BASE = {"a.cedar": '@id("base") permit(principal, action, resource) when { false };'}


@pytest.mark.parametrize(("old", "new", "direction", "what"), CHANGES)
def test_each_change_is_said_with_its_direction(old, new, direction, what):
    before, after = (load({**BASE, **files}, AGENCY, read_rules) for files in (old, new))
    (found,) = differences(before, after)
    assert (found.direction, found.what) == (direction, what)


def test_nothing_changed_is_nothing_said():
    policy = load(BASE, AGENCY, read_rules)
    assert differences(policy, policy) == []
    assert unified(BASE, BASE) == ""


def test_what_loosens_stands_first():
    old = load(BASE, AGENCY, read_rules)
    new = load(
        {**BASE, "b.cedar": EVERYBODY, **settings("limits.history_days = 3")}, AGENCY, read_rules
    )
    assert [each.direction for each in differences(old, new)] == ["loosens", "tightens"]


def test_a_folder_without_rules_does_not_read_as_if_it_took_the_packaged_ones_away():
    assert unified(packaged(), settings("state = 'US-LA'")).startswith("--- running/settings.toml")


def test_the_text_names_files_and_lines():
    text = unified(BASE, {**BASE, "b.cedar": "one"})
    assert text == "--- running/b.cedar\n+++ proposed/b.cedar\n@@ -0,0 +1 @@\n+one\n"
