"""Single definitions of tags, and what projects and datasets note: by the SDK, and what is refused."""

import secrets

import pytest
import supervisely as sly
from supervisely import TagApplicableTo, TagMeta, TagValueType

import labeld
from sdk_helpers import names, refused, unique
from pictures import picture


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def project(server, api):
    made = server.project()["id"]
    api.project.update_meta(made, sly.ProjectMeta(
        [sly.ObjClass("box", sly.Rectangle), sly.ObjClass("дом", sly.Polygon)], [TagMeta("old", TagValueType.NONE)]))
    return made


def meta(api, project):
    return sly.ProjectMeta.from_json(api.project.get_meta(project))


TAGS = [TagMeta("none", TagValueType.NONE, color=[1, 2, 3], hotkey="k"),
        TagMeta("число", TagValueType.ANY_NUMBER, applicable_to=TagApplicableTo.IMAGES_ONLY),
        TagMeta("text", TagValueType.ANY_STRING, applicable_to=TagApplicableTo.OBJECTS_ONLY,
                applicable_classes=["дом", "box"]),
        TagMeta("one", TagValueType.ONEOF_STRING, possible_values=["b", "a", "ü"]),
        TagMeta("day", TagValueType.DATE)]


def test_tags_are_made_one_by_one(api, project):
    made = api.image.tag.create_bulk(project, TAGS)
    assert [t["title"] for t in made] == [t.name for t in TAGS]
    kept = meta(api, project)
    for tag, info in zip(TAGS, made):
        assert kept.get_tag_meta(tag.name).sly_id == info["id"]
        back, sent = kept.get_tag_meta(tag.name).to_json(), {**tag.to_json(), "id": info["id"]}
        assert sorted(back.pop("classes", [])) == sorted(sent.pop("classes", [])) and back == sent
    assert api.image.tag.create(project, TagMeta("single", TagValueType.NONE))["title"] == "single"
    listed = {t.name: t for t in api.image.tag.get_list(project)}
    assert listed["text"].settings["applicableType"] == "objectsOnly" and len(listed["text"].settings["classes"]) == 2
    assert "old" in listed


def test_a_tag_is_changed(api, project):
    one = api.image.tag.create(project, TAGS[3])
    text = api.image.tag.create(project, TAGS[2])
    assert api.image.tag.update_meta(one["id"], name="renamed", color=[9, 9, 9], hotkey="j") == {
        "id": one["id"], "title": "renamed"}
    kept = meta(api, project).get_tag_meta("renamed")
    assert (kept.sly_id, kept.color, kept.hotkey, kept.possible_values) == (one["id"], [9, 9, 9], "j", ["b", "a", "ü"])
    api.image.tag.update_meta(text["id"], project_id=project, applicable_classes=["box"],
                              applicable_to=TagApplicableTo.ALL)
    kept = meta(api, project).get_tag_meta("text")
    assert kept.applicable_classes == ["box"] and kept.applicable_to == "all"
    assert (kept.value_type, kept.color) == (TagValueType.ANY_STRING, TAGS[2].color)
    api.image.tag.update_meta(text["id"], project_id=project, applicable_classes=[])
    assert meta(api, project).get_tag_meta("text").applicable_classes == []


def tag(title="new", **settings):
    return {"title": title, "color": "#010203", "settings": {"type": "none", **settings}}


@pytest.mark.parametrize("bad, field", [
    ({"title": ""}, None), ({"title": 5}, None), ({"title": "a\nb"}, None), ({"color": "red"}, None),
    ({"settings": {}}, None), ({"settings": []}, "settings"), ({"settings": {"type": "colour"}}, None),
    ({"settings": {"type": "oneof_string"}}, None), ({"settings": {"type": "oneof_string", "values": ["a", "a"]}}, None),
    ({"settings": {"type": "none", "values": ["a"]}}, None), ({"settings": {"type": "none", "applicableType": "x"}}, None),
    ({"settings": {"type": "none", "classes": "box"}}, "settings.classes"),
    ({"settings": {"type": "none", "classes": [0]}}, "settings.classes"),
    ({"settings": {"type": "none", "classes": ["box"]}}, "settings.classes")])
