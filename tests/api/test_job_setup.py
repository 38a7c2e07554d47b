"""Which images a job takes, how they are shared, and jobs that come back."""

import pytest

import labeld
from sdk_helpers import refused, unique
from test_annotations import annotation, box, place, put  # noqa: F401  (a fixture)


@pytest.fixture(scope="module")
def images(server):
    """A dataset of six images a to f: a, b, c with tag "red", c, d with "blue"; objects of class
    "box" on b and e, "dot" on e."""
    class Images:
        pass

    p = Images()
    p.project = server.project()["id"]
    meta = server.ok("projects.meta.update", {"id": p.project, "meta": {
        "classes": [{"title": t, "shape": "rectangle", "color": "#000000"} for t in ("box", "dot")],
        "tags": [{"name": t, "value_type": "none", "color": "#000000"} for t in ("red", "blue")]}})
    tags = {t["name"]: t["id"] for t in meta["tags"]}
    p.dataset = server.ok("datasets.add", {"projectId": p.project, "name": "d"})["id"]
    source = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][0]["id"]
    made = server.ok("images.bulk.add", {"datasetId": p.dataset, "images": [
        {"title": name, "imageId": source} for name in "abcdef"]})
    p.ids = {i["name"]: i["id"] for i in made}
    for tag, names in (("red", "abc"), ("blue", "cd")):
        server.ok("image-tags.bulk.add-to-image", {"tagId": tags[tag], "ids": [p.ids[n] for n in names]})
    for name, title in (("b", "box"), ("e", "box"), ("e", "dot")):
        server.ok("figures.bulk.add", {"entityId": p.ids[name], "figures": [
            {"classTitle": title, "geometryType": "rectangle",
             "geometry": {"points": {"exterior": [[1, 1], [5, 5]], "interior": []}}}]})
    p.labelers = [server.user(role=labeld.ANNOTATOR) for _ in range(3)]
    return p


def taken(job):
    return "".join(sorted(e["name"] for e in job["entities"]))


@pytest.mark.parametrize("meta, wanted", [
    ({}, "abcdef"),
    ({"imageTags": [{"name": "red", "positive": True}]}, "abc"),
    ({"imageTags": [{"name": "red", "positive": False}]}, "def"),
    ({"imageTags": [{"name": "red", "positive": True}, {"name": "blue", "positive": True}]}, "c"),
    ({"imageTags": [{"name": "red", "positive": True}, {"name": "blue", "positive": False}]}, "ab"),
    ({"imageClasses": ["box"]}, "be"),
    ({"imageClasses": [{"name": "box", "positive": True}, {"name": "dot", "positive": False}]}, "b"),
    ({"imageClasses": [{"name": "box", "positive": False}]}, "acdf"),
    ({"range": {"start": 2, "end": 4}}, "bcd"), ({"range": {"start": 5, "end": None}}, "ef"),
    ({"range": {"start": None, "end": 2}}, "ab"), ({"range": {"start": 5, "end": 99}}, "ef"),
    ({"range": {"start": 2, "end": 3}, "imageTags": [{"name": "red", "positive": True}]}, "bc"),
    ({"ids": "acf", "imageTags": [{"name": "red", "positive": True}]}, "ac"),
    ({"ids": "acf", "range": {"start": 1, "end": 3}}, "ac"),
    ({"ids": "be", "imageClasses": ["dot"]}, "e"),
])
def test_selection(server, images, meta, wanted):
    named = {"entityIds": [images.ids[n] for n in meta["ids"]]} if "ids" in meta else {}
    meta = {k: v for k, v in meta.items() if k != "ids"}
    job = server.job(user_ids=[images.labelers[0].id], dataset_id=images.dataset,
                     meta={**meta, **named})
    assert taken(job) == wanted and job["imagesCount"] == len(wanted)
    shown = [(c["name"], c["positive"]) for c in job["meta"]["imageClasses"]]
    asked = [(c, True) if isinstance(c, str) else (c["name"], c["positive"])
             for c in meta.get("imageClasses", [])]
    assert shown == asked


@pytest.mark.parametrize("meta, field", [
    ({"imageTags": [{"name": "red", "positive": True}], "range": {"start": 4, "end": 6}}, "datasetId"),
    ({"range": {"start": 7, "end": 8}}, "datasetId"), ({"imageClasses": ["dot"], "ids": "ab"}, "meta.entityIds"),
])
def test_no_images_found(server, images, meta, field):
    if "ids" in meta:
        meta = {**meta, "entityIds": [images.ids[n] for n in meta.pop("ids")]}
    server.refused(400, "jobs.add", {"name": unique("job"), "datasetId": images.dataset, "meta": meta,
                                     "userIds": [images.labelers[0].id]}, field=field,
                   text="No images found")


