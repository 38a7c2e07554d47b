"""Issues with their parts and comments, through the stock SDK and without it."""

import pytest
import supervisely as sly

import labeld
from sdk_helpers import is_time, refused, unique

BOX = {"points": {"exterior": [[1, 1], [9, 9]], "interior": []}}


@pytest.fixture(scope="module")
def place():
    """A server of this file's own, with a figure on the first image of a dataset."""
    s = labeld.Server().start()
    meta = s.ok("projects.meta.update", {"id": s.project_id, "meta": {
        "classes": [{"title": "box", "shape": "rectangle", "color": "#000000"}], "tags": []}})
    klass = next(c["id"] for c in meta["classes"] if c["title"] == "box")
    s.images = [i["id"] for i in s.ok("images.list", {"datasetId": s.dataset_id})["entities"]]
    s.figure = s.ok("figures.bulk.add", {"entityId": s.images[0], "figures": [
        {"classId": klass, "geometryType": "rectangle", "geometry": BOX}]})[0]["id"]
    yield s
    s.close()


def add(server, token=True, **more):
    return server.ok("issues.add", {"teamId": server.team_id, "name": unique("issue"), "isLocal": True, **more},
                     token=token)["id"]


def part(server, issue, field="imageId", value=None, token=True, **more):
    bindings = [{"field": field, "value": value or server.images[0]}]
    return server.ok("issues.sub-issue.add", {"issueId": issue, "bindings": bindings, **more}, token=token)["id"]


def info(server, issue, token=True):
    return server.ok("issues.info", {"id": issue, "withSubIssues": True}, token=token)


def listed(server, token=True, **more):
    return [i["id"] for i in server.ok("issues.list", {"teamId": server.team_id, **more}, token=token)["entities"]]


# ---- the SDK ----

def test_sdk_issue(place):
    api, user = place.sdk(), place.user(role=labeld.MANAGER)
    text = "# See **this**\nhttp://a.test/x?y=1 and <https://b.test> `code` \u00fc"
    made = api.issues.add(place.team_id, "Blurred", text, [user.id], is_local=True)
    assert (made.name, made.status, made.user_login, made.created_by_id) == ("Blurred", "open", "admin", place.user_id)
    assert (made.image_id, made.dataset_id, made.project_id, made.image_name) == (None,) * 4
    assert is_time(made.created_at) and is_time(made.updated_at)
    raw = info(place, made.id)
    assert raw["assignees"] == [user.id] and raw["isLocal"] is True and raw["isPinned"] is False
    assert [c["comment"] for c in raw["comments"]] == [text]
    assert raw["comments"][0]["links"] == {"urls": ["http://a.test/x?y=1", "https://b.test"]}
    assert made.id in [i.id for i in api.issues.get_list(place.team_id)]
    named = api.issues.get_list(place.team_id, [{"field": "name", "operator": "=", "value": "Blurred"}])
    assert [i.id for i in named] == [made.id] and named[0].sub_issues is None
    changed = api.issues.update(made.id, issue_name="Sharp", status="closed", is_pinned=True)
    assert (changed.name, changed.status) == ("Sharp", "closed") and info(place, made.id)["isPinned"] is True
    assert api.issues.update(made.id, status="open").name == "Sharp"
    comment = api.issues.add_comment(made.id, "Done?")
    assert (comment.issue_id, comment.comment, comment.created_by, comment.created_by_user, comment.meta) == \
        (made.id, "Done?", place.user_id, "admin", {}) and comment.links == {"urls": []}
    edited = api.issues.update_comment(comment.id, "Done.")
    assert (edited.id, edited.comment, edited.created_at) == (comment.id, "Done.", comment.created_at)
    assert [c["comment"] for c in info(place, made.id)["comments"]] == [text, "Done."]
    api.issues.remove(made.id)
    assert api.issues.get_info_by_id(made.id) is None
    assert made.id not in [i.id for i in api.issues.get_list(place.team_id)]


