"""What breaks the stock SDK when a server does it differently: project meta, settings, datasets.

One test for each known trap, with its number. Traps about methods that do not exist yet have none:
45 to 47 (team files), 48 (collections), 49 (webhooks) and 50 (permanent removal)."""

import pytest
import supervisely as sly

from sdk_helpers import ids, names, recorded, refused, unique

GRAPH = {"nodes": {"a": {"label": "a", "loc": [1, 2.5], "color": "#FF0000"},
                   "b": {"label": "\u0416", "loc": [30, 4], "color": "#00FF00"}},
         "edges": [{"src": "a", "dst": "b", "color": "#0000FF"}]}


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def project(server, api):
    """A project of the test's own."""
    return api.project.create(server.workspace_id, unique("project"))


def fruit_meta(values=("small", "medium", "large")):
    return sly.ProjectMeta(
        [sly.ObjClass("lemon", sly.Bitmap, [80, 227, 194]), sly.ObjClass("kiwi", sly.Bitmap)],
        [sly.TagMeta("size", sly.TagValueType.ONEOF_STRING, list(values)),
         sly.TagMeta("origin", sly.TagValueType.ANY_STRING)])


def meta_of(api, project_id):
    return sly.ProjectMeta.from_json(api.project.get_meta(project_id))


def changed_later(api, project_id, change):
    """Repeat a change until a later millisecond shows in updatedAt; gives up after many."""
    before = api.project.get_info_by_id(project_id).updated_at
    return any((change(), api.project.get_info_by_id(project_id).updated_at > before)[1]
               for _ in range(50))


# ---- meta ----

def test_trap_31_the_whole_meta_comes_back_with_ids(api, project):
    with recorded(api) as calls:
        api.project.update_meta(project.id, fruit_meta())
    assert [method for method, _ in calls] == ["projects.meta.update", "projects.settings.update"]
    assert calls[1][1]["settings"]["groupImagesByTagId"] is None
    more = {"classes": [{"title": "pear", "shape": "polygon", "color": "#112233"}], "tags": []}
    answer = api.post("projects.meta.update", {"id": project.id, "meta": more}).json()
    assert [c["title"] for c in answer["classes"]] == ["kiwi", "lemon", "pear"]
    assert [t["name"] for t in answer["tags"]] == ["origin", "size"]
    assert all(isinstance(item["id"], int) for item in answer["classes"] + answer["tags"])
    assert answer == api.project.get_meta(project.id)


def test_trap_32_settings_are_merged(api, project):
    api.project.set_read_only(project.id)
    api.project.update_settings(project.id, {"labelingInterface": "fisheye", "own": {"a": 1}})
    api.project.update_meta(project.id, fruit_meta())
    settings = api.project.get_settings(project.id)
    assert api.project.is_read_only(project.id) is True
    assert (settings["labelingInterface"], settings["own"]) == ("fisheye", {"a": 1})
    assert settings["groupImages"] is False


def test_trap_33_ids_of_another_project_are_not_taken_over(server, api, project):
    api.project.update_meta(project.id, fruit_meta())
    before = api.project.get_meta(project.id)
    other = api.project.create(server.workspace_id, unique("project"))
    api.project.update_meta(other.id, api.project.get_meta(project.id))
    copied = meta_of(api, other.id)
    assert copied == meta_of(api, project.id)
    for kind, items in (("classes", copied.obj_classes), ("tags", copied.tag_metas)):
        assert not {item["id"] for item in before[kind]} & {item.sly_id for item in items}
    api.project.update_meta(other.id, api.project.get_meta(project.id))  # by name, not twice
    assert meta_of(api, other.id) == copied
    assert api.project.get_meta(project.id) == before


def test_trap_34_values_and_shapes_come_back_as_they_went(api, project):
    meta = fruit_meta(values=("z", "a", "\u0416", "m"))
    for _ in range(2):
        api.project.update_meta(project.id, meta.to_json())
        read = meta_of(api, project.id)
        assert read.get_tag_meta("size").possible_values == ["z", "a", "\u0416", "m"]
        assert all(tag in read.tag_metas for tag in meta.tag_metas)
        assert all(cls in read.obj_classes for cls in meta.obj_classes)


