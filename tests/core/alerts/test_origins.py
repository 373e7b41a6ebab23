"""An alert says whether it is about a training source: in the inbox, live, and after an act."""

import pytest
from alert_hub import gunshot

from watchfloor.alerts import faces
from watchfloor.ports.store import Instance


@pytest.fixture
async def desk(hub):
    await hub.open()
    for name, synthetic in (("trainer", True), ("real", False)):
        await hub.store.instances.put(Instance(name, "push", name, {}, synthetic=synthetic))
    return hub


@pytest.mark.parametrize(("source", "synthetic"), [("trainer", True), ("real", False)])
async def test_an_alert_says_so_wherever_it_is_shown(desk, source, synthetic):
    [alert] = await desk.route(gunshot(source=source))
    acted = await desk.alerts.act(alert.id, "acknowledge", "Ann Example")
    shown = [alert, acted, await desk.alerts.get(alert.id), *desk.told]
    assert {each.synthetic for each in shown} == {synthetic}


async def test_when_its_event_is_no_longer_kept_nobody_can_say(memory_hub):
    await memory_hub.open()
    [alert] = await memory_hub.route(gunshot())
    memory_hub.store.log.events.clear()
    assert (await memory_hub.alerts.get(alert.id)).synthetic is None


VIEW = {"heading_deg": 90.0, "angle_deg": 60.0, "range_m": 100.0}
EAST, WEST = (-90.0695, 29.95), (-90.0705, 29.95)


@pytest.mark.parametrize(
    ("view", "place", "distance", "said"),
    [(VIEW, EAST, 48.0, True), (VIEW, WEST, 48.0, False), (VIEW, EAST, 400.0, False),
     (None, EAST, 48.0, None)],
)  # fmt: skip
def test_a_camera_faces_what_its_wedge_holds(view, place, distance, said):
    assert faces(view, (-90.07, 29.95), place, distance) is said
