"""What a labeler sees through their job: the job and nothing else; maybe only what they made."""

import pytest

import labeld
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)

BOX = {"points": {"exterior": [[1, 1], [5, 5]], "interior": []}}


@pytest.fixture
def scene(server, place):  # noqa: F811
    """An image with an object and tags of the manager's and of the labeler's, whose job shows only
    their own."""
    class Scene:
        labeler = server.user(role=labeld.ANNOTATOR)
        reviewer = server.user(role=labeld.REVIEWER)

        def call(self, method, body, who=None):
            return server.raw(method, body, token=(who or self.labeler).token,
                              headers={"x-job-id": str(self.job["id"])})

        def ok(self, method, body, who=None):
            answer = self.call(method, body, who)
            assert answer.ok, answer.text
            return answer.json()

    s = Scene()
    put(place, annotation(box(tags=[{"name": "flag"}]), tags=[{"name": "text", "value": "managers"}]))
    s.theirs = read(place)["objects"][0]["id"]
    s.their_tag = read(place)["tags"][0]["id"]
    s.job = server.job(user_ids=[s.labeler.id], dataset_id=place.dataset, reviewerId=s.reviewer.id,
                       meta={"entityIds": [place.image], "figuresVisibility": "own",
                             "tagsVisibility": "own"})
    s.mine = s.ok("figures.bulk.add", {"entityId": place.image, "figures": [
        {"classId": place.classes["a rectangle"], "geometryType": "rectangle", "geometry": BOX}]})[0]["id"]
    s.my_tag = s.ok("image-tags.bulk.add-to-image", {
        "tagId": place.tags["text"], "ids": [place.image], "value": "labelers"})[0]["id"]
    return s


def test_every_read_shows_only_their_own(server, place, scene):  # noqa: F811
    assert server.ok("jobs.info", {"id": scene.job["id"]})["meta"]["figuresVisibility"] == "own"
    one = scene.ok("annotations.info", {"imageId": place.image})["annotation"]
    bulk = scene.ok("annotations.bulk.info", {"imageIds": [place.image]})[0]["annotation"]
    listed = scene.ok("annotations.list", {"datasetId": place.dataset})["entities"]
    for ann in (one, bulk, listed[0]["annotation"]):
        assert [o["id"] for o in ann["objects"]] == [scene.mine]
        assert [t["value"] for t in ann["tags"]] == ["labelers"]
    assert len(listed) == 1
    figures = scene.ok("figures.list", {"datasetId": place.dataset})
    assert [f["id"] for f in figures["entities"]] == [scene.mine] and figures["total"] == 1
    images = scene.ok("images.list", {"datasetId": place.dataset})["entities"]
    for image in (*images, scene.ok("images.info", {"id": place.image})):
        assert [t["value"] for t in image["tags"]] == ["labelers"] and image["labelsCount"] == 1
    for method in ("figures.info", "figures.history", "figures.tags.list"):
        assert scene.call(method, {"id": scene.mine}).ok
        assert scene.call(method, {"id": scene.theirs}).status_code == 404, method
    diff = scene.ok("jobs.rounds.diff", {"jobId": scene.job["id"], "entityId": place.image})
    assert [f["id"] for f in diff["added"]] == [scene.mine] and not diff["removed"]


def test_statistics_would_tell_of_others(server, scene):
    stats = {"id": scene.job["id"]}
    server.refused(403, "jobs.stats", stats, token=scene.labeler.token, field="id")
    server.ok("jobs.stats", stats, token=scene.reviewer.token)


def test_conditions_do_not_tell_of_others(place, scene):  # noqa: F811
    for kind, data in (("objects_class", {"classId": place.classes["a rectangle"]}),
                       ("objects_tag", {"tagId": place.tags["flag"]}),
                       ("objects_annotator", {"userId": 1}), ("tagged_by_annotator", {"userId": 1}),
                       ("images_tag", {"tagId": place.tags["text"]})):
        answer = scene.call("images.list", {"datasetId": place.dataset,
                                            "filters": [{"type": kind, "data": data}]})
        assert answer.status_code == 400 and "only what you made" in answer.text, kind


