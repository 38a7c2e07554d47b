"""Methods of the SDK that are about work: image, labeling_job. The rest of labeling_job:
test_sdk_coverage.py, test_job_rounds.py, test_job_stats.py; of image: test_images.py."""

import asyncio
from types import SimpleNamespace

import pytest
import supervisely as sly
from supervisely.api.module_api import WaitingTimeExceeded
from supervisely.labeling_jobs import utils

import labeld
from sdk_helpers import ids, is_time, label, names, recorded, refused, review, unique

ODD = "\u0416\u00fc \U0001f34b 'q' \"d\" %_ <b>"


@pytest.fixture(scope="module")
def api(server):
    api = server.sdk()
    types = sly.TagValueType
    api.project.update_meta(server.project_id, sly.ProjectMeta(
        [sly.ObjClass("lemon", sly.Bitmap), sly.ObjClass("kiwi", sly.Bitmap)],
        [sly.TagMeta("size", types.ONEOF_STRING, ["small", "large"]),
         sly.TagMeta("origin", types.ANY_STRING)]))
    return api


@pytest.fixture(scope="module")
def images(server, api):
    return api.image.get_list(server.dataset_id)


@pytest.fixture(scope="module")
def people(server):
    """Members of the demo team, each with an SDK client."""
    made = {}
    for name, role in (("first", labeld.ANNOTATOR), ("second", labeld.ANNOTATOR),
                       ("reviewer", labeld.REVIEWER)):
        user = server.user(unique(name), role)
        made[name] = SimpleNamespace(id=user.id, login=user.login, api=server.sdk(user.token))
    return SimpleNamespace(**made)


@pytest.fixture
def create(server, api, people):
    """labeling_job.create for the first labeler, unless other users are given."""
    def create_jobs(name=None, users=None, **options):
        return api.labeling_job.create(name or unique("job"), server.dataset_id,
                                       users or [people.first.id], **options)
    return create_jobs


def entity_ids(job):
    return sorted(entity["id"] for entity in job.entities)


# ---- image ----

def test_image_get_list(server, api, images):
    assert len(images) == 6 and ids(images) == sorted(ids(images))
    assert ids(api.image.get_list(project_id=server.project_id)) == ids(images)
    assert ids(api.image.get_list(server.dataset_id, recursive=True)) == ids(images)
    by_name = api.image.get_list(server.dataset_id, sort="name", sort_order="desc", limit=4)
    assert names(by_name) == sorted(names(images), reverse=True)[:4]
    wanted = [{"field": "name", "operator": "like", "value": "IMG_4%"}]
    assert names(api.image.get_list(server.dataset_id, wanted)) == ["IMG_4451.jpeg"]
    assert names(api.image.get_list(server.dataset_id, fields=["id", "name"])) == names(images)
    assert api.image.get_filtered_list(server.dataset_id) == images


def test_image_info(server, api, images):
    image = images[0]
    assert (image.name, image.mime, image.ext) == ("IMG_4451.jpeg", "image/jpeg", "jpeg")
    assert (image.width, image.height, image.dataset_id) == (1600, 1200, server.dataset_id)
    assert len(image.hash) == 44 and image.size > 0 and image.labels_count == 0
    assert image.meta == {} and image.tags == [] and is_time(image.created_at)
    assert api.image.get_info_by_id(image.id) == image
    assert api.image.get_info_by_name(server.dataset_id, image.name) == image
    assert api.image.get_info_by_id(10**9) is None
    assert api.image.get_info_by_name(server.dataset_id, "img_4451.jpeg") is None
    assert api.image.get_project_id(image.id) == server.project_id
    assert api.image.get_audio_references(image.id) == []


def test_image_get_info_by_id_batch(api, images):
    order = ids(images)[::-1]
    assert ids(api.image.get_info_by_id_batch(order)) == order
    with pytest.raises(KeyError):
        api.image.get_info_by_id_batch([10**9])


def test_image_names(server, api, images):
    assert api.image.exists(server.dataset_id, images[0].name)
    assert not api.image.exists(server.dataset_id, "none.jpeg")
    free = api.image.get_free_names(server.dataset_id, [images[0].name, "new.jpeg"])
    assert free[0] not in names(images) and free[1] == "new.jpeg"
    api.image.raise_name_intersections_if_exist(server.dataset_id, ["new.jpeg"])
    with pytest.raises(ValueError):
        api.image.raise_name_intersections_if_exist(server.dataset_id, [images[0].name])


def test_image_generators(server, api, images):
    assert list(api.image.get_list_generator(project_id=server.project_id)) == [images]

    async def pages(per_page):
        return [page async for page in
                api.image.get_list_generator_async(server.dataset_id, per_page=per_page)]
    assert [ids(page) for page in asyncio.run(pages(4))] == [ids(images)[:4], ids(images)[4:]]
    assert asyncio.run(pages(None)) == [images]


