"""What breaks the stock SDK when a server does it differently: transport, lists, info objects.

One test for each known trap, with its number; those from 31 on, about projects and datasets, stand
in a file of their own. Traps about methods that do not exist yet have no test: 8 (project
versions) and 12 (downloads); of 20 and 27 the part about webhooks, of 23 that about guides."""

import asyncio
import contextlib
import datetime
import json
import os
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
import requests
import supervisely as sly
from packaging.version import Version

import labeld
from sdk_helpers import ids, names, recorded, refused, unique


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture(scope="module")
def stranger(server):
    """An account that shares nothing with the demo team."""
    return server.sdk(server.user(restricted=False).token)


@pytest.fixture
def project(server, api):
    """A project of the test's own."""
    return api.project.create(server.workspace_id, unique("project"))


@pytest.fixture(scope="module")
def crowd(server, api):
    """Seven of everything that can be made; the lists' arguments by method."""
    team = api.team.create(unique("team"))
    workspace = [api.workspace.create(team.id, f"w{i}") for i in range(7)][0]
    project = [api.project.create(workspace.id, f"p{i}") for i in range(7)][0]
    for i in range(7):
        api.dataset.create(project.id, f"d{i}")
        server.user(role=labeld.VIEWER, team=team.id)
        server.job()
        api.team.create(unique("team"))
    api.project.update_meta(project.id, sly.ProjectMeta([
        sly.ObjClass(f"c{i}", sly.Rectangle) for i in range(7)]))
    return {"users.list": {}, "members.list": {"teamId": team.id}, "roles.list": {},
            "teams.list": {}, "workspaces.list": {"teamId": team.id},
            "projects.list": {"workspaceId": workspace.id, "fields": []},
            "datasets.list": {"projectId": project.id, "recursive": True},
            "advanced.object_classes.list": {"projectId": project.id},
            "images.list": {"datasetId": server.dataset_id},
            "jobs.list": {"teamId": server.team_id}, "teams.activity": {"teamId": team.id}}


LISTS = ["users.list", "members.list", "roles.list", "teams.list", "workspaces.list",
         "projects.list", "datasets.list", "advanced.object_classes.list", "images.list",
         "jobs.list", "teams.activity"]


# ---- transport ----

def test_trap_01_a_tls_handshake_on_the_plain_port_ends_at_once(server):
    took = []
    for _ in range(5):
        with server.connect() as s:
            s.settimeout(5)
            start = time.monotonic()
            s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            with contextlib.suppress(ConnectionResetError):
                s.recv(1000)
            took.append(time.monotonic() - start)
    assert statistics.median(took) < 0.05


def test_trap_01_the_first_call_of_the_sdk_does_not_stall(fresh):
    assert "SUPERVISELY_SKIP_HTTPS_USER_HELPER_CHECK" not in os.environ
    api, start = sly.Api(fresh.url, fresh.token), time.monotonic()
    assert api.user.get_my_info().id == fresh.user_id
    assert time.monotonic() - start < 2
    assert api.server_address == fresh.url  # still http


@pytest.mark.parametrize("path", ["/public/api/v3/users.me", "/public/api/v3/users.me/", "/",
                                  "/public/api/v3//users.me", "/public/api/v3", "/api/account"])
def test_trap_02_a_post_is_never_redirected(server, path):
    answer = requests.post(server.url + path, json={}, headers={"x-api-key": server.token},
                           allow_redirects=False)
    assert not 300 <= answer.status_code < 400


def test_trap_03_success_is_200(server, project):
    name, user = unique("x"), server.user()
    for method, body in {
            "teams.add": {"name": name},
            "workspaces.add": {"teamId": server.team_id, "name": name},
            "projects.add": {"workspaceId": server.workspace_id, "name": name},
            "datasets.add": {"projectId": project.id, "name": name, "parentId": None},
            "users.add": {"login": name, "password": "12345678"},
            "members.add": {"teamId": server.team_id, "login": user.login, "roleId": 3},
            "jobs.add": {"name": name, "datasetId": server.dataset_id, "userIds": [user.id]},
            "projects.settings.update": {"id": project.id, "settings": {}},
            "projects.archive": {"id": project.id}}.items():
        assert server.raw(method, body).status_code == 200, method


def test_trap_04_the_version_is_asked_once_in_the_error_path(server):
    api, start = server.sdk(), time.monotonic()
    with recorded(api) as calls:
        assert api.user.get_info_by_id(10**9) is None
        assert api.team.get_info_by_id(10**9) is None
    assert [method for method, _ in calls] == ["users.info", "instance.version", "teams.info"]
    assert time.monotonic() - start < 2
    assert Version(api.instance_version) >= Version("6.17.8")
    for body in ("", None, "{}"):  # without a token, too
        assert "version" in server.raw("instance.version", body, token=False).json()


