"""Copies of projects, projects that move, and what is erased for good: by the SDK, and what is refused."""

import json
import uuid

import pytest
import supervisely as sly
from supervisely.api.task_api import TaskApi

import annotations
import labeld
from sdk_helpers import refused, unique


FIGURES = 2 * (3 * (len(annotations.geometries()) + 1) - 1)  # of the source


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture(scope="module")
def source(server, api):
    """A project with everything in it."""
    project = api.project.create(server.workspace_id, unique("ünïcode"), description="d", readme="# r",
                                 custom_data={"a": [1, None]}, settings={"own": 1})
    definitions = annotations.meta().add_tag_meta(sly.TagMeta(
        "only on polygons", sly.TagValueType.ANY_STRING, applicable_classes=["a polygon"]))
    meta = sly.ProjectMeta.from_json(api.project.update_meta(project.id, definitions).to_json())
    group = next(t for t in api.project.get_meta(project.id)["tags"] if t["name"] == "text")
    server.ok("projects.settings.update", {"id": project.id, "settings": {
        "groupImages": True, "groupImagesByTagId": group["id"]}})
    top = api.dataset.create(project.id, "top", "first", custom_data={"b": 1})
    young = api.dataset.create(project.id, "younger parent")
    below = api.dataset.create(project.id, "below ☃", parent_id=top.id)
    api.dataset.move_to_dataset(top.id, young.id)  # a parent with a larger id than its child
    images = [i["id"] for i in server.ok("images.list", {"datasetId": server.dataset_id})["entities"]]
    for dataset in (top, below):
        infos = server.ok("images.bulk.add", {"datasetId": dataset.id, "images": [
            {"title": f"{n} ö.jpg", "imageId": i, "meta": {"customSort": str(9 - n)}}
            for n, i in enumerate(images[:4])]})
        sizes = [(i["height"], i["width"]) for i in infos]
        api.annotation.upload_anns_fast([i["id"] for i in infos], [
            annotations.annotation(meta, s) for s in sizes], dataset.id, log_progress=False)
        api.image.remove(infos[3]["id"])  # removed images and figures are not copied
        victim = server.ok("figures.list", {"datasetId": dataset.id})["entities"][0]["id"]
        server.ok("figures.bulk.remove", {"figureIds": [victim]})
    first = server.ok("images.list", {"datasetId": top.id})["entities"]
    server.ok("images.bulk.add", {"datasetId": below.id, "images": [
        {"title": "child.jpg", "imageId": images[0], "parentId": first[1]["id"]}]})
    return project.id


def wait(api, task):
    api.task.wait(task, TaskApi.Status.FINISHED)
    return api.task.get_info_by_id(task)["meta"]["output"]["project"]["id"]


def tree(server, project):
    """Everything in a project, without ids and the times of rows."""
    datasets = server.ok("datasets.list", {"projectId": project, "recursive": True,
                                           "extraFields": ["customData"]})["entities"]
    names = {d["id"]: d["name"] for d in datasets}
    meta = server.ok("projects.meta", {"id": project})
    classes = {c["id"]: c["title"] for c in meta["classes"]}
    out = {"datasets": sorted((d["name"], names.get(d["parentId"]), d["description"], d["imagesCount"],
                               d["size"], json.dumps(d["customData"])) for d in datasets),
           "meta": without(meta, "id"), "images": [], "figures": []}
    for d in datasets:
        images = server.ok("images.list", {"datasetId": d["id"]})["entities"]
        titles = {i["id"]: i["name"] for i in images}
        for i in images:
            out["images"].append((d["name"], without(
                {k: v for k, v in i.items() if k not in ("createdAt", "updatedAt", "parentId", "fullStorageUrl",
                                                         "pathOriginal", "projectId", "datasetId")},
                "id", "tagId", "entityId", "imageId")))
        for f in server.ok("figures.list", {"datasetId": d["id"]})["entities"]:
            f = dict(f, classId=classes[f["classId"]], imageId=titles[f["imageId"]])
            out["figures"].append((d["name"], without(f, "id", "tagId", "figureId", "entityId", "projectId",
                                                      "datasetId")))
    out["images"].sort(key=str)
    out["figures"].sort(key=str)
    return out


def without(value, *keys):
    if isinstance(value, dict):
        return {k: without(v, *keys) for k, v in value.items() if k not in keys}
    return [without(v, *keys) for v in value] if isinstance(value, list) else value


