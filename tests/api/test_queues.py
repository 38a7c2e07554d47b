"""Labeling queues: each image to one person at a time, rejected ones back to who labeled them."""

import concurrent.futures
import time

import pytest
from supervisely.api.labeling_job_api import LabelingJobApi

import labeld
from queue_team import Team
from sdk_helpers import ids, refused, unique


@pytest.fixture
def team(server):
    return Team(server)


def test_from_the_pool_to_accepted(team):
    first, second = team.labelers
    reviewer, other = team.reviewers
    assert team.counts() == [6, 6, 0, 0, 0] and team.info()["status"] == "pending"
    assert team.job(first)["imagesCount"] == 0
    a, b = team.pull(first), team.pull(second)
    assert a != b and team.counts() == [6, 4, 2, 0, 0]
    assert team.pull(first) == a, "one at a time: what is held comes first"
    assert team.job(first)["status"] == team.info()["status"] == "in_progress"
    assert team.pull(reviewer) is None, "nothing is confirmed yet"
    team.verdict(first, a, "done")
    c = team.pull(first)
    assert c not in (a, b) and team.counts() == [6, 3, 2, 1, 0]
    assert sorted(e["id"] for e in team.job(first)["entities"]) == sorted([a, c])
    assert team.pull(reviewer) == team.pull(reviewer) == a and team.pull(other) is None
    team.verdict(reviewer, a, "rejected")
    assert team.counts() == [6, 3, 3, 0, 0]
    assert [e["reviewStatus"] for e in team.job(first)["entities"] if e["id"] == a] == ["rejected"]
    assert team.job(first)["rejectedImagesCount"] == 1
    assert team.job(reviewer)["entities"] == [], "it goes back to who labeled it"
    team.verdict(first, a, "done")
    assert team.pull(other) == a
    team.verdict(other, a, "accepted")
    assert team.counts() == [6, 3, 2, 1, 1]
    assert team.job(first)["acceptedImagesCount"] == team.job(other)["acceptedImagesCount"] == 1


def test_a_finished_queue_completes_its_jobs(team):
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    while (image := team.pull(labeler)) is not None:
        team.verdict(labeler, image, "done")
    assert team.pull(team.labelers[1]) is None
    while team.info()["status"] != "completed":
        team.verdict(reviewer, team.pull(reviewer), "accepted")
    assert team.counts() == [6, 0, 0, 6, 6]
    assert team.info()["status"] == "completed" and team.info()["finishedAt"]
    assert {team.server.ok("jobs.info", {"id": j})["status"] for j in team.jobs.values()} == {"completed"}


def test_open_queues_stay_open(server):
    team = Team(server, skipCompleteAnnotationJobOnEmpty=True, reviewOwnAnnotationsAvailable=True)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    while (image := team.pull(labeler)) is not None:
        team.verdict(labeler, image, "done")
        team.verdict(reviewer, team.pull(reviewer), "accepted")
    assert team.info()["status"] == "in_progress" and team.job(labeler)["status"] == "in_progress"


def test_nobody_reviews_what_they_labeled(server):
    person = server.user(role=labeld.REVIEWER)
    for own in (False, True):
        queue = server.ok("labeling-queues.add", {
            "name": unique("q"), "datasetId": server.dataset_id, "userIds": [person.id],
            "reviewerIds": [person.id], "queueMeta": {"reviewOwnAnnotationsAvailable": own}})["id"]
        jobs = [server.ok("jobs.info", {"id": j["id"]})
                for j in server.ok("labeling-queues.info", {"id": queue})["jobs"]]
        label = next(j["id"] for j in jobs if "annotation" in j["name"])
        review = next(j["id"] for j in jobs if "review" in j["name"])
        image = server.raw("labeling-queues.entities.get-next", {"id": label}, token=person.token).json()["id"]
        server.ok("jobs.entities.update-review-status", {"jobId": label, "entityId": image,
                                                         "status": "done"}, token=person.token)
        got = server.raw("labeling-queues.entities.get-next", {"id": review}, token=person.token).json()
        assert got == {"id": image if own else None}


def test_skip(team):
    first = team.labelers[0]
    a = team.pull(first)
    assert team.call(first, "labeling-queues.entities.skip", entityId=a).ok
    assert team.counts() == [6, 6, 0, 0, 0] and team.job(first)["imagesCount"] == 0
    assert team.pull(first) != a, "a skipped one comes last"