def test_trap_34_a_geometry_config_is_kept_in_meaning(api, project):
    graph = {"title": "graph", "shape": "graph", "color": "#000000", "geometry_config": GRAPH}
    api.project.update_meta(project.id, {"classes": [graph], "tags": []})
    assert api.project.get_meta(project.id)["classes"][0]["geometry_config"] == GRAPH
    assert meta_of(api, project.id) == sly.ProjectMeta.from_json({"classes": [graph]})


def test_trap_35_only_oneof_tags_have_values_and_colours_are_hex(api, project):
    types = sly.TagValueType
    tags = [sly.TagMeta("none", types.NONE), sly.TagMeta("number", types.ANY_NUMBER),
            sly.TagMeta("string", types.ANY_STRING), sly.TagMeta("date", types.DATE)]
    api.project.update_meta(project.id, sly.ProjectMeta(tag_metas=tags))
    bare = {"classes": [{"title": "bare", "shape": "any"}],
            "tags": [{"name": "bare", "value_type": "none", "values": [], "color": None}]}
    meta = api.post("projects.meta.update", {"id": project.id, "meta": bare}).json()
    assert len(meta["tags"]) == 5 and [tag.get("values") for tag in meta["tags"]] == [None] * 5
    colors = [item["color"] for item in meta["tags"] + meta["classes"]]
    assert all(len(color) == 7 and int(color[1:], 16) >= 0 for color in colors)
    assert len(sly.ProjectMeta.from_json(meta).tag_metas) == 5


@pytest.mark.parametrize("broken", [
    {"tags": []}, {"classes": None}, {"classes": [{"title": "a"}]},
    {"classes": [{"title": "a", "shape": "any", "color": "red"}]},
    {"classes": [{"title": "a", "shape": "any"}] * 2},
    {"classes": [], "tags": [{"name": "a", "value_type": "none", "color": "#12"}]},
    {"classes": [], "tags": [{"name": "a", "value_type": "oneof_string"}]},
    {"classes": [], "tags": [{"name": "a", "value_type": "any_string", "values": ["x"]}]},
    {"classes": [], "tags": [{"name": "a", "value_type": "unheard-of"}]},
    {"classes": [], "tags": [{"name": "a", "value_type": "none", "target_type": "x"}]}])
def test_trap_35_a_meta_that_the_client_could_not_read_is_refused(api, project, broken):
    api.project.update_meta(project.id, fruit_meta())
    before = api.project.get_meta(project.id)
    refused(400, api.post, "projects.meta.update", {"id": project.id, "meta": broken})
    assert api.project.get_meta(project.id) == before


def test_trap_36_the_meta_with_settings_can_be_parsed(api, project):
    plain = api.project.get_meta(project.id)
    assert "projectSettings" not in plain and plain["projectType"] == "images"
    assert plain["classes"] == plain["tags"] == []
    api.project.set_multiview_settings(project.id)
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id, with_settings=True))
    tag = meta.get_tag_meta(meta.project_settings.multiview_tag_name)
    assert meta.project_settings.multiview_enabled is True
    assert tag.sly_id == api.project.get_settings(project.id)["groupImagesByTagId"]


def test_trap_37_settings_and_custom_data_are_objects(server, api, project):
    for info in (project, api.project.get_info_by_id(project.id)):
        assert isinstance(info.settings, dict) and info.custom_data == {}
    for wrong in ({"groupImages": None}, {"groupImagesSync": "yes"}, {"advancedSettings": None},
                  {"labelingInterface": "unheard-of"}, {"groupImagesByTagId": "1"}):
        refused(400, api.project.update_settings, project.id, wrong)
    server.refused(400, "projects.editInfo", {"id": project.id, "customData": [1]})
    sly.ProjectMeta.from_json(api.project.get_meta(project.id, with_settings=True))
    assert isinstance(api.project.get_info_by_id(project.id).custom_data, dict)


def test_trap_38_one_call_finds_a_project_by_name(server, api, project):
    with recorded(api) as calls:
        found = api.project.get_info_by_name(server.workspace_id, project.name)
        assert api.project.get_info_by_name(server.workspace_id, unique("none")) is None
    assert [method for method, _ in calls] == ["projects.list"] * 2
    assert len(calls[0][1]["fields"]) > 15
    assert (found.id, found.workspace_id) == (project.id, server.workspace_id)


