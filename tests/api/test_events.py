"""Every change writes one event in its transaction; teams.activity reads them."""

import datetime
import sqlite3
import threading
import time

import pytest

import labeld

COLUMNS = {"userId", "action", "date", "user", "projectId", "project", "datasetId", "dataset", "imageId",
           "image", "classId", "class", "figureId", "job", "jobId", "tag", "tagId", "meta"}


def activity(server, **body):
    return server.ok("teams.activity", {"teamId": server.team_id, **body})["entities"]


def newest(server, action):
    return next(e for e in activity(server) if e["action"] == action)


def filter_(field, operator, value):
    return {"filter": [{"field": field, "operator": operator, "value": value}]}


def test_every_row_has_all_columns(server):
    for event in activity(server):
        assert COLUMNS <= set(event) and isinstance(event["meta"], dict)


def test_newest_first(server):
    server.project()
    dates = [e["date"] for e in activity(server)]
    assert dates == sorted(dates, reverse=True)
    assert [e["date"] for e in activity(server, sort="date", sort_order="asc")] == sorted(dates)


@pytest.mark.sqlite
def test_the_date_is_when_it_happened(fresh):
    """Not when the call came: the log by date shows things in the order in which they were done."""
    db = sqlite3.connect(fresh.store.path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")  # somebody else is writing
    call = threading.Thread(target=fresh.project)
    call.start()
    time.sleep(0.3)
    goes_on = time.time()
    db.execute("ROLLBACK")
    db.close()
    call.join()
    date = datetime.datetime.fromisoformat(newest(fresh, "create_project")["date"].replace("Z", "+00:00"))
    assert date.timestamp() >= goes_on - 0.002


def changes(server):
    """Each change, the action it logs, and what the event must say."""
    project = server.project()
    yield "create_project", {"projectId": project["id"], "project": project["name"]}
    server.ok("projects.editInfo", {"id": project["id"], "description": "x"})
    yield "update_project", {"projectId": project["id"]}
    dataset = server.ok("datasets.add", {"projectId": project["id"], "name": "d"})
    yield "create_dataset", {"projectId": project["id"], "datasetId": dataset["id"], "dataset": "d"}
    server.ok("datasets.editInfo", {"id": dataset["id"], "name": "e"})
    yield "update_dataset", {"datasetId": dataset["id"], "dataset": "e"}
    meta = {"classes": [{"title": "c", "shape": "polygon", "color": "#112233"}],
            "tags": [{"name": "t", "value_type": "none", "color": "#112233"}]}
    made = server.ok("projects.meta.update", {"id": project["id"], "meta": meta})
    yield "create_class", {"classId": made["classes"][0]["id"], "class": "c"}
    yield "create_tag", {"tagId": made["tags"][0]["id"], "tag": "t"}
    server.ok("advanced.object_classes.editInfo", {"id": made["classes"][0]["id"], "color": "#445566"})
    yield "update_class", {"class": "c"}
    server.ok("datasets.archive", {"id": dataset["id"]})
    yield "disable_dataset", {"datasetId": dataset["id"]}
    server.ok("projects.archive", {"id": project["id"]})
    yield "disable_project", {"projectId": project["id"]}
    workspace = server.ok("workspaces.add", {"teamId": server.team_id, "name": project["name"]})
    yield "create_workspace", {}
    server.ok("workspaces.editInfo", {"id": workspace["id"], "description": "x"})
    yield "update_workspace", {}
    server.ok("workspaces.archive", {"id": workspace["id"]})
    yield "disable_workspace", {}
    user = server.user(role=labeld.ANNOTATOR)
    yield "add_member", {"meta": {"memberId": user.id, "roleId": 3}}
    server.ok("members.editInfo", {"id": user.id, "teamId": server.team_id, "roleId": 4})
    yield "update_member", {"meta": {"memberId": user.id, "roleId": 4}}
    server.ok("members.remove", {"id": user.id, "teamId": server.team_id})
    yield "remove_member", {"meta": {"memberId": user.id}}
    job = server.job()
    where = {"jobId": job["id"], "job": job["name"], "projectId": job["projectId"], "datasetId": job["datasetId"]}
    yield "create_job", where
    server.ok("jobs.set-status", {"id": job["id"], "status": "on_review"})
    yield "update_job_status", {**where, "meta": {"from": "pending", "to": "on_review"}}
    image = job["entities"][0]
    server.ok("jobs.entities.update-review-status",
              {"jobId": job["id"], "entityId": image["id"], "status": "rejected"})
    yield "image_review_status_updated", {**where, "imageId": image["id"], "image": image["name"],
                                          "meta": {"reviewStatus": "rejected"}}
    server.ok("jobs.editInfo", {"id": job["id"], "customData": {"a": 1}})
    yield "update_job", where
    server.ok("jobs.archive", {"id": job["id"]})
    yield "disable_job", where
    server.ok("jobs.bulk.unarchive", {"ids": [job["id"]]})
    yield "restore_job", where
    server.ok("jobs.bulk.remove", {"ids": [job["id"]]})
    yield "remove_job", where


def test_each_change_is_logged_once_with_its_objects(server):
    seen = len(activity(server))
    for action, expected in changes(server):
        events = activity(server)
        fresh = [e for e in events[:len(events) - seen] if e["action"] == action]
        assert len(fresh) == 1, (action, [e["action"] for e in events[:len(events) - seen]])
        if action != "create_class":  # its request makes a tag too, which is checked next
            seen = len(events)
        for key, value in expected.items():
            assert fresh[0][key] == value, (action, key, fresh[0])
        assert fresh[0]["userId"] == server.user_id and fresh[0]["user"] == "admin"


def test_a_change_that_changes_nothing_is_not_logged(server):
    job = server.job()
    for _ in range(2):
        server.ok("jobs.set-status", {"id": job["id"], "status": "stopped"})
        server.ok("jobs.archive", {"id": job["id"]})
    actions = [e["action"] for e in activity(server, **filter_("jobId", "=", job["id"]))]
    assert actions == ["disable_job", "update_job_status", "create_job"]


def test_a_refused_change_is_not_logged(server):
    before = len(activity(server))
    server.refused(400, "jobs.add", {"name": "x", "datasetId": server.dataset_id, "userIds": [10**6]})
    server.refused(400, "projects.meta.update", {"id": server.project_id, "meta": {
        "classes": [{"title": "good", "shape": "polygon"}, {"title": "bad", "shape": "nonsense"}], "tags": []}})
    assert len(activity(server)) == before


def test_filters(server):
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(user_ids=[labeler.id])
    image = job["entities"][0]["id"]
    server.ok("jobs.entities.update-review-status", {"jobId": job["id"], "entityId": image, "status": "done"},
              token=labeler.token)
    of_job = activity(server, **filter_("jobId", "=", job["id"]))
    assert [e["action"] for e in of_job] == ["image_review_status_updated", "update_job_status", "create_job"]
    assert [e["user"] for e in of_job] == [labeler.login, labeler.login, "admin"]
    assert activity(server, **filter_("labelerId", "=", labeler.id)) == of_job
    by_labeler = activity(server, **filter_("userId", "=", labeler.id))
    assert {e["userId"] for e in by_labeler} == {labeler.id}
    done = activity(server, filter=[
        {"field": "reviewStatus", "operator": "=", "value": "done"},
        {"field": "jobId", "operator": "=", "value": job["id"]},
        {"field": "type", "operator": "in", "value": ["image_review_status_updated", "login"]}])
    assert len(done) == 1 and done[0]["meta"] == {"reviewStatus": "done"}


OPERATORS = {"=": lambda a, b: a == b, "eq": lambda a, b: a == b,
             "!=": lambda a, b: a != b, "not": lambda a, b: a != b,
             "in": lambda a, b: a in b, "!in": lambda a, b: a not in b,
             ">": lambda a, b: a is not None and a > b, "gte": lambda a, b: a is not None and a >= b,
             "<": lambda a, b: a is not None and a < b, "lte": lambda a, b: a is not None and a <= b}


@pytest.fixture(scope="module")
def busy():
    """A server where a few people have done a few things."""
    s = labeld.Server().start()
    meta = s.ok("projects.meta.update", {"id": s.project_id, "meta": {
        "classes": [{"title": n, "shape": "rectangle", "color": "#112233"} for n in "ab"],
        "tags": [{"name": n, "value_type": "none", "color": "#112233"} for n in "ab"]}})
    for n in range(2):
        labeler = s.user(role=labeld.ANNOTATOR)
        job = s.job(user_ids=[labeler.id])
        for entity, status in zip(job["entities"], ("done", "rejected", "accepted")):
            s.ok("jobs.entities.update-review-status",
                 {"jobId": job["id"], "entityId": entity["id"], "status": status})
        s.ok("jobs.entities.update-review-status",
             {"jobId": job["id"], "entityId": job["entities"][3]["id"], "status": "done"}, token=labeler.token)
        s.ok("image-tags.bulk.add-to-image", {"tagId": meta["tags"][n]["id"], "ids": [job["entities"][n]["id"]]})
        s.ok("figures.bulk.add", {"entityId": job["entities"][n]["id"], "figures": [
            {"classId": meta["classes"][n]["id"], "geometryType": "rectangle",
             "geometry": {"points": {"exterior": [[1, 1], [9, 9]], "interior": []}}}]})
    yield s
    s.close()


def field_of(event, field, labelers):
    if field == "labelerId":
        return labelers.get(event["jobId"])
    if field == "reviewStatus":
        return event["meta"].get("reviewStatus")
    return event["action" if field == "type" else field]


@pytest.mark.parametrize("field", ["id", "userId", "user", "labelerId", "type", "action", "projectId", "datasetId",
                                   "imageId", "classId", "figureId", "tagId", "jobId", "date", "reviewStatus"])
def test_every_filter_with_every_operator(busy, field):
    everything = activity(busy)
    labelers = {j["id"]: j["userId"] for j in busy.ok("jobs.list", {"teamId": busy.team_id})["entities"]}
    values = sorted({v for v in (field_of(e, field, labelers) for e in everything) if v is not None})
    value = values[len(values) // 2] if values else 1
    text = field in ("user", "type", "action", "reviewStatus")
    for operator, holds in OPERATORS.items():
        if text and operator[0] in "><gl":
            continue
        wanted = [value, value] if operator in ("in", "!in") else value
        got = [e["id"] for e in activity(busy, **filter_(field, operator, wanted))]
        assert got == [e["id"] for e in everything if holds(field_of(e, field, labelers), wanted)], operator
    if field not in ("id", "type", "action", "date"):
        assert [e["id"] for e in activity(busy, **filter_(field, "=", None))] == \
            [e["id"] for e in everything if field_of(e, field, labelers) is None]


@pytest.mark.parametrize("body, field", [
    (filter_("meta", "=", "x"), "filter[0].field"), (filter_("userId", "~", 1), "filter[0].operator"),
    (filter_("date", ">=", "yesterday"), "filter[0].value"), (filter_("jobId", "=", "x"), "filter[0].value"),
    (filter_("type", "in", "login"), "filter[0].value"), ({"sort": "meta"}, "sort"), ({"per_page": 0}, "per_page"),
    ({"per_page": 20001}, "per_page"), ({"sort_order": "up"}, "sort_order"), ({"after": -1}, "after")])
def test_refused_filters(server, body, field):
    server.refused(400, "teams.activity", {"teamId": server.team_id, **body}, field=field)


def test_pages_by_number_and_by_token(busy):
    everything = [e["id"] for e in activity(busy)]
    pages, total = [], len(everything)
    first = busy.ok("teams.activity", {"teamId": busy.team_id, "per_page": 7})
    assert (first["total"], first["perPage"], first["pagesCount"]) == (total, 7, (total + 6) // 7)
    for page in range(1, first["pagesCount"] + 2):
        pages += [e["id"] for e in activity(busy, per_page=7, page=page)]
    assert pages == everything
    tokens, after = [], 0
    while after is not None:  # events that come meanwhile move nothing
        answer = busy.ok("teams.activity", {"teamId": busy.team_id, "per_page": 7, "pagination_mode": "token",
                                            "after": after})
        tokens, after = tokens + [e["id"] for e in answer["entities"]], answer["after"]
        busy.project()
    assert tokens == everything


def test_of_a_project(busy, server):
    one, other = busy.project(), busy.project()
    busy.ok("projects.editInfo", {"id": one["id"], "description": "x"})
    events = busy.ok("projects.activity", {"id": one["id"]})
    assert [e["action"] for e in events] == ["update_project", "create_project"]
    assert all(COLUMNS <= set(e) and e["projectId"] == one["id"] for e in events)
    assert len(busy.ok("projects.activity", {"id": one["id"], "per_page": 1})) == 1
    assert [e["action"] for e in busy.ok("projects.activity", {"id": one["id"], **filter_("type", "=", "x")})] == []
    viewer = busy.user(role=labeld.VIEWER)
    busy.refused(403, "projects.activity", {"id": other["id"]}, token=viewer.token)
    busy.refused(404, "projects.activity", {"id": 10**6})


def test_coming_and_going(fresh):
    """Logins and logouts are in the log of the team one lands in."""
    import requests
    session = requests.Session()
    session.post(fresh.url + "/api/session", json={"login": "admin", "password": "admin-password"},
                 headers={"x-csrf-token": "x"}, timeout=30)
    csrf = session.get(fresh.url + "/api/session", timeout=30).json()["csrf"]
    for _ in range(2):
        session.delete(fresh.url + "/api/session", headers={"x-csrf-token": csrf}, timeout=30)
    assert [e["action"] for e in activity(fresh, **filter_("type", "in", ["login", "logout"]))] == ["logout", "login"]


@pytest.mark.parametrize("form", ["{}Z", "{}+00:00", "{}", "{}.000Z", "{}.123456"])
def test_dates_in_all_forms(server, form):
    server.project()
    assert activity(server, **filter_("date", ">=", form.format("2020-01-01T00:00:00")))
    assert activity(server, **filter_("date", "<=", form.format("2020-01-01T00:00:00"))) == []


def test_other_teams_events_are_not_there(server):
    boss = server.user(restricted=False)
    team = server.ok("users.me", token=boss.token)["teams"][0]["id"]
    actions = server.ok("teams.activity", {"teamId": team}, token=boss.token)["entities"]
    assert [e["action"] for e in actions] == ["create_team"]
    server.refused(404, "teams.activity", {"teamId": server.team_id}, token=boss.token)


@pytest.mark.parametrize("role,allowed", [("manager", True), ("developer", True), ("reviewer", False),
                                          ("annotator", False), ("viewer", False)])
def test_who_may_read_it(server, roles, role, allowed):
    response = server.raw("teams.activity", {"teamId": server.team_id}, token=roles[role].token)
    assert response.status_code == (200 if allowed else 403)


def test_the_sdk_reads_it(server):
    api = server.sdk()
    job = server.job()
    events = api.labeling_job.get_activity(server.team_id, job["id"])
    assert list(events["action"]) == ["create_job"]
    assert api.project.get_activity(server.project_id)["jobId"].notna().any()