def test_a_clone_has_all_of_its_source(server, api, source):
    name = unique("clone")
    made = wait(api, api.project.clone(source, server.workspace_id, name))
    info, old = api.project.get_info_by_id(made), api.project.get_info_by_id(source)
    assert (info.name, info.description, info.readme, info.custom_data) == (name, "d", "# r", {"a": [1, None]})
    assert (info.images_count, info.datasets_count, info.size) == (old.images_count, 3, old.size)
    assert tree(server, made) == tree(server, source)
    assert len(tree(server, made)["figures"]) == FIGURES
    assert sum(len(f["tags"]) for _, f in tree(server, made)["figures"]) > 50
    tags = {t["id"]: t["name"] for t in server.ok("projects.meta", {"id": made})["tags"]}
    assert tags[info.settings["groupImagesByTagId"]] == "text" and info.settings["own"] == 1
    images = {i["name"]: i for d in api.dataset.get_list(made, recursive=True)
              for i in server.ok("images.list", {"datasetId": d.id})["entities"]}
    parent = images["child.jpg"]["parentId"]
    assert server.ok("images.info", {"id": parent})["projectId"] == made


def test_a_clone_is_independent(server, api, source):
    made = wait(api, api.project.clone(source, server.workspace_id, unique("clone")))
    before = tree(server, source)
    server.ok("projects.classes.remove", {"projectId": made, "id": server.ok("projects.meta", {"id": made})[
        "classes"][0]["id"]})
    for d in api.dataset.get_list(made, recursive=True):
        for i in api.image.get_list(d.id):
            api.annotation.upload_ann(i.id, sly.Annotation((i.height, i.width)))
    assert tree(server, source) == before
    api.project.remove(made)
    assert tree(server, source) == before


@pytest.mark.parametrize("left_out, images, figures, tags, classes", [
    ({"with_annotations": False}, 7, 0, True, True),
    ({"with_items": False, "with_annotations": False}, 0, 0, False, True),
    ({"with_datasets": False, "with_items": False, "with_annotations": False}, 0, 0, False, True),
    ({}, 7, FIGURES, True, True),
])
def test_parts_of_a_project(server, api, source, left_out, images, figures, tags, classes):
    made = wait(api, api.project.clone_advanced(source, server.workspace_id, unique("part"), **left_out))
    got = tree(server, made)
    assert (len(got["images"]), len(got["figures"])) == (images, figures)
    assert any(i["tags"] for _, i in got["images"]) == tags
    assert bool(got["meta"]["classes"]) == classes
    assert {i["labelsCount"] > 0 for _, i in got["images"] if i["name"] != "child.jpg"} in (
        {figures > 0}, set())


def test_a_clone_goes_to_another_team(server, source):
    owner = server.user(role=labeld.VIEWER, restricted=False)  # sees here, owns a team elsewhere
    teams = server.ok("teams.list", {}, token=owner.token)["entities"]
    own = next(t["id"] for t in teams if t["id"] != server.team_id)
    workspace = server.ok("workspaces.list", {"teamId": own}, token=owner.token)["entities"][0]["id"]
    api = server.sdk(owner.token)
    made = wait(api, api.project.clone(source, workspace, "mine"))
    info = api.project.get_info_by_id(made)
    assert (info.team_id, info.workspace_id) == (own, workspace)
    image = api.image.get_list(api.dataset.get_list(made, recursive=True)[-1].id)[0]
    assert len(api.image.download_bytes(image.dataset_id, [image.id])[0]) == image.size


def test_clones_that_are_refused(server, api, source, roles):
    before = server.state()
    body = {"id": source, "workspaceId": server.workspace_id, "name": "x"}
    taken = api.project.get_info_by_id(source).name
    assert server.refused(400, "projects.clone", {**body, "name": taken})["details"]["type"] == "NONUNIQUE"
    for change, field, status in [
        ({"id": 10**9}, "id", 404), ({"workspaceId": 10**9}, "workspaceId", 404), ({"id": None}, "id", 400),
        ({"name": None}, "name", 400), ({"name": " "}, "name", 400), ({"include": []}, "include", 400),
        ({"include": {"datasets": False}}, "include", 400), ({"include": {"classes": False}}, "include", 400),
        ({"include": {"images": "yes"}}, "include", 400), ({"include": {"projectTags": False}}, "include", 400),
    ]:
        server.refused(status, "projects.clone", {**body, **change}, field=field)
    server.refused(403, "projects.clone", body, token=roles["viewer"].token)
    server.refused(404, "projects.clone", body, token=roles["stranger"].token)
    refused(400, api.project.clone_by_shared_link, "link", server.workspace_id, "x")
    assert server.state() == before