def test_a_lease_ends(fresh):
    team = Team(fresh, leaseSeconds=1)
    first, second = team.labelers
    a = team.pull(first)
    taken = set()
    while a not in taken:  # its holder gives no sign of life
        taken.add(team.confirm(second) if team.counts()[1] else team.pulled_at_last(second))
    assert team.job(first)["imagesCount"] == 0
    team.verdict(second, a, "done") if team.statuses(second)[a] == "none" else None
    time.sleep(1.2)
    assert team.pull(first) not in taken, "what is confirmed stays"


def test_a_stopped_queue_hands_out_nothing(team):
    team.server.ok("labeling-queues.set-status", {"id": team.id, "status": "stopped"})
    assert team.call(team.labelers[0], "labeling-queues.entities.get-next").status_code == 403
    team.server.ok("labeling-queues.set-status", {"id": team.id, "status": "in_progress"})
    assert team.pull(team.labelers[0])


def test_a_removed_image_leaves_the_queue(server):
    project = server.project()
    dataset = server.ok("datasets.add", {"projectId": project["id"], "name": "d"})["id"]
    images = server.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": f"{i}.jpg", "link": "http://example.org/x"} for i in range(2)]})
    labeler = server.user(role=labeld.ANNOTATOR)
    queue = server.ok("labeling-queues.add", {"name": "q", "datasetId": dataset,
                                              "userIds": [labeler.id], "reviewerIds": []})["id"]
    server.ok("images.bulk.remove", {"imageIds": [images[0]["id"]]})
    info = server.ok("labeling-queues.info", {"id": queue})
    assert (info["entitiesCount"], info["pendingCount"]) == (1, 1)


@pytest.mark.parametrize("body, field", [
    ({"name": ""}, "name"), ({"name": "a/b"}, "name"), ({"userIds": []}, "userIds"),
    ({"userIds": [10**9]}, "userIds"), ({"reviewerIds": [10**9]}, "reviewerIds"),
    ({"meta": {"classes": ["unheard-of"]}}, "meta.classes"), ({"meta": {"entityIds": [10**9]}}, "meta.entityIds"),
    ({"meta": {"range": {"start": 9, "end": 12}}}, None), ({"queueMeta": {"leaseSeconds": 0}}, "queueMeta"),
    ({"queueMeta": {"reviewOwnAnnotationsAvailable": "yes"}}, "queueMeta"), ({"name": None}, "name"),
    ({"datasetId": None}, "datasetId"), ({"datasetId": 10**9}, None), ({"collectionId": 1}, "collectionId"),
    ({"datasetId": None, "collectionId": 10**9}, None), ({"qualityCheckUserIds": [1]}, "qualityCheckUserIds"),
    ({"meta": {"enableIntermediateReview": True}}, "qualityCheckUserIds"),
    ({"meta": {"enableIntermediateReview": True}, "qualityCheckUserIds": [10**9]}, "qualityCheckUserIds")])
def test_queues_that_are_refused(server, body, field):
    labeler = server.user(role=labeld.ANNOTATOR)
    before = server.state()
    missing = any(v == 10**9 for v in body.values())
    server.refused(404 if missing else 400, "labeling-queues.add", {
        "name": unique("q"), "datasetId": server.dataset_id, "userIds": [labeler.id],
        "reviewerIds": [], **body}, field=field)
    assert server.state() == before


def test_calls_that_are_refused(team):
    first, second = team.labelers
    stranger, image = team.server.user(role=labeld.ANNOTATOR), team.pull(first)
    before = team.server.state()
    assert team.call(second, "labeling-queues.entities.skip", entityId=image).status_code == 404
    assert team.call(first, "labeling-queues.entities.skip", entityId=10**9).status_code == 404
    assert team.call(first, "labeling-queues.entities.heartbeat", entityId=10**9).status_code == 404
    job = {"id": team.jobs[first.id]}
    team.server.refused(404, "labeling-queues.entities.get-next", job, token=second.token)
    team.server.refused(403, "labeling-queues.entities.get-next", job)
    team.server.refused(404, "labeling-queues.info", {"id": team.id},
                        token=stranger.token)
    team.server.refused(400, "labeling-queues.set-status", {"id": team.id, "status": "x"}, field="status")
    team.server.refused(400, "labeling-queues.users.add", {"id": team.id}, field="userIds")
    assert team.server.state() == before
    plain = team.server.job(user_ids=[first.id])
    team.server.refused(400, "labeling-queues.entities.get-next", {"id": plain["id"]}, field="id",
                        token=first.token)
    refused(403, team.server.sdk(first.token).labeling_queue.set_status, team.id, "stopped")
