"""Verdicts on single objects and tags, comments of reviewers, and the quality check."""

import pytest

import labeld
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)

EDGES = {"points": {"exterior": [[3, 3], [8, 8]], "interior": []}}


@pytest.fixture
def work(server, place):  # noqa: F811
    """A job on review: two objects, a tag on the first, a tag on the image."""
    class Work:
        labeler = server.user(role=labeld.ANNOTATOR)
        reviewer = server.user(role=labeld.REVIEWER)

        def say(self, method, body, who=None):
            return server.ok(method, {"jobId": self.job, **body}, token=(who or self.reviewer).token)

        def verdicts(self, job=None):
            answer = server.ok("jobs.verdicts.list", {"jobId": job or self.job, "entityId": place.image})
            figures = {f["figureId"]: (f["classReviewStatus"], f["geometryReviewStatus"])
                       for f in answer["figures"]}
            tags = {(t["figureId"], t["tagId"]): t["reviewStatus"] for t in answer["tags"]}
            return figures, tags

        def quality(self, job=None):
            return server.ok("jobs.quality.stats", {"jobId": job or self.job})

    w = Work()
    put(place, annotation(box(tags=[{"name": "flag"}]), box(2, 2, 20, 20), tags=[{"name": "flag"}]))
    put(place, annotation(), place.other)
    ann = read(place)
    w.a, w.b = [o["id"] for o in ann["objects"]]
    w.on_a, w.on_image = ann["objects"][0]["tags"][0]["id"], ann["tags"][0]["id"]
    w.head = server.job(user_ids=[w.labeler.id], dataset_id=place.dataset, reviewerId=w.reviewer.id)
    w.job = w.head["id"]
    return w


def test_verdicts_on_objects_and_tags(server, place, work):  # noqa: F811
    assert work.verdicts() == ({work.a: ("none", "none"), work.b: ("none", "none")},
                               {(None, work.on_image): "none", (work.a, work.on_a): "none"})
    figure = "jobs.figure.update-review-status"
    work.say(figure, {"figureId": work.a, "classReviewStatus": "approved"})
    work.say(figure, {"figureId": work.a, "geometryReviewStatus": "rejected"})
    work.say(figure, {"figureId": work.b, "classReviewStatus": "rejected",
                      "geometryReviewStatus": "reviewable"})
    work.say("jobs.tag.update-review-status", {"tagId": work.on_a, "figureId": work.a,
                                               "reviewStatus": "rejected"})
    work.say("jobs.tag.update-review-status", {"tagId": work.on_image, "entityId": place.image,
                                               "reviewStatus": "approved"})
    assert work.verdicts() == (
        {work.a: ("approved", "rejected"), work.b: ("rejected", "reviewable")},
        {(None, work.on_image): "approved", (work.a, work.on_a): "rejected"})
    quality = work.quality()
    assert (quality["objects"], quality["reviewedAnnotations"], quality["annotationsRecall"]) == (2, 2, 1)
    assert (quality["reviewedClasses"], quality["classAccuracy"]) == (2, 0.5)
    assert (quality["reviewedGeometries"], quality["geometricAccuracy"]) == (1, 0)
    assert (quality["reviewedTags"], quality["tagsAccuracy"]) == (2, 0.5)
    work.say(figure, {"figureId": work.b, "classReviewStatus": "none", "geometryReviewStatus": "none"})
    assert work.quality()["annotationsRecall"] == 0.5
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": work.job}]})["entities"]
    assert [(e["figureId"], e["meta"]["geometryReviewStatus"]) for e in events
            if e["action"] == "figure_review_status_updated"][::-1][:2] == [
                (work.a, None), (work.a, "rejected")]
    assert [e["meta"] for e in events if e["action"] == "tag_review_status_updated"] == [
        {"reviewStatus": "approved"}, {"reviewStatus": "rejected"}]


@pytest.mark.parametrize("status, filled", [
    ("accepted", "approved"), ("rejected", "rejected")])