def test_a_job_does_not_open_the_whole_project(server, source):
    labeler = server.user(role=labeld.ANNOTATOR, restricted=False)
    dataset = server.ok("datasets.list", {"projectId": source, "recursive": True})["entities"]
    dataset = next(d["id"] for d in dataset if d["imagesCount"])
    job = server.job(user_ids=[labeler.id], dataset_id=dataset)
    own = next(t["id"] for t in server.ok("teams.list", {}, token=labeler.token)["entities"]
               if t["id"] != server.team_id)
    workspace = server.ok("workspaces.list", {"teamId": own}, token=labeler.token)["entities"][0]["id"]
    server.refused(404, "projects.clone", {"id": source, "workspaceId": workspace, "name": "stolen"},
                   token=labeler.token, headers={"x-job-id": str(job["id"])})


def test_tasks(server, api, source, roles):
    task = api.project.clone(source, server.workspace_id, unique("clone"))
    info = api.task.get_info_by_id(task)
    assert (info["status"], info["type"], info["workspaceId"]) == ("finished", "clone", server.workspace_id)
    assert api.task.get_status(task) is TaskApi.Status.FINISHED
    assert task in [t["id"] for t in api.task.get_list(server.workspace_id)]
    assert server.ok("tasks.info", {"id": task}, token=roles["viewer"].token)["id"] == task
    server.refused(404, "tasks.info", {"id": task}, token=roles["annotator"].token)
    server.refused(404, "tasks.info", {"id": task}, token=roles["stranger"].token)
    server.refused(404, "tasks.info", {"id": 10**9}, field="id")


# ---- moving ----

def test_a_project_moves_between_workspaces(server, api):
    there = api.workspace.create(server.team_id, unique("there"))
    project = server.project()
    api.project.move(project["id"], there.id)
    assert [p.id for p in api.project.get_list(there.id)] == [project["id"]]
    assert api.project.get_info_by_id(project["id"]).workspace_id == there.id
    twin = server.project(name=project["name"])
    refused(400, api.project.move, twin["id"], there.id)
    server.refused(404, "projects.workspace.set", {"id": twin["id"], "workspaceId": 10**9}, field="workspaceId")


def test_a_project_stays_in_its_team(server):
    other = server.ok("teams.add", {"name": unique("team")})["id"]
    workspace = server.ok("workspaces.list", {"teamId": other})["entities"][0]["id"]
    project = server.project()["id"]
    server.refused(400, "projects.workspace.set", {"id": project, "workspaceId": workspace}, field="workspaceId",
                   text="another team")


# ---- erasing ----

def filled(server, api):
    """A project of its own content: ids of project, dataset, image and the hash of its bytes."""
    project = server.project()["id"]
    dataset = server.ok("datasets.add", {"projectId": project, "name": "d", "customData": {"x": 1}})["id"]
    pixels = annotations.mask().astype("uint8")[:, :, None].repeat(3, 2) * 99
    pixels[0, :16, 0] = list(uuid.uuid4().bytes)
    image = api.image.upload_np(dataset, "i.png", pixels)
    server.ok("projects.meta.update", {"id": project, "meta": {
        "classes": [{"title": "c", "shape": "rectangle", "color": "#000000"}], "tags": []}})
    api.annotation.upload_json(image.id, {
        "size": {"width": 40, "height": 30}, "tags": [], "description": "secret",
        "objects": [{"classTitle": "c", "geometryType": "rectangle", "tags": [],
                     "points": {"exterior": [[1, 1], [9, 9]], "interior": []}}]})
    return project, dataset, image


def left(server, dataset):
    return (server.sql("SELECT COUNT(*) FROM image WHERE dataset_id = ? AND (hash IS NOT NULL OR"
                       " description <> '' OR removed_at IS NULL)", dataset)[0][0],
            server.sql("SELECT COUNT(*) FROM figure WHERE dataset_id = ? AND geometry <> '{}'", dataset)[0][0])


@pytest.mark.parametrize("what", ["project", "dataset"])
def test_what_is_erased_is_gone(server, api, what):
    project, dataset, image = filled(server, api)
    module, id = {"project": (api.project, project), "dataset": (api.dataset, dataset)}[what]
    refused(400, module.remove_permanently, id)  # it must be archived first
    assert left(server, dataset) == (1, 1)
    module.remove(id)
    answers = module.remove_permanently([id])
    assert api.task.get_status(answers[0]["taskId"]) is TaskApi.Status.FINISHED
    assert left(server, dataset) == (0, 0)
    assert module.get_info_by_id(id) is None and api.image.get_info_by_id(image.id) is None
    assert server.ok("images.internal.hashes.list", [image.hash]) in ([], [image.hash])  # until the next sweep
    module.remove_permanently([id])  # again is fine


