"""Methods of the SDK that are about data: project, dataset, object_class.

Copies of projects and what erases them: test_clones.py; what projects and datasets note, and single
definitions of tags: test_definitions.py; dataset.quick_import: test_ranges.py. Not called, as the methods
behind them do not exist: project.archive, archive_batch, add_import_history, calculate_embeddings,
check_imageset_backup, perform_ai_search.
project.download_images_tags cannot work."""

import pytest
import supervisely as sly
from supervisely.api.project_api import ExpectedProjectTypeMismatch, ProjectNotFound
from supervisely.geometry.graph import KeypointsTemplate

from sdk_helpers import ids, is_time, names, refused, unique

ODD = "\u0416\u00fc \U0001f34b 'q' \"d\" %_\\ <b>"
DATA = {"z": [1, 2.5, None, {"\u0416": True}], "a": ODD}
SHAPES = [sly.AnyGeometry, sly.Bitmap, sly.AlphaMask, sly.Polygon, sly.Polyline, sly.Rectangle,
          sly.Point, sly.Cuboid]


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def workspace(server, api):
    return api.workspace.create(server.team_id, unique("workspace"))


@pytest.fixture
def project(api, workspace):
    return api.project.create(workspace.id, "project")


@pytest.fixture
def tree(api, project):
    """Datasets a, a/b, a/b/c and d, by name."""
    made = {}
    for name, parent in (("a", None), ("b", "a"), ("c", "b"), ("d", None)):
        parent_id = made[parent].id if parent else None
        made[name] = api.dataset.create(project.id, name, parent_id=parent_id)
    return made


def meta_of(api, project_id):
    return sly.ProjectMeta.from_json(api.project.get_meta(project_id))


# ---- project ----

def test_project_create_with_everything(api, workspace):
    made = api.project.create(workspace.id, ODD, description=ODD, readme="# " + ODD,
                              custom_data=DATA, settings={"own": {"x": 1}}, read_only=True)
    assert (made.name, made.description, made.readme) == (ODD, ODD, "# " + ODD)
    assert (made.custom_data, made.settings["own"], made.type) == (DATA, {"x": 1}, "images")
    assert (made.size, made.images_count, made.datasets_count) == ("0", 0, 0)
    assert made.items_count == 0 and made.created_by_id == api.user.get_my_info().id
    assert is_time(made.created_at) and is_time(made.updated_at)
    assert api.project.get_info_by_id(made.id) == made
    assert api.project.is_read_only(made.id) is True


def test_project_get_info_by_id(api, project):
    assert api.project.get_info_by_id(project.id, extra_fields=["embeddingsEnabled"]) == project
    assert api.project.get_info_by_id(10**9) is None
    with pytest.raises(ProjectNotFound):
        api.project.get_info_by_id(10**9, raise_error=True)
    with pytest.raises(ExpectedProjectTypeMismatch):
        api.project.get_info_by_id(project.id, expected_type="videos", raise_error=True)


def test_project_names(api, workspace, project):
    assert api.project.get_info_by_name(workspace.id, "project").id == project.id
    assert api.project.exists(workspace.id, "project")
    assert not api.project.exists(workspace.id, "Project")
    assert api.project.get_free_name(workspace.id, "project") == "project_001"
    refused(400, api.project.create, workspace.id, "project")
    made = api.project.create(workspace.id, "project", change_name_if_conflict=True)
    assert made.name == "project_001"
    with pytest.raises(ProjectNotFound):
        api.project.get_info_by_name(workspace.id, "none", raise_error=True)


def test_project_get_or_create(api, workspace, project):
    assert api.project.get_or_create(workspace.id, "project").id == project.id
    made = api.project.get_or_create(workspace.id, ODD, description="d")
    assert (made.name, made.description) == (ODD, "d")


