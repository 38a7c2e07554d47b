"""The labeling-jobs tutorial with the stock SDK, item by item.

A server of its own goes through the tutorial once; most tests look at what a step gave there. Where
the tutorial's printed page contradicts its own requests, the request is right."""

import os
import subprocess
import sys

import pytest
import supervisely as sly

import labeld
from sdk_helpers import (cells, ids, is_time, label, names, recorded, refused, review, unique,
                         wait_while)
from tutorial_story import (LABELERS, SCRIPT, TEXTS, environment, labeler_1, log_in, new_job,
                            told)

IMAGES = ["IMG_4451.jpeg", "IMG_3861.jpeg", "IMG_0748.jpeg",
          "IMG_2084.jpeg", "IMG_1836.jpeg", "IMG_8144.jpeg"]  # in the order of their ids
CLASS_ROWS = [["kiwi", "Bitmap", "[208, 2, 27]", ""], ["lemon", "Bitmap", "[80, 227, 194]", ""]]
TAG_ROWS = [["origin", "any_string", "None", "", "objectsOnly", "['kiwi', 'lemon']"],
            ["size", "oneof_string", "['small', 'medium', 'large']", "", "objectsOnly",
             "['kiwi', 'lemon']"]]


@pytest.fixture(scope="module")
def story():
    with told() as t:
        yield t


def entities(images):
    """What a job prints for these images: by name, descending."""
    chosen = sorted(images, key=lambda image: image.name, reverse=True)
    return [{"reviewStatus": "none", "id": i.id, "name": i.name} for i in chosen]


# ---- preparation ----

def test_item_01_ids_come_from_the_environment(story):
    api = story.api
    assert api.team.get_info_by_id(sly.env.team_id()).role == "admin"
    assert api.project.get_info_by_id(sly.env.project_id()).team_id == sly.env.team_id()
    assert api.user.get_info_by_id(sly.env.user_id()).login == sly.env.user_login()


def test_item_02_ids_can_be_read_where_the_pages_show_them(story):
    api = story.api
    assert story.team_id in ids(api.team.get_list())
    assert story.project_id in ids(api.project.get_list(story.server.workspace_id))
    members = api.user.get_team_members(story.team_id)
    assert (story.me.id, story.me.login) in [(m.id, m.login) for m in members]


def test_item_03_the_demo_project_has_six_images(story):
    assert story.api.project.get_info_by_id(story.project_id).name == "Lemons (Test)"
    assert names(story.datasets) == ["ds1"]
    assert names(story.images) == IMAGES


def test_item_04_the_client_connects_from_the_environment(story):
    assert story.api.server_address == story.server.url
    assert story.api.user.get_my_info().login == sly.env.user_login()


def test_item_05_the_project_is_prepared_over_the_wire(story):
    with recorded(story.api) as calls:
        story.tutorial.prepare_project(story.api, story.project_id)
    assert [method for method, _ in calls] == [
        "projects.meta", "projects.meta.update", "projects.settings.update"]
    assert story.api.project.get_meta(story.project_id) == story.meta


# ---- step 1: annotators ----

def test_item_06_an_unknown_login_is_none(story):
    assert story.found_before == [None, None]


def test_item_07_a_restricted_user_is_created(story):
    user, raw = story.users[0], story.server.ok("users.info", {"id": story.users[0].id})
    assert (user.login, user.disabled, user.logins) == ("labeler_1", False, 0)
    assert raw["isRestricted"] is True
    assert story.api.user.get_info_by_login("labeler_1").id == user.id


def test_item_08_creating_users_needs_the_instance_admin(story):
    team_admin = story.server.sdk(story.server.user(role=labeld.ADMIN).token)
    refused(403, team_admin.user.create, login=unique("user"), password="11111abc")


def test_item_09_the_second_labeler_is_created_likewise(story):
    assert story.users[1].login == "labeler_2"
    assert story.users[1].id != story.users[0].id


def test_item_10_the_tutorials_passwords_are_accepted(story):
    for (login, password), user in zip(LABELERS.items(), story.users):
        assert log_in(story, login, password).user.get_my_info().id == user.id
    with pytest.raises(RuntimeError, match="401"):
        log_in(story, "labeler_1", LABELERS["labeler_2"])


