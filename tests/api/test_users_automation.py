"""The SDK's user automation example, step by step: an instance admin looks around, makes an account
and changes, disables and enables their own, then takes the new one into a team and out again.

The example is written to be run again and again; here it runs twice on one server."""

import contextlib
from types import SimpleNamespace

import pytest
import supervisely as sly

import labeld
from sdk_helpers import ids, is_time, recorded, refused, unique

DEMO_LOGIN, DEMO_PASSWORD, OWN_PASSWORD = "demo_user_451", "123abc00", "hello123"
RUNS = ("first run", "second run")


# ---- the example ----

def look_around(r):
    """Steps 1 to 7: roles, me, accounts, members, teams."""
    api = r.api
    with r.step("roles"):
        r.roles = api.role.get_list()
    with r.step("me"):
        r.me = api.user.get_my_info()
    with r.step("user by id"):
        r.user = api.user.get_info_by_id(r.user_id)
    with r.step("team members"):
        r.members = api.user.get_team_members(api.team.get_info_by_id(r.team_id).id)
    with r.step("all users"):
        r.users = api.user.get_list()
        r.printed = ["{:<15}{:<25}{:<10}".format(u.id, u.login, u.logins) for u in r.users]
    with r.step("user by login"):
        r.by_login = api.user.get_info_by_login(r.login)
    with r.step("own teams"):
        r.teams = api.user.get_teams(api.user.get_info_by_login(r.login).id)
        r.printed += ["{:<15}{:<25}{:<25}{:<15}".format(*team) for team in r.teams]


def change_accounts(r):
    """Steps 8 to 10: a new account, one's own password and name, off and on again."""
    api = r.api
    with r.step("create"):
        r.demo = api.user.get_info_by_login(DEMO_LOGIN)
        if r.demo is None:
            r.demo = api.user.create(DEMO_LOGIN, DEMO_PASSWORD, is_restricted=False)
    with r.step("update oneself"):
        r.updated = api.user.update(r.user.id, password=OWN_PASSWORD, name="Bob")
    with r.step("disable and enable oneself"):
        api.user.disable(r.user.id)
        api.user.enable(r.user.id)


def change_membership(r):
    """Steps 11 to 13: into the team, another role, out of the team."""
    api, role = r.api, r.api.role.DefaultRole
    with r.step("invite"):
        user, team = api.user.get_info_by_login(DEMO_LOGIN), api.team.get_info_by_id(r.team_id)
        r.role_before = api.user.get_team_role(user.id, team.id)
        if r.role_before is None:
            api.user.add_to_team(user.id, team.id, role.ANNOTATOR)
    r.role_invited = api.user.get_team_role(user.id, team.id)
    with r.step("change role"):
        user, team = api.user.get_info_by_login(DEMO_LOGIN), api.team.get_info_by_id(r.team_id)
        api.user.change_team_role(user.id, team.id, role.VIEWER)
        user = api.user.get_info_by_login(DEMO_LOGIN)
        r.role_changed = api.user.get_team_role(user.id, team.id)
    with r.step("remove"):
        team, user = api.team.get_info_by_id(r.team_id), api.user.get_info_by_login(DEMO_LOGIN)
        api.user.remove_from_team(user.id, team.id)
        user = api.user.get_info_by_login(DEMO_LOGIN)
        r.role_removed = api.user.get_team_role(user.id, team.id)


def automation(server):
    """One run; what each step gave by name, and the methods each step called in r.calls."""
    r = SimpleNamespace(api=server.sdk(), team_id=server.team_id, user_id=server.user_id,
                        login=server.ids["USER_LOGIN"], calls={})

    @contextlib.contextmanager
    def step(name):
        with recorded(r.api) as calls:
            yield
        r.calls[name] = [method for method, _ in calls]

    r.step = step
    look_around(r)
    change_accounts(r)
    change_membership(r)
    return r


@pytest.fixture(scope="module")
def runs():
    with contextlib.closing(labeld.Server().start()) as server:
        done = {name: automation(server) for name in RUNS}
        yield SimpleNamespace(server=server, **{"done": done})


@pytest.fixture(params=RUNS)
def run(runs, request):
    return runs.done[request.param]


# ---- what it gave ----

CALLS = {
    "roles": ["roles.list"],
    "me": ["users.me"],
    "user by id": ["users.info"],
    "team members": ["teams.info", "members.list"],
    "all users": ["users.list"],
    "user by login": ["users.list"],
    "own teams": ["users.list", "users.info"],
    "update oneself": ["users.editInfo", "users.info"],
    "disable and enable oneself": ["users.disable", "users.disable"],
    "invite": ["users.list", "teams.info", "users.info", "users.info", "members.add"],
    "change role": ["users.list", "teams.info", "members.editInfo", "users.list", "users.info"],
    "remove": ["teams.info", "users.list", "members.remove", "users.list", "users.info"],
}


@pytest.mark.parametrize("name", CALLS)
def test_each_step_needs_no_more_calls_than_this(run, name):
    assert run.calls[name] == CALLS[name]


def test_step_01_roles(run):
    known = {role.id: role.role for role in run.roles}
    assert {1: "admin", 2: "developer", 3: "annotator", 4: "viewer"}.items() <= known.items()
    assert set(known.values()) == {"admin", "developer", "manager", "reviewer", "annotator",
                                   "viewer"}
    assert all(is_time(role.created_at) and is_time(role.updated_at) for role in run.roles)