def test_trap_39_custom_data_is_replaced_and_silence_keeps_the_time(api, project):
    api.project.update_custom_data(project.id, {"b": [1, {"c": None}], "a": 0.1, "\u0416": "\n"})
    api.project.update_custom_data(project.id, {"z": 1})
    assert api.project.get_custom_data(project.id) == {"z": 1}
    update = api.project.update_custom_data
    assert not changed_later(api, project.id, lambda: update(project.id, {"y": 1}, silent=True))
    assert api.project.get_custom_data(project.id) == {"y": 1}
    assert changed_later(api, project.id, lambda: update(project.id, {"x": 1}))


@pytest.mark.parametrize("config", [
    None, {}, {"nodes": {}}, {"nodes": [], "edges": []},
    {**GRAPH, "nodes": {"a": {"label": "a", "loc": [1], "color": "#FF0000"}}},
    {**GRAPH, "nodes": {"a": {"label": "a", "loc": [1, 2], "color": "red"}}},
    {**GRAPH, "nodes": {"a": {"loc": [1, 2], "color": "#FF0000"}}, "edges": []},
    {**GRAPH, "nodes": {"a": {"label": "a", "loc": ["x", "y"], "color": "#FF0000"}}, "edges": []},
    {**GRAPH, "edges": [{"src": "a"}]},
    {**GRAPH, "edges": [{"src": "a", "dst": "b", "color": "red"}]}])
def test_trap_40_a_graph_class_is_readable_or_refused(server, api, project, config):
    graph = {"title": "g", "shape": "graph", "color": "#000000", "geometry_config": config}
    server.raw("projects.meta.update", {"id": project.id, "meta": {"classes": [graph]}})
    meta_of(api, project.id)  # raises when the client cannot read it


# ---- datasets ----

def test_trap_41_listed_datasets_can_be_hashed(api, project):
    parent = api.dataset.create(project.id, "parent", custom_data={"a": {}})
    api.dataset.create(project.id, "child", parent_id=parent.id, custom_data={"b": [1]})
    tree = {d.name: names(children) for d, children in api.dataset.get_tree(project.id).items()}
    assert tree == {"parent": ["child"]}
    assert api.dataset.get_info_by_id(parent.id).custom_data == {"a": {}}
    listed = api.dataset.get_list(project.id, recursive=True, include_custom_data=True)
    assert [d.custom_data for d in listed] == [{"a": {}}, {"b": [1]}]


def test_trap_42_levels_of_datasets(api, project):
    root = api.dataset.create(project.id, "root")
    child = api.dataset.create(project.id, "child", parent_id=root.id)
    grandchild = api.dataset.create(project.id, "grandchild", parent_id=child.id)
    assert (root.parent_id, child.parent_id) == (None, root.id)
    assert ids(api.dataset.get_list(project.id)) == [root.id]
    assert ids(api.dataset.get_list(project.id, recursive=True)) == [
        root.id, child.id, grandchild.id]
    assert ids(api.dataset.get_list(project.id, parent_id=root.id)) == [child.id]


def test_trap_43_one_name_under_different_parents(api, project):
    root = api.dataset.create(project.id, "same", parent_id=None)
    child = api.dataset.create(project.id, "same", parent_id=root.id)
    assert api.dataset.get_info_by_name(project.id, "same").id == root.id
    assert api.dataset.get_info_by_name(project.id, "same", parent_id=root.id).id == child.id
    refused(400, api.dataset.create, project.id, "same")
    refused(400, api.dataset.create, project.id, "same", parent_id=root.id)
    free = api.dataset.create(project.id, "same", parent_id=root.id, change_name_if_conflict=True)
    assert free.name == "same_001"
    refused(400, api.dataset.create, project.id, None)


def test_trap_44_images_are_counted_in_lists(server, api, project):
    api.dataset.create(project.id, "empty")
    assert [d.images_count for d in api.dataset.get_list(project.id)] == [0]
    assert api.project.get_images_count(project.id) == 0
    assert api.project.get_images_count(server.project_id) == 6