def test_item_11_no_login_before_the_first_team(story):
    user = story.api.user.create(unique("user"), "33333abc", is_restricted=True)
    with pytest.raises(RuntimeError, match="403"):
        log_in(story, user.login, "33333abc")
    story.api.user.add_to_team(user.id, story.team_id, story.api.role.DefaultRole.ANNOTATOR)
    assert log_in(story, user.login, "33333abc").team.get_list()[0].id == story.team_id


def test_item_12_no_role_before_membership(story):
    assert story.role_before == [None, None]


def test_item_13_both_labelers_are_annotators_of_the_team(story):
    for user in story.users:
        role = story.api.user.get_team_role(user.id, story.team_id)
        assert (role.role, role.role_id) == ("annotator", story.api.role.DefaultRole.ANNOTATOR)


@pytest.mark.parametrize("role", ["developer", "manager", "reviewer", "annotator", "viewer"])
def test_item_14_adding_members_needs_the_team_admin(story, role):
    login = story.server.user().login
    member = story.server.sdk(story.server.user(role=getattr(labeld, role.upper())).token)
    refused(403, member.user.add_to_team_by_login, login, story.team_id, labeld.ANNOTATOR)
    team_admin = story.server.sdk(story.server.user(role=labeld.ADMIN).token)
    assert "userId" in team_admin.user.add_to_team_by_login(login, story.team_id, labeld.ANNOTATOR)


def test_item_15_existing_labelers_are_found_again(story):
    with recorded(story.api) as calls:
        again = [story.tutorial.labeler(story.api, story.team_id, *pair)
                 for pair in LABELERS.items()]
    assert ids(again) == ids(story.users)
    assert {method for method, _ in calls} == {"users.list", "users.info"}


