"""The operation table and its rule of permission."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.contracts import errors
from services.contracts.actor import Actor, Grant, Role, covers
from services.contracts.errors import (
    Forbidden,
    NotOnBehalf,
    ObserverReadOnly,
    ShequError,
    Unauthenticated,
)
from services.contracts.operations import ALL, BY_ID, HTTP, by_method

pytestmark = pytest.mark.unit
OPERATIONS = HTTP
ROLES = (None, *Role)
# The only writes that an observer may do: they touch nothing but the own account, or take back
# what she once said of herself that is sensitive (PIPL art. 15).
OWN_ACCOUNT = {
    "answerEmergency",
    "cancelRecovery",
    "changePhone",
    "confirmMailAddress",
    "confirmTotp",
    "deleteMe",
    "deletePushSubscription",
    "dropFilter",
    "enrolTotp",
    "giveConsent",
    "keepFilter",
    "leaveParty",
    "markNotificationsRead",
    "muteThread",
    "putIssuePublication",
    "putNotificationPreferences",
    "putPushSubscription",
    "putWechatContact",
    "removeMailAddress",
    "removeTotp",
    "removeWechatContact",
    "requestCorrection",
    "requestMailAddress",
    "revokeToken",
    "testPushSubscription",
    "unbindWechat",
    "unfollowThread",
    "unmuteThread",
    "updateMe",
    "withdrawCompletion",
    "withdrawConsent",
}

# What a helper may do for somebody (代办): report, sign up, ask to join, speak and object; read.
ASSISTED = {
    "amendTopic",
    "answerEmergency",
    "answerSurvey",
    "cancelSignUp",
    "checkSpeech",
    "compareProposalVersions",
    "discussTopic",
    "getCovenant",
    "getDiscussion",
    "getIssue",
    "getMe",
    "getMemberCard",
    "getNotificationPreferences",
    "getObjection",
    "getPost",
    "getProposalVersion",
    "getSignUpEvent",
    "getSurvey",
    "getTopic",
    "householdOf",
    "listComments",
    "listCommunities",
    "listCovenants",
    "listIssues",
    "listModules",
    "listMyEmergencies",
    "listObjections",
    "listOpinions",
    "listPosts",
    "listProposalVersions",
    "listSurveys",
    "listTopics",
    "markObjection",
    "object",
    "putNotificationPreferences",
    "raiseTopic",
    "replyToObjection",
    "reportBreach",
    "reportIssue",
    "requestMembership",
    "signUp",
    "upload",
}
# What a guardian may do besides for a child below 14 (PIPL art. 31).
GUARDED = {
    "deleteMe",
    "exportMyData",
    "exportPerson",
    "listMyAccessLog",
    "listMyConsents",
    "listMyCorrections",
    "requestCorrection",
}
BALLOTS = ("castBallot", "issuePaper", "enterPaper", "confirmPaper")
# Who somebody is and where she lives; the same fields by other names are marked, too.
PERSONAL = {"real_name", "id_number", "phone", "old_phone", "new_phone", "room"}


def fields_of(shape: Any, known: frozenset[type] = frozenset()) -> dict[str, FieldInfo]:
    """Every field of a command or a result, however deep it lies; a hidden one before others."""
    found: dict[str, FieldInfo] = {}
    parts = list(get_args(shape))
    if isinstance(shape, type) and issubclass(shape, BaseModel) and shape not in known:
        known |= {shape}
        found |= shape.model_fields
        parts += [field.annotation for field in shape.model_fields.values()]
    for part in parts:
        deeper = fields_of(part, known)
        found |= {n: f for n, f in deeper.items() if n not in found or not f.repr}
    return found


def hidden(shape: Any) -> set[str]:
    """The fields that hold personal data or a secret: those that no log line may show."""
    return {name for name, field in fields_of(shape).items() if not field.repr}


STAFF = [row for row in ALL if row.who.roles]
TELL_PEOPLE = [row for row in STAFF if hidden(row.result)]
"""Staff see somebody's data in the answer, however masked."""
SEE_PEOPLE = [row for row in STAFF if hidden(row.command) or row in TELL_PEOPLE]
"""Staff see or bring somebody's data."""