@pytest.mark.parametrize("meta, field", [
    ({"imageClasses": ["x"]}, "meta.imageClasses"), ({"imageClasses": "box"}, "meta.imageClasses"),
    ({"imageClasses": [{"name": "box", "positive": 1}]}, "meta.imageClasses"),
    ({"imageClasses": [{}]}, "meta.imageClasses"),
    ({"imageTags": [{"name": "red", "positive": 1}]}, "meta.imageTags"),
    ({"imageTags": [{"name": "green", "positive": True}]}, "meta.imageTags"),
    ({"range": {"start": 3, "end": 2}}, "meta.range.end"), ({"range": {"start": 0}}, "meta.range.start"),
    ({"range": [1, 2]}, "meta.range"), ({"entityIds": [10**9]}, "meta.entityIds"),
    ({"figuresVisibility": "mine"}, "figuresVisibility"), ({"tagsVisibility": True}, "tagsVisibility"),
    ({"imageTagsMinLimit": -1}, "meta.imageTagsMinLimit"),
    ({"imageTagsMinLimit": 3, "imageTagsLimit": 2}, "meta.imageTagsMinLimit"),
])
def test_refused_meta(server, images, meta, field):
    server.refused(400, "jobs.add", {"name": unique("job"), "datasetId": images.dataset, "meta": meta,
                                     "userIds": [images.labelers[0].id]}, field=field)


def test_equal_disjoint_shares(server, images):
    users = [u.id for u in images.labelers]
    made = server.ok("jobs.add", {"name": "split", "datasetId": images.dataset, "userIds": users,
                                  "meta": {"range": {"start": 2, "end": None}}})
    jobs = [server.ok("jobs.info", {"id": m["id"]}) for m in made]
    assert [taken(j) for j in jobs] == ["bc", "de", "f"]
    assert [j["meta"]["range"] for j in jobs] == [
        {"start": 2, "end": 3}, {"start": 4, "end": 5}, {"start": 6, "end": 6}]
    assert [j["name"] for j in jobs] == ["split (#1)", "split (#2)", "split (#3)"]
    assert [j["userId"] for j in jobs] == users
    named = server.ok("jobs.add", {"name": "named", "datasetId": images.dataset, "userIds": users[:2],
                                   "meta": {"entityIds": [images.ids[n] for n in "fba"]}})
    assert sorted(taken(server.ok("jobs.info", {"id": m["id"]})) for m in named) == ["ab", "f"]
    server.refused(400, "jobs.add", {"name": "few", "datasetId": images.dataset, "userIds": users,
                                     "meta": {"range": {"start": 5, "end": 6}}},
                   text="No images found for every labeler")


def test_several_datasets(server, images):
    other = server.ok("datasets.add", {"projectId": images.project, "name": unique("e")})
    body = {"name": "both", "datasetId": images.dataset, "additionalDatasetIds": [other["id"]],
            "userIds": [images.labelers[0].id], "meta": {}}
    before = server.state()
    server.refused(400, "jobs.add", body, text="No images found")
    assert server.state() == before, "the other dataset has none: no job at all"
    server.ok("images.bulk.add", {"datasetId": other["id"], "images": [
        {"title": "x", "imageId": images.ids["a"]}]})
    jobs = [server.ok("jobs.info", {"id": m["id"]}) for m in server.ok("jobs.add", body)]
    assert [(j["name"], taken(j)) for j in jobs] == [
        ("both (d)", "abcdef"), (f"both ({other['name']})", "x")]
    server.refused(400, "jobs.add", {**body, "additionalDatasetIds": [server.dataset_id]},
                   field="additionalDatasetIds")


# ---- copies ----

def test_a_copy_by_the_sdk_is_a_job_of_its_own(server, images):
    api = server.sdk()
    old = server.job(user_ids=[images.labelers[0].id], dataset_id=images.dataset, meta={
        "classes": ["box"], "projectTags": ["red"], "imageFiguresLimit": 4, "range": {"start": 1, "end": 3}})
    before = server.ok("jobs.info", {"id": old["id"]})
    new = api.labeling_job.clone(old["id"], new_title="copy", assignee_ids=[images.labelers[1].id])[0]
    raw = server.ok("jobs.info", {"id": new.id})
    assert server.ok("jobs.info", {"id": old["id"]}) == before
    assert (raw["name"], raw["userId"], raw["round"]) == ("copy", images.labelers[1].id, 1)
    assert taken(raw) == taken(before) and raw["meta"]["imageFiguresLimit"] == 4
    assert raw["meta"]["classes"] == before["meta"]["classes"] and raw["meta"]["imageTagsLimit"] is None