def test_sdk_sub_issues(place):
    api = place.sdk()
    meta = sly.ProjectMeta.from_json(api.project.get_meta(place.project_id))
    annotation = api.annotation.download(place.images[0])
    issue = api.issues.add(place.team_id, "With parts", is_local=True)
    api.issues.add_subissue(issue.id, place.images[0], place.figure, 10, 20.5, annotation, meta)
    one = api.issues.get_info_by_id(issue.id, with_sub_issues=True).sub_issues[0]
    assert one["parentId"] == issue.id and one["status"] == "open" and one["imageId"] == place.images[0]
    assert one["bindings"] == [{"field": "figureId", "value": place.figure,
                                "extra": {"figureImageId": place.images[0]}}]
    assert one["meta"]["position"] == {"left": 20.5, "top": 10}
    assert one["meta"]["annotationData"]["annotation"] == annotation.annotation
    assert {c["title"] for c in one["meta"]["annotationData"]["meta"]["classes"]} == {c.name for c in meta.obj_classes}
    api.issues.update_subissue(one["id"], status="closed", meta={"position": {"left": 1, "top": 2}})
    other = api.issues.add(place.team_id, "Other", is_local=True)
    api.issues.update_subissue(one["id"], parent_id=other.id)
    assert api.issues.get_info_by_id(issue.id, with_sub_issues=True).sub_issues == []
    moved = next(i for i in api.issues.get_list(place.team_id, with_sub_issues=True) if i.id == other.id).sub_issues
    assert [(p["id"], p["status"], p["meta"]) for p in moved] == \
        [(one["id"], "closed", {"position": {"left": 1, "top": 2}})]
    records = api.issues.get_list_by_dataset(dataset_id=place.dataset_id)
    assert records == api.issues.get_list_by_dataset(project_id=place.project_id)
    assert {r["id"]: api.issues.resolve_binding_image_id(r) for r in records if r["id"] in (other.id, one["id"])} == \
        {other.id: None, one["id"]: place.images[0]}
    assert issue.id not in [r["id"] for r in records]
    for i in (issue, other):
        api.issues.remove(i.id)
    assert one["id"] not in [r["id"] for r in api.issues.get_list_by_dataset(dataset_id=place.dataset_id)]


def test_several_bindings_come_one_by_one(place):
    issue = add(place)
    made = place.ok("issues.sub-issue.add", {"issueId": issue, "parentId": issue, "name": "both", "comment": "look",
                                             "bindings": [{"field": "imageId", "value": i} for i in place.images[:2]]})
    records = [r for r in place.ok("issues.dataset-issues.list", {"datasetId": place.dataset_id})
               if r["id"] == made["id"]]
    assert [r["bindings"] for r in records] == \
        [[{"field": "imageId", "value": i, "extra": {}}] for i in place.images[:2]]
    assert [r["imageId"] for r in records] == place.images[:2] and {r["name"] for r in records} == {"both"}
    assert [c["comment"] for c in info(place, made["id"])["comments"]] == ["look"]
    place.ok("issues.comments.add", {"issueId": made["id"], "comment": "again"})
    assert len(info(place, made["id"])["comments"]) == 2 and info(place, issue)["comments"] == []


@pytest.mark.parametrize("field", ["imageId", "figureId", "projectId", "jobId"])
def test_what_a_part_may_be_about(place, field):
    value = {"imageId": place.images[1], "figureId": place.figure, "projectId": place.project_id,
             "jobId": place.job()["id"]}[field]
    issue = add(place)
    part(place, issue, field, value)
    one, = info(place, issue)["subIssues"]
    assert one["bindings"][0]["field"] == field and one["bindings"][0]["value"] == value
    assert one["projectId"] == place.project_id
    assert (one["imageId"] is not None) == (field in ("imageId", "figureId"))


# ---- who sees and does what ----