def test_no_such_tag(server, project, bad, field):
    """All are made, or none."""
    before = server.state()
    server.refused(400, "tags.bulk.add", {"projectId": project, "tags": [tag("good"), {**tag(), **bad}]},
                   field=field, text="tags[1]")
    assert server.state() == before


def test_tags_that_may_not_be(server, api, project):
    answer = server.raw("tags.bulk.add", {"projectId": project, "tags": [tag("good"), tag("old")]})
    assert answer.status_code in (400, 409) and "exists already" in answer.text
    answer = server.raw("tags.bulk.add", {"projectId": project, "tags": [tag("twice"), tag("twice")]})
    assert answer.status_code in (400, 409) and names(api.image.tag.get_list(project)) == ["old"]
    other = server.project()["id"]
    api.project.update_meta(other, sly.ProjectMeta([sly.ObjClass("theirs", sly.Rectangle)]))
    foreign = api.object_class.get_list(other)[0].id
    server.refused(400, "tags.bulk.add", {"projectId": project, "tags": [tag(classes=[foreign])]},
                   field="settings.classes")
    server.refused(400, "tags.bulk.add", {"projectId": project, "tags": [5]})
    made = api.image.tag.create(project, TagMeta("text", TagValueType.ANY_STRING))
    answer = server.raw("advanced.tags.editInfo", {"id": made["id"], "title": "old"})
    assert answer.status_code in (400, 409) and "exists already" in answer.text
    server.refused(400, "advanced.tags.editInfo", {"id": made["id"], "title": "x", "color": "#12"})
    server.refused(400, "advanced.tags.editInfo", {"id": made["id"]}, field="title")
    server.refused(404, "advanced.tags.editInfo", {"id": 1 << 40, "title": "x"}, field="id")
    stranger = server.user(restricted=False)
    server.refused(404, "advanced.tags.editInfo", {"id": made["id"], "title": "x"}, token=stranger.token)


# ---- what projects and datasets note ----

def test_a_project_notes_its_embeddings(server, api, project):
    assert api.project.is_embeddings_enabled(project) is False
    assert api.project.get_embeddings_in_progress(project) is False
    assert api.project.get_embeddings_updated_at(project) is None
    before = api.project.get_info_by_id(project).updated_at
    api.project.enable_embeddings(project)
    api.project.set_embeddings_in_progress(project, True)
    api.project.set_embeddings_updated_at(project, "2026-01-02T03:04:05.678Z")
    assert api.project.is_embeddings_enabled(project) and api.project.get_embeddings_in_progress(project)
    assert api.project.get_embeddings_updated_at(project) == "2026-01-02T03:04:05.678Z"
    assert api.project.get_info_by_id(project).updated_at == before, "silently"
    api.project.set_embeddings_in_progress(project, False, "out of memory")
    api.project.disable_embeddings(project)
    assert not api.project.is_embeddings_enabled(project) and not api.project.get_embeddings_in_progress(project)
    assert api.project.get_embeddings_updated_at(project) == "2026-01-02T03:04:05.678Z"
    assert "out of memory" in str(server.sql("SELECT meta FROM event WHERE project_id = ?", project))
    server.refused(400, "projects.editInfo", {"id": project, "embeddingsUpdatedAt": "now"}, field="embeddingsUpdatedAt")
    server.refused(400, "projects.editInfo", {"id": project, "embeddingsEnabled": "yes"}, field="embeddingsEnabled")
    server.refused(400, "projects.embeddings-in-progress.update", {"id": project}, field="embeddingsInProgress")


