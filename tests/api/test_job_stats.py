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
    meta = server.ok("projects.meta", {"id": job["projectId"]})
    head = stats["job"]
    assert (head["imagesCount"], head["finishedImagesCount"]) == (2, 1)
    assert head["editingDuration"] == head["annotationDuration"] == 0
    classes = [(c["name"], c["labelsCount"], c["imagesCount"]) for c in stats["classes"]]
    assert [c for c in classes if c[1]] == [("a point", 1, 1), ("a rectangle", 3, 2)]
    assert [c[0] for c in classes] == sorted(c["title"] for c in meta["classes"]), "unused ones, too"
    assert all(c["avgDuration"] is None for c in stats["classes"] if c["labelsCount"] == 0)
    tags = [(t["name"], "id" in t, t["images"], t["figures"]) for t in head["tagsStats"]]
    assert [t for t in tags if t[0] == "flag" or t[0].startswith("choice")] == [
        ("choice", True, 0, 2), ("choice (small)", False, 0, 1), ("choice (größer)", False, 0, 0),
        ("choice (大)", False, 0, 1), ("flag", True, 1, 1)], "values in their order, unused ones too"
    assert [t[0] for t in tags if t[1]] == sorted(t["name"] for t in meta["tags"])
    assert all(("parentId" in t) != ("id" in t) for t in head["tagsStats"])
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


def test_time_without_drawing(server, place, job):  # noqa: F811
    job, labeler = job
    body = {"jobId": job["id"], "entityId": place.image, "duration": 20}
    server.ok("jobs.entities.add-annotation-duration", body, token=labeler.token)
    server.ok("jobs.entities.add-annotation-duration", {**body, "duration": 4000})
    stats = server.ok("jobs.stats", {"id": job["id"]})
    assert (stats["job"]["annotationDuration"], stats["job"]["editingDuration"]) == (320, 0)
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": job["id"]},
        {"field": "type", "operator": "in", "value": ["annotation_duration"]}]})["entities"]
    assert [e["meta"] for e in events] == [{"duration": 300, "review": True}, {"duration": 20}], \
        "who is not the labeler reviews"
    stranger, before = server.user(role=labeld.ANNOTATOR), server.state()
    server.refused(404, "jobs.entities.add-annotation-duration", {**body, "entityId": 10**9}, field="entityId")
    server.refused(404, "jobs.entities.add-annotation-duration", body, token=stranger.token)
    server.refused(400, "jobs.entities.add-annotation-duration", {**body, "duration": -1}, field="duration")
    server.refused(400, "jobs.entities.add-annotation-duration", {**body, "duration": None}, field="duration")
    assert server.state() == before


def test_only_what_the_job_is_for(server, place):  # noqa: F811
    """Classes and tags that the job is limited to, and no others."""
    put(place, annotation(box(tags=[{"name": "flag"}])))
    job = server.job(dataset_id=place.dataset, meta={"classes": ["a point"], "projectTags": ["choice"]})
    stats = server.ok("jobs.stats", {"id": job["id"]})
    assert [c["name"] for c in stats["classes"]] == ["a point"]
    assert [t["name"] for t in stats["job"]["tagsStats"] if "id" in t] == ["choice"]
    dynamic = server.job(dataset_id=place.dataset, meta={"classes": ["a point"], "dynamicClasses": True})
    names = [c["name"] for c in server.ok("jobs.stats", {"id": dynamic["id"]})["classes"]]
    assert "a rectangle" in names


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