def test_what_is_not_seen_is_not_touched(server, place, scene):  # noqa: F811
    before = server.state()
    for method, body in (
            ("figures.editInfo", {"id": scene.theirs, "description": "x"}),
            ("figures.bulk.remove", {"figureIds": [scene.theirs]}),
            ("figures.bulk.remove", {"figureIds": [scene.mine, scene.theirs]}),
            ("figures.priority.update", {"id": scene.theirs, "priority": 3}),
            ("figures.custom-data.update", {"id": scene.theirs, "customData": {}}),
            ("object-tags.add-to-object", {"figureId": scene.theirs, "tagId": place.tags["flag"]}),
            ("figures.tags.bulk.add", {"projectId": place.project, "tags": [
                {"figureId": scene.theirs, "tagId": place.tags["flag"]}]}),
            ("image-tags.update-tag-value", {"id": scene.their_tag, "value": "x"}),
            ("image-tags.custom-data.update", {"id": scene.their_tag, "customData": {}}),
            ("image-tags.remove-from-image", {"imageId": place.image, "id": scene.their_tag})):
        assert scene.call(method, body).status_code == 404, method
    assert server.state() == before


def test_saving_an_annotation_leaves_the_hidden_alone(place, scene):  # noqa: F811
    mine = scene.ok("annotations.info", {"imageId": place.image})["annotation"]
    scene.ok("annotations.bulk.add", {"datasetId": place.dataset, "annotations": [
        {"imageId": place.image, "annotation": {**mine, "objects": [], "tags": []}}]})
    scene.ok("image-tags.bulk.remove-from-images", {"tagIds": [place.tags["text"]],
                                                    "ids": [place.image]})
    left = read(place)
    assert [o["id"] for o in left["objects"]] == [scene.theirs]
    assert [t["value"] for t in left["tags"]] == ["managers"]
    scene.ok("annotations.bulk.add", {"datasetId": place.dataset, "annotations": [
        {"imageId": place.image, "annotation": annotation(box(tags=[{"name": "flag"}]))}]})
    assert len(read(place)["objects"]) == 2, "the same as a hidden one is one more"


def test_reviewers_and_managers_see_everything(place, scene):  # noqa: F811
    for who in (scene.reviewer, scene.reviewer.__class__(0, "", place.server.token, "")):
        ann = scene.ok("annotations.info", {"imageId": place.image}, who)["annotation"]
        assert sorted(o["id"] for o in ann["objects"]) == sorted([scene.theirs, scene.mine])
        assert len(ann["tags"]) == 2


def test_a_labeler_works_through_the_job_alone(server, place, scene):  # noqa: F811
    """Without the job nothing is there; with it, only what the job is made of."""
    alone = [("images.info", {"id": place.image}), ("annotations.info", {"imageId": place.image}),
             ("images.list", {"datasetId": place.dataset}), ("figures.info", {"id": scene.mine}),
             ("datasets.info", {"id": place.dataset}), ("projects.info", {"id": place.project}),
             ("annotations.bulk.info", {"imageIds": [place.image]}), ("images.download", {"id": place.image})]
    for method, body in alone:
        server.refused(404, method, body, token=scene.labeler.token)
        assert scene.call(method, body).ok, method
    more = server.ok("datasets.add", {"projectId": place.project, "name": "hidden " + str(scene.mine)})
    for method, body in (("images.info", {"id": place.other}), ("datasets.info", {"id": more["id"]}),
                         ("annotations.bulk.info", {"imageIds": [place.image, place.other]}),
                         ("images.download", {"id": place.other}),
                         ("annotations.bulk.add", {"datasetId": place.dataset, "annotations": [
                             {"imageId": place.other, "annotation": annotation(box())}]})):
        assert scene.call(method, body).status_code == 404, method
    listed = scene.ok("datasets.list", {"projectId": place.project, "recursive": True})
    assert [d["id"] for d in listed["entities"]] == [place.dataset]
    for method, body, status in (
            ("projects.stats", {"id": place.project}, 403), ("images.bulk.remove", {"imageIds": [place.image]}, 403),
            ("projects.meta.update", {"id": place.project, "meta": {"classes": [], "tags": []}}, 403),
            ("teams.activity", {"teamId": server.team_id}, 403), ("members.list", {"teamId": server.team_id}, 403),
            ("workspaces.list", {"teamId": server.team_id}, 403), ("datasets.editInfo", {"id": place.dataset}, 403)):
        assert scene.call(method, body).status_code == status, method
    server.ok("jobs.stop", {"id": scene.job["id"]})
    for method, body in alone:
        assert scene.call(method, body).status_code == 404, (method, "stopped")


