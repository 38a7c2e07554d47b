"""What breaks clients of labeling jobs when a server does it differently.

One test for each known trap, with its number. Those about work in jobs are in test_traps_work.py: 12 to 14
(restart), 18, 34 and 35 (figures), 21 and 22 (statistics), 27 to 30 (queues), 31 (issues and guides), and of 50 the
webhooks."""

import asyncio
import datetime
import json
import socket
import struct
import time
from types import SimpleNamespace

import pytest
import supervisely as sly

import labeld
from sdk_helpers import ids, label, recorded, refused, tag_image, unique

EVENT_KEYS = {"userId", "action", "date", "user", "projectId", "project", "datasetId", "dataset",
              "imageId", "image", "classId", "class", "figureId", "job", "jobId", "tag", "tagId",
              "meta"}
STATUSES = ["pending", "in_progress", "on_review", "completed", "stopped"]


@pytest.fixture(scope="module")
def api(server):
    api = server.sdk()
    types = sly.TagValueType
    api.project.update_meta(server.project_id, sly.ProjectMeta(
        [sly.ObjClass("lemon", sly.Bitmap), sly.ObjClass("kiwi", sly.Bitmap)],
        [sly.TagMeta("size", types.ONEOF_STRING, ["small", "large"]),
         sly.TagMeta("origin", types.ANY_STRING), sly.TagMeta("ripe", types.NONE)]))
    return api


@pytest.fixture(scope="module")
def people(server, api):
    """Accounts of the demo team by role, each with its SDK client."""
    made = {}
    for role in ("annotator", "reviewer", "manager", "viewer"):
        user = server.user(unique(role), getattr(labeld, role.upper()))
        made[role] = SimpleNamespace(id=user.id, login=user.login, api=server.sdk(user.token))
    return SimpleNamespace(**made)


@pytest.fixture
def make(server, api, people):
    """Makes a job of the annotator and the reviewer; returns its info."""
    def make_job(name=None, users=None, **options):
        options.setdefault("reviewer_id", people.reviewer.id)
        return api.labeling_job.create(name or unique("job"), server.dataset_id,
                                       users or [people.annotator.id], **options)[0]
    return make_job


def raw_job(server, job_id):
    return server.ok("jobs.info", {"id": job_id})


def review_statuses(job):
    return [entity["reviewStatus"] for entity in job.entities]


# ---- the job object ----

def test_trap_01_meta_is_complete_wherever_a_job_is(server, make):
    job = make()
    listed = server.ok("jobs.list", {"teamId": server.team_id})["entities"]
    for meta in [raw_job(server, job.id)["meta"], *(entry["meta"] for entry in listed)]:
        assert all(isinstance(meta[key], list) for key in ("classes", "projectTags", "imageTags"))
        assert {"start", "end"} <= meta["range"].keys()
    assert raw_job(server, job.id)["meta"]["range"] == {"start": None, "end": None}


def test_trap_02_names_go_in_and_objects_come_out(server, api, make):
    job = make(classes_to_label=["lemon"], tags_to_label=["size"])
    meta, project = raw_job(server, job.id)["meta"], api.project.get_meta(server.project_id)
    lemon = next(c["id"] for c in project["classes"] if c["title"] == "lemon")
    size = next(t["id"] for t in project["tags"] if t["name"] == "size")
    assert meta["classes"] == [{"id": lemon, "name": "lemon"}]
    assert meta["projectTags"] == [{"id": size, "name": "size"}]


def test_trap_03_no_limit_is_null_and_survives_a_clone(server, api, make):
    job = make(objects_limit_per_image=0, tags_limit_per_image=5)
    assert (job.objects_limit_per_image, job.tags_limit_per_image) == (None, 5)
    clone = api.labeling_job.clone(job.id, new_title=unique("clone"))[0]
    assert (clone.objects_limit_per_image, clone.tags_limit_per_image) == (None, 5)
    assert raw_job(server, clone.id)["meta"]["imageFiguresLimit"] is None