@pytest.mark.parametrize("status, method, body", [
    (400, "users.info", {}), (400, "users.info", {"id": "abc"}),
    (400, "users.info", {"id": 1.5}), (400, "users.info", {"id": [1]}),
    (400, "users.info", "not json"), (400, "users.info", "[]"),
    (400, "users.info", '{"id":1'), (404, "users.info", {"id": 10**9}), (404, "no.method", {}),
    (400, "teams.add", {"name": ""}), (400, "teams.add", {"name": ["a"]}),
    (400, "jobs.set-status", {"id": 1}), (404, "jobs.stop", {"id": 10**9}),
    (400, "datasets.list", {"projectId": 1, "filter": [{"field": "nothing"}]}),
    (400, "datasets.list", {"projectId": 1, "filter": "name"}),
    (400, "datasets.list", {"projectId": 1, "page": 0}),
    (400, "users.list", {"sort": "password"}), (400, "users.list", {"sort_order": "up"})])
def test_trap_05_mistakes_of_the_caller_are_4xx(server, status, method, body):
    assert server.raw(method, body).status_code == status


def test_trap_06_get_works_and_its_errors_are_raised(server, api):
    assert api.get("users.info", {"id": server.user_id}).json()["login"] == "admin"
    refused(404, api.get, "users.info", {"id": 10**9})


@pytest.mark.parametrize("method, body", [
    ("users.info", {}), ("users.info", {"id": 10**9}), ("no.method", {}),
    ("users.me", b'{"\xff": "\xfe"}'), ("teams.add", b'{"name": "\xed\xa0\x80"}'),
    ("teams.add", {"name": "\u0416" * 400}), ("users.list", {"sort": "\U0001f34b" * 90}),
    ("users.list", {"filter": [{"field": "x" + "\u00e9" * 99, "operator": "=", "value": 1}]}),
    ("members.add", {"teamId": 1, "login": "x" + "\u0416" * 31, "roleId": 3}),
    ("jobs.set-status", {"id": 1, "status": "x" + "\u0416" * 15}),
    ("jobs.add", {"name": "x", "datasetId": 1, "userIds": [1],
                  "meta": {"classes": ["x" + "\U0001f34b" * 250]}})])
def test_trap_07_errors_are_json_objects_in_utf8(server, method, body):
    answer = server.raw(method, body)
    assert 400 <= answer.status_code < 500
    error, message = sly.Api.parse_error(answer)
    assert error and message and error != "Error" and "administrator" not in message
    details = json.loads(answer.content.decode("utf-8"))["details"]
    assert details and isinstance(details, (dict, list))


def test_trap_09_parameters_in_the_query(server, project, api):
    parent = api.dataset.create(project.id, "parent")
    child = api.dataset.create(project.id, "child", parent_id=parent.id)
    assert server.ok(f"users.info?id={server.user_id}", {})["login"] == "admin"
    for text, found in (("True", True), ("true", True), ("False", False), ("false", False),
                        ("", False)):
        answer = server.raw("datasets.list", verb="GET",
                            params={"projectId": project.id, "recursive": text})
        assert (child.id in [d["id"] for d in answer.json()["entities"]]) is found, text


def test_trap_10_bodies_of_every_kind(server):
    api, url = server.sdk(), server.url + labeld.PREFIX
    api.add_additional_field("unknownToTheServer", {"a": [1]})
    api.add_header("x-task-id", "77")
    assert api.user.get_info_by_id(server.user_id).login == "admin"
    head = {"x-api-key": server.token}
    for body in ("", "{}", None, '{"unknown": null}'):
        assert server.raw("users.me", body, headers={"content-type": "application/json"}).ok
    assert requests.post(url + "users.me", data=b"{}", headers=head).ok  # no content type
    chunks = (part.encode() for part in ('{"id"', f":{server.user_id}", "}"))
    assert requests.post(url + "users.info", data=chunks, headers=head).json()["login"] == "admin"
    dataset = {"projectId": server.project()["id"], "name": unique("d"), "parentId": None,
               "description": None, "customData": None}
    assert server.ok("datasets.add", dataset)["parentId"] is None


def test_trap_11_bursts_of_connections(server, api):
    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(lambda _: api.user.get_my_info().id, range(200))) == {server.user_id}

    async def pooled():
        answers = [api.post_async("users.me", {}) for _ in range(100)]
        return [answer.json()["id"] for answer in await asyncio.gather(*answers)]
    assert set(asyncio.run(pooled())) == {server.user_id}