def test_tags_before_confirming(server, place):  # noqa: F811
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset,
                     meta={"entityIds": [place.other], "imageTagsMinLimit": 2})
    put(place, annotation(), place.other)
    done = {"jobId": job["id"], "entityId": place.other, "status": "done"}
    head = {"x-job-id": str(job["id"])}
    server.refused(400, "jobs.entities.update-review-status", done, token=labeler.token,
                   field="status", text="at least 2 tags")
    for tag in ("flag", "text"):
        server.ok("image-tags.bulk.add-to-image", {"tagId": place.tags[tag], "ids": [place.other],
                                                   **({"value": "x"} if tag == "text" else {})},
                  token=labeler.token, headers=head)
    server.ok("jobs.entities.update-review-status", done, token=labeler.token)
    assert server.ok("jobs.info", {"id": job["id"]})["meta"]["imageTagsMinLimit"] == 2


def test_buttons_that_are_off(server, place):  # noqa: F811
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset,
                     meta={"disableConfirm": True, "disableSubmit": True})
    done = {"jobId": job["id"], "entityId": place.image, "status": "done"}
    submit = {"id": job["id"], "status": "on_review"}
    for _ in range(2):
        server.refused(403, "jobs.entities.update-review-status", done, token=labeler.token, field="status")
        server.refused(403, "jobs.set-status", submit, token=labeler.token, field="status")
        server.ok("jobs.set-status", {"id": job["id"], "status": "in_progress"}, token=labeler.token)
    server.ok("jobs.editInfo", {"id": job["id"], "meta": {"disableConfirm": False}})
    server.ok("jobs.entities.update-review-status", done, token=labeler.token)
    server.refused(403, "jobs.set-status", submit, token=labeler.token)
    server.ok("jobs.editInfo", {"id": job["id"], "meta": {"disableSubmit": False}})
    server.ok("jobs.set-status", submit, token=labeler.token)


# ---- limits hold on every way to write ----

@pytest.fixture
def limited(server, place):  # noqa: F811
    """A labeler's job of one class and one tag, and an object and tags outside of it."""
    labeler = server.user(role=labeld.ANNOTATOR)
    put(place, annotation({"classTitle": "a line", "geometryType": "line",
                           "points": {"exterior": [[1, 1], [5, 5]], "interior": []},
                           "tags": [{"name": "text", "value": "x"}]}, box(),
                          tags=[{"name": "text", "value": "x"}, {"name": "number", "value": 1}]))
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset, meta={
        "entityIds": [place.image, place.other], "classes": ["a rectangle", "a alpha_mask"],
        "projectTags": ["flag", "number"], "readOnlyTags": ["number"]})
    return lambda method, body: server.raw(method, body, token=labeler.token,
                                           headers={"x-job-id": str(job["id"])})


