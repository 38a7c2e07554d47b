"""Another round for what was rejected, limits of jobs, priorities."""

import pytest

import labeld
from sdk_helpers import refused, unique
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)


@pytest.fixture
def people(server):
    class People:
        labeler = server.user(role=labeld.ANNOTATOR)
        second = server.user(role=labeld.ANNOTATOR)
        reviewer = server.user(role=labeld.REVIEWER)
    return People


@pytest.fixture
def reviewed(server, people):
    """A job of six images: two rejected, two accepted, one done, one untouched; on review."""
    api = server.sdk()
    job = api.labeling_job.create(unique("job"), server.dataset_id, [people.labeler.id],
                                  reviewer_id=people.reviewer.id, objects_limit_per_image=3)[0]
    for entity, status in zip(job.entities, ("rejected", "rejected", "accepted", "accepted", "done")):
        api.labeling_job.set_entity_review_status(job.id, entity["id"], status)
    api.labeling_job.set_status(job.id, "on_review")
    return api.labeling_job.get_info_by_id(job.id)


def test_restart_sends_the_rejected_ones_back(server, people, reviewed):
    api = server.sdk(people.reviewer.token)
    made = api.labeling_job.restart(reviewed.id)
    assert [m["userId"] for m in made] == [people.labeler.id]
    new = server.sdk().labeling_job.get_info_by_id(made[0]["id"])
    old = server.sdk().labeling_job.get_info_by_id(reviewed.id)
    assert sorted(e["id"] for e in new.entities) == sorted(e["id"] for e in reviewed.entities[:2])
    assert {e["reviewStatus"] for e in new.entities} == {"none"}
    assert (new.status, old.status) == ("pending", "completed")
    assert new.name == reviewed.name + " (#2)" and new.objects_limit_per_image == 3
    assert (new.reviewer_id, new.assigned_to_id) == (people.reviewer.id, people.labeler.id)
    raw = server.ok("jobs.info", {"id": new.id})
    assert (raw["round"], raw["srcJobId"]) == (2, reviewed.id)
    for entity in new.entities:
        server.sdk().labeling_job.set_entity_review_status(new.id, entity["id"], "rejected")
    third = server.sdk().labeling_job.restart(new.id, title="final", complete_existing=False)
    raw = server.ok("jobs.info", {"id": third[0]["id"]})
    assert (raw["round"], raw["srcJobId"], raw["name"]) == (3, new.id, "final")
    assert server.ok("jobs.info", {"id": new.id})["status"] == "pending"


def test_restart_for_several_labelers(server, people, reviewed):
    made = server.sdk().labeling_job.restart(
        reviewed.id, [people.labeler.id, people.second.id], only_rejected_entities=False)
    jobs = [server.ok("jobs.info", {"id": m["id"]}) for m in made]
    assert [j["imagesCount"] for j in jobs] == [2, 2], "two rejected, one done, one untouched"
    assert [j["name"][-9:] for j in jobs] == ["(#2) (#1)", "(#2) (#2)"]
    old = server.ok("jobs.info", {"id": reviewed.id})
    assert (old["rejectedImagesCount"], old["acceptedImagesCount"]) == (4, 2)


def test_not_accepted_ones_are_rejected_in_the_old_job(server, reviewed):
    body = {"id": reviewed.id, "restartEntitiesMode": "not_accepted"}
    made = server.ok("jobs.restart", {**body, "rejectNotAcceptedEntities": False,
                                      "completeExisting": False})
    assert server.ok("jobs.info", {"id": made[0]["id"]})["imagesCount"] == 4
    assert server.ok("jobs.info", {"id": reviewed.id})["rejectedImagesCount"] == 2
    server.ok("jobs.restart", body)
    assert server.ok("jobs.info", {"id": reviewed.id})["rejectedImagesCount"] == 4


def test_restart_keeps_the_reviewer_unless_another_is_named(server, people, reviewed):
    other = server.user(role=labeld.REVIEWER)
    for body, reviewer in (({}, people.reviewer), ({"reviewerId": None}, people.reviewer),
                           ({"reviewerId": other.id}, other)):
        made = server.ok("jobs.restart", {"id": reviewed.id, "completeExisting": False, **body})[0]["id"]
        assert server.ok("jobs.info", {"id": made})["reviewerLogin"] == reviewer.login
    server.ok("members.remove", {"teamId": server.team_id, "id": people.reviewer.id})
    server.refused(400, "jobs.restart", {"id": reviewed.id}, field="reviewerId")
    assert server.ok("jobs.restart", {"id": reviewed.id, "reviewerId": other.id})


