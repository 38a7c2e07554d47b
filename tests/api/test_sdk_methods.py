"""Methods of the SDK that are about people and places: user, role, team, workspace.

Not called, as the methods behind them do not exist yet: user.get_ssh_keys, team.archive,
team.remove_permanently, workspace.remove_permanently, workspace.change_visibility."""

import pytest
import supervisely as sly

import labeld
from sdk_helpers import ids, is_time, names, refused, unique

ODD = "\u0416\u00fc \U0001f34b 'q' \"d\" %_\\ <b>"


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def team(api):
    return api.team.create(unique("team"))


@pytest.fixture
def user(api):
    """A restricted account in no team."""
    return api.user.create(unique("user"), "password1", is_restricted=True)


# ---- user ----

def test_user_create(api):
    login = unique("\u0416\U0001f34b")
    made = api.user.create(login, "password1", name=ODD, email="a@b.example")
    assert (made.login, made.name, made.email, made.disabled) == (login, ODD, "a@b.example", False)
    assert (made.logins, made.last_login) == (0, None) and is_time(made.created_at)
    assert api.user.get_info_by_login(login) == api.user.get_info_by_id(made.id) == made
    refused(400, api.user.create, login, "password1")
    refused(400, api.user.create, unique("user"), "short")


def test_user_without_name_and_email(user):
    assert (user.name, user.email) == ("", None)


def test_user_get_list(api, user):
    assert user in api.user.get_list()
    assert api.user.get_list([{"field": "id", "operator": "=", "value": str(user.id)}]) == [user]


def test_user_update(server, api, user):
    assert api.user.update(user.id) is None
    assert api.user.update(user.id, name=ODD).name == ODD
    api.user.add_to_team(user.id, server.team_id, labeld.VIEWER)
    api.user.update(user.id, password="password2")
    own = sly.Api.from_credentials(server.url, user.login, "password2")
    assert own.user.get_my_info().name == ODD
    assert own.user.update(user.id, name="mine").name == "mine"
    refused(403, own.user.update, server.user_id, name="theirs")


def test_user_disable_and_enable(api, user):
    api.user.disable(user.id)
    assert api.user.get_info_by_id(user.id).disabled is True
    api.user.disable(user.id)
    api.user.enable(user.id)
    assert api.user.get_info_by_id(user.id).disabled is False


def test_user_membership(api, user, team):
    api.user.add_to_team(user.id, team.id, api.role.DefaultRole.ANNOTATOR)
    assert [tuple(t) for t in api.user.get_teams(user.id)] == [
        (team.id, team.name, 3, "annotator")]
    api.user.change_team_role(user.id, team.id, api.role.DefaultRole.DEVELOPER)
    assert api.user.get_team_role(user.id, team.id).role == "developer"
    api.user.remove_from_team(user.id, team.id)
    assert api.user.get_team_role(user.id, team.id) is None
    assert user.id not in ids(api.user.get_team_members(team.id))


def test_user_add_to_team_by_login(api, user, team):
    assert api.user.add_to_team_by_login(user.login, team.id, 4)["userId"] == user.id
    refused(400, api.user.add_to_team_by_login, unique("nobody"), team.id, 4)
    refused(400, api.user.add_to_team_by_login, user.login, team.id, 99)
    refused(404, api.user.add_to_team_by_login, user.login, 10**9, 4)


def test_user_members(server, api, user, team):
    api.user.add_to_team(user.id, team.id, labeld.MANAGER)
    members = api.user.get_team_members(team.id)
    assert [(m.login, m.role, m.role_id) for m in members] == [
        ("admin", "admin", 1), (user.login, "manager", labeld.MANAGER)]
    assert api.user.get_member_info_by_login(team.id, user.login) == members[1]
    assert api.user.get_member_info_by_id(team.id, user.id) == members[1]
    assert api.user.get_member_info_by_login(team.id, unique("x")) is None
    assert api.user.get_member_info_by_id(team.id, 10**9) is None


def test_user_the_last_admin_stays(server, api, team):
    refused(400, api.user.remove_from_team, server.user_id, team.id)
    refused(400, api.user.change_team_role, server.user_id, team.id, labeld.VIEWER)
    assert api.user.get_team_role(server.user_id, team.id).role == "admin"


def test_user_get_my_info(server, api, user):
    api.user.add_to_team(user.id, server.team_id, labeld.VIEWER)
    own = sly.Api.from_credentials(server.url, user.login, "password1")
    me = own.user.get_my_info()
    assert (me.id, me.login, me.logins) == (user.id, user.login, 1)
    assert is_time(me.last_login)
    with pytest.raises(NotImplementedError):
        api.user.get_token(user.login)


def test_user_get_member_activity(server, api, user):
    api.user.add_to_team(user.id, server.team_id, labeld.MANAGER)
    own = sly.Api.from_credentials(server.url, user.login, "password1")
    made = own.project.create(server.workspace_id, unique("project"))
    frame = api.user.get_member_activity(server.team_id, user.id)
    assert list(frame["action"]) == ["create_project", "login"]
    assert set(frame["user"]) == {user.login} and frame["projectId"][0] == made.id


