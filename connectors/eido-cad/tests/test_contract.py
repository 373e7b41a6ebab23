"""The connector's real worker against its simulator, killed on the way."""

import json
from importlib.resources import files

import msgspec

from watchfloor.contracts import Manifest, schemas
from watchfloor_eido_cad import Settings
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_sdk.testing import run_contract


async def test_contract(make):
    """An EIDO is a snapshot: calls of the second half are others, so that none is overtaken."""
    happenings = []
    for number in range(30):
        happenings += [make.call(number, units=("3A12",)), make.unit(f"U{number}", number)]
    hub = await run_contract("eido-cad", EidoCadSimulator(), happenings)
    assert len(hub.events) == 30 * 3
    assert hub.rejected == []


def test_the_manifest_fits_its_schema_and_the_settings():
    text = files("watchfloor_eido_cad").joinpath("connector.json").read_bytes()
    manifest = json.loads(text)
    assert not schemas.explain("manifest", manifest)
    msgspec.json.decode(text, type=Manifest)
    properties = set(manifest["config_schema"]["properties"])
    assert properties - {"every_s"} == set(Settings.__struct_fields__)