def test_where_a_copy_comes_from(server, images):
    old = server.job(user_ids=[images.labelers[0].id], dataset_id=images.dataset)
    job = server.job(user_ids=[images.labelers[0].id], dataset_id=images.dataset, srcJobId=old["id"])
    assert (job["srcJobId"], job["round"]) == (old["id"], 1)
    reviewer = server.user(role=labeld.REVIEWER)
    body = {"name": "x", "datasetId": images.dataset, "userIds": [images.labelers[0].id]}
    server.refused(404, "jobs.add", {**body, "srcJobId": 10**9}, field="srcJobId")
    server.refused(404, "jobs.add", {**body, "srcJobId": old["id"]}, field="srcJobId",
                   token=reviewer.token)


# ---- jobs that come back ----

def test_a_removed_job_comes_back(server, images):
    api, name = server.sdk(), unique("back")
    first, second = images.labelers[:2]
    make = dict(dataset_id=images.dataset, allow_restore=True)
    old = api.labeling_job.create(name, user_ids=[first.id], **make)[0]
    api.labeling_job.set_status(old.id, "in_progress")
    api.labeling_job.set_entity_review_status(old.id, images.ids["a"], "accepted")
    assert api.labeling_job.create(name, user_ids=[first.id], **make)[0].id != old.id, "it is there"
    api.labeling_job.remove(old.id)
    plain = api.labeling_job.create(name, images.dataset, [first.id])[0]
    assert plain.id != old.id, "only when it is asked for"
    back = api.labeling_job.create(name, user_ids=[second.id], **make)[0]
    assert (back.id, back.status, back.accepted_images_count) == (old.id, "in_progress", 1)
    assert (back.assigned_to_id, back.entities) == (
        second.id, api.labeling_job.get_info_by_id(old.id).entities)
    assert {e["reviewStatus"] for e in back.entities} == {"accepted", "none"}
    assert server.sdk(second.token).labeling_job.get_info_by_id(old.id).id == old.id
    assert server.sdk(first.token).labeling_job.get_info_by_id(old.id) is None
    actions = [e["action"] for e in api.team.get_activity(server.team_id, filter_job_id=old.id)]
    assert actions[:2] == ["restore_job", "remove_job"]


def test_what_does_not_come_back(server, images):
    api, name = server.sdk(), unique("gone")
    body = {"name": name, "datasetId": images.dataset, "userIds": [images.labelers[0].id],
            "meta": {"allowRestore": True}}
    old = server.ok("jobs.add", body)[0]["id"]
    server.ok("jobs.bulk.remove", {"ids": [old]})
    reviewer = server.user(role=labeld.REVIEWER)
    mine = server.ok("jobs.add", body, token=reviewer.token)[0]["id"]
    assert mine != old, "made by somebody whose jobs they do not manage"
    other = server.ok("jobs.add", {**body, "name": name + "2"})[0]["id"]
    assert other != old and api.labeling_job.get_info_by_id(old) is None
    stranger = server.user()
    server.refused(400, "jobs.add", {**body, "userIds": [stranger.id]}, field="userIds")
    assert server.ok("jobs.add", body)[0]["id"] == old


# ---- people ----

def test_another_labeler_mid_way(server, images):
    api = server.sdk()
    first, second = images.labelers[:2]
    job = server.job(user_ids=[first.id], dataset_id=images.dataset)
    mine, other = server.sdk(first.token), server.sdk(second.token)
    mine.labeling_job.set_status(job["id"], "in_progress")
    mine.labeling_job.set_entity_review_status(job["id"], images.ids["a"], "done")
    api.labeling_job.set_assignees(job["id"], second.id)
    now = server.ok("jobs.info", {"id": job["id"]})
    assert (now["status"], now["finishedImagesCount"], now["userId"]) == ("in_progress", 1, second.id)
    assert mine.labeling_job.get_info_by_id(job["id"]) is None
    refused(404, mine.labeling_job.set_entity_review_status, job["id"], images.ids["b"], "done")
    other.labeling_job.set_entity_review_status(job["id"], images.ids["b"], "done")
    other.labeling_job.set_status(job["id"], "on_review")
    for body in ({"userId": server.user().id}, {"reviewerId": server.user().id}):
        server.refused(400, "jobs.editInfo", {"id": job["id"], **body}, field=next(iter(body)))