def test_no_way_around_the_classes(server, place, limited):  # noqa: F811
    line, rectangle = [o["id"] for o in read(place)["objects"]]
    before = server.state()
    new = {"classId": place.classes["a line"], "geometryType": "line", "geometry": BOX}
    for method, body in (
            ("figures.bulk.add", {"entityId": place.image, "figures": [new]}),
            ("figures.bulk.add", {"datasetId": place.dataset, "figures": [{**new, "entityId": place.image}]}),
            ("figures.editInfo", {"id": line, "geometry": BOX}),
            ("figures.editInfo", {"id": rectangle, "classId": place.classes["anything"]}),
            ("figures.priority.update", {"id": line, "priority": 9}),
            ("figures.custom-data.update", {"id": line, "customData": {"a": 1}}),
            ("figures.bulk.remove", {"figureIds": [rectangle, line]}),
            ("annotations.bulk.copy", {"srcImageIds": [place.image], "destImageIds": [place.other]})):
        answer = limited(method, body)
        assert answer.status_code == 400 and "this job" in answer.text, (method, answer.text)
    assert server.state() == before


def test_no_way_around_the_tags(server, place, limited):  # noqa: F811
    line, rectangle = [o["id"] for o in read(place)["objects"]]
    tags = {t["name"]: t["id"] for t in read(place)["tags"]}
    on_line = read(place)["objects"][0]["tags"][0]["id"]
    text, number = place.tags["text"], place.tags["number"]
    before = server.state()
    for method, body in (
            ("image-tags.bulk.add-to-image", {"tagId": text, "ids": [place.image], "value": "y"}),
            ("image-tags.bulk.remove-from-images", {"tagIds": [number], "ids": [place.image]}),
            ("image-tags.custom-data.update", {"id": tags["text"], "customData": {"a": 1}}),
            ("image-tags.remove-from-image", {"imageId": place.image, "id": tags["number"]}),
            ("image-tags.update-tag-value", {"id": tags["number"], "value": 2}),
            ("tags.entities.bulk.add", {"projectId": place.project, "tags": [
                {"entityId": place.image, "tagId": number, "value": 3}]}),
            ("figures.tags.bulk.add", {"projectId": place.project, "tags": [
                {"figureId": rectangle, "tagId": number, "value": 3}]}),
            ("object-tags.add-to-object", {"figureId": rectangle, "tagId": text, "value": "y"}),
            ("object-tags.custom-data.update", {"id": on_line, "customData": {"a": 1}}),
            ("object-tags.remove-from-figure", {"figureId": line, "id": on_line}),
            ("figures.editInfo", {"id": rectangle, "tags": [{"tagId": number, "value": 1}]}),
            ("annotations.bulk.add", {"datasetId": place.dataset, "annotations": [{
                "imageId": place.image, "annotation": annotation(tags=[{"name": "text", "value": "z"}])}]})):
        answer = limited(method, body)
        assert answer.status_code == 400 and "lets you change" in answer.text, (method, answer.text)
    assert server.state() == before


def test_bringing_back_counts(server, place):  # noqa: F811
    labeler = server.user(role=labeld.ANNOTATOR)
    put(place, annotation())
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset,
                     meta={"entityIds": [place.image], "imageFiguresLimit": 1})
    head = {"x-job-id": str(job["id"])}
    one = {"entityId": place.image, "figures": [
        {"classId": place.classes["a rectangle"], "geometryType": "rectangle", "geometry": BOX}]}
    first = server.ok("figures.bulk.add", one, token=labeler.token, headers=head)[0]["id"]
    server.ok("figures.bulk.remove", {"figureIds": [first]}, token=labeler.token, headers=head)
    server.ok("figures.bulk.add", one, token=labeler.token, headers=head)
    server.refused(400, "figures.bulk.restore", {"figureIds": [first]}, token=labeler.token,
                   headers=head, text="at most 1 objects")
    version = server.ok("figures.history", {"id": first})[-1]["versionId"]
    server.refused(400, "figures.history.restore", {"id": first, "versionId": version},
                   token=labeler.token, headers=head, text="at most 1 objects")
