"""The connector's real worker against its simulator, killed on the way."""

from watchfloor_eido_cad import EidoCad
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_sdk.testing import check_manifest, run_contract


async def test_contract(make):
    """An EIDO is a snapshot: calls of the second half are others, so that none is overtaken."""
    happenings = []
    for number in range(30):
        happenings += [make.call(number, units=("3A12",)), make.unit(f"U{number}", number)]
    hub = await run_contract("eido-cad", EidoCadSimulator(), happenings)
    assert len(hub.events) == 30 * 3
    assert hub.rejected == []


def test_the_manifest_fits_its_schema_and_the_settings():
    check_manifest(EidoCad)