def test_the_verdict_on_the_image_fills_what_is_unset(server, place, work, status, filled):  # noqa: F811
    work.say("jobs.figure.update-review-status", {
        "figureId": work.a, "classReviewStatus": "approved", "geometryReviewStatus": "reviewable"})
    work.say("jobs.tag.update-review-status", {"tagId": work.on_a, "figureId": work.a,
                                               "reviewStatus": "rejected"})
    work.say("jobs.entities.update-review-status", {"entityId": place.image, "status": status})
    assert work.verdicts() == (
        {work.a: ("approved", filled), work.b: (filled, filled)},
        {(None, work.on_image): filled, (work.a, work.on_a): "rejected"})
    quality = work.quality()
    assert quality["geometricAccuracy"] == (1 if filled == "approved" else 0)
    assert quality["annotationsRecall"] == 1


def test_what_is_changed_is_to_be_looked_at_again(server, place, work):  # noqa: F811
    work.say("jobs.entities.update-review-status", {"entityId": place.image, "status": "rejected"})
    server.ok("figures.editInfo", {"id": work.a, "geometry": EDGES})
    server.ok("figures.editInfo", {"id": work.b, "classId": place.classes["anything"]})
    server.ok("figures.editInfo", {"id": work.b, "description": "neither class nor geometry"})
    server.ok("object-tags.remove-from-figure", {"figureId": work.a, "id": work.on_a})
    text = server.ok("image-tags.bulk.add-to-image", {"tagId": place.tags["text"], "value": "x",
                                                      "ids": [place.image]})[0]["id"]
    assert work.verdicts() == (
        {work.a: ("rejected", "reviewable"), work.b: ("reviewable", "rejected")},
        {(None, work.on_image): "rejected", (None, text): "none"})
    work.say("jobs.tag.update-review-status", {"tagId": text, "entityId": place.image,
                                               "reviewStatus": "approved"})
    server.ok("image-tags.update-tag-value", {"id": text, "value": "y"})
    assert work.verdicts()[1][None, text] == "reviewable"
    assert work.quality()["reviewedTags"] == 2, "what was said of the removed one stays said"


def test_a_finished_round_keeps_its_verdicts(server, place, work):  # noqa: F811
    work.say("jobs.entities.update-review-status", {"entityId": place.image, "status": "rejected"})
    second = server.ok("jobs.restart", {"id": work.job}, token=work.reviewer.token)[0]["id"]
    before = work.quality()
    head = {"x-job-id": str(second)}
    for method, body in (("figures.editInfo", {"id": work.a, "geometry": EDGES}),
                         ("figures.bulk.remove", {"figureIds": [work.b]}),
                         ("object-tags.remove-from-figure", {"figureId": work.a, "id": work.on_a}),
                         ("figures.bulk.add", {"entityId": place.image, "figures": [
                             {"classId": place.classes["a rectangle"], "geometryType": "rectangle",
                              "geometry": EDGES}]})):
        server.ok(method, body, token=work.labeler.token, headers=head)
    # the new one was made in another round; one that was removed has its verdict still
    assert {**work.quality(), "objects": 2} == {**before, "objects": 2}
    shown = server.ok("jobs.verdicts.list", {"jobId": second, "entityId": place.image},
                      token=work.labeler.token)["figures"]
    assert [(f["figureId"] == work.a, f["geometryReviewStatus"], f["geometryReviewStatusBefore"])
            for f in shown] == [(True, "none", "rejected"), (False, "none", None)]
    assert work.quality(second)["annotationsRecall"] == 0


def test_error_regions_are_no_objects(server, place, work):  # noqa: F811
    place.api.project.update_meta(place.project, {"tags": [], "classes": [
        {"title": "$sly.error.region", "shape": "rectangle", "color": "#FF0000"}]})
    server.ok("figures.bulk.add", {"entityId": place.image, "figures": [
        {"classTitle": "$sly.error.region", "geometryType": "rectangle", "geometry": EDGES}]})
    quality = work.quality()
    assert (quality["objects"], quality["errorRegions"]) == (2, 1)
    assert (quality["annotationsRecall"], quality["classAccuracy"]) == (0, None)