def test_trap_04_image_tags_are_positive_or_not(server, api):
    project = api.project.get_meta(server.project_id)
    tag_id = next(t["id"] for t in project["tags"] if t["name"] == "ripe")
    images = api.image.get_list(server.dataset_id)
    tag_image(server, images[1].id, tag_id)
    create, users = api.labeling_job.create, [server.user_id]
    with_tag = create(unique("j"), server.dataset_id, users, include_images_with_tags=["ripe"])[0]
    without = create(unique("j"), server.dataset_id, users, exclude_images_with_tags=["ripe"])[0]
    assert [e["id"] for e in with_tag.entities] == [images[1].id]
    assert with_tag.filter_images_by_tags == [{"id": tag_id, "name": "ripe", "positive": True}]
    assert (with_tag.include_images_with_tags, with_tag.exclude_images_with_tags) == (["ripe"], [])
    assert images[1].id not in [e["id"] for e in without.entities] and without.images_count == 5
    assert (without.include_images_with_tags, without.exclude_images_with_tags) == ([], ["ripe"])


def test_trap_05_an_array_even_for_one_user(server, people):
    body = {"name": unique("job"), "datasetId": server.dataset_id, "userIds": [people.annotator.id]}
    answer = server.ok("jobs.add", body)
    assert isinstance(answer, list) and isinstance(answer[0]["id"], int)
    assert (answer[0]["userId"], answer[0]["name"]) == (people.annotator.id, body["name"])


def test_trap_06_who_is_called_what(server, people, make):
    job = raw_job(server, make().id)
    assert (job["userId"], job["labelerLogin"]) == (people.annotator.id, people.annotator.login)
    assert (job["createdBy"], job["managerLogin"]) == (server.user_id, "admin")
    assert (job["reviewerId"], job["reviewerLogin"]) == (people.reviewer.id, people.reviewer.login)
    assert (job["projectTitle"], job["datasetTitle"]) == ("Lemons (Test)", "ds1")
    assert job["workspaceTitle"] == "Testing Workspace"


# ---- lists ----

@pytest.mark.parametrize("field, value", [
    ("createdBy", "created_by_id"), ("userId", "assigned_to_id"), ("reviewerId", "reviewer_id"),
    ("projectId", "project_id"), ("datasetId", "dataset_id"), ("status", "status"),
    ("name", "name"), ("id", "id")])
def test_trap_07_filters_use_the_names_of_the_wire(server, make, field, value):
    job = make()
    found = server.ok("jobs.list", {"teamId": server.team_id, "filter": [
        {"field": field, "operator": "=", "value": getattr(job, value)},
        {"field": "id", "operator": ">=", "value": str(job.id)}]})
    assert [entry["id"] for entry in found["entities"]] == [job.id]


def test_trap_08_jobs_without_a_queue(server, api, make):
    job, listed = make(), api.labeling_job.get_list
    assert job.id in ids(listed(server.team_id, is_part_of_queue=False))
    assert job.id in ids(listed(server.team_id))
    assert listed(server.team_id, queue_ids=[10**9]) == []


def test_trap_09_statuses_can_be_excluded(server, api, make):
    job, listed = make(), api.labeling_job.get_list
    assert job.id in ids(listed(server.team_id, exclude_statuses=["completed", "on_review"]))
    assert job.id not in ids(listed(server.team_id, exclude_statuses=["pending"]))


def test_trap_10_filtered_pages_add_up_by_ascending_id(server, api, make):
    jobs = ids(make() for _ in range(5))
    api.labeling_job.stop(jobs[2])
    body = {"teamId": server.team_id, "per_page": 2, "filter": [
        {"field": "id", "operator": "in", "value": jobs[::-1]},
        {"field": "status", "operator": "!=", "value": "stopped"}]}
    first = server.ok("jobs.list", body)
    assert (first["total"], first["perPage"], first["pagesCount"]) == (4, 2, 2)
    paged = api.labeling_job.get_list_all_pages("jobs.list", body)
    assert ids(paged) == [job for job in jobs if job != jobs[2]]


def test_trap_11_what_is_invisible_is_404(server, people, make):
    mine, other = make(), make(users=[server.user_id], reviewer_id=None)
    for api in (people.annotator.api, people.reviewer.api):
        assert api.labeling_job.get_info_by_ids([mine.id, other.id, 10**9])[1:] == [None, None]
        assert api.labeling_job.get_info_by_id(mine.id).id == mine.id
    assert people.viewer.api.labeling_job.get_info_by_id(mine.id) is None
    assert people.manager.api.labeling_job.get_info_by_id(other.id).id == other.id