def test_trap_11_plain_http_stays_http_1(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                  b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n")
        assert s.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_trap_13_login_with_password(server):
    user = server.user(unique("\u0436"), labeld.VIEWER)
    assert requests.get(server.url, allow_redirects=False).status_code == 200
    answer = requests.post(server.url + "/api/account",
                           data={"login": user.login, "password": user.password})
    claims = jwt.decode(answer.json()["token"], options={"verify_signature": False})
    assert claims["group"]["id"] == server.team_id and isinstance(claims["workspace"]["id"], int)
    assert server.sdk(claims["apiToken"]).user.get_my_info().id == user.id


@pytest.mark.parametrize("status, phrase, token", [
    (401, "Unauthorized", "wrong"), (401, "Unauthorized", False), (404, "Not Found", True)])
def test_trap_14_standard_reason_phrases(server, status, phrase, token):
    answer = server.raw("users.info", {"id": 10**9}, token=token)
    assert (answer.status_code, answer.reason) == (status, phrase)


# ---- lists ----

@pytest.mark.parametrize("method", LISTS)
def test_trap_15_the_envelope_even_when_empty(server, crowd, method):
    nothing = [{"field": "id", "operator": "=", "value": 10**9}]
    full = server.ok(method, crowd[method])
    empty = server.ok(method, {**crowd[method], "filter": nothing})
    for answer in (full, empty):
        assert all(isinstance(answer[key], int) for key in ("total", "perPage", "pagesCount"))
    assert full["total"] == len(full["entities"]) > 5 and full["pagesCount"] == 1
    assert (empty["total"], empty["entities"]) == (0, [])


@pytest.mark.parametrize("method", LISTS)
def test_trap_16_pages_add_up(api, crowd, method):
    whole = api.post(method, crowd[method]).json()["entities"]
    paged = api.role.get_list_all_pages(method, {**crowd[method], "per_page": 2},
                                        convert_json_info_cb=lambda entity: entity)
    by_id = sorted(paged, key=lambda entity: entity["id"])
    assert paged == by_id == sorted(whole, key=lambda entity: entity["id"])


def test_trap_17_tokens_page_through_images(server, api):
    pages = list(api.image.get_list_generator(server.dataset_id, batch_size=4))
    assert [len(page) for page in pages] == [4, 2]
    assert ids(sum(pages, [])) == ids(api.image.get_list(server.dataset_id))
    one = server.ok("images.list", {"datasetId": server.dataset_id, "pagination_mode": "token"})
    assert one["after"] is None


def test_trap_18_limit_is_the_clients(server, api):
    assert len(api.image.get_list(server.dataset_id, limit=2)) == 2


def filtered(api, project, field, operator, value):
    wanted = [{"field": field, "operator": operator, "value": value}]
    return names(api.dataset.get_list(project.id, wanted, recursive=True))


def test_trap_19_filters(api, project):
    a, b, c = (api.dataset.create(project.id, name) for name in ("aa", "bb", "cc"))
    api.dataset.create(project.id, "dd", parent_id=a.id)
    for operator, value, found in (
            ("=", b.id, "bb"), ("eq", str(b.id), "bb"), ("!=", str(b.id), "aa cc dd"),
            ("not", b.id, "aa cc dd"), ("in", [a.id, str(c.id)], "aa cc"), ("in", [], ""),
            ("!in", [str(a.id), c.id], "bb dd"), (">", b.id, "cc dd"), ("gt", str(b.id), "cc dd"),
            (">=", b.id, "bb cc dd"), ("gte", b.id, "bb cc dd"), ("<", b.id, "aa"),
            ("lt", b.id, "aa"), ("<=", str(b.id), "aa bb"), ("lte", b.id, "aa bb")):
        assert filtered(api, project, "id", operator, value) == found.split(), (operator, value)
    assert filtered(api, project, "parentId", "=", None) == ["aa", "bb", "cc"]
    assert filtered(api, project, "parentId", "=", a.id) == ["dd"]


def test_trap_19_names_match_exactly(api, project):
    odd = "o'b \"r\" %_\\ \u0416\U0001f34b"
    api.dataset.create(project.id, odd)
    assert api.dataset.get_info_by_name(project.id, odd).name == odd
    for other in ("o'b%", "%", odd.upper(), odd + " ", "_" * len(odd), odd[:-1]):
        assert not api.dataset.exists(project.id, other), other
    assert api.dataset.get_free_name(project.id, "new") == "new"
    assert api.dataset.get_free_name(project.id, odd) == odd + "_001"


def test_trap_20_activity_without_sort(server, crowd):
    answer = server.ok("teams.activity", {**crowd["teams.activity"], "filter": []})
    dates = [event["date"] for event in answer["entities"]]
    assert answer["total"] == len(dates) and dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ",
                                  "%Y-%m-%dT%H:%M:%S.%f+00:00", "%Y-%m-%dT%H:%M:%S"])
