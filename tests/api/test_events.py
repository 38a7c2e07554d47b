"""Every change writes one event in its transaction; teams.activity reads them."""

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