def test_project_get_list(server, api, workspace, project):
    assert ids(api.project.get_list(workspace.id)) == [project.id]
    everywhere = (api.project.get_list(), api.project.get_list(team_id=server.team_id))
    assert all({project.id, server.project_id} <= set(ids(found)) for found in everywhere)
    wanted = [{"field": "id", "operator": "in", "value": [server.project_id, 10**9]}]
    assert ids(api.project.get_list(filters=wanted)) == [server.project_id]
    listed = api.project.get_list(workspace.id, fields=["imagesCount", "version"])[0]
    assert (listed.id, listed.name, listed.images_count) == (project.id, "project", 0)


def test_project_update_and_edit_info(api, project):
    changed = api.project.update(project.id, name=ODD, description="d")
    assert (changed.name, changed.description) == (ODD, "d")
    changed = api.project.edit_info(project.id, readme=ODD, custom_data=DATA)
    assert (changed.name, changed.description, changed.readme) == (ODD, "d", ODD)
    assert changed.custom_data == DATA
    with pytest.raises(ValueError):
        api.project.edit_info(project.id)


def test_project_custom_data_is_read_modified_and_written(api, project):
    assert api.project.get_custom_data(project.id) == {}
    data = api.project.get_custom_data(project.id)
    data["first"] = DATA
    assert api.project.update_custom_data(project.id, data)["customData"] == data
    data = {**api.project.get_custom_data(project.id), "second": 2}
    api.project.update_custom_data(project.id, data, silent=True)
    assert api.project.get_custom_data(project.id) == {"first": DATA, "second": 2}


def test_project_validation_schema(server, api, project):
    api.project.update_custom_data(project.id, {"mine": 1})
    assert api.project.get_validation_schema(project.id) is None
    api.project.set_validation_schema(project.id, {"camera": "string"})
    assert api.project.get_validation_schema(project.id) == {"camera": "string"}
    assert api.project.validate_entities_schema(project.id) == []
    api.project.remove_validation_schema(project.id)
    assert api.project.get_validation_schema(project.id) is None
    assert api.project.get_custom_data(project.id)["mine"] == 1
    api.project.set_validation_schema(server.project_id, {"camera": "string"})
    wrong = api.project.validate_entities_schema(server.project_id)
    api.project.remove_validation_schema(server.project_id)
    assert len(wrong) == 6 and wrong[0]["missing_fields"] == ["camera"]


def test_project_settings(api, project):
    api.project.update_settings(project.id, {"a": {"b": 1}})
    api.project.update_settings(project.id, {"a": {"c": 2}, "d": 3}, merge_with_current=True)
    settings = api.project.get_settings(project.id)
    assert (settings["a"], settings["d"]) == ({"b": 1, "c": 2}, 3)
    api.project.set_read_only(project.id)
    assert api.project.is_read_only(project.id) is True
    api.project.set_read_only(project.id, False)
    assert api.project.is_read_only(project.id) is False
    assert api.project.get_settings(project.id)["a"] == {"b": 1, "c": 2}
    with pytest.raises(ProjectNotFound):
        api.project.get_settings(10**9)


def test_project_meta_of_every_shape(api, project):
    template = KeypointsTemplate()
    template.add_point(label=ODD, row=1, col=2.5)
    template.add_point(label="b", row=30, col=4)
    template.add_edge(src=ODD, dst="b")
    classes = [sly.ObjClass(shape.geometry_name(), shape) for shape in SHAPES]
    meta = sly.ProjectMeta([*classes, sly.ObjClass("graph", sly.GraphNodes,
                                                   geometry_config=template)])
    given = api.project.update_meta(project.id, meta)
    assert given == meta and meta_of(api, project.id) == meta
    assert all(isinstance(cls.sly_id, int) for cls in given.obj_classes)