def test_trap_21_activity_filters(server, api, project, form):
    now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
    api.dataset.create(project.id, "made now")

    def events(start, end):
        return api.team.get_activity(server.team_id, filter_actions=["create_dataset"],
                                     filter_project_id=project.id,
                                     start_date=(now + start).strftime(form),
                                     end_date=(now + end).strftime(form))
    assert [(e["action"], e["dataset"]) for e in events(-day, day)] == [
        ("create_dataset", "made now")]
    assert events(day, 2 * day) == events(-2 * day, -day) == []


# ---- info objects ----

def test_trap_22_what_is_absent_or_foreign_is_none(server, api, stranger, project):
    api.project.update_meta(project.id, sly.ProjectMeta([sly.ObjClass("a", sly.Rectangle)]))
    shown = {"user": server.user_id, "team": server.team_id, "workspace": server.workspace_id,
             "project": project.id, "dataset": server.dataset_id,
             "object_class": api.object_class.get_list(project.id)[0].id,
             "image": api.image.get_list(server.dataset_id)[0].id,
             "labeling_job": server.job()["id"]}
    for kind, known in shown.items():
        assert getattr(api, kind).get_info_by_id(known).id == known, kind
        assert getattr(api, kind).get_info_by_id(10**9) is None, kind
        assert getattr(stranger, kind).get_info_by_id(known) is None, kind


def test_trap_23_listed_classes_have_all_keys(server, crowd):
    keys = {"id", "name", "description", "shape", "color", "settings", "createdAt", "updatedAt"}
    answer = server.ok("advanced.object_classes.list", crowd["advanced.object_classes.list"])
    for listed in answer["entities"]:
        assert keys <= listed.keys() and isinstance(listed["settings"], dict)


def test_trap_24_name_and_title(server, api, project):
    api.project.update_meta(project.id, sly.ProjectMeta([sly.ObjClass("a", sly.Rectangle)]))
    assert names(api.object_class.get_list(project.id)) == ["a"]
    assert [c["title"] for c in api.project.get_meta(project.id)["classes"]] == ["a"]
    listed = api.project.get_list(team_id=server.team_id, fields=["title", "name"])
    mine = next(p for p in listed if p.id == project.id)
    assert (mine.name, mine.team_id) == (project.name, server.team_id)


def test_trap_25_an_accounts_teams(server, api):
    nowhere, viewer = server.user(), server.user(role=labeld.VIEWER)
    assert api.user.get_teams(nowhere.id) == []
    assert [(t.id, t.role_id, t.role) for t in api.user.get_teams(viewer.id)] == [
        (server.team_id, labeld.VIEWER, "viewer")]


def test_trap_26_logins_are_numbers_and_roles_those_of_the_team(server, api):
    user, other = server.user(role=labeld.VIEWER), api.team.create(unique("team"))
    api.user.add_to_team(user.id, other.id, labeld.MANAGER)
    for team_id, role in ((server.team_id, "viewer"), (other.id, "manager")):
        member = api.user.get_member_info_by_id(team_id, user.id)
        assert (member.login, member.role, member.logins) == (user.login, role, 0)
    assert all(type(u.logins) is int and type(u.login) is str for u in api.user.get_list())


def test_trap_27_and_29_who_is_named_how(server):
    login = unique("user")
    body = {"login": login, "password": "12345678", "name": "", "email": "", "isRestricted": True}
    user_id = server.ok("users.add", body)["userId"]
    where = {"teamId": server.team_id, "roleId": 3}
    assert server.ok("members.add", {"login": login, **where}) == {"userId": user_id}
    server.ok("members.editInfo", {"id": user_id, **where, "roleId": 4})
    server.ok("members.remove", {"id": user_id, "teamId": server.team_id})


def test_trap_28_and_30_a_disabled_admin_is_found_and_can_come_back(fresh):
    api, admin = fresh.sdk(), fresh.user(restricted=False)
    api.user.disable(admin.id)
    assert api.user.get_info_by_login(admin.login).disabled is True
    refused(400, api.user.create, admin.login, "12345678")
    api.user.disable(fresh.user_id)
    api.user.enable(fresh.user_id)
    assert api.user.get_my_info().disabled is False
