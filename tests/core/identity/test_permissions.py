"""Who may do what at all: nobody has the data and the machine, or the machine and the audit."""

import itertools

import pytest

from watchfloor.contracts import Refused
from watchfloor.identity import ROLE_PERMISSIONS, Permission, Role, in_words, person_here, roles_of

DATA = {
    Permission.DATA_EXPORT, Permission.DATA_HISTORY, Permission.DATA_LIVE, Permission.DATA_SEARCH,
    Permission.LOOKUPS_ASK, Permission.ACTIONS_DO, Permission.ALERTS_ACT, Permission.ALERTS_READ,
    Permission.RECORDS_REPAIR, Permission.INTELLIGENCE_KEEP,
}  # fmt: skip
CHANGES = {
    Permission.CONNECTORS_INSTALL, Permission.CREDENTIALS_SET, Permission.HUB_CONFIGURE,
    Permission.PEOPLE_MANAGE, Permission.POLICY_CHANGE, Permission.RETENTION_CHANGE,
    Permission.SOURCES_OPERATE, Permission.SETTINGS_APPROVE,
}  # fmt: skip


def test_every_permission_is_said_in_words_of_its_own():
    assert len({in_words(each) for each in Permission}) == len(Permission)


def test_every_role_has_its_permissions_and_every_permission_somebody():
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert set().union(*ROLE_PERMISSIONS.values()) == set(Permission)


def test_they_are_sorted_so_that_a_reader_finds_them():
    assert [each.value for each in Permission] == sorted(each.value for each in Permission)


def test_who_runs_the_hub_reads_nothing_in_it():
    assert not ROLE_PERMISSIONS[Role.AGENCY_IT] & DATA
    assert Permission.AUDIT_READ not in ROLE_PERMISSIONS[Role.AGENCY_IT]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RECORDS_OFFICER])
def test_who_reads_the_audit_changes_nothing_and_searches_nothing(role):
    assert not ROLE_PERMISSIONS[role] & (CHANGES | DATA)


def test_nobody_outside_the_audit_reads_it():
    readers = {role for role, may in ROLE_PERMISSIONS.items() if Permission.AUDIT_READ in may}
    assert readers == {Role.AUDITOR, Role.RECORDS_OFFICER}


@pytest.mark.parametrize("keeper", ["auditor", "records_officer"])
def test_admin_and_auditor_are_never_one_person(keeper):
    with pytest.raises(Refused) as refused:
        roles_of(["agency_it", keeper, "analyst"])
    assert refused.value.code == "roles_apart"


def test_no_roles_that_may_be_together_reach_both_machine_and_audit():
    for pair in itertools.combinations(set(Role) - {Role.DEVELOPER}, 2):
        try:
            roles = roles_of(pair)
        except Refused:
            continue
        may = person_here("x", "ex-pd", roles).permissions
        assert not (Permission.AUDIT_READ in may and may & {Permission.PEOPLE_MANAGE}), pair


def test_a_name_that_is_no_role_gives_nothing():
    assert roles_of(["analyst", "root", "Supervisor", "developer"]) == {Role.ANALYST}
    assert person_here("x", "ex-pd", roles_of(["nobody"])).permissions == frozenset()