# ---- custom data, edits, headers ----

def test_trap_15_custom_data_is_an_object_from_the_start(server, api, make):
    job = make()
    assert raw_job(server, job.id)["customData"] == {}
    api.labeling_job.set_custom_data(job.id, {"a": 1})
    api.labeling_job.set_custom_data(job.id, {"b": 2})
    assert api.labeling_job.get_custom_data(job.id) == {"a": 1, "b": 2}
    server.ok("jobs.editInfo", {"id": job.id, "customData": None})
    assert api.labeling_job.get_custom_data(job.id) == {"a": 1, "b": 2}


def test_trap_16_an_edit_changes_what_it_names(server, people, make):
    job = make(classes_to_label=["kiwi"], objects_limit_per_image=3)
    before = raw_job(server, job.id)
    for change in ({"customData": {"x": 1}}, {"userId": people.manager.id},
                   {"reviewerId": people.manager.id}, {"meta": {"disableSubmit": True}}):
        server.ok("jobs.editInfo", {"id": job.id, **change})
        after = raw_job(server, job.id)
        expected = {**before, **change, "meta": {**before["meta"], **change.get("meta", {})}}
        implied = ("updatedAt", "labelerLogin", "reviewerLogin")
        assert {k: v for k, v in after.items() if k not in implied} == {
            k: v for k, v in expected.items() if k not in implied}
        before = after
    assert before["labelerLogin"] == before["reviewerLogin"] == people.manager.login


@pytest.mark.parametrize("value", ["<built-in function id>", "-5", "0", "1e3", "9" * 30, "", "x"])
def test_trap_17_a_senseless_job_header_says_nothing(server, api, make, value):
    job, header = make(), {"x-job-id": value}
    calls = {"jobs.info": {"id": job.id}, "users.me": {}, "projects.meta": {"id": 1},
             "images.list": {"datasetId": server.dataset_id}}
    for method, body in calls.items():
        assert server.ok(method, body, headers=header) == server.ok(method, body), method


def test_trap_17_the_job_header_limits_images_and_nothing_else(server, api, people, make):
    chosen = ids(api.image.get_list(server.dataset_id))[2:4]
    job = make(images_ids=chosen)
    people.annotator.api.add_header("x-job-id", str(job.id))
    try:
        seen = people.annotator.api
        assert ids(seen.image.get_list(server.dataset_id)) == chosen
        assert seen.user.get_my_info().id == people.annotator.id
        assert seen.labeling_job.get_info_by_id(job.id).id == job.id
        assert seen.project.get_meta(server.project_id)["classes"]
        assert seen.dataset.get_info_by_id(server.dataset_id).name == "ds1"
        assert seen.image.get_info_by_id(chosen[0] - 1) is None
    finally:
        people.annotator.api.pop_header("x-job-id")


def test_trap_19_images_carry_tags_with_ids(server, api):
    tags = api.project.get_meta(server.project_id)["tags"]
    tag_id = next(t["id"] for t in tags if t["name"] == "origin")
    images = api.image.get_list(server.dataset_id)
    assert all(isinstance(image.tags, list) for image in images)
    tag_image(server, images[-1].id, tag_id)
    for image in (api.image.get_info_by_id(images[-1].id),
                  api.image.get_list(server.dataset_id)[-1]):
        assert tag_id in [tag["tagId"] for tag in image.tags]


@pytest.mark.parametrize("wanted, count", [
    (["done", "none"], 5), (["done"], 1), (["accepted"], 1), (["rejected"], 0)])
def test_trap_20_images_of_a_job_by_review_status(server, people, make, wanted, count):
    job, api = make(), people.reviewer.api
    for entity, status in zip(job.entities, ("done", "accepted")):
        api.labeling_job.set_entity_review_status(job.id, entity["id"], status)
    images = api.image.get_filtered_list(server.dataset_id, [{"type": "job", "data": {
        "jobId": job.id, "status": wanted, "showEntitiesInQueuePool": False}}])
    assert len(images) == count


