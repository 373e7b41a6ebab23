"""Whether a webhook is the vendor's: the one check, by the recipe in a manifest.

The hub asks it of each delivery; the SDK's check asks it of what a simulator sends.
"""

from .door import Door, chosen, verify

__all__ = ["Door", "chosen", "verify"]