def test_project_meta_details(api, project):
    tag = sly.TagMeta(ODD, sly.TagValueType.ONEOF_STRING, ["b", "a"], color=[1, 2, 3], hotkey="T",
                      applicable_to=sly.TagApplicableTo.IMAGES_ONLY, applicable_classes=[ODD])
    cls = sly.ObjClass(ODD, sly.Polygon, color=[4, 5, 6], hotkey="C", description=ODD)
    api.project.update_meta(project.id, sly.ProjectMeta([cls], [tag]))
    read = meta_of(api, project.id)
    assert (read.get_obj_class(ODD).color, read.get_tag_meta(ODD).color) == ([4, 5, 6], [1, 2, 3])
    assert (read.get_obj_class(ODD).hotkey, read.get_obj_class(ODD).description) == ("C", ODD)
    assert read.get_tag_meta(ODD).applicable_classes == [ODD]
    assert read.get_tag_meta(ODD).applicable_to == sly.TagApplicableTo.IMAGES_ONLY
    assert read.get_tag_meta(ODD).hotkey == "T"


def test_project_append_classes_and_pull_ids(api, project):
    first, second = sly.ObjClass("a", sly.Point), sly.ObjClass("b", sly.Polygon)
    api.project.append_classes(project.id, [first])
    api.project.append_classes(project.id, sly.ObjClassCollection([second]))
    assert sorted(cls.name for cls in meta_of(api, project.id).obj_classes) == ["a", "b"]
    mine = sly.ProjectMeta([second])
    api.project.pull_meta_ids(project.id, mine)
    assert mine.get_obj_class("b").sly_id == api.object_class.get_list(project.id)[1].id


def test_project_merge_metas(api, workspace, project):
    other = api.project.create(workspace.id, "other")
    tag = sly.TagMeta("t", sly.TagValueType.ONEOF_STRING, ["y", "x"], color=[1, 2, 3])
    for project_id, name in ((project.id, "a"), (other.id, "b")):
        api.project.update_meta(project_id, sly.ProjectMeta([sly.ObjClass(name, sly.Point)], [tag]))
    source, target = api.project.get_meta(project.id), api.project.get_meta(other.id)
    api.project.merge_metas(project.id, other.id)
    merged = api.project.get_meta(other.id)
    assert [cls["title"] for cls in merged["classes"]] == ["a", "b"]
    assert merged["tags"] == target["tags"] and merged["classes"][1:] == target["classes"]
    assert api.project.get_meta(project.id) == source


def test_project_grouping(api, project):
    api.project.set_multispectral_settings(project.id)
    settings = api.project.get_settings(project.id)
    tags = {tag["id"]: tag for tag in api.project.get_meta(project.id)["tags"]}
    group = tags[settings["groupImagesByTagId"]]
    assert group["value_type"] == "any_string"
    assert settings["groupImages"] is settings["groupImagesSync"] is True
    api.project.images_grouping(project.id, enable=False, tag_name=group["name"])
    assert api.project.get_settings(project.id)["groupImages"] is False
    api.project.set_multiview_settings(project.id)
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id, with_settings=True))
    assert meta.project_settings.multiview_enabled is True
    api.project.set_overlay_settings(project.id)
    assert api.project.get_settings(project.id)["labelingInterface"] == "overlay"


def test_project_counts_and_stats(server, api, project, tree):
    assert api.project.get_datasets_count(project.id) == 2
    assert api.project.get_images_count(server.project_id) == 6
    types = sly.TagValueType
    api.project.update_meta(project.id, sly.ProjectMeta(
        [sly.ObjClass("a", sly.Point), sly.ObjClass("b", sly.Point)],
        [sly.TagMeta("t", types.NONE), sly.TagMeta("u", types.ANY_STRING)]))
    stats = api.project.get_stats(project.id)
    for rows in (stats["images"]["objectClasses"], stats["objects"]["items"]):
        assert [(row["objectClass"]["name"], row["total"]) for row in rows] == [("a", 0), ("b", 0)]
        assert all(isinstance(row["datasets"], list) for row in rows)
    for rows in (stats["imageTags"]["items"], stats["objectTags"]["items"]):
        assert [(row["tagMeta"]["name"], row["total"]) for row in rows] == [("t", 0), ("u", 0)]