def test_refused_verdicts(server, place, work):  # noqa: F811
    figure, tag = "jobs.figure.update-review-status", "jobs.tag.update-review-status"
    elsewhere = server.job(user_ids=[work.labeler.id])
    one = {"jobId": work.job, "figureId": work.a, "classReviewStatus": "approved"}
    two = {"jobId": work.job, "tagId": work.on_a, "figureId": work.a, "reviewStatus": "approved"}
    before = server.state()
    for method, body, status, field in (
            (figure, {**one, "classReviewStatus": "good"}, 400, "classReviewStatus"),
            (figure, {**one, "geometryReviewStatus": "good"}, 400, "geometryReviewStatus"),
            (figure, {"jobId": work.job, "figureId": work.a}, 400, "classReviewStatus"),
            (figure, {**one, "figureId": 10**9}, 404, "figureId"),
            (figure, {**one, "jobId": elsewhere["id"]}, 404, "figureId"),
            (figure, {**one, "jobId": 10**9}, 404, "jobId"),
            (tag, {**two, "reviewStatus": "good"}, 400, "reviewStatus"),
            (tag, {**two, "figureId": work.b}, 404, "tagId"), (tag, {**two, "tagId": 10**9}, 404, "tagId"),
            (tag, {**two, "jobId": elsewhere["id"]}, 404, "tagId"),
            (tag, {"jobId": work.job, "tagId": work.on_a}, 400, "reviewStatus"),
            ("jobs.verdicts.list", {"jobId": work.job, "entityId": 10**9}, 404, "entityId"),
            ("jobs.quality.stats", {"jobId": 10**9}, 404, "jobId")):
        server.refused(status, method, body, field=field)
    for who, status in ((work.labeler, 403), (server.user(role=labeld.VIEWER), 404),
                        (server.user(role=labeld.ANNOTATOR), 404)):
        server.refused(status, figure, one, token=who.token)
        server.refused(status, tag, two, token=who.token)
    after = server.state()
    assert {k: v for k, v in after.items() if k.endswith("verdict")} == {
        k: v for k, v in before.items() if k.endswith("verdict")}


def test_a_tag_that_could_be_either_must_be_said_to_be_which(server, place, work):  # noqa: F811
    """Ids of tags on images and on figures may be the same."""
    flag = place.tags["flag"]
    image_tag = server.ok("image-tags.bulk.add-to-image", {"tagId": flag, "ids": [place.other]})[0]["id"]
    figure_tag = server.ok("object-tags.add-to-object", {"figureId": work.b, "tagId": flag})["id"]
    behind = figure_tag - image_tag  # more of those whose ids are behind, until they meet
    method, where = (("tags.entities.bulk.add", {"entityId": place.other}) if behind > 0 else
                     ("figures.tags.bulk.add", {"figureId": work.b}))
    if behind:
        server.ok(method, {"projectId": place.project, "tags": [{**where, "tagId": flag}] * abs(behind)})
    figure_tag = max(image_tag, figure_tag)
    body = {"jobId": work.job, "tagId": figure_tag, "reviewStatus": "approved"}
    server.refused(400, "jobs.tag.update-review-status", body, field="figureId")


# ---- comments ----

def test_reject_with_a_comment(server, place, work):  # noqa: F811
    say = {"entityId": place.image, "status": "rejected", "comment": "the left \"edge\"\n", "figureId": work.a}
    for _ in range(2):
        work.say("jobs.entities.update-review-status", say)
    work.say("jobs.entities.update-review-status", {**say, "comment": "and another", "figureId": None})
    comments = server.ok("jobs.comments.list", {"jobId": work.job, "entityId": place.image})
    assert [(c["comment"], c["figureId"], c["reviewStatus"], c["user"]) for c in comments] == [
        ("the left \"edge\"\n", work.a, "rejected", work.reviewer.login),
        ("and another", None, "rejected", work.reviewer.login)]
    assert server.ok("jobs.comments.list", {"jobId": work.job, "entityId": place.other}) == []
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": work.job}]})["entities"]
    assert [e["action"] for e in events if "review" in e["action"]] == [
        "add_review_comment", "image_review_status_updated", "add_review_comment"]