def test_local_issues_stay_in_the_team(place):
    stranger, restricted = place.user(restricted=False), place.user()
    local, public = add(place), add(place, isLocal=False, comment="hello")
    part(place, public)
    for issue in (local, public):
        assert info(place, issue)["isLocal"] is (issue == local)
    place.refused(404, "issues.info", {"id": local}, token=stranger.token)
    seen = info(place, public, token=stranger.token)
    assert seen["comments"][0]["comment"] == "hello" and seen["subIssues"] == []
    sub = info(place, public)["subIssues"][0]["id"]
    for token, id_ in ((restricted.token, public), (stranger.token, sub)):
        place.refused(404, "issues.info", {"id": id_}, token=token)
    for method, body in (("issues.editInfo", {"id": public, "status": "closed"}),
                         ("issues.comments.add", {"issueId": public, "comment": "x"}),
                         ("issues.remove", {"id": public})):
        place.refused(403, method, body, token=stranger.token)
    place.refused(404, "issues.list", {"teamId": place.team_id}, token=stranger.token)


def test_labelers_see_what_is_theirs(place):
    labeler, other = place.user(role=labeld.ANNOTATOR), place.user(role=labeld.ANNOTATOR)
    own, assigned = add(place, token=labeler.token), add(place, assignees=[labeler.id])
    hidden, about_theirs = add(place), add(place)
    job = place.ok("jobs.add", {"name": unique("job"), "datasetId": place.dataset_id, "userIds": [labeler.id],
                                "meta": {"entityIds": [place.images[0]]}})[0]["id"]
    shown = part(place, about_theirs, value=place.images[0])
    secret = part(place, about_theirs, value=place.images[1])
    part(place, hidden, value=place.images[1])
    seen = listed(place, token=labeler.token)
    assert set(seen) >= {own, assigned, about_theirs} and hidden not in seen
    assert listed(place, token=other.token) == []
    assert [p["id"] for p in info(place, about_theirs, token=labeler.token)["subIssues"]] == [shown]
    place.refused(404, "issues.info", {"id": secret}, token=labeler.token)
    place.refused(404, "issues.info", {"id": hidden}, token=labeler.token)
    records = place.ok("issues.dataset-issues.list", {"datasetId": place.dataset_id}, token=labeler.token,
                       headers={"x-job-id": str(job)})
    assert {r["id"] for r in records if "bindings" in r} >= {shown} and secret not in {r["id"] for r in records}
    place.ok("issues.comments.add", {"issueId": shown, "comment": "fixed"}, token=labeler.token)
    place.ok("issues.sub-issue.editInfo", {"id": shown, "status": "closed"}, token=labeler.token)
    place.refused(403, "issues.editInfo", {"id": about_theirs, "name": "x"}, token=labeler.token, field="name")
    place.refused(403, "issues.remove", {"id": about_theirs}, token=labeler.token)
    place.ok("jobs.stop", {"id": job})
    assert about_theirs not in listed(place, token=labeler.token)
    place.refused(404, "issues.info", {"id": shown}, token=labeler.token)


def test_who_made_an_issue_changes_it(place, ):
    labeler, viewer = place.user(role=labeld.ANNOTATOR), place.user(role=labeld.VIEWER)
    issue = add(place, token=labeler.token)
    place.ok("issues.editInfo", {"id": issue, "name": "mine", "isPinned": True}, token=labeler.token)
    place.ok("issues.editInfo", {"id": issue, "status": "closed"}, token=viewer.token)
    for change, field in (({"name": "x"}, "name"), ({"isPinned": False}, "isPinned"), ({"assignees": []}, "assignees")):
        place.refused(403, "issues.editInfo", {"id": issue, **change}, token=viewer.token, field=field)
    place.refused(403, "issues.remove", {"id": issue}, token=viewer.token)
    place.ok("issues.remove", {"id": issue}, token=labeler.token)
    place.ok("issues.remove", {"id": issue}, token=labeler.token)  # again: nothing changes
    place.refused(404, "issues.remove", {"id": issue}, token=viewer.token)


