"""What breaks clients when a server does it differently, about work in jobs: restarts, figures, statistics, queues,
issues, guides, webhooks. One test for each known trap, with its number; the others are in test_traps_jobs.py."""

import pytest
import supervisely as sly

import labeld
from queue_team import Team
from receiver import Receiver
from sdk_helpers import ids, label, recorded, refused, review, unique
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)


@pytest.fixture
def labeler(server):
    return server.user(role=labeld.ANNOTATOR)


@pytest.fixture
def job(server, place, labeler):  # noqa: F811
    """Nobody has worked in it; there is one object with tags, and one tag on the image."""
    put(place, annotation(box(tags=[{"name": "choice", "value": "small"}]), tags=[{"name": "flag"}]))
    put(place, annotation(), place.other)
    return server.job(user_ids=[labeler.id], dataset_id=place.dataset)


# ---- restarts ----

def test_trap_12_nothing_to_restart_says_no_images_found(server, job):
    api = server.sdk()
    error = refused(400, api.labeling_job.restart, job["id"])
    assert "No images found" in str(error)
    assert api.labeling_job.restart(job["id"], ignore_no_rejected_error=True) == []
    refused(404, server.sdk().post, "jobs.restart", {"id": 10**9, "userIds": [server.user_id]})


def test_trap_13_a_refused_restart_leaves_the_old_job_as_it_was(server, job, labeler):
    stranger = server.user().id
    before = server.state()
    for body in ({}, {"userIds": [stranger]}, {"restartEntitiesMode": "not_accepted", "reviewerId": stranger},
                 {"restartEntitiesMode": "not_accepted", "name": "a/b"},
                 {"restartEntitiesMode": "not_accepted", "userIds": [labeler.id, server.user_id, stranger]}):
        server.refused(400, "jobs.restart", {"id": job["id"], "completeExisting": True, **body})
    assert server.state() == before


def test_trap_14_no_reviewer_and_no_name_are_fine(server, job, labeler):
    api = server.sdk()
    api.labeling_job.reject_annotations(job["id"])
    with recorded(api) as calls:
        made = api.labeling_job.restart(job["id"])
    sent = next(body for method, body in calls if method == "jobs.restart")
    assert sent["reviewerId"] is None and "name" not in sent
    assert set(made[0]) >= {"id", "userId", "type", "name"} and made[0]["name"] == job["name"] + " (#2)"


# ---- figures ----

def test_trap_18_figures_say_their_entity_whatever_fields_ask_for(server, place, job):  # noqa: F811
    for fields in (["id", "imageId", "classId"], ["id"], None):
        found = server.ok("figures.list", {"datasetId": place.dataset, "fields": fields, "filter": [
            {"field": "entityId", "operator": "in", "value": [place.image]}]})["entities"]
        assert [f["entityId"] for f in found] == [place.image]
        assert fields is not None or [t["value"] for t in found[0]["tags"]] == ["small"]
    server.ok("object-tags.remove-from-figure", {"figureId": found[0]["id"], "id": found[0]["tags"][0]["id"]})
    assert server.ok("figures.list", {"datasetId": place.dataset})["entities"][0]["tags"] == []
    assert place.api.image.figure.download(place.dataset, [place.image])[place.image][0].tags == []


def test_trap_34_and_35_who_has_drawn_and_tagged_is_named(server, place, job, labeler):  # noqa: F811
    api = server.sdk(labeler.token)
    api.add_header("x-job-id", str(job["id"]))
    figure = {"classId": place.classes["a rectangle"], "geometryType": "rectangle",
              "geometry": {"points": {"exterior": [[1, 1], [19, 19]], "interior": []}}}
    made = api.post("figures.bulk.add", {"entityId": place.other, "figures": [figure]}).json()[0]["id"]
    api.image.add_tag(place.other, place.tags["text"], "x")
    ann = read(place, place.other)
    assert [o["labelerLogin"] for o in ann["objects"]] == [t["labelerLogin"] for t in ann["tags"]] == [labeler.login]
    assert {(o["labelerLogin"]) for o in read(place)["objects"]} == {"admin"}, "those of others stay theirs"
    listed = server.ok("figures.list", {"datasetId": place.dataset, "filter": [
        {"field": "id", "operator": "=", "value": made}]})["entities"]
    assert [f["labelerLogin"] for f in listed] == [labeler.login]
    copied = server.user(role=labeld.MANAGER)
    server.ok("annotations.bulk.copy", {"srcImageIds": [place.other], "destImageIds": [place.image]}, token=copied.token)
    assert {o["labelerLogin"] for o in read(place)["objects"]} == {copied.login}, "who copies is the author"


# ---- statistics ----

def test_trap_21_statistics_of_a_job_without_work_are_complete(server, place):  # noqa: F811
    api = server.sdk()
    empty = api.dataset.create(api.project.create(server.workspace_id, unique("bare")).id, "d")
    server.ok("images.bulk.add", {"datasetId": empty.id, "images": [{"title": "x.jpg", "link": "http://example.org/x"}]})
    stats = api.labeling_job.get_stats(server.job(dataset_id=empty.id)["id"])
    assert (stats["job"]["tagsStats"], stats["classes"]) == ([], [])
    put(place, annotation())
    put(place, annotation(), place.other)
    job = server.job(dataset_id=place.dataset)["id"]
    stats = api.labeling_job.get_stats(job)
    for row in stats["classes"]:
        assert (row["imagesCount"], row["labelsCount"], row["totalDuration"]) == (0, 0, 0)
        assert {"id", "name", "shape", "color"} <= row.keys()