def test_trap_23_counters_are_numbers(server, make):
    make()
    for job in server.ok("jobs.list", {"teamId": server.team_id})["entities"]:
        for key in ("imagesCount", "finishedImagesCount", "rejectedImagesCount",
                    "acceptedImagesCount", "progressImagesCount"):
            assert type(job[key]) is int


def test_trap_24_a_quality_check_only_where_it_was_asked_for(api, people, make):
    plain, checked = make(), make(enable_quality_check=True)
    refused(400, api.labeling_job.set_status, plain.id, "review_completed")
    label(people.annotator.api, checked)
    people.reviewer.api.labeling_job.set_status(checked.id, "review_completed")
    people.manager.api.labeling_job.set_status(checked.id, "completed")
    assert api.labeling_job.get_info_by_id(checked.id).status == "completed"


# ---- activity ----

def test_trap_25_events_have_all_columns(server, api, people, make):
    job = make()
    label(people.annotator.api, job)
    events = api.team.get_activity(server.team_id, filter_job_id=job.id)
    assert all(EVENT_KEYS <= event.keys() and isinstance(event["meta"], dict) for event in events)
    done = [event for event in events if event["action"] == "image_review_status_updated"]
    assert {event["imageId"] for event in done} == {entity["id"] for entity in job.entities}
    assert {(e["job"], e["user"], e["meta"]["reviewStatus"]) for e in done} == {
        (job.name, people.annotator.login, "done")}
    assert {event["jobId"] for event in events} == {job.id}
    frame = api.labeling_job.get_activity(server.team_id, job.id)
    assert len(frame) == len(events) and EVENT_KEYS <= set(frame.columns)


@pytest.mark.parametrize("zone", [None, datetime.timezone.utc])
@pytest.mark.parametrize("microsecond", [0, 123456])
def test_trap_26_dates_of_activity_with_and_without_zone(server, api, make, zone, microsecond):
    job = make()
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=zone, microsecond=microsecond)
    hour = datetime.timedelta(hours=1)
    for start, end, some in ((now - hour, now + hour, True), (now + hour, None, False),
                             (None, now - hour, False)):
        events = api.team.get_activity(server.team_id, filter_job_id=job.id, start_date=start,
                                       end_date=end)
        assert bool(events) is some


def test_trap_26_activity_by_labeler_and_review_status(server, api, people, make):
    job = make()
    label(people.annotator.api, job)
    people.reviewer.api.labeling_job.set_entity_review_status(
        job.id, job.entities[0]["id"], "rejected")
    by = {"labeler_id": people.annotator.id, "filter_job_id": job.id}
    assert len(api.team.get_activity(server.team_id, **by, review_status="done")) == 6
    rejected = api.team.get_activity(server.team_id, **by, review_status="rejected")
    assert [(e["user"], e["imageId"]) for e in rejected] == [
        (people.reviewer.login, job.entities[0]["id"])]
    by["labeler_id"] = people.reviewer.id
    assert api.team.get_activity(server.team_id, **by) == []


# ---- states ----

def test_trap_32_archived_jobs_can_be_listed_with_the_others(server, api, make):
    job, listed = make(), api.labeling_job.get_list
    api.labeling_job.archive(job.id)
    everything = listed(server.team_id, project_id=server.project_id, show_disabled=True)
    assert [j.disabled for j in everything if j.id == job.id] == [True]
    assert len(everything) > 1 and job.id not in ids(listed(server.team_id))
    assert listed(server.team_id, project_id=10**9, show_disabled=True) == []
    assert api.labeling_job.get_info_by_id(job.id).disabled is True


def test_trap_33_a_pending_job_has_not_started(api, people, make):
    job = make()
    assert job.started_at is None
    people.annotator.api.labeling_job.set_status(job.id, "in_progress")
    started = api.labeling_job.get_info_by_id(job.id).started_at
    assert started >= job.created_at