def test_image_only_labelled(server, api, images):
    labelled = [i.id for i in images if i.labels_count]
    assert ids(api.image.get_list(server.dataset_id, only_labelled=True)) == labelled


def test_image_get_subsequent_image_ids(server, api, images, create):
    by_name = [image.id for image in sorted(images, key=lambda image: image.name)]
    after = api.image.get_subsequent_image_ids
    assert after(by_name[1], project_id=server.project_id) == by_name[2:]
    assert after(by_name[0], 2, project_id=server.project_id) == by_name[1:3]
    job = create(images_ids=by_name[3:])[0]
    assert after(by_name[3], job_id=job.id, project_id=server.project_id) == by_name[4:]
    assert "x-job-id" not in api.headers


def test_image_links(server, api, images):
    url = api.image.url(server.team_id, server.workspace_id, server.project_id,
                        server.dataset_id, images[0].id)
    assert url.startswith(server.url) and url.endswith(f"/{server.dataset_id}#image-{images[0].id}")


# ---- labeling_job: create ----

def test_job_create_with_everything(server, api, images, people, create):
    guide = server.ok("guides.add", {"teamId": server.team_id, "name": ODD})["id"]
    job = create(ODD, readme=ODD, description=ODD, classes_to_label=["lemon", "kiwi"],
                 objects_limit_per_image=7, tags_to_label=["size"], tags_limit_per_image=8,
                 images_ids=ids(images)[1:5], reviewer_id=people.reviewer.id,
                 exclude_images_with_tags=["origin"], images_range=(2, 3), dynamic_classes=True,
                 dynamic_tags=True, disable_confirm=True, disable_submit=False,
                 toolbox_settings={"playbackRate": 2}, enable_quality_check=True, guide_id=str(guide),
                 read_only_tags=["origin"])[0]
    assert (job.name, job.readme, job.description) == (ODD, ODD, ODD)
    assert (job.classes_to_label, job.tags_to_label) == (["lemon", "kiwi"], ["size"])
    assert (job.objects_limit_per_image, job.tags_limit_per_image) == (7, 8)
    assert (job.reviewer_login, job.guide_id) == (people.reviewer.login, guide)
    assert (job.images_range, job.exclude_images_with_tags) == ((2, 3), ["origin"])
    meta = server.ok("jobs.info", {"id": job.id})["meta"]
    assert meta["dynamicClasses"] is meta["dynamicTags"] is meta["disableConfirm"] is True
    assert (meta["disableSubmit"], meta["enableIntermediateReview"]) == (False, True)
    assert meta["readOnlyTags"] == ["origin"] and meta["allowRestore"] is False


def test_job_create_for_several_labelers(images, people, create):
    """Equal, disjoint shares of the images, numbered names, in the order of the users."""
    jobs = create("shared", [people.second.id, people.first.id])
    assert names(jobs) == ["shared (#1)", "shared (#2)"]
    assert [job.assigned_to_id for job in jobs] == [people.second.id, people.first.id]
    assert [job.images_count for job in jobs] == [3, 3]
    assert sorted(entity_ids(jobs[0]) + entity_ids(jobs[1])) == ids(images)


def test_job_create_with_a_range(images, create):
    """Positions from 1, both ends included, cut off at the end of the dataset."""
    for given, chosen in (((2, 4), images[1:4]), ((1, 1), images[:1]), ((5, 99), images[4:]),
                          ((None, 2), images[:2]), ((3, None), images[2:]),
                          ([None, None], images)):
        job = create(images_range=given)[0]
        assert (entity_ids(job), job.images_range) == (ids(chosen), tuple(given))


def test_job_create_with_a_range_and_images(images, create):
    """Both must hold: positions are those in the dataset, not among the chosen images."""
    job = create(images_range=(3, 5), images_ids=ids(images)[1:4])[0]
    assert entity_ids(job) == ids(images)[2:4]


def test_job_create_refuses(server, api, images, people, create):
    before = server.state()
    stranger = server.user()
    for wrong in ({"users": [stranger.id]}, {"users": [10**9]}, {"users": [people.first.id] * 2},
                  {"reviewer_id": stranger.id}, {"classes_to_label": ["pear"]},
                  {"tags_to_label": ["pear"]}, {"include_images_with_tags": ["pear"]},
                  {"read_only_tags": ["pear"]}, {"images_ids": [10**9]}, {"images_range": (4, 2)},
                  {"images_range": (7, 9)}, {"objects_limit_per_image": -1}):
        refused(400, create, **wrong)
    answer = refused(400, create, include_images_with_tags=["origin"], images_range=(7, 9))
    assert "No images found" in str(answer)
    refused(404, api.labeling_job.create, "x", 10**9, [people.first.id])
    refused(400, api.labeling_job.create, "x", server.dataset_id, [])
    assert {k: v for k, v in server.state().items() if "job" in k} == {
        k: v for k, v in before.items() if "job" in k}