# ---- role ----

def test_role_get_list(api):
    known = {role.role: role.id for role in api.role.get_list()}
    assert {name.lower(): int(role) for name, role in
            api.role.DefaultRole.__members__.items()}.items() <= known.items()
    wanted = [{"field": "role", "operator": "=", "value": "viewer"}]
    assert ids(api.role.get_list(wanted)) == [4]


# ---- team ----

def test_team_create_and_read(api):
    name = unique(ODD)
    team = api.team.create(name, description=ODD)
    assert (team.name, team.description, team.role) == (name, ODD, "admin")
    assert team.usage.plan is None and is_time(team.created_at) and is_time(team.updated_at)
    assert api.team.get_info_by_id(team.id) == api.team.get_info_by_name(name) == team
    assert team in api.team.get_list()
    assert api.team.get_list([{"field": "name", "operator": "=", "value": name}]) == [team]


def test_team_names(api, team):
    assert api.team.exists(team.name) and not api.team.exists(unique("team"))
    assert api.team.get_free_name(team.name) == team.name + "_001"
    refused(400, api.team.create, team.name)
    assert api.team.create(team.name, change_name_if_conflict=True).name == team.name + "_001"
    assert api.team.create(team.name, change_name_if_conflict=True).name == team.name + "_002"


def test_team_a_free_name_is_free_even_when_strangers_use_it(server, api, team):
    """Nobody can look up the names of teams they are not in."""
    stranger = server.sdk(server.user(restricted=False).token)
    made = stranger.team.create(team.name, change_name_if_conflict=True)
    assert made.name.startswith(team.name) and made.id != team.id


def test_team_update(api, team):
    assert api.team.update(team.id, name=team.name + ODD).name == team.name + ODD
    changed = api.team.update(team.id, description=ODD)
    assert (changed.name, changed.description) == (team.name + ODD, ODD)
    refused(400, api.team.update, team.id, name="admin")


def test_team_absent(api):
    assert api.team.get_info_by_id(10**9) is None
    with pytest.raises(KeyError):
        api.team.get_info_by_id(10**9, raise_error=True)


def test_team_get_activity(server, api, team):
    seen = []
    api.workspace.create(team.id, "w")
    user = server.user(role=labeld.VIEWER, team=team.id)
    events = api.team.get_activity(team.id, progress_cb=lambda n, total: seen.append((n, total)))
    assert [e["action"] for e in events] == ["add_member", "create_workspace", "create_team"]
    assert seen == [(3, 3)] and all(is_time(event["date"]) for event in events)
    assert api.team.get_activity(team.id, filter_user_id=user.id) == []
    actions = ["create_workspace", "create_dataset"]
    assert len(api.team.get_activity(team.id, filter_actions=actions)) == 1


# ---- workspace ----

def test_workspace_create_and_read(api, team):
    made = api.workspace.create(team.id, ODD, description=ODD)
    assert (made.name, made.description, made.team_id) == (ODD, ODD, team.id)
    assert is_time(made.created_at) and is_time(made.updated_at)
    assert api.workspace.get_info_by_id(made.id) == made
    assert api.workspace.get_info_by_name(team.id, ODD) == made
    assert made in api.workspace.get_list(team.id)
    assert api.workspace.get_info_by_id(10**9) is None
    with pytest.raises(KeyError):
        api.workspace.get_info_by_id(10**9, raise_error=True)


def test_workspace_names_are_those_of_a_team(api, team):
    other = api.team.create(unique("team"))
    first, second = (api.workspace.create(t.id, "same") for t in (team, other))
    assert api.workspace.get_info_by_name(team.id, "same").id == first.id != second.id
    assert api.workspace.exists(team.id, "same") and not api.workspace.exists(team.id, "SAME")
    assert api.workspace.get_free_name(team.id, "same") == "same_001"
    refused(400, api.workspace.create, team.id, "same")
    made = api.workspace.create(team.id, "same", change_name_if_conflict=True)
    assert made.name == "same_001"


def test_workspace_update(api, team):
    made = api.workspace.create(team.id, "w", description="d")
    assert api.workspace.update(made.id, name=ODD) == made._replace(
        name=ODD, updated_at=api.workspace.get_info_by_id(made.id).updated_at)
    assert api.workspace.update(made.id, description=ODD).description == ODD


def test_workspace_archive_hides_what_is_in_it(api, team):
    made = api.workspace.create(team.id, "w")
    project = api.project.create(made.id, "p")
    dataset = api.dataset.create(project.id, "d")
    api.workspace.archive(made.id)
    assert api.workspace.get_info_by_id(made.id) is None
    assert "w" not in names(api.workspace.get_list(team.id))
    assert api.project.get_info_by_id(project.id) is None
    assert api.dataset.get_info_by_id(dataset.id) is None
    assert project.id not in ids(api.project.get_list(team_id=team.id))
    assert api.workspace.create(team.id, "w").id != made.id
