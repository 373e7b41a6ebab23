"""Which keyring a hub has: its own, sealed in the data directory, or the agency's Vault."""

from __future__ import annotations

from pathlib import Path

from watchfloor.adapters.keyring_file import KEYRING, SealedSecrets
from watchfloor.ports.world import Secrets
from watchfloor.settings import HubSettings


def keyring_of(data_dir: Path, chosen: HubSettings) -> Secrets:
    """Raises ``AskAPerson`` (codes ``vault_login``, ``vault_not_installed``)."""
    if chosen.vault is None:
        return SealedSecrets(data_dir / KEYRING)
    from watchfloor.adapters.vault import VaultSecrets, login_from  # a library that few hubs need

    return VaultSecrets(chosen.vault, login_from(Path(chosen.vault.login_file)))