# ---- labeling_job: clone ----

@pytest.mark.parametrize("options", [
    {}, {"objects_limit_per_image": 3, "classes_to_label": ["kiwi"], "tags_to_label": ["size"]},
    {"images_range": (2, 3)}, {"images_range": (5, None)}, {"exclude_images_with_tags": ["size"]}])
def test_job_clone_has_all_of_its_source(people, create, api, options):
    job = create(reviewer_id=people.reviewer.id, readme=ODD, description="d", **options)[0]
    clone = api.labeling_job.clone(job.id)[0]
    assert clone.id != job.id
    assert clone == job._replace(id=clone.id, created_at=clone.created_at)


@pytest.mark.parametrize("chosen", [None, slice(2, 6)])
def test_job_clone_of_a_share(api, images, people, create, chosen):
    some = {} if chosen is None else {"images_ids": ids(images)[chosen]}
    for job in create(unique("shared"), [people.first.id, people.second.id], **some):
        clone = api.labeling_job.clone(job.id, new_title="clone")[0]
        assert (entity_ids(clone), clone.name) == (entity_ids(job), "clone")


def test_job_clone_for_others(server, api, people, create):
    job = create()[0]
    clones = api.labeling_job.clone(job.id, "clone", people.reviewer.id,
                                    [people.first.id, people.second.id])
    assert [(c.assigned_to_id, c.reviewer_id) for c in clones] == [
        (people.first.id, people.reviewer.id), (people.second.id, people.reviewer.id)]
    with pytest.raises(RuntimeError, match="not a member"):
        api.labeling_job.clone(job.id, assignee_ids=[server.user().id])


# ---- labeling_job: read ----

def test_job_get_info(server, api, create):
    jobs = [create()[0] for _ in range(3)]
    assert api.labeling_job.get_info_by_id(jobs[0].id) == jobs[0]
    wanted = [jobs[2].id, 10**9, jobs[0].id]
    assert api.labeling_job.get_info_by_ids(wanted) == [jobs[2], None, jobs[0]]
    assert api.labeling_job.get_info_by_ids([]) == []


def test_job_get_list(server, api, people, create):
    mine, theirs = create(), create(users=[people.second.id], reviewer_id=people.reviewer.id)
    get_list = api.labeling_job.get_list
    assert get_list(server.team_id)[-2:] == mine + theirs
    assert theirs[0] in get_list(server.team_id, reviewer_id=people.reviewer.id)
    assert mine[0] not in get_list(server.team_id, reviewer_id=people.reviewer.id)
    with recorded(api) as calls:
        found = get_list(server.team_id, assigned_to_id=people.second.id, with_entities=True)
    assert found[-1] == theirs[0] and calls[0][1]["fields"] == ["id"]
    api.labeling_job.archive(mine[0].id)
    assert mine[0].id not in ids(get_list(server.team_id))
    assert mine[0].id in ids(get_list(server.team_id, show_disabled=True))
    assert mine[0].id in ids(get_list(server.team_id, show_disabled=True, with_entities=True))


def test_job_get_project_meta(api, create):
    job = create(classes_to_label=["kiwi"], tags_to_label=["size"])[0]
    meta = api.labeling_job.get_project_meta(job.id)
    assert [c.name for c in meta.obj_classes] == ["kiwi"]
    assert [t.name for t in meta.tag_metas] == ["size"]
    assert len(api.labeling_job.get_project_meta(create()[0].id).obj_classes) == 0


@pytest.mark.parametrize("who", ["first", "reviewer"])
def test_job_get_project_meta_as_those_who_work_on_it(people, create, who):
    job = create(classes_to_label=["kiwi"], reviewer_id=people.reviewer.id)[0]
    meta = getattr(people, who).api.labeling_job.get_project_meta(job.id)
    assert [c.name for c in meta.obj_classes] == ["kiwi"]


def test_job_get_activity(server, api, people, create):
    job = create()[0]
    label(people.first.api, job)
    frame = api.labeling_job.get_activity(server.team_id, job.id)
    assert set(frame["jobId"]) == {job.id} and set(frame["job"]) == {job.name}
    updates = frame[frame["action"] == "image_review_status_updated"]
    assert len(updates) == 6 and set(updates["user"]) == {people.first.login}


# ---- labeling_job: change ----