def actor(*roles: Role) -> Actor:
    return Actor("p", "s", tuple(Grant(role, "demo.a") for role in roles), 2**40)


def test_ids_methods_and_addresses_are_unique():
    for key in ("id", "rpc_method"):
        values = [getattr(operation, key) for operation in ALL]
        assert len(values) == len(set(values))
    addresses = [operation.http for operation in OPERATIONS]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize("operation", ALL, ids=lambda o: o.id)
def test_an_operation_is_found_by_id_and_by_method(operation):
    assert BY_ID[operation.id] is operation
    assert by_method(operation.rpc_method) is operation
    assert re.fullmatch(r"[a-z][a-z0-9_]*", operation.rpc_method)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_the_rule_of_permission(operation):
    """All roles of an operation at once: each a test of its own would cost ten times the rule."""
    found = {role: _refusal(operation, actor(role) if role else actor()) for role in ROLES}
    assert found == {role: _refused_with(operation, role) for role in ROLES}


def _refused_with(operation, role) -> type[ShequError] | None:
    """What the table says of who holds this role alone."""
    if operation.who.login and operation.write and not operation.own and role is Role.OBSERVER:
        return ObserverReadOnly
    if operation.who.login and operation.who.roles and role not in operation.who.roles:
        return Forbidden
    return None


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_without_a_token_only_public_operations_are_open(operation):
    if operation.who.login:
        with pytest.raises(Unauthenticated):
            operation.permit(None)
    else:
        operation.permit(None)


def test_a_helper_can_do_what_is_marked_and_nothing_else():
    """Assisted mode: a helper holds the person's homes; even with every office it were no more."""
    helped = Actor("p", "s", tuple(Grant(role, "demo.a") for role in Role), 2**40, acted_by="h")
    resident = Actor("p", "s", (Grant(Role.RESIDENT, "demo.a"),), 2**40, acted_by="h")
    for operation in ALL:
        if not operation.who.login:
            continue  # it asks nobody who they are
        if operation.id in ASSISTED:
            operation.permit(resident)
        else:
            for who in (helped, resident):
                with pytest.raises(NotOnBehalf):
                    operation.permit(who)
    assert {row.id for row in ALL if row.assisted} - {"getCommunity"} == ASSISTED


def test_a_guardian_has_a_childs_rights_besides_and_no_voice_of_its_own():
    """Of a child below 14: the copy, the deletion, who looked; neither posts nor votes."""
    home = (Grant(Role.RESIDENT, "demo.a"),)
    guardian = Actor("p", "s", home, 2**40, acted_by="g", guards=True)
    allowed = {row.id for row in ALL if row.who.login and _permits(row, guardian)}
    assert allowed - ASSISTED - {"getCommunity"} == GUARDED
    assert not allowed & {"createPost", "createComment", "castBallot", "grantRole", "updateMe"}


def test_nobody_votes_on_somebodys_behalf():
    """She may be helped to raise, to speak and to object; a vote, a second, a mark of office never.

    What votes lets a helper do is in the list above, and reads or says something; nothing of it
    decides.
    """
    helper = Actor("p", "s", (Grant(Role.RESIDENT, "demo.a"),), 2**40, acted_by="h")
    rows = [row for row in ALL if row.service == "votes" and row.who.login]
    refused = {row.id for row in rows if not _permits(row, helper)}
    assert {row.id for row in rows} - refused <= ASSISTED
    assert refused >= {
        *BALLOTS,
        "secondTopic",
        "decideOpinion",
        "moderateTopic",
        "withdrawObjection",
    }


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_personal_data_are_marked_wherever_they_travel(row):
    for shape in (row.command, row.result):
        bare = {n for n, field in fields_of(shape).items() if n in PERSONAL and field.repr}
        assert not bare, "Field(repr=False) keeps it out of the logs"


def test_the_marks_find_what_staff_see():
    """Of each kind one: a list, a reveal, a decision, a look behind an address, two phones."""
    ids = {row.id for row in TELL_PEOPLE}
    assert {"listRegister", "revealRegisterEntry", "decideCorrection", "linkRegister"} <= ids
    assert {"openRecovery", "confirmRecovery"} <= ids
    assert "assistRegistration" in {row.id for row in SEE_PEOPLE} - ids
    assert not {"listQr", "grantRole", "identityFigures"} & {row.id for row in SEE_PEOPLE}