def test_restart_checks_before_it_does_anything(server, people, reviewed):
    api = server.sdk()
    clean = server.job(user_ids=[people.labeler.id])
    stranger = server.user()
    before = server.state()
    for body, field in (({"id": clean["id"]}, "id"), ({"id": reviewed.id, "userIds": [stranger.id]}, "userIds"),
                        ({"id": reviewed.id, "userIds": [people.labeler.id] * 2}, "userIds"),
                        ({"id": reviewed.id, "reviewerId": stranger.id}, "reviewerId"),
                        ({"id": reviewed.id, "name": "a/b"}, "name"),
                        ({"id": reviewed.id, "restartEntitiesMode": "x"}, "restartEntitiesMode"),
                        ({"id": reviewed.id, "userIds": [people.labeler.id, people.second.id, people.reviewer.id]}, "id")):
        server.refused(400, "jobs.restart", body, field=field)
    server.refused(403, "jobs.restart", {"id": clean["id"]}, token=people.labeler.token)
    server.refused(404, "jobs.restart", {"id": reviewed.id}, token=people.second.token)
    assert server.state() == before
    assert "No images found" in str(server.refused(400, "jobs.restart", {"id": clean["id"]}))
    assert api.labeling_job.restart(clean["id"], ignore_no_rejected_error=True) == []


def test_reject(server, people, reviewed):
    api = server.sdk(people.reviewer.token)
    api.labeling_job.reject_annotations(reviewed.id, "unmarked")
    job = server.ok("jobs.info", {"id": reviewed.id})
    assert (job["rejectedImagesCount"], job["acceptedImagesCount"]) == (4, 2)
    api.labeling_job.reject_annotations(reviewed.id)
    job = server.ok("jobs.info", {"id": reviewed.id})
    assert (job["rejectedImagesCount"], job["acceptedImagesCount"]) == (6, 0)
    server.refused(400, "jobs.reject", {"id": reviewed.id, "mode": "some"}, field="mode")
    refused(403, server.sdk(people.labeler.token).labeling_job.reject_annotations,
            server.job(user_ids=[people.labeler.id])["id"])


def test_priorities(server, people):
    jobs = [server.job(user_ids=[people.labeler.id]) for _ in range(2)]
    server.ok("jobs.bulk.set-priority", {"jobs": [
        {"id": j["id"], "priority": p} for j, p in zip(jobs, (1, 5))]})
    assert [server.ok("jobs.info", {"id": j["id"]})["priority"] for j in jobs] == [1, 5]
    before = server.state()
    for wrong in ([{"id": jobs[0]["id"], "priority": 6}], [{"id": jobs[0]["id"]}], [{"priority": 1}],
                  [{"id": jobs[0]["id"], "priority": 2}, {"id": jobs[1]["id"], "priority": 0}]):
        server.refused(400, "jobs.bulk.set-priority", {"jobs": wrong}, field="jobs")
    server.refused(404, "jobs.bulk.set-priority", {"jobs": [{"id": 10**9, "priority": 1}]})
    assert server.state() == before


# ---- limits ----

@pytest.fixture
def work(server, place, people):  # noqa: F811
    """What a labeler of a limited job can try: a function that annotates the image as them."""
    put(place, annotation())

    def begin(**meta):
        job = server.job(user_ids=[people.labeler.id], dataset_id=place.dataset,
                         reviewerId=people.reviewer.id,
                         meta={"entityIds": [place.image], **meta})

        def call(method, body, who=people.labeler):
            return server.raw(method, body, token=who.token, headers={"x-job-id": str(job["id"])})

        def annotate(*objects, who=people.labeler, **more):
            return call("annotations.bulk.add", {"datasetId": place.dataset, "annotations": [
                {"imageId": place.image, "annotation": annotation(*objects, **more)}]}, who)

        call.job, annotate.call, annotate.job = job, call, job
        return annotate
    return begin


def line(**more):
    return {"classTitle": "a line", "geometryType": "line", "tags": [],
            "points": {"exterior": [[1, 1], [5, 5]], "interior": []}, **more}