def test_job_statuses(api, create):
    job, status = create()[0], api.labeling_job.Status
    assert api.labeling_job.get_status(job.id) is status.PENDING
    api.labeling_job.set_status(job.id, "in_progress")
    assert api.labeling_job.get_status(job.id) is status.IN_PROGRESS
    assert api.labeling_job.raise_for_status(status.IN_PROGRESS) is None
    api.labeling_job.wait(job.id, status.IN_PROGRESS)
    with pytest.raises(WaitingTimeExceeded):
        api.labeling_job.wait(job.id, status.COMPLETED, 2, wait_attempt_timeout_sec=0.01)
    api.labeling_job.stop(job.id)
    assert api.labeling_job.get_status(job.id) is status.STOPPED
    refused(400, api.labeling_job.set_status, job.id, "unheard-of")
    refused(404, api.labeling_job.stop, 10**9)


def test_job_set_entity_review_status(api, images, create):
    job = create(images_ids=ids(images)[:3])[0]
    set_status = api.labeling_job.set_entity_review_status
    for status in ("done", "accepted", "rejected", "none", "done"):
        set_status(job.id, images[1].id, status)
        read = api.labeling_job.get_info_by_id(job.id)
        assert {e["reviewStatus"] for e in read.entities if e["id"] == images[1].id} == {status}
    assert (read.finished_images_count, read.accepted_images_count) == (1, 0)
    refused(404, set_status, job.id, images[4].id, "done")
    refused(400, set_status, job.id, images[1].id, "unheard-of")


def test_job_custom_data(api, create):
    job = create()[0]
    assert api.labeling_job.get_custom_data(job.id) == {}
    api.labeling_job.set_custom_data(job.id, {"a": 1, "b": [ODD]})
    api.labeling_job.set_custom_data(job.id, {"a": 2}, update=True)
    assert api.labeling_job.get_custom_data(job.id) == {"a": 2, "b": [ODD]}
    api.labeling_job.set_custom_data(job.id, {"c": None}, update=False)
    assert api.labeling_job.get_custom_data(job.id) == {"c": None}
    assert api.labeling_job.get_custom_data(10**9) == {}


def test_job_set_assignees(server, api, people, create):
    job, change = create()[0], api.labeling_job.set_assignees
    assert change(job.id, annotator_id=people.second.id).assigned_to_login == people.second.login
    read = change(job.id, reviewer_id=people.reviewer.id)
    assert (read.assigned_to_id, read.reviewer_id) == (people.second.id, people.reviewer.id)
    assert change(job.id, people.first.id, server.user_id, return_info=False) is None
    assert api.labeling_job.get_info_by_id(job.id).reviewer_login == "admin"
    assert people.second.api.labeling_job.get_info_by_id(job.id) is None
    assert people.first.api.labeling_job.get_info_by_id(job.id).id == job.id
    with pytest.raises(RuntimeError, match="not a member"):
        change(job.id, annotator_id=server.user().id)
    refused(400, change, job.id, annotator_id=server.user().id, check_membership=False)
    with pytest.raises(ValueError):
        change(job.id)


def test_job_archive_and_remove(api, create):
    jobs = [create()[0] for _ in range(4)]
    api.labeling_job.archive(jobs[0].id)
    api.labeling_job.archive(jobs[0].id)
    assert api.labeling_job.get_info_by_id(jobs[0].id) == jobs[0]._replace(disabled=True)
    api.labeling_job.remove(jobs[0].id)
    api.labeling_job.remove_batch(ids(jobs[1:3]))
    assert api.labeling_job.get_info_by_ids(ids(jobs)) == [None, None, None, jobs[3]]


# ---- reports made from the answers ----

def test_job_summaries(server, api, people, create):
    jobs = [create(reviewer_id=people.reviewer.id)[0] for _ in range(5)]
    label(people.first.api, jobs[0])
    label(people.first.api, jobs[1])
    review(people.reviewer.api, jobs[1])
    people.first.api.labeling_job.set_entity_review_status(
        jobs[2].id, jobs[2].entities[0]["id"], "done")
    api.labeling_job.stop(jobs[3].id)
    jobs = api.labeling_job.get_info_by_ids(ids(jobs))
    summary = utils.jobs_summary(jobs)
    counts = dict(zip(summary["JOB STATUS"], summary["QUANTITY"]))
    assert (counts["TOTAL"], counts["COMPLETED"], counts["STOPPED"]) == (5, 1, 1)
    assert (counts["PENDING"], counts["LABELING IN PROGRESS"], counts["ON REVIEW"]) == (1, 1, 1)
    images = utils.images_summary(jobs)
    assert 30 in list(images.iloc[:, 2]) and 5 in list(images.iloc[:, 2])
    table = utils.jobs_stats(api.server_address, jobs, [{}] * 5)
    assert list(table["STATUS"]) == ["on_review", "completed", "in_progress", "stopped", "pending"]
    assert list(table["REVIEWED"]) == [0, 6, 0, 0, 0] and list(table["ACCEPTED"])[1] == 5
    place = f"{server.team_id}/{server.workspace_id}/{server.project_id}/{server.dataset_id}"
    assert f"/app/images/{place}?jobId={jobs[0].id}" in table["NAME"][0]