def test_step_02_me(run):
    assert (run.me.id, run.me.login, run.me.disabled) == (run.user_id, run.login, False)


def test_step_03_oneself_by_id(run):
    assert run.user == run.me
    assert is_time(run.user.created_at) and is_time(run.user.updated_at)


def test_step_04_the_members_of_the_team(run):
    assert [(m.login, m.role, m.role_id) for m in run.members] == [(run.login, "admin", 1)]


def test_step_05_all_users_can_be_printed(run):
    assert run.user_id in ids(run.users)
    assert all(isinstance(user.logins, int) for user in run.users)
    assert any(line.split()[:2] == [str(run.user_id), run.login] for line in run.printed)


def test_step_06_oneself_by_login(run):
    assert run.by_login == run.user


def test_step_07_ones_own_teams(run):
    team = next(team for team in run.teams if team.id == run.team_id)
    assert (team.role_id, team.role) == (1, "admin")
    assert all(isinstance(team.name, str) and team.name for team in run.teams)


def test_step_08_the_account_is_made_once(runs):
    first, second = runs.done.values()
    assert first.calls["create"] == ["users.list", "users.add", "users.info"]
    assert second.calls["create"] == ["users.list"]
    assert first.demo.id == second.demo.id and first.demo.login == DEMO_LOGIN


def test_step_08_who_is_not_restricted_gets_a_team_of_their_own(runs):
    teams = runs.server.sdk().user.get_teams(runs.done["first run"].demo.id)
    assert [(team.name, team.role) for team in teams] == [(DEMO_LOGIN, "admin")]
    api = sly.Api.from_credentials(runs.server.url, DEMO_LOGIN, DEMO_PASSWORD)
    assert ids(api.team.get_list()) == ids(teams)


def test_step_09_password_and_name_are_changed(runs, run):
    assert (run.updated.id, run.updated.name) == (run.user_id, "Bob")
    api = sly.Api.from_credentials(runs.server.url, run.login, OWN_PASSWORD)
    assert api.user.get_my_info().name == "Bob"


def test_step_09_the_old_password_is_gone(runs, run):
    with pytest.raises(RuntimeError, match="401"):
        sly.Api.from_credentials(runs.server.url, run.login, "admin-password")


def test_step_09_the_token_outlives_the_password(runs):
    assert runs.server.sdk().user.get_my_info().name == "Bob"


def test_step_10_whoever_disabled_themselves_is_back(runs):
    me = runs.server.sdk().user.get_my_info()
    assert me.disabled is False
    assert runs.server.ok("users.me")["disabled"] is False


def test_step_11_invited_as_annotator(run):
    assert run.role_before is None
    assert (run.role_invited.id, run.role_invited.role) == (run.team_id, "annotator")


def test_step_12_then_viewer(run):
    assert (run.role_changed.role_id, run.role_changed.role) == (4, "viewer")


def test_step_13_then_out_of_the_team(runs, run):
    assert run.role_removed is None
    assert run.demo.id not in ids(runs.server.sdk().user.get_team_members(run.team_id))


# ---- who may ----

@pytest.fixture(scope="module")
def member(runs):
    """An account that is no admin of the instance, though of the team."""
    user = runs.server.user(unique("member"), labeld.ADMIN)
    return SimpleNamespace(api=runs.server.sdk(user.token), id=user.id, login=user.login)


def test_steps_1_to_4_need_no_admin_of_the_instance(runs, member):
    assert len(member.api.role.get_list()) == 6
    assert member.api.user.get_my_info().login == member.login
    assert member.api.user.get_info_by_id(member.id).login == member.login
    assert member.id in ids(member.api.user.get_team_members(runs.server.team_id))


def test_steps_5_to_10_need_one(runs, member):
    api, admin_id = member.api.user, runs.server.user_id
    refused(403, api.get_list)
    refused(403, api.get_info_by_login, member.login)
    refused(403, api.create, unique("user"), DEMO_PASSWORD)
    refused(403, api.update, admin_id, name="Mallory")
    refused(403, api.disable, admin_id)
    refused(403, api.enable, admin_id)
    assert runs.server.sdk().user.get_my_info().name == "Bob"


def test_steps_11_to_13_need_an_admin_of_the_team(runs):
    demo, team_id = runs.done["first run"].demo, runs.server.team_id
    viewer = runs.server.sdk(runs.server.user(role=labeld.VIEWER).token).user
    refused(403, viewer.add_to_team_by_login, DEMO_LOGIN, team_id, labeld.ADMIN)
    refused(403, viewer.change_team_role, runs.server.user_id, team_id, labeld.VIEWER)
    refused(403, viewer.remove_from_team, runs.server.user_id, team_id)
    assert runs.server.sdk().user.get_team_role(demo.id, team_id) is None


def test_a_disabled_account_is_out_until_it_is_enabled(runs):
    user, admin = runs.server.user(role=labeld.VIEWER), runs.server.sdk()
    api = runs.server.sdk(user.token)
    admin.user.disable(user.id)
    assert admin.user.get_info_by_login(user.login).disabled is True
    assert runs.server.raw("users.me", {}, token=user.token).status_code in (401, 403)
    with pytest.raises(RuntimeError, match="40[13]"):
        sly.Api.from_credentials(runs.server.url, user.login, user.password)
    refused(403, api.user.enable, user.id)
    admin.user.enable(user.id)
    assert api.user.get_my_info().id == user.id