@pytest.mark.slow
def test_item_15_the_whole_script_runs_twice():
    """Exit status 0 both times, and the second run makes jobs of its own."""
    server = labeld.Server().start()
    env, seen = {**os.environ, **environment(server)}, []
    for _ in range(2):
        done = subprocess.run([sys.executable, SCRIPT], env=env, capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        jobs = server.sdk().labeling_job.get_list(server.team_id, show_disabled=True)
        seen.append([(job.id, job.name) for job in jobs])
    assert len(seen[0]) == 2
    assert seen[1][:2] == seen[0] and len(seen[1]) == 4
    assert [name for _, name in seen[1][2:]] == [name for _, name in seen[0]]
    server.close()


# ---- step 2: project and datasets ----

def test_item_16_the_meta_is_read(story):
    assert set(story.meta) == {"classes", "tags", "projectType"}
    assert story.meta["projectType"] == "images"


def test_item_17_the_classes(story):
    shown = [(c["title"], c["shape"], c["color"], c["hotkey"]) for c in story.meta["classes"]]
    assert shown == [("kiwi", "bitmap", "#D0021B", ""), ("lemon", "bitmap", "#50E3C2", "")]


def test_item_18_the_tags(story):
    shown = [(t["name"], t["value_type"], t.get("values"), t["applicable_type"], t["classes"])
             for t in story.meta["tags"]]
    assert shown == [
        ("origin", "any_string", None, "objectsOnly", ["kiwi", "lemon"]),
        ("size", "oneof_string", ["small", "medium", "large"], "objectsOnly", ["kiwi", "lemon"])]


def test_item_19_the_tables_are_printed_as_in_the_tutorial(story):
    rows = cells(str(sly.ProjectMeta.from_json(story.meta)), 6)
    assert rows[0] == ["Name", "Shape", "Color", "Hotkey"]
    assert rows[1:3] == CLASS_ROWS and rows[4:] == TAG_ROWS


def test_item_20_the_datasets_are_listed(story):
    assert [d.project_id for d in story.datasets] == [story.project_id]


def test_item_21_the_dataset_info(story):
    dataset = story.datasets[0]
    assert (dataset.name, dataset.description, dataset.images_count) == ("ds1", "", 6)
    assert dataset.size == str(sum(image.size for image in story.images))
    assert is_time(dataset.created_at) and is_time(dataset.updated_at)


# ---- step 3: the first job ----

def test_item_22_the_job_of_labeler_1_is_created(story):
    job = story.api.labeling_job.get_info_by_id(story.created_1[0].id)
    assert (job.name, job.classes_to_label) == ("labeler1_lemons_task", ["lemon"])


def test_item_23_the_answer_is_a_list_of_one(story):
    assert isinstance(story.created_1, list) and len(story.created_1) == 1
    assert type(story.created_1[0]).__name__ == "LabelingJobInfo"


def test_item_24_texts_and_places_of_job_1(story):
    job = story.created_1[0]
    assert isinstance(job.id, int)
    assert (job.name, job.readme, job.description) == ("labeler1_lemons_task", *TEXTS.values())
    assert (job.team_id, job.workspace_id) == (story.team_id, story.server.workspace_id)
    assert job.workspace_name == "Testing Workspace"
    assert (job.project_id, job.project_name) == (story.project_id, "Lemons (Test)")
    assert (job.dataset_id, job.dataset_name) == (story.datasets[0].id, "ds1")


def test_item_25_the_creator(story):
    job = story.created_1[0]
    assert (job.created_by_id, job.created_by_login) == (sly.env.user_id(), sly.env.user_login())


def test_item_26_the_labeler(story):
    job = story.created_1[0]
    assert (job.assigned_to_id, job.assigned_to_login) == (story.users[0].id, "labeler_1")


def test_item_27_the_times(story):
    job = story.created_1[0]
    assert is_time(job.created_at)
    assert job.started_at is None and job.finished_at is None


def test_item_28_pending_and_not_archived(story):
    assert (story.created_1[0].status, story.created_1[0].disabled) == ("pending", False)


def test_item_29_the_counters(story):
    job = story.created_1[0]
    assert job.images_count == 6
    assert job.finished_images_count == job.rejected_images_count == 0
    assert job.accepted_images_count == 0


def test_item_30_the_classes_of_the_request(story):
    """The page prints [], against its own request."""
    assert story.created_1[0].classes_to_label == ["lemon"]


def test_item_31_what_was_not_given_is_empty(story):
    job = story.created_1[0]
    assert (job.tags_to_label, job.images_range) == ([], (None, None))
    assert job.objects_limit_per_image is None and job.tags_limit_per_image is None


def test_item_32_no_filters_by_image_tag(story):
    job = story.created_1[0]
    assert job.filter_images_by_tags == []
    assert job.include_images_with_tags == job.exclude_images_with_tags == []


def test_item_33_the_entities_by_name_descending(story):
    job = story.created_1[0]
    assert job.entities == entities(story.images)
    assert [e["name"] for e in job.entities][:2] == ["IMG_8144.jpeg", "IMG_4451.jpeg"]


def test_item_34_the_whole_dataset_by_default(story):
    assert sorted(e["id"] for e in story.created_1[0].entities) == ids(story.images)


def test_item_35_a_stopped_job_is_unavailable_for_its_labeler(story):
    job = new_job(story)
    labeler = labeler_1(story)
    assert job.id in ids(labeler.labeling_job.get_list(story.team_id))
    story.api.labeling_job.stop(job.id)
    assert story.api.labeling_job.get_status(job.id) is labeler.labeling_job.Status.STOPPED
    assert job.id not in ids(labeler.labeling_job.get_list(story.team_id))
    assert labeler.labeling_job.get_info_by_id(job.id) is None
    refused(404, labeler.labeling_job.set_status, job.id, "in_progress")


# ---- the second job ----

def test_item_36_images_by_ascending_id(story):
    assert ids(story.images) == sorted(ids(story.images))
    assert names(story.images)[:3] == IMAGES[:3] and len(story.selected) == 3


def test_item_37_the_job_of_labeler_2_is_created(story):
    job = story.created_2[0]
    assert len(story.created_2) == 1
    assert (job.assigned_to_id, job.assigned_to_login) == (story.users[1].id, "labeler_2")
    assert job.name == "labeler2_kiwi_task_with_complex_settings"


def test_item_38_settings_of_job_2_in_the_order_of_the_request(story):
    job = story.created_2[0]
    assert (job.classes_to_label, job.tags_to_label) == (["kiwi"], ["size", "origin"])
    assert (job.objects_limit_per_image, job.tags_limit_per_image) == (10, 20)


def test_item_39_exactly_the_selected_images(story):
    job = story.created_2[0]
    assert job.entities == entities(story.images[:3])
    assert [e["name"] for e in job.entities] == [
        "IMG_4451.jpeg", "IMG_3861.jpeg", "IMG_0748.jpeg"]


def test_item_40_three_images_are_counted(story):
    """The page prints 6, the size of the dataset."""
    assert story.created_2[0].images_count == 3


def test_item_41_the_same_creator_as_of_job_1(story):
    """The page prints another id with the same login."""
    assert story.created_2[0].created_by_id == story.created_1[0].created_by_id


# ---- lists and filters ----

def test_item_42_all_jobs_of_the_team(story):
    assert set(ids(story.listed)) == {story.created_1[0].id, story.created_2[0].id}


def test_item_43_by_ascending_id_with_all_fields(story):
    assert ids(story.listed) == [story.created_1[0].id, story.created_2[0].id]
    assert story.listed[1] == story.created_2[0]
    assert story.listed[0].entities == story.created_1[0].entities


def test_item_44_job_1_is_listed_as_stopped(story):
    """The page still prints "pending"; what it prints later proves that it was stopped."""
    assert story.listed[0] == story.created_1[0]._replace(status="stopped")


def test_item_45_filters_combine(story):
    get_list, job = story.api.labeling_job.get_list, story.created_2[0]
    every = {"created_by_id": job.created_by_id, "assigned_to_id": job.assigned_to_id,
             "project_id": job.project_id, "dataset_id": job.dataset_id}
    assert ids(get_list(story.team_id, **every)) == [job.id]
    for name in every:
        assert job.id in ids(get_list(story.team_id, **{name: every[name]}))
        assert get_list(story.team_id, **{**every, name: 999999}) == []


def test_item_46_jobs_created_by_me(story):
    assert story.by_me == story.listed


def test_item_47_ones_own_account_by_login_needs_an_admin(story):
    assert story.me.id == sly.env.user_id()
    member = story.server.sdk(story.server.user(role=labeld.MANAGER).token)
    refused(403, member.user.get_info_by_login, sly.env.user_login())


def test_item_48_those_of_labeler_2(story):
    assert story.of_labeler_2 == [story.created_2[0]]


def test_item_49_active_jobs_are_those_not_archived(story):
    assert ids(story.listed_then) == [story.created_2[0].id]


# ---- statuses ----

def test_item_50_the_five_statuses(story):
    job, status = new_job(story), story.api.labeling_job.Status
    for member in (status.IN_PROGRESS, status.ON_REVIEW, status.COMPLETED, status.STOPPED,
                   status.PENDING):
        story.api.labeling_job.set_status(job.id, str(member))
        assert story.api.labeling_job.get_status(job.id) is member


def test_item_51_the_status_is_read_by_id(story):
    assert all(isinstance(s, story.api.labeling_job.Status) for s in story.statuses)


def test_item_52_the_second_last_job_is_stopped(story):
    assert repr(story.statuses[0]) == "<Status.STOPPED: 'stopped'>"


def test_item_53_the_last_job_is_pending(story):
    assert repr(story.statuses[1]) == "<Status.PENDING: 'pending'>"


def test_item_54_a_pending_job_can_be_completed(story):
    assert story.set_status_gave is None
    assert story.api.labeling_job.get_info_by_id(story.created_2[0].id).finished_at is not None


def test_item_55_then_it_is_completed(story):
    assert repr(story.status_then) == "<Status.COMPLETED: 'completed'>"


def test_item_56_wait_returns_when_the_labeler_has_submitted(story):
    job, status = new_job(story), story.api.labeling_job.Status
    labeler = labeler_1(story)
    seen = wait_while(story.api, job.id, status.ON_REVIEW, lambda: label(labeler, job))
    assert seen[0] is status.PENDING and seen[-1] is status.ON_REVIEW


def test_item_57_wait_returns_when_the_reviewer_has_finished(story):
    reviewer = story.server.user(role=labeld.REVIEWER)
    job, status = new_job(story, reviewer_id=reviewer.id), story.api.labeling_job.Status
    label(labeler_1(story), job)
    api = story.server.sdk(reviewer.token)
    seen = wait_while(story.api, job.id, status.COMPLETED, lambda: review(api, job))
    assert seen[0] is status.ON_REVIEW and seen[-1] is status.COMPLETED


# ---- archive and remove ----

def test_item_58_an_archived_job_leaves_the_list_and_keeps_its_data(story):
    archived = story.api.labeling_job.get_info_by_id(story.created_1[0].id)
    assert story.created_1[0].id not in ids(story.listed_then)
    assert archived == story.listed[0]._replace(disabled=True)


def test_item_59_the_archived_job_can_be_shown(story):
    jobs = story.api.labeling_job.get_list(story.team_id, show_disabled=True)
    job = next(job for job in jobs if job.id == story.created_1[0].id)
    assert (job.name, job.assigned_to_login, job.status, job.disabled) == (
        "labeler1_lemons_task", "labeler_1", "stopped", True)


def test_item_60_one_job_is_removed(story):
    job = new_job(story)
    with recorded(story.api) as calls:
        story.api.labeling_job.remove(job.id)
    assert calls == [("jobs.bulk.remove", {"ids": [job.id]})]
    assert story.api.labeling_job.get_info_by_id(job.id) is None


def test_item_61_several_jobs_are_removed_with_one_call(story):
    jobs = ids(new_job(story) for _ in range(3))
    with recorded(story.api) as calls:
        story.api.labeling_job.remove_batch(jobs)
    assert calls == [("jobs.bulk.remove", {"ids": jobs})]
    assert story.api.labeling_job.get_info_by_ids(jobs) == [None] * 3


def test_item_62_a_removed_job_is_nowhere(story):
    job = new_job(story)
    story.api.labeling_job.remove(job.id)
    assert story.api.labeling_job.get_info_by_id(job.id) is None
    for with_archived in (False, True):
        listed = story.api.labeling_job.get_list(story.team_id, show_disabled=with_archived)
        assert job.id not in ids(listed)
    refused(404, story.api.labeling_job.set_status, job.id, "pending")
    assert ids(story.api.image.get_list(story.datasets[0].id)) == ids(story.images)


# ---- the people of a job ----

def test_item_63_a_labeler_opens_confirms_and_submits(story):
    job, get = new_job(story), story.api.labeling_job.get_info_by_id
    labeler = labeler_1(story)
    labeler.labeling_job.set_status(job.id, "in_progress")
    assert get(job.id).started_at is not None
    labeler.labeling_job.set_entity_review_status(job.id, job.entities[0]["id"], "done")
    assert get(job.id).finished_images_count == 1
    assert [e["reviewStatus"] for e in get(job.id).entities] == ["done"] + ["none"] * 5
    label(labeler, job)
    assert (get(job.id).status, get(job.id).finished_images_count) == ("on_review", 6)
    assert job.id not in ids(labeler.labeling_job.get_list(story.team_id))


def test_item_64_a_reviewer_accepts_rejects_and_completes(story):
    reviewer = story.server.user(role=labeld.REVIEWER)
    job = new_job(story, reviewer_id=reviewer.id)
    assert (job.reviewer_id, job.reviewer_login) == (reviewer.id, reviewer.login)
    label(labeler_1(story), job)
    api = story.server.sdk(reviewer.token)
    assert ids(api.labeling_job.get_list(story.team_id)) == [job.id]
    review(api, job)
    job = story.api.labeling_job.get_info_by_id(job.id)
    assert (job.accepted_images_count, job.rejected_images_count) == (5, 1)
    assert job.status == "completed" and job.finished_at is not None


def test_item_65_the_labeler_reads_readme_and_description(story):
    readme = "# Fruit\n\n* **lemon**: yellow \u2014 \U0001f34b\n\n```\n<b>not html</b>\n```\n"
    job = new_job(story, readme=readme, description="short")
    seen = labeler_1(story).labeling_job.get_info_by_id(job.id)
    assert (seen.readme, seen.description) == (readme, "short")


def test_item_66_a_restricted_labeler_sees_only_their_jobs(story):
    mine, other = new_job(story), story.created_2[0]
    labeler = labeler_1(story)
    jobs = labeler.labeling_job.get_list(story.team_id, show_disabled=True)
    assert mine.id in ids(jobs)
    assert {job.assigned_to_login for job in jobs} == {"labeler_1"}
    assert labeler.labeling_job.get_info_by_id(other.id) is None
    assert ids(labeler.team.get_list()) == [story.team_id]
    assert labeler.project.get_list() == []
    assert labeler.project.get_info_by_id(story.project_id) is None
    refused(403, labeler.user.get_team_members, story.team_id)
    refused(403, labeler.team.create, unique("team"))
    refused(404, labeler.labeling_job.create, "x", story.datasets[0].id, [story.users[0].id])