def test_a_dataset_is_pinned(server, api, project):
    made = api.dataset.create(project, "d").id
    assert server.ok("datasets.info", {"id": made})["isFavorite"] is False
    api.dataset.set_favorite(made)
    assert [d["isFavorite"] for d in server.ok("datasets.list", {"projectId": project})["entities"]] == [True]
    api.dataset.set_favorite(made, False)
    assert server.ok("datasets.info", {"id": made})["isFavorite"] is False
    server.refused(400, "datasets.favorite-change", {"id": made}, field="isFavorite")
    server.refused(403, "datasets.favorite-change", {"id": made, "isFavorite": True},
                   token=server.user(role=labeld.VIEWER).token)


def test_scores_stand_beside_images_of_a_collection(server, api, project):
    made = api.dataset.create(project, "d").id
    ids = [i["id"] for i in server.ok("images.bulk.add", {"datasetId": made, "images": [
        {"title": f"{n}", "link": f"https://example.com/{n}.png"} for n in range(4)]})]
    kind = sly.api.entities_collection_api
    found = api.entities_collection.create(project, unique("found"), type=kind.CollectionType.AI_SEARCH,
                                           ai_search_key="key")
    items = [kind.CollectionItem(entity_id=i, meta=kind.CollectionItem.Meta(score=n / 4))
             for n, i in enumerate(ids[:3])]
    api.entities_collection.add_items(found.id, items)
    listed = api.image.get_list(project_id=project, ai_search_collection_id=found.id, sort="name", sort_order="desc")
    assert [i.ai_search_meta for i in listed] == [{"score": 0.5}, {"score": 0.25}, {"score": 0}]
    above = api.image.get_list(project_id=project, ai_search_collection_id=found.id, ai_search_threshold=0.2)
    assert [i.ai_search_meta["score"] for i in above] == [0.25, 0.5]
    assert [i.ai_search_meta for i in api.image.get_list(made)] == [None] * 4
    picked = api.entities_collection.create(project, unique("picked"))
    api.entities_collection.add_items(picked.id, ids[2:])
    assert [i.ai_search_meta for i in api.image.get_list(project_id=project, entities_collection_id=picked.id)] == [
        None, None]


def counts(api, project):
    info = api.project.get_info_by_id(project, extra_fields=["localEntitiesCount", "remoteEntitiesCount"])
    return info.local_entities_count, info.remote_entities_count


def test_remote_images_are_counted(server, api, project):
    """Those that are at their links only: as images come, lose their bytes, are copied and go."""
    top = api.dataset.create(project, "top").id
    below = api.dataset.create(project, "below", parent_id=top).id
    pixels = server.ok("images.bulk.upload", picture(), headers={"content-type": "image/png"})[0]["hash"]
    for dataset in (top, below):
        server.ok("images.bulk.add", {"datasetId": dataset, "images": [
            {"title": "here", "hash": pixels}, {"title": "a", "link": "https://example.com/a"},
            {"title": "b", "link": "https://example.com/b"}]})
    assert counts(api, project) == (2, 4)
    ids = {i.name.split(".")[0]: i.id for i in api.image.get_list(top)}
    for clear, expected in ((False, (2, 4)), (True, (1, 5)), (True, (1, 5))):
        server.ok("images.update.links", {"images": [{"id": ids["here"], "link": "https://example.com/c"}],
                                          "clearLocalDataSource": clear})
        assert counts(api, project) == expected
    clone = api.task.get_info_by_id(api.project.clone(project, server.workspace_id, unique("clone")))
    clone = clone["meta"]["output"]["project"]["id"]
    assert counts(api, clone) == (1, 5)
    api.image.copy_batch(below, [ids["a"]], change_name_if_conflict=True)
    assert counts(api, project) == (1, 6)
    api.image.remove(ids["a"])
    api.image.remove(ids["a"])
    assert counts(api, project) == (1, 5)
    api.dataset.remove(below)
    assert counts(api, project) == (0, 2)
    listed = server.ok("projects.list", {"workspaceId": server.workspace_id})["entities"]
    assert {p["id"]: p["remoteEntitiesCount"] for p in listed if p["id"] in (project, clone)} == {project: 2, clone: 5}
    assert labeld.run("verify", "--data", server.dir).returncode == 0