def test_comments_are_changed_by_their_author(place):
    manager = place.user(role=labeld.MANAGER)
    comment = place.ok("issues.comments.add", {"issueId": add(place), "comment": "mine"}, token=manager.token)["id"]
    place.refused(403, "issues.comments.editInfo", {"id": comment, "comment": "yours"}, field="id")
    assert place.ok("issues.comments.editInfo", {"id": comment, "comment": "better"},
                    token=manager.token)["comment"] == "better"


def test_assignees(place):
    one, two = place.user(role=labeld.ANNOTATOR), place.user(role=labeld.VIEWER)
    issue = add(place, assignees=[one.id, two.id])
    assert info(place, issue)["assignees"] == sorted([one.id, two.id])
    place.ok("issues.editInfo", {"id": issue, "assignees": [two.id]})
    assert info(place, issue)["assignees"] == [two.id]
    place.refused(404, "issues.info", {"id": issue}, token=one.token)
    place.ok("issues.editInfo", {"id": issue, "assignees": []})
    assert info(place, issue)["assignees"] == []
    outsider = place.user(restricted=False)
    place.refused(400, "issues.editInfo", {"id": issue, "assignees": [outsider.id]}, field="assignees")
    place.refused(400, "issues.add", {"teamId": place.team_id, "name": "x", "assignees": [outsider.id]},
                  field="assignees")


def test_filters_and_pages(place):
    made = [add(place) for _ in range(5)]
    place.ok("issues.editInfo", {"id": made[2], "status": "closed", "isPinned": True})

    def find(field, operator, value):
        return [i for i in listed(place, filter=[{"field": field, "operator": operator, "value": value}]) if i in made]

    assert find("status", "=", "closed") == [made[2]] and find("isPinned", "=", 1) == [made[2]]
    assert find("id", "in", made[1:3]) == made[1:3] and find("createdBy", "=", place.user_id) == made
    assert find("userLogin", "!=", "admin") == []
    page = place.ok("issues.list", {"teamId": place.team_id, "per_page": 2, "page": 1, "sort": "id",
                                    "sort_order": "desc"})
    assert [i["id"] for i in page["entities"]] == made[:2:-1] and page["pagesCount"] == (page["total"] + 1) // 2
    place.refused(400, "issues.list", {"teamId": place.team_id, "sort": "meta"}, field="sort")


def test_images_by_issues(place):
    image, issue = place.images[3], add(place)

    def having(**data):
        return [i["id"] for i in place.ok("images.list", {"datasetId": place.dataset_id, "filters": [
            {"type": "issues_count", "data": data}]})["entities"]]

    assert image not in having() and image in having(**{"from": 0, "to": 0})
    first = part(place, issue, value=image)
    second = part(place, issue, value=image, meta={"position": {"left": 1, "top": 1}})  # no repeat of the first
    assert image in having() and image in having(**{"from": 2, "to": 2}) and image not in having(**{"from": 3})
    place.ok("issues.sub-issue.editInfo", {"id": first, "status": "closed"})
    assert image in having(**{"from": 1, "to": 1, "status": "open"}) and image in having(status="closed")
    assert image not in having(include=False)
    place.ok("issues.remove", {"id": second})
    assert image not in having(status="open")
    place.ok("issues.remove", {"id": issue})
    assert image not in having()
    place.refused(400, "images.list", {"datasetId": place.dataset_id, "filters": [
        {"type": "issues_count", "data": {"status": "done"}}]}, field="filters[0].data.status")


def test_events(place):
    issue = add(place)
    comment = place.ok("issues.comments.add", {"issueId": issue, "comment": "x"})
    place.ok("issues.editInfo", {"id": issue, "status": "closed"})
    place.ok("issues.remove", {"id": issue})
    events = place.ok("teams.activity", {"teamId": place.team_id, "per_page": 4})["entities"]
    assert [e["action"] for e in events] == ["remove_issue", "update_issue", "comment_issue", "create_issue"]
    assert {e["meta"]["issueId"] for e in events} == {issue} and comment["issueId"] == issue


