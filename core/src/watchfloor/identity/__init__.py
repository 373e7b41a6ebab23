"""Who is there: people, roles, what roles may do, sessions."""

from .break_glass import BreakGlass, account_of, check_password, local_id
from .claims import Attributes, attributes, called, person_id, require_two_factors
from .handles import HELD_FOR, Handles
from .handovers import CODE_LIFE, Handovers, Terminal, Vouched, challenge_of
from .invitations import DEVELOPING, SETTING_UP, TOKEN_LIFE, Invitations, person_here
from .names import Names
from .permissions import APART, ROLE_PERMISSIONS, Permission, Role, in_words
from .person import Person, plain_handle, roles_of
from .sessions import BACK, FRESH, IDLE, LIFE, Origin, Session, Sessions, State
from .tokens import HOLDER, Tokens

__all__ = [
    "APART",
    "BACK",
    "CODE_LIFE",
    "DEVELOPING",
    "FRESH",
    "HELD_FOR",
    "HOLDER",
    "IDLE",
    "LIFE",
    "ROLE_PERMISSIONS",
    "SETTING_UP",
    "TOKEN_LIFE",
    "Attributes",
    "BreakGlass",
    "Handles",
    "Handovers",
    "Invitations",
    "Names",
    "Origin",
    "Permission",
    "Person",
    "Role",
    "Session",
    "Sessions",
    "State",
    "Terminal",
    "Tokens",
    "Vouched",
    "account_of",
    "attributes",
    "called",
    "challenge_of",
    "check_password",
    "in_words",
    "local_id",
    "person_here",
    "person_id",
    "plain_handle",
    "require_two_factors",
    "roles_of",
]