def test_project_get_activity(api, project):
    api.dataset.create(project.id, ODD)
    frame = api.project.get_activity(project.id)
    assert list(frame["action"]) == ["create_dataset", "create_project"]
    assert frame["dataset"][0] == ODD and set(frame["project"]) == {"project"}


def test_project_remove(api, workspace, project):
    more = [api.project.create(workspace.id, name).id for name in "ab"]
    dataset = api.dataset.create(project.id, "d")
    api.project.remove(project.id)
    assert api.project.get_info_by_id(project.id) is None
    assert api.dataset.get_info_by_id(dataset.id) is None
    assert ids(api.project.get_list(workspace.id)) == more
    assert api.project.create(workspace.id, "project").id != project.id
    api.project.remove_batch(more)
    assert names(api.project.get_list(workspace.id)) == ["project"]


def test_project_recreate_structure(api, workspace, project, tree):
    api.dataset.update_custom_data(tree["b"].id, DATA)
    pairs = api.project.recreate_structure(project.id, dst_project_name="copy")
    copy = api.project.get_info_by_name(workspace.id, "copy")
    assert names(api.project.get_list(workspace.id)) == ["project", "copy"]
    assert [(src.name, dst.name) for src, dst in pairs] == [(n, n) for n in "abcd"]
    shown = [("/".join([*path, dataset.name])) for path, dataset in api.dataset.tree(copy.id)]
    assert shown == ["a", "a/b", "a/b/c", "d"]
    assert api.dataset.get_info_by_id(pairs[1][1].id).custom_data == DATA


# ---- dataset ----

def test_dataset_create_and_read(api, project):
    made = api.dataset.create(project.id, ODD, description=ODD, custom_data=DATA)
    assert (made.name, made.description, made.custom_data) == (ODD, ODD, DATA)
    assert (made.project_id, made.team_id) == (project.id, project.team_id)
    assert (made.workspace_id, made.parent_id) == (project.workspace_id, None)
    assert (made.size, made.images_count, made.items_count) == ("0", 0, 0)
    assert made.created_by == api.user.get_my_info().id
    assert is_time(made.created_at) and is_time(made.updated_at)
    assert api.dataset.get_info_by_id(made.id) == made
    assert api.dataset.get_info_by_name(project.id, ODD) == made._replace(custom_data=None)
    assert api.dataset.get_info_by_id(10**9) is None
    with pytest.raises(KeyError):
        api.dataset.get_info_by_id(10**9, raise_error=True)


def test_dataset_names(api, project, tree):
    assert api.dataset.exists(project.id, "a") and not api.dataset.exists(project.id, "b")
    assert api.dataset.exists(project.id, "b", parent_id=tree["a"].id)
    assert api.dataset.get_free_name(project.id, "a") == "a_001"
    assert api.dataset.create(project.id, "a", change_name_if_conflict=True).name == "a_001"
    assert api.dataset.get_or_create(project.id, "a").id == tree["a"].id
    made = api.dataset.get_or_create(project.id, "a", "text", parent_id=tree["a"].id)
    assert (made.parent_id, made.description) == (tree["a"].id, "text")


def test_dataset_update(api, project):
    made = api.dataset.create(project.id, "a", custom_data={"x": 1})
    changed = api.dataset.update(made.id, name=ODD)
    assert (changed.name, changed.custom_data) == (ODD, {"x": 1})
    assert api.dataset.update(made.id, description=ODD).description == ODD
    assert api.dataset.update_custom_data(made.id, DATA).custom_data == DATA
    assert api.dataset.get_info_by_id(made.id).name == ODD
    with pytest.raises(ValueError):
        api.dataset.update(made.id)


