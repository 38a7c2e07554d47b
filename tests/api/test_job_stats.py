"""Statistics of jobs: what the SDK's reports read, adding up to what is there."""

import pytest

import labeld
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)


@pytest.fixture
def job(server, place):  # noqa: F811
    labeler = server.user(role=labeld.ANNOTATOR)
    put(place, annotation(box(tags=[{"name": "choice", "value": "small"}]),
                          box(tags=[{"name": "choice", "value": "大"}, {"name": "flag"}]),
                          {"classTitle": "a point", "geometryType": "point", "tags": [],
                           "points": {"exterior": [[1, 1]], "interior": []}},
                          tags=[{"name": "flag"}]))
    put(place, annotation(box()), place.other)
    return server.job(user_ids=[labeler.id], dataset_id=place.dataset), labeler


def test_counts(server, place, job):  # noqa: F811
    job, _ = job
    server.ok("jobs.entities.update-review-status", {
        "jobId": job["id"], "entityId": place.image, "status": "accepted"})
    stats = server.sdk().labeling_job.get_stats(job["id"])
    head = stats["job"]
    assert (head["imagesCount"], head["finishedImagesCount"]) == (2, 1)
    assert head["editingDuration"] == head["annotationDuration"] == 0
    classes = [(c["name"], c["labelsCount"], c["imagesCount"]) for c in stats["classes"]]
    assert classes == [("a point", 1, 1), ("a rectangle", 3, 2)]
    tags = {(t["name"], "id" in t): (t["images"], t["figures"]) for t in head["tagsStats"]
            if t["figures"]}
    assert tags[("choice", True)] == (2, 2) and tags[("choice (small)", False)] == (1, 1)
    rows = stats["images"]["images"]
    assert [r["name"] for r in rows] == ["a.png", "b.png"] and stats["images"]["total"] == 2
    assert [r["labelsCount"] for r in rows] == [3, 1]
    assert rows[0]["reviewStatus"] == "accepted"
    assert "images" not in server.ok("jobs.stats", {"id": job["id"], "withEntitiesStats": False})


def test_time(server, place, job):  # noqa: F811
    job, labeler = job
    figure = read(place)["objects"][0]["id"]
    head = {"x-job-id": str(job["id"])}
    for seconds in (7, 10, 4000):  # idle time beyond five minutes does not count
        assert server.raw("figures.add-annotation-duration", {"figureId": figure, "duration": seconds},
                          token=labeler.token, headers=head).ok
    stats = server.ok("jobs.stats", {"id": job["id"]})
    rectangle = next(c for c in stats["classes"] if c["name"] == "a rectangle")
    assert rectangle["totalDuration"] == 317 and rectangle["avgDuration"] == 105
    assert stats["job"]["editingDuration"] == sum(c["totalDuration"] for c in stats["classes"])
    assert sum(r["totalDuration"] for r in stats["images"]["images"]) == 317
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": job["id"]},
        {"field": "type", "operator": "in", "value": ["annotation_duration"]}]})
    assert sum(e["meta"]["duration"] for e in events["entities"]) == 317, "the log says the same"


@pytest.mark.parametrize("body, status", [
    ({"figureId": 10**9, "duration": 1}, 404), ({"figureId": 1, "duration": -1}, 400),
    ({"duration": 1}, 400), ({"figureId": 1}, 400), ({"figureId": 1, "duration": "x"}, 400)])
def test_time_that_is_refused(server, body, status):
    assert server.raw("figures.add-annotation-duration", body).status_code == status


def test_who_sees_them(server, job):
    job, labeler = job
    assert server.raw("jobs.stats", {"id": job["id"]}, token=labeler.token).ok
    server.refused(404, "jobs.stats", {"id": job["id"]}, token=server.user(role=labeld.ANNOTATOR).token)
    server.refused(404, "jobs.stats", {"id": 10**9})
    server.refused(400, "jobs.stats", {})