@pytest.mark.parametrize("row", TELL_PEOPLE, ids=lambda row: row.id)
def test_what_staff_see_of_people_can_be_written_down_and_is_not_kept(row):
    """The look is a row of its own, so a read must be let write; a write's answer is not stored."""
    assert row.secret if row.write else row.audited


def test_no_administrator_votes_for_others_or_reads_numbers():
    """Above the community there is no right to a ballot, a real name or an ID number."""
    admins = {Role.TOWN_ADMIN, Role.DISTRICT_ADMIN, Role.AUDITOR}
    for row in ALL:
        if row in SEE_PEOPLE or row.id in BALLOTS:
            assert not row.who.roles & admins, row.id


def test_whoever_watches_is_shown_nobody_beyond_what_neighbours_see():
    """So the reads of observers and analysts uncover nobody, and need no line in an access log."""
    for role in (Role.OBSERVER, Role.DISTRICT_ANALYST):
        assert not [row.id for row in SEE_PEOPLE if _permits(row, actor(role))]


def test_an_observer_can_write_nothing_but_her_own_account():
    open_to_observers = {
        operation.id
        for operation in OPERATIONS
        if operation.write and operation.who.login and _permits(operation, actor(Role.OBSERVER))
    }
    assert open_to_observers == OWN_ACCOUNT


def _refusal(operation, who) -> type[ShequError] | None:
    try:
        operation.permit(who)
    except ShequError as error:
        return type(error)
    return None


def _permits(operation, who) -> bool:
    return _refusal(operation, who) is None


@pytest.mark.parametrize(
    ("scope", "path", "expected"),
    [
        ("demo", "demo.yuepu.shangyuan", True),
        ("demo.yuepu", "demo.yuepu", True),
        ("demo.yue", "demo.yuepu", False),
        ("demo.yuepu.shangyuan", "demo.yuepu", False),
        ("", "demo", False),
    ],
)
def test_a_grant_reaches_its_node_and_all_beneath(scope, path, expected):
    assert covers(scope, path) is expected


@pytest.mark.parametrize(
    "error",
    [
        errors.NotFound(),
        errors.RateLimited("slow down", retry_after=7),
        errors.Invalid(errors=[errors.FieldError("title", "too long")]),
    ],
    ids=lambda e: e.code,
)
def test_an_error_survives_the_wire(error):
    again = errors.from_wire(error.to_wire())
    assert isinstance(again, type(error))
    assert again.to_wire() == error.to_wire()


def test_an_error_survives_a_wire_that_turns_numbers_into_text():
    wire = errors.RateLimited(retry_after=7).to_wire()
    again = errors.from_wire({key: str(value) for key, value in wire.items()})
    assert (again.status, again.retry_after) == (429, 7)


def test_the_contract_imports_nothing_of_ours():
    folder = Path(errors.__file__).parent
    for path in folder.rglob("*.py"):
        for line in path.read_text().splitlines():
            if re.match(r"\s*(from|import) (services|gateway|deploy)\b", line):
                assert "services.contracts" in line, f"{path.name}: {line}"


def test_answers_bear_the_names_of_the_contract():
    """What is called otherwise in python (``from_``) is told by the name that clients know."""
    shapes = shapes_of([row.result for row in ALL])
    renamed = [shape for shape in shapes if any(f.alias for f in shape.model_fields.values())]
    assert len(renamed) >= 5
    assert [s for s in renamed if not s.model_config.get("serialize_by_alias")] == []


def shapes_of(found: list[Any]) -> set[type[BaseModel]]:
    """Every model that these answers are made of."""
    shapes: set[type[BaseModel]] = set()
    while found:
        one = found.pop()
        found += get_args(one)
        if isinstance(one, type) and issubclass(one, BaseModel) and one not in shapes:
            shapes.add(one)
            found += [field.annotation for field in one.model_fields.values()]
    return shapes