def test_verdicts_on_erased_tags_are_on_nothing_any_more(server, api):
    project, dataset, image = filled(server, api)
    meta = server.ok("projects.meta.update", {"id": project, "meta": {"classes": [], "tags": [
        {"name": "t", "value_type": "none", "color": "#000000"}]}})
    figure = server.ok("figures.list", {"datasetId": dataset})["entities"][0]["id"]
    server.ok("image-tags.bulk.add-to-image", {"tagId": meta["tags"][0]["id"], "ids": [image.id]})
    server.ok("object-tags.add-to-object", {"tagId": meta["tags"][0]["id"], "figureId": figure})
    job = server.job(dataset_id=dataset)["id"]
    server.ok("jobs.entities.update-review-status", {"jobId": job, "entityId": image.id, "status": "accepted"})

    def gone():
        return sorted(server.sql("SELECT owner_kind, gone FROM tag_verdict WHERE job_id = ?", job))
    assert gone() == [(0, 0), (1, 0)]
    api.dataset.remove(dataset)
    assert gone() == [(0, 0), (1, 0)], "archived, it could come back"
    api.dataset.remove_permanently([dataset])
    assert gone() == [(0, 1), (1, 1)]


def test_erasing_that_is_refused(server, api, roles):
    project, dataset, image = filled(server, api)
    api.project.remove(project)
    team = server.ok("teams.add", {"name": unique("team")})["id"]
    workspace = server.ok("workspaces.list", {"teamId": team})["entities"][0]["id"]
    foreign = server.project(workspace_id=workspace)["id"]
    api.project.remove(foreign)
    before = server.state()
    for ids, status in [([], 400), ([{}], 400), ([{"id": "x"}], 400), ([{"id": 10**9}], 404), ("all", 400),
                        ([{"id": project}, {"id": foreign}], 400), ([{"id": project}] * 51, 400),
                        ([{"id": project, "archiveUrl": "https://example.org/x"}], 400)]:
        server.refused(status, "projects.remove.permanently", {"projects": ids})
    server.refused(403, "projects.remove.permanently", {"projects": [{"id": project}]},
                   token=roles["admin"].token)
    assert server.state() == before


# ---- definitions of tags ----

def test_tags_list(server, api, source):
    tags = {t.name: t for t in api.image.tag.get_list(source)}
    assert tags["choice"].settings["type"] == "oneof_string"
    assert tags["choice"].settings["values"] == ["small", "größer", "大"]
    polygon = next(c for c in server.ok("projects.meta", {"id": source})["classes"] if c["title"] == "a polygon")
    assert tags["only on polygons"].settings["classes"] == [polygon["id"]]
    assert api.image.tag.get_name_to_id_map(source)["text"] == tags["text"].id
    assert [t.name for t in api.image.tag.get_list(source, [
        {"field": "name", "operator": "=", "value": "flag"}])] == ["flag"]
    server.refused(400, "tags.list", {"projectId": source, "sort": "value"}, field="sort")
    server.refused(404, "tags.list", {"projectId": 10**9}, field="projectId")


# ---- everything on the instance ----

def test_lists_of_all_teams(server, api, roles):
    team = server.ok("teams.add", {"name": unique("team")})["id"]
    workspace = server.ok("workspaces.list", {"teamId": team})["entities"][0]["id"]
    project = server.project(workspace_id=workspace)["id"]
    gone = server.project(workspace_id=workspace)["id"]
    for p in (project, gone):
        server.ok("datasets.add", {"projectId": p, "name": "d", "customData": {"a": 1}})
    api.project.remove(gone)
    of_team = [{"field": "groupId", "operator": "=", "value": team}]
    listed = api.project.get_list_all(of_team, sort="title", sort_order="desc")
    assert [p.id for p in listed["entities"]] == [project] and listed["total"] == 1
    every = server.ok("projects.list.all", {"per_page": 2})
    assert every["total"] > 2 and len(every["entities"]) == 2 and every["pagesCount"] > 1
    assert {p.id for p in api.project.get_list_all(per_page=3)["entities"]} >= {project, server.project_id}
    datasets = api.dataset.get_list_all([{"field": "projectId", "operator": "in", "value": [project, gone]}],
                                        include_custom_data=True)["entities"]
    assert [(d.project_id, d.custom_data) for d in datasets] == [(project, {"a": 1})]
    assert api.dataset.get_list_all([{"field": "projectId", "operator": "=", "value": project}])[
        "entities"][0].custom_data is None
    server.refused(400, "projects.list.all", {"sort": "settings"}, field="sort")
    server.refused(400, "datasets.list.all", {"filter": [{"field": "x", "operator": "=", "value": 1}]})
    for method in ("projects.list.all", "datasets.list.all"):
        server.refused(403, method, {}, token=roles["admin"].token)