def test_the_next_round_reads_why(server, place, work):  # noqa: F811
    server.ok("jobs.reject", {"id": work.job, "comment": "all of it"}, token=work.reviewer.token)
    second = server.ok("jobs.restart", {"id": work.job}, token=work.reviewer.token)[0]["id"]
    seen = server.ok("jobs.comments.list", {"jobId": second}, token=work.labeler.token)
    assert [(c["entityId"], c["comment"], c["round"], c["jobId"]) for c in seen] == [
        (i, "all of it", 1, work.job) for i in (place.image, place.other)]
    server.ok("jobs.entities.update-review-status", {
        "jobId": second, "entityId": place.image, "status": "done", "comment": "done, see the edge"},
        token=work.labeler.token)
    assert server.ok("jobs.comments.list", {"jobId": second, "entityId": place.image})[-1]["round"] == 2


def test_refused_comments(server, place, work):  # noqa: F811
    method = "jobs.entities.update-review-status"
    say = {"jobId": work.job, "entityId": place.image, "status": "rejected", "comment": "x"}
    put(place, annotation(box()), place.other)
    other = read(place, place.other)["objects"][0]["id"]
    before = server.state()
    server.refused(404, method, {**say, "figureId": other}, field="figureId")
    server.refused(404, method, {**say, "figureId": 10**9}, field="figureId")
    server.refused(400, method, {**say, "comment": "x" * 5001}, field="comment")
    server.refused(400, method, {**say, "comment": {}}, field="comment")
    server.refused(403, method, say, token=work.labeler.token)
    server.refused(404, "jobs.comments.list", {"jobId": work.job, "entityId": 10**9}, field="entityId")
    assert server.state() == before
    server.refused(404, "jobs.comments.list", {"jobId": work.job},
                   token=server.user(role=labeld.ANNOTATOR).token)
    work.say(method, {k: v for k, v in say.items() if k != "jobId"})
    server.refused(403, method, {**say, "comment": "mine"}, token=work.labeler.token)


# ---- the step after the review ----

def test_quality_check(server, place):  # noqa: F811
    labeler, reviewer = server.user(role=labeld.ANNOTATOR), server.user(role=labeld.REVIEWER)
    manager = server.user(role=labeld.MANAGER)
    make = dict(user_ids=[labeler.id], dataset_id=place.dataset, reviewerId=reviewer.id)
    plain, checked = server.job(**make), server.job(**make, meta={"enableIntermediateReview": True})
    accept = {"entityId": place.image, "status": "quality_check_accepted"}
    server.refused(400, "jobs.entities.update-review-status", {**accept, "jobId": plain["id"]},
                   token=manager.token, field="status")
    server.ok("jobs.set-status", {"id": checked["id"], "status": "on_review"}, token=labeler.token)
    server.ok("jobs.entities.update-review-status", {**accept, "jobId": checked["id"], "status": "accepted"},
              token=reviewer.token)
    server.refused(403, "jobs.entities.update-review-status", {**accept, "jobId": checked["id"]},
                   token=reviewer.token, field="status")
    server.refused(403, "jobs.set-status", {"id": checked["id"], "status": "completed"},
                   token=reviewer.token, field="status")
    server.ok("jobs.set-status", {"id": checked["id"], "status": "review_completed"}, token=reviewer.token)
    server.ok("jobs.entities.update-review-status", {**accept, "jobId": checked["id"]}, token=manager.token)
    job = server.ok("jobs.info", {"id": checked["id"]})
    assert (job["status"], job["acceptedImagesCount"], job["finishedAt"]) == ("review_completed", 1, None)
    assert job["reviewFinishedAt"] is not None
    server.refused(403, "jobs.set-status", {"id": checked["id"], "status": "completed"}, token=reviewer.token)
    server.ok("jobs.set-status", {"id": checked["id"], "status": "completed"}, token=manager.token)
    restart = {"id": checked["id"], "restartEntitiesMode": "not_accepted"}
    again = server.ok("jobs.restart", restart, token=manager.token)[0]["id"]
    assert [e["id"] for e in server.ok("jobs.info", {"id": again})["entities"]] == [place.other]
