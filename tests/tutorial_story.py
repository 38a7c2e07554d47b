"""The labeling-jobs tutorial, told once on a server of its own for the tests that look at it."""

import contextlib
import importlib.util
from types import SimpleNamespace

import pytest
import supervisely as sly

import labeld
from sdk_helpers import ids, unique

SCRIPT = labeld.ROOT / "demo" / "tutorial.py"
LABELERS = {"labeler_1": "11111abc", "labeler_2": "22222abc"}
TEXTS = {"readme": "annotation manual for fruits in markdown format here (optional)",
         "description": "short description is here (optional)"}


def load_tutorial():
    spec = importlib.util.spec_from_file_location("tutorial", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def crowded_server():
    """The demo data among other people's: ids of different kinds differ, a mix-up shows."""
    server = labeld.Server(demo=False).start()
    for login in ("somebody", "nobody"):
        other = server.sdk(server.user(login, restricted=False).token)
        team = other.team.get_list()[0]
        workspace = other.workspace.get_list(team.id)[0]
        for name in ("Lemons (Test)", "Pears"):
            other.dataset.create(other.project.create(workspace.id, name).id, "ds1")
    server.stop()
    server.ids.update(labeld.keys(labeld.run("demo", "--data", server.dir).stdout))
    return server.start()


def environment(server):
    """What the tutorial reads from local.env and supervisely.env."""
    named = {k: server.ids[k] for k in ("TEAM_ID", "PROJECT_ID", "USER_ID", "USER_LOGIN")}
    return {"SERVER_ADDRESS": server.url, "API_TOKEN": server.token, **named}


def create_jobs(t):
    """Step 3 of the tutorial: one job for each labeler, the first one stopped."""
    api = t.api
    t.created_1 = api.labeling_job.create(
        name="labeler1_lemons_task", dataset_id=t.datasets[0].id, user_ids=[t.users[0].id],
        classes_to_label=["lemon"], **TEXTS)
    api.labeling_job.stop(t.created_1[0].id)
    t.images = api.image.get_list(dataset_id=t.datasets[0].id)
    t.selected = ids(t.images)[:len(t.images) // 2]
    t.created_2 = api.labeling_job.create(
        name="labeler2_kiwi_task_with_complex_settings", dataset_id=t.datasets[0].id,
        user_ids=[t.users[1].id], classes_to_label=["kiwi"], objects_limit_per_image=10,
        tags_to_label=["size", "origin"], tags_limit_per_image=20, images_ids=t.selected, **TEXTS)


def list_jobs_and_complete(t):
    api, me = t.api, t.api.user.get_info_by_login(sly.env.user_login())
    t.me, t.listed = me, api.labeling_job.get_list(t.team_id)
    t.by_me = api.labeling_job.get_list(t.team_id, created_by_id=me.id)
    t.of_labeler_2 = api.labeling_job.get_list(t.team_id, created_by_id=me.id,
                                               assigned_to_id=t.users[1].id)
    first, last = t.listed[-2].id, t.listed[-1].id
    t.statuses = [api.labeling_job.get_status(first), api.labeling_job.get_status(last)]
    t.set_status_gave = api.labeling_job.set_status(id=last, status="completed")
    t.status_then = api.labeling_job.get_status(last)
    api.labeling_job.archive(first)
    t.listed_then = api.labeling_job.get_list(t.team_id)


@contextlib.contextmanager
def told():
    """The tutorial's objects by name, and the server it ran on; the environment stays set."""
    with (contextlib.closing(crowded_server()) as server,
          pytest.MonkeyPatch.context() as patch):
        for key, value in environment(server).items():
            patch.setenv(key, value)
        t = SimpleNamespace(server=server, tutorial=load_tutorial(), api=sly.Api.from_env(),
                            team_id=sly.env.team_id(), project_id=sly.env.project_id())
        t.tutorial.prepare_project(t.api, t.project_id)
        t.found_before = [t.api.user.get_info_by_login(login=login) for login in LABELERS]
        t.users = [t.api.user.create(login=login, password=password, is_restricted=True)
                   for login, password in LABELERS.items()]
        t.role_before = [t.api.user.get_team_role(user.id, t.team_id) for user in t.users]
        for user in t.users:
            t.api.user.add_to_team(user.id, t.team_id, t.api.role.DefaultRole.ANNOTATOR)
        t.meta = t.api.project.get_meta(t.project_id)
        t.datasets = t.api.dataset.get_list(t.project_id)
        create_jobs(t)
        list_jobs_and_complete(t)
        yield t


def log_in(story, login, password):
    """The SDK as somebody who typed login and password."""
    return sly.Api.from_credentials(story.server.url, login, password)


def labeler_1(story):
    return log_in(story, "labeler_1", LABELERS["labeler_1"])


def new_job(story, **options):
    """A job of labeler_1 on the whole dataset."""
    return story.api.labeling_job.create(unique("job"), story.datasets[0].id,
                                         [story.users[0].id], **options)[0]