def test_trap_36_custom_data_keeps_order_types_and_size(server, api, make):
    data = {"z": 1, "a": [1.0, 0.1, 10**15, None, True, "\u0416\U0001f34b\u2028", {}], "10": "x",
            "2": {"b": 1, "a": -0.5}, "big": "x" * 900_000}
    job, project = make(), api.project.create(server.workspace_id, unique("project"))
    api.labeling_job.set_custom_data(job.id, data, update=False)
    api.project.update_custom_data(project.id, data)
    for read in (api.labeling_job.get_custom_data(job.id), api.project.get_custom_data(project.id)):
        assert json.dumps(read) == json.dumps(data)


def test_trap_37_polls_are_cheap_and_counters_right(api, people, make):
    job, api = make(), people.reviewer.api.labeling_job
    for number, status in enumerate(["done", "accepted", "rejected", "none", "accepted"]):
        api.set_entity_review_status(job.id, job.entities[number % 3]["id"], status)
    start = time.monotonic()
    polled = [api.get_info_by_id(job.id) for _ in range(100)]
    assert time.monotonic() - start < 3
    assert set(map(str, polled)) == {str(polled[0])}
    job = polled[0]
    assert review_statuses(job) == ["none", "accepted", "rejected"] + ["none"] * 3
    assert (job.finished_images_count, job.accepted_images_count) == (0, 1)
    assert (job.rejected_images_count, job.progress_images_count) == (1, 1)


def test_trap_38_many_jobs_are_read_in_parallel(server, api, make):
    jobs = [make() for _ in range(60)]
    wanted = [*ids(jobs), 10**9]
    assert api.labeling_job.get_info_by_ids(wanted) == [*jobs, None]
    pooled = asyncio.run(api.labeling_job._get_info_by_ids_async(wanted))
    assert pooled == [*jobs, None]  # the SDK hides when this way fails
    listed = api.labeling_job.get_list(server.team_id, with_entities=True, is_part_of_queue=False)
    assert listed[-60:] == jobs and all(len(job.entities) > 0 for job in listed)


@pytest.mark.parametrize("role", ["manager", "admin"])
@pytest.mark.parametrize("first", STATUSES)
def test_trap_39_managers_jump_between_statuses(api, people, make, first, role):
    who = api if role == "admin" else people.manager.api
    for then in STATUSES:
        job = make()
        who.labeling_job.set_status(job.id, first)
        who.labeling_job.set_status(job.id, then)
        job = api.labeling_job.get_info_by_id(job.id)
        assert job.status == then
        assert (job.finished_at is not None) is (then == "completed")


@pytest.mark.parametrize("status", ["in_progress", "on_review", "stopped"])
def test_trap_40_reviewers_need_no_confirmed_image_and_no_submitted_job(api, people, make, status):
    job = make()
    api.labeling_job.set_status(job.id, status)
    for entity, verdict in zip(job.entities, ("accepted", "rejected")):
        people.reviewer.api.labeling_job.set_entity_review_status(job.id, entity["id"], verdict)
    job = people.reviewer.api.labeling_job.get_info_by_id(job.id)
    assert review_statuses(job)[:3] == ["accepted", "rejected", "none"] and job.status == status
    people.reviewer.api.labeling_job.set_status(job.id, "completed")


def test_trap_41_quality_control_rejects_with_another_token(people, make):
    job = make()
    entity = job.entities[0]["id"]
    people.annotator.api.labeling_job.set_status(job.id, "in_progress")
    people.annotator.api.labeling_job.set_entity_review_status(job.id, entity, "done")
    people.manager.api.labeling_job.set_entity_review_status(job.id, entity, "rejected")
    seen = people.annotator.api.labeling_job.get_info_by_id(job.id)
    assert (review_statuses(seen)[0], seen.status) == ("rejected", "in_progress")
    people.annotator.api.labeling_job.set_entity_review_status(job.id, entity, "done")


def test_trap_42_unknown_keys_of_meta_are_kept(server, people):
    more = {"visibility": {"own": [1, 2.5, None]}, "hideFigureAuthor": True, "0": "\u0416"}
    job = server.job(meta={**more, "classes": []})
    assert more.items() <= job["meta"].items()
    settings = {"toolboxSettings": {"skipFramesSize": 2}}
    server.ok("jobs.editInfo", {"id": job["id"], "meta": settings})
    assert {**more, **settings}.items() <= raw_job(server, job["id"])["meta"].items()