def test_trap_22_values_of_tags_are_children_without_an_id(server, job):
    rows = server.sdk().labeling_job.get_stats(job["id"])["job"]["tagsStats"]
    parent = None
    for row in rows:
        assert ("id" in row) != ("parentId" in row)
        parent = row if "id" in row else parent
        if "parentId" in row:
            assert row["parentId"] == parent["id"] and row["name"].startswith(parent["name"] + " (")
    choice = next(r for r in rows if r["name"] == "choice")
    assert choice["figures"] == sum(r["figures"] for r in rows if r.get("parentId") == choice["id"]) == 1


# ---- queues ----

def test_trap_27_people_and_jobs_of_a_queue_are_objects(server):
    team = Team(server)
    for queue in (team.info(), server.ok("labeling-queues.list", {"teamId": server.team_id, "filter": [
            {"field": "id", "operator": "in", "value": [team.id]}]})["entities"][0]):
        for key, count in (("labelers", 2), ("reviewers", 2), ("jobs", 4)):
            assert len(queue[key]) == count and all(isinstance(x["id"], int) for x in queue[key])
    assert server.sdk().labeling_queue.get_info_by_id(team.id).labelers == sorted(u.id for u in team.labelers)


def test_trap_28_the_pool_is_a_status_that_is_null(server):
    team = Team(server)
    team.confirm(team.labelers[0])
    held = team.pull(team.labelers[1])
    for status, count in (([None], 4), (["none", None], 5), (["none"], 1), (["done"], 1), (None, 6)):
        found = server.ok("labeling-queues.stats.entities", {"id": team.id, "page": 1, "per_page": 25,
                                                             "sort": "name", "entityStatus": status})
        assert found["total"] == len(found["images"]) == count, status
    assert [i["reviewStatus"] for i in server.ok("labeling-queues.stats.entities", {
        "id": team.id, "entityStatus": ["none"]})["images"] if i["id"] == held] == ["none"]
    server.refused(400, "labeling-queues.stats.entities", {"id": team.id, "entityStatus": ["pool"]}, field="entityStatus")


def test_trap_29_pages_of_a_queue_are_those_of_the_caller(server):
    team = Team(server)
    every = server.sdk().labeling_queue.get_entities_all_pages(team.id, per_page=4)
    assert every["total"] == len(every["images"]) == len({e["id"] for e in every["images"]}) == 6
    second = server.ok("labeling-queues.stats.entities", {"id": team.id, "page": 2, "per_page": 4})
    assert ("images" in second, len(second["images"])) == (True, 2)
    beyond = server.ok("labeling-queues.stats.entities", {"id": team.id, "page": 9, "per_page": 4})
    assert (beyond["total"], beyond["images"]) == (6, [])


def test_trap_30_the_meta_of_a_queue_is_read_job_by_job(server):
    team = Team(server)
    api = server.sdk()
    with recorded(api) as calls:
        meta = api.labeling_queue.get_project_meta(team.id)
    asked = [m for m, _ in calls]
    assert asked.count("jobs.info") == 4 and "projects.meta" in asked and isinstance(meta, sly.ProjectMeta)


# ---- issues and guides ----

def test_trap_31_elements_of_issues_and_guides_have_every_key(server):
    api = server.sdk()
    issue = api.issues.add(server.team_id, unique("issue"))
    guide = server.ok("guides.add", {"teamId": server.team_id, "name": unique("guide")})["id"]
    body = {"teamId": server.team_id}
    one = next(i for i in server.ok("issues.list", body)["entities"] if i["id"] == issue.id)
    assert {"id", "status", "userLogin", "imageId", "createdBy", "createdAt", "updatedAt", "datasetId", "projectId",
            "imageName", "name"} <= one.keys()
    one = next(g for g in server.ok("guides.list", body)["entities"] if g["id"] == guide)
    assert {k if isinstance(k, str) else k[0][0] for k in api.guides.info_sequence()} <= one.keys()
    assert issue.id in ids(api.issues.get_list(server.team_id)) and guide in ids(api.guides.get_list(server.team_id))


# ---- webhooks ----

def test_trap_50_a_webhook_is_told_once_of_each_completion(server, place, labeler):  # noqa: F811
    receiver = Receiver()
    server.setting("private_addresses", 1)
    hook = server.ok("webhooks.add", {"teamId": server.team_id, "url": receiver.url, "action": "labeling_job.completed"})
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset, reviewerId=server.user_id)
    info = server.sdk().labeling_job.get_info_by_id(job["id"])
    label(server.sdk(labeler.token), info)
    review(server.sdk(), info)
    for _ in range(3):
        server.ok("jobs.set-status", {"id": job["id"], "status": "completed"})
    server.ok("jobs.set-status", {"id": job["id"], "status": "in_progress"})
    server.ok("jobs.set-status", {"id": job["id"], "status": "completed"})
    assert [receiver.next()[1]["event"] for _ in range(2)] == ["labeling_job.completed"] * 2
    made = server.ok("webhooks.deliveries.list", {"teamId": server.team_id, "filter": [
        {"field": "webhookId", "operator": "=", "value": hook["id"]}]})
    assert made["total"] == 2 and receiver.empty()
    server.ok("webhooks.bulk.remove", {"ids": [hook["id"]]})
    server.setting("private_addresses", 0)
    receiver.close()