# ---- refusals ----

@pytest.mark.parametrize("body, field", [
    ({"name": ""}, "name"), ({"name": None}, "name"), ({"name": "x" * 256}, "name"), ({"name": "a\nb"}, "name"),
    ({"comment": "x" * 20001}, "comment"), ({"comment": "\0"}, "comment"), ({"assignees": "x"}, "assignees"),
    ({"assignees": [10**6]}, "assignees"), ({"isLocal": 3}, "isLocal")])
def test_refused_issues(place, body, field):
    before = place.ok("issues.list", {"teamId": place.team_id})["total"]
    place.refused(400, "issues.add", {"teamId": place.team_id, "name": "x", **body}, field=field)
    assert place.ok("issues.list", {"teamId": place.team_id})["total"] == before


@pytest.mark.parametrize("bindings, status, field", [
    ([], 400, "bindings"), (None, 400, "bindings"), ([{}], 400, "bindings[0]"),
    ([{"field": "tagId", "value": 1}], 400, "bindings[0]"), ([{"field": "imageId", "value": "1"}], 400, "bindings[0]"),
    ([{"field": "imageId"}], 400, "bindings[0]"), ([{"field": "imageId", "value": 10**6}], 404, "bindings"),
    ([{"field": "imageId", "value": 1, "extra": []}], 400, "bindings[0]"),
    ([{"field": "imageId", "value": 1}, {"field": "jobId", "value": 10**6}], 404, "bindings")])
def test_refused_parts(place, bindings, status, field):
    issue = add(place)
    place.refused(status, "issues.sub-issue.add", {"issueId": issue, "bindings": bindings}, field=field)
    assert info(place, issue)["subIssues"] == []


def test_more_refused_parts(place):
    issue, other = add(place), add(place)
    sub = part(place, issue)
    about = [{"field": "imageId", "value": place.images[0]}]
    place.refused(400, "issues.sub-issue.add", {"issueId": issue, "parentId": other, "bindings": about},
                  field="parentId")
    place.refused(400, "issues.sub-issue.add", {"issueId": sub, "bindings": about}, field="parentId")
    place.refused(400, "issues.sub-issue.editInfo", {"id": issue, "status": "closed"}, field="id")
    place.refused(400, "issues.sub-issue.editInfo", {"id": sub, "status": "done"}, field="status")
    place.refused(400, "issues.sub-issue.editInfo", {"id": sub, "parentId": sub}, field="parentId")
    place.refused(404, "issues.sub-issue.editInfo", {"id": sub, "parentId": 10**6}, field="parentId")
    place.refused(400, "issues.comments.add", {"issueId": issue, "comment": ""}, field="comment")
    place.refused(404, "issues.comments.editInfo", {"id": 10**6, "comment": "x"}, field="id")
    place.refused(400, "issues.editInfo", {"id": issue, "status": "done"}, field="status")
    place.refused(400, "issues.dataset-issues.list", {}, field="datasetId")
    place.refused(400, "issues.dataset-issues.list", {"datasetId": place.dataset_id, "projectId": place.project_id},
                  field="datasetId")


def test_parts_stay_in_the_team_of_the_issue(place):
    boss = place.user(restricted=False)
    team = place.ok("users.me", token=boss.token)["teams"][0]["id"]
    issue = place.ok("issues.add", {"teamId": team, "name": "elsewhere"}, token=boss.token)["id"]
    place.refused(400, "issues.sub-issue.add", {"issueId": issue, "bindings": [
        {"field": "imageId", "value": place.images[0]}]}, field="bindings[0]")
    place.refused(404, "issues.sub-issue.add", {"issueId": issue, "bindings": [
        {"field": "imageId", "value": place.images[0]}]}, field="bindings", token=boss.token)


def test_sdk_sees_refusals(place):
    assert place.sdk().issues.get_info_by_id(10**6) is None
    refused(404, place.sdk().issues.remove, 10**6)