def test_trap_43_names_of_jobs(server, api, make):
    for name in ("\u0416" * 255, "a'b\"c", "x"):
        assert make(name=name).name == name
    for name in ("a/b", "a\\b", "x" * 256, ""):
        refused(400, api.labeling_job.create, name, server.dataset_id, [server.user_id])


def test_trap_44_a_nonsense_filter_is_a_mistake_of_the_caller(server, api):
    with recorded(api) as calls:
        refused(400, api.labeling_job.get_info_by_name, server.team_id, "x")
    assert calls[0][1]["filter"][0]["value"] == [{"field": "name", "operator": "=", "value": "x"}]


def test_trap_45_and_46_slashes_and_verbs(server, api, make):
    job = make()
    assert api.post("/jobs.info", {"id": job.id}).json()["id"] == job.id
    assert server.raw("jobs.info", verb="GET", params={"id": job.id}).json()["id"] == job.id
    query = {"id": job.id, "status": "in_progress"}
    assert server.raw("jobs.set-status", verb="GET", params=query).status_code == 200
    assert server.raw("jobs.editInfo", {"id": job.id, "customData": {"a": 1}}, verb="PUT").ok
    assert api.labeling_job.get_custom_data(job.id) == {"a": 1}
    assert api.labeling_job.get_info_by_id(job.id).status == "in_progress"
    assert server.raw("jobs.bulk.remove", {"ids": [job.id]}, verb="DELETE").ok
    assert api.labeling_job.get_info_by_id(job.id) is None


def test_trap_47_bulk_remove_takes_all_or_none(server, api, people, make):
    jobs = ids(make() for _ in range(51))
    before = server.state()
    refused(404, api.labeling_job.remove_batch, [*jobs[:2], 10**9])
    refused(403, people.reviewer.api.labeling_job.remove_batch, jobs[:2])
    assert server.state() == before
    with recorded(api) as calls:
        api.labeling_job.remove_batch(jobs)
    assert [len(body["ids"]) for _, body in calls] == [50, 1]
    assert api.labeling_job.get_info_by_ids(jobs) == [None] * 51


def test_trap_48_a_repeat_after_a_lost_answer_makes_one_job(server, people):
    name = unique("job")
    body = {"name": name, "datasetId": server.dataset_id, "userIds": [people.annotator.id]}
    found = {"teamId": server.team_id, "filter": [
        {"field": "name", "operator": "=", "value": name}]}
    data = json.dumps(body).encode()
    with server.connect() as s:
        s.sendall(f"POST {labeld.PREFIX}jobs.add HTTP/1.1\r\nHost: x\r\nx-api-key: {server.token}"
                  f"\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        s.recv(1, socket.MSG_PEEK)  # the answer is there; it is never read
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    repeated = server.ok("jobs.add", body)
    assert [job["id"] for job in server.ok("jobs.list", found)["entities"]] == [repeated[0]["id"]]


def test_trap_49_a_change_is_seen_at_once(server, api, make):
    job = make()
    for status in STATUSES * 6:
        api.labeling_job.set_status(job.id, status)
        assert str(api.labeling_job.get_status(job.id)) == status
        found = api.labeling_job.get_list(server.team_id, assigned_to_id=job.assigned_to_id)
        assert [j.status for j in found if j.id == job.id] == [status]


def test_trap_50_completed_twice_is_completed_once(server, api, make):
    job = make()
    api.labeling_job.set_status(job.id, "completed")
    once = raw_job(server, job.id), api.team.get_activity(server.team_id, filter_job_id=job.id)
    api.labeling_job.set_status(job.id, "completed")
    assert once == (raw_job(server, job.id),
                    api.team.get_activity(server.team_id, filter_job_id=job.id))


def test_trap_51_the_meta_is_by_name_and_a_job_in_the_order_of_its_request(server, api, make):
    meta = api.project.get_meta(server.project_id)
    for key, name in (("classes", "title"), ("tags", "name")):
        shown = [item[name] for item in meta[key]]
        assert shown == sorted(shown)
    job = make(classes_to_label=["lemon", "kiwi"], tags_to_label=["size", "origin"])
    assert job.classes_to_label == ["lemon", "kiwi"]
    assert job.tags_to_label == ["size", "origin"]