def test_only_the_jobs_classes(place, work):  # noqa: F811
    put(place, annotation(line(description="of the manager")))
    annotate = work(classes=["a rectangle"])
    answer = annotate(line())
    assert answer.status_code == 400 and "not one of this job" in answer.text
    assert annotate(box()).ok
    kinds = [o["classTitle"] for o in read(place)["objects"]]
    assert sorted(kinds) == ["a line", "a rectangle"], "what the labeler does not see stays"
    other = next(o["id"] for o in read(place)["objects"] if o["classTitle"] == "a line")
    assert annotate.call("figures.bulk.remove", {"figureIds": [other]}).status_code == 400
    assert annotate.call("figures.editInfo", {"id": other, "description": "x"}).status_code == 400
    answer = annotate.call("figures.bulk.add", {"entityId": place.image, "figures": [
        {"classId": place.classes["a line"], "geometryType": "line",
         "geometry": {"points": {"exterior": [[1, 1], [2, 2]], "interior": []}}}]})
    assert answer.status_code == 400 and len(read(place)["objects"]) == 2


def test_dynamic_classes(server, place, work):  # noqa: F811
    for dynamic in (False, True):
        annotate = work(classes=["a rectangle"], dynamicClasses=dynamic)
        name = unique("later")
        place.api.project.update_meta(place.project, {"tags": [], "classes": [
            {"title": name, "shape": "rectangle", "color": "#123456"}]})
        assert annotate(box(classTitle=name)).ok is dynamic


def test_only_the_jobs_tags_and_none_that_are_read_only(place, work):  # noqa: F811
    put(place, annotation(tags=[{"name": "text", "value": "of the manager"}]))
    annotate = work(projectTags=["flag", "number"], readOnlyTags=["number"])
    assert annotate(tags=[{"name": "flag"}]).ok
    assert {t["name"] for t in read(place)["tags"]} == {"flag", "text"}
    for wrong in ([{"name": "choice", "value": "大"}], [{"name": "number", "value": 1}]):
        answer = annotate(tags=wrong)
        assert answer.status_code == 400 and "lets you change" in answer.text
        assert annotate(box(tags=wrong)).status_code == 400
    foreign = next(t["id"] for t in read(place)["tags"] if t["name"] == "text")
    for method, body in (("image-tags.update-tag-value", {"id": foreign, "value": "mine"}),
                         ("image-tags.remove-from-image", {"imageId": place.image, "id": foreign}),
                         ("image-tags.bulk.add-to-image", {"tagId": place.tags["number"], "value": 1,
                                                           "ids": [place.image]})):
        assert annotate.call(method, body).status_code == 400, method
    assert {t["name"] for t in read(place)["tags"]} == {"flag", "text"}


def test_so_many_objects_and_tags(place, work):  # noqa: F811
    put(place, annotation(box(), box(2, 2, 7, 7)))
    annotate = work(imageFiguresLimit=2, imageTagsLimit=1)
    kept = read(place)["objects"]
    assert annotate(*kept, box(3, 3, 6, 6), box(4, 4, 6, 6)).ok, "those of others do not count"
    answer = annotate(*read(place)["objects"], box(5, 5, 6, 6))
    assert answer.status_code == 400 and "at most 2 objects" in answer.text
    assert len(read(place)["objects"]) == 4
    one = {"classId": place.classes["a rectangle"], "geometryType": "rectangle",
           "geometry": {"points": {"exterior": [[1, 1], [2, 2]], "interior": []}}}
    assert annotate.call("figures.bulk.add", {"entityId": place.image,
                                              "figures": [one]}).status_code == 400
    add = {"tagId": place.tags["flag"], "ids": [place.image]}
    assert annotate.call("image-tags.bulk.add-to-image", add).ok
    answer = annotate.call("image-tags.bulk.add-to-image", {**add, "tagId": place.tags["text"],
                                                            "value": "x"})
    assert answer.status_code == 400 and "at most 1 tags" in answer.text


def test_limits_are_the_labelers(server, place, people, work):  # noqa: F811
    annotate = work(classes=["a rectangle"], imageFiguresLimit=1)
    manager = server.user(role=labeld.MANAGER)
    assert annotate(line(), box(), box(), who=manager).ok
    assert annotate(line(), who=people.reviewer).ok, "a reviewer corrects what they see"


def test_closed_when_submitted_or_stopped(server, place, work, people):  # noqa: F811
    annotate = work()
    assert annotate(box()).ok
    server.sdk(people.labeler.token).labeling_job.set_status(annotate.job["id"], "on_review")
    assert annotate(box(), box()).status_code == 404
    assert len(read(place)["objects"]) == 1


def test_a_job_of_another_project_or_none_at_all_says_nothing(server, place, people):  # noqa: F811
    job = server.job(user_ids=[people.labeler.id])
    for header in (str(job["id"]), "999999999", "x", "-1"):
        answer = server.raw("annotations.bulk.add", {"datasetId": place.dataset, "annotations": [
            {"imageId": place.image, "annotation": annotation(box())}]}, headers={"x-job-id": header})
        assert answer.ok, answer.text
