"""The vendor of the example: that of the connector lpr-rest, whose interface it reads."""

from __future__ import annotations

from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.simulation import Setup


class JavaScriptSimulator(LprRestSimulator):
    """The same interface, set up for the connector in JavaScript."""

    connector = "lpr-javascript"

    def setup(self, base_url: str) -> Setup:
        """It has one setting."""
        whole = super().setup(base_url)
        return Setup(self.connector, {"base_url": base_url}, whole.credentials)
