"""Registry: which connectors there are, which are installed, and what each of them may do.

``Connectors`` is the service; ``Admission`` stands before every start of a worker.
"""

from .admission import Admission
from .document import release_of, with_release, with_revocation
from .impact import Approval, Approvals, ImpactView
from .installations import Installations
from .jobs import Job, Jobs
from .permissions import Touches, touches
from .service import Connectors, Registrar
from .versions import version_key
from .views import ConnectorInfo, ConnectorPage, Offer, best, release_named

__all__ = [
    "Admission",
    "Approval",
    "Approvals",
    "ConnectorInfo",
    "ConnectorPage",
    "Connectors",
    "ImpactView",
    "Installations",
    "Job",
    "Jobs",
    "Offer",
    "Registrar",
    "Touches",
    "best",
    "release_named",
    "release_of",
    "touches",
    "version_key",
    "with_release",
    "with_revocation",
]