def test_dataset_tree(api, project, tree):
    def by_name(branch):
        return {dataset.name: by_name(below) for dataset, below in branch.items()}
    assert by_name(api.dataset.get_tree(project.id)) == {"a": {"b": {"c": {}}}, "d": {}}
    paths = [("/".join(path), dataset.name) for path, dataset in api.dataset.tree(project.id)]
    assert paths == [("", "a"), ("a", "b"), ("a/b", "c"), ("", "d")]
    below = [("/".join(p), d.name) for p, d in api.dataset.tree(project.id, tree["b"].id)]
    assert below == [("a", "b"), ("a/b", "c")]
    assert names(api.dataset.get_nested(project.id, tree["a"].id)) == ["b", "c"]


def test_dataset_move_to_dataset(api, project, tree):
    api.dataset.move_to_dataset(tree["b"].id, tree["d"].id)
    assert names(api.dataset.get_nested(project.id, tree["d"].id)) == ["b", "c"]
    refused(400, api.dataset.move_to_dataset, tree["d"].id, tree["c"].id)
    assert api.dataset.get_info_by_id(tree["d"].id).parent_id is None


def test_dataset_copy_and_move_of_empty_ones(api, workspace, project, tree):
    other = api.project.create(workspace.id, "other")
    api.dataset.update(tree["d"].id, description="d", custom_data=DATA)
    copied = api.dataset.copy(other.id, tree["d"].id, new_name="copy")
    assert (copied.name, copied.description, copied.custom_data) == ("copy", "d", DATA)
    assert names(api.dataset.copy_batch(other.id, [tree["a"].id, tree["d"].id])) == ["a", "d"]
    moved = api.dataset.move(other.id, tree["d"].id, new_name="d", change_name_if_conflict=True)
    assert moved.name == "d_001" and api.dataset.get_info_by_id(tree["d"].id) is None
    assert names(api.dataset.get_list(other.id)) == ["copy", "a", "d", "d_001"]
    api.dataset.move_batch(other.id, [tree["a"].id], ["z"])
    assert api.dataset.get_list(project.id, recursive=True) == []


def test_dataset_remove(api, project, tree):
    api.dataset.remove(tree["b"].id)
    assert names(api.dataset.get_list(project.id, recursive=True)) == ["a", "d"]
    assert api.dataset.get_info_by_id(tree["c"].id) is None
    assert api.project.get_info_by_id(project.id).datasets_count == 2
    assert api.dataset.create(project.id, "b", parent_id=tree["a"].id).id != tree["b"].id
    api.dataset.remove_batch([tree["a"].id, tree["d"].id])
    assert api.dataset.get_list(project.id, recursive=True) == []


# ---- object class ----

def test_object_class_read(api, project):
    api.project.append_classes(project.id, [sly.ObjClass(ODD, sly.Polygon, [255, 0, 1],
                                                         description=ODD)])
    listed = api.object_class.get_list(project.id)
    assert [(c.name, c.shape, c.color, c.description, c.settings) for c in listed] == [
        (ODD, "polygon", "#FF0001", ODD, {})]
    assert api.object_class.get_info_by_id(listed[0].id) == listed[0]
    assert api.object_class.get_name_to_id_map(project.id) == {ODD: listed[0].id}
    wanted = [{"field": "name", "operator": "=", "value": "other"}]
    assert api.object_class.get_list(project.id, wanted) == []


def test_object_class_update(api, project):
    api.project.append_classes(project.id, [sly.ObjClass(n, sly.Polygon) for n in "ab"])
    cls = api.object_class.get_info_by_name(project.id, "a")
    changed = api.object_class.update(cls.id, name=ODD, description="d", hotkey="K",
                                      color="#00FF00")
    assert (changed.name, changed.description, changed.color) == (ODD, "d", "#00FF00")
    api.object_class.update(cls.id, shape="any", settings={"availableShapes": ["polygon"]})
    read = api.object_class.get_info_by_id(cls.id)
    assert (read.shape, read.settings) == ("any", {"availableShapes": ["polygon"]})
    assert meta_of(api, project.id).get_obj_class(ODD).hotkey == "K"
    refused(400, api.object_class.update, cls.id, name="b")
    refused(400, api.object_class.update, cls.id, color="red")
    with pytest.raises(ValueError):
        api.object_class.update(cls.id)
