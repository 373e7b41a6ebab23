"""Sign-on by OpenID Connect: the ``SignOn`` port with authlib and joserfc."""

from .client import OidcSignOn
from .provider import Metadata, Provider

__all__ = ["Metadata", "OidcSignOn", "Provider"]
