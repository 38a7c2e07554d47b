"""Collections of images: made, filled and read by the SDK, and what is refused."""

import pytest
import requests
import supervisely as sly
from supervisely.api.entities_collection_api import CollectionItem, CollectionType, CollectionTypeFilter


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def place(server):
    """A project with five images in two datasets: its id and theirs."""
    project = server.project()["id"]
    sources = [e["id"] for e in server.ok("images.list", {"datasetId": server.dataset_id})["entities"]][:3]
    images = []
    for name, some in (("a", sources), ("b", sources[:2])):
        dataset = server.ok("datasets.add", {"projectId": project, "name": name})["id"]
        images += [i["id"] for i in server.ok("images.bulk.add", {"datasetId": dataset, "images": [
            {"title": f"{name}{n}.jpg", "imageId": s} for n, s in enumerate(some)]})]
    return project, images


def listed(server, project, data, type_="entities_collection"):
    return [e["id"] for e in server.ok("images.list", {
        "projectId": project, "filters": [{"type": type_, "data": data}]})["entities"]]


def test_the_life_of_a_collection(server, api, place):
    project, images = place
    made = api.entities_collection.create(project, "Zitronen 🍋", "to be checked")
    assert (made.name, made.description, made.project_id, made.team_id, made.type) == (
        "Zitronen 🍋", "to be checked", project, server.team_id, "default")
    assert api.entities_collection.get_info_by_id(made.id).name == "Zitronen 🍋"
    assert [c.id for c in api.entities_collection.get_list(project)] == [made.id]
    second = api.entities_collection.create(project, "Zitronen 🍋", change_name_if_conflict=True)
    assert second.name == "Zitronen 🍋_001"

    items = api.entities_collection.add_items(made.id, [images[4], images[0], images[3]])
    assert [i["entityId"] for i in items] == [images[4], images[0], images[3]]
    again = api.entities_collection.add_items(made.id, [images[0], images[1]])
    assert again[0]["id"] == items[1]["id"] and again[0]["createdAt"] == items[1]["createdAt"]
    got = api.entities_collection.get_items(made.id, CollectionTypeFilter.DEFAULT)
    assert [i.id for i in got] == sorted([images[0], images[1], images[3], images[4]])
    assert listed(server, project, {"collectionId": made.id, "include": False}) == [images[2]]

    gone = api.entities_collection.remove_items(made.id, [images[0], images[2]])  # the second was never in
    assert [i["entityId"] for i in gone] == [images[0]]
    answer = server.ok("entities-collections.items.bulk.remove",
                       {"collectionId": made.id, "entityIds": [images[2], images[1]]})
    assert answer["missing"] == [images[2]] and [i["entityId"] for i in answer["items"]] == [images[1]]

    changed = api.entities_collection.update(made.id, "Limetten", "green")
    assert (changed.name, changed.description) == ("Limetten", "green") and changed.updated_at > made.updated_at
    api.entities_collection.remove(made.id)
    assert api.entities_collection.get_info_by_id(made.id) is None
    server.refused(404, "images.list", {"projectId": project, "filters": [
        {"type": "entities_collection", "data": {"collectionId": made.id}}]})
    api.entities_collection.create(project, "Limetten")  # the name is free again


def test_removed_images_are_not_in_it(server, api, place):
    project, images = place
    made = api.entities_collection.create(project, "c").id
    api.entities_collection.add_items(made, images)
    api.image.remove(images[0])
    api.dataset.remove(server.ok("images.info", {"id": images[3]})["datasetId"])
    assert listed(server, project, {"collectionId": made, "include": True}) == images[1:3]


def test_search_results_with_scores(server, api, place):
    project, images = place
    made = api.entities_collection.create(project, "found", type=CollectionType.AI_SEARCH, ai_search_key="k1")
    scores = [0.25, 0.5, 1, 1e-9]
    api.entities_collection.add_items(made.id, [CollectionItem(i, CollectionItem.Meta(s))
                                                for i, s in zip(images, scores)])
    api.entities_collection.add_items(made.id, [images[4]])  # without a score
    found = api.entities_collection.get_info_by_ai_search_key(project, "k1")
    assert found.id == made.id and found.ai_search_key == "k1"
    assert api.entities_collection.get_list(project) == []
    assert len(api.entities_collection.get_list(project, collection_type=CollectionType.ALL)) == 1

    def items(**kw):
        return [i.id for i in api.entities_collection.get_items(made.id, CollectionTypeFilter.AI_SEARCH, **kw)]

    assert items() == images
    assert items(ai_search_threshold=0.5) == images[1:3]
    assert items(ai_search_threshold=0.5, ai_search_threshold_direction="below") == [images[0], images[1], images[3]]
    api.entities_collection.add_items(made.id, [CollectionItem(images[0], CollectionItem.Meta(0.75))])
    assert items(ai_search_threshold=0.6) == [images[0], images[2]]


def test_names_are_unique_in_a_project(server, api, place):
    project, _ = place
    made = api.entities_collection.create(project, "one").id
    other = api.entities_collection.create(project, "two").id
    body = {"projectId": project, "name": "one"}
    assert server.refused(400, "entities-collections.add", body)["details"]["type"] == "NONUNIQUE"
    server.refused(400, "entities-collections.editInfo", {"id": other, "name": "one"}, text="exists")
    server.ok("entities-collections.editInfo", {"id": made, "name": "one"})
    api.entities_collection.create(server.project()["id"], "one")


def test_foreign_and_unknown_images_are_missing(server, api, place):
    project, images = place
    made = api.entities_collection.create(project, "c").id
    foreign = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][0]["id"]
    answer = server.ok("entities-collections.items.bulk.add",
                       {"collectionId": made, "entityIds": [foreign, images[0], 10**9]})
    assert answer["missing"] == [foreign, 10**9]
    assert [i["entityId"] for i in answer["items"]] == [images[0]]
    with pytest.raises(RuntimeError, match=str(foreign)):
        api.entities_collection.add_items(made, [foreign])
    assert listed(server, project, {"collectionId": made, "include": True}) == [images[0]]


@pytest.mark.parametrize("body, field", [
    ({}, "entityIds"),
    ({"entityIds": [1], "entityItems": []}, "entityIds"),
    ({"entityIds": ["x"]}, "entityIds"),
    ({"entityItems": [{"meta": {"score": 1}}]}, "entityItems"),
    ({"entityItems": [{"entityId": 1, "meta": {"score": "high"}}]}, "entityItems"),
])
def test_wrong_items_are_refused(server, api, place, body, field):
    made = api.entities_collection.create(place[0], "c").id
    before = server.state()
    server.refused(400, "entities-collections.items.bulk.add", {"collectionId": made, **body}, field=field)
    assert server.state() == before


@pytest.mark.parametrize("change, field", [
    ({"name": None}, "name"), ({"name": "  "}, "name"), ({"name": "n" * 256}, "name"),
    ({"type": "mine"}, "type"), ({"type": "aiSearch"}, "meta"), ({"meta": []}, "meta"),
    ({"type": "aiSearch", "meta": {"aiSearchKey": 5}}, "meta"), ({"description": "d" * 5001}, "description"),
])
def test_wrong_collections_are_refused(server, place, change, field):
    before = server.state()
    server.refused(400, "entities-collections.add", {"projectId": place[0], "name": "n", **change}, field=field)
    assert server.state() == before


@pytest.mark.parametrize("data, field", [
    ({}, "filters[0].data.collectionId"),
    ({"collectionId": "c"}, "filters[0].data.collectionId"),
    ({"threshold": "0.5"}, "filters[0].data.threshold"),
    ({"threshold": 0.5, "thresholdDirection": "left"}, "filters[0].data.thresholdDirection"),
])
def test_wrong_filters_are_refused(server, api, place, data, field):
    made = api.entities_collection.create(place[0], "c").id
    if "threshold" in data:
        data = {"collectionId": made, **data}
    server.refused(400, "images.list", {"projectId": place[0], "filters": [
        {"type": "entities_ai_search_collection", "data": data}]}, field=field)


def test_strangers_see_none_of_it(server, api, place, roles):
    project, images = place
    made = api.entities_collection.create(project, "secret").id
    api.entities_collection.add_items(made, images)
    stranger = roles["stranger"].token
    own = server.ok("workspaces.list", {"teamId": server.ok("teams.list", {}, token=stranger)["entities"][0]["id"]},
                    token=stranger)["entities"][0]["id"]
    theirs = server.ok("projects.add", {"workspaceId": own, "name": "theirs"}, token=stranger)["id"]
    server.refused(404, "images.list", {"projectId": theirs, "filters": [
        {"type": "entities_collection", "data": {"collectionId": made}}]}, token=stranger)
    server.refused(404, "entities-collections.info", {"id": made}, token=stranger)
    server.refused(404, "entities-collections.list", {"projectId": project}, token=stranger)
    mine = server.ok("entities-collections.add", {"projectId": theirs, "name": "m"}, token=stranger)["id"]
    answer = server.ok("entities-collections.items.bulk.add", {"collectionId": mine, "entityIds": images},
                       token=stranger)
    assert answer == {"missing": images, "items": []}
    server.refused(403, "entities-collections.items.bulk.add", {"collectionId": made, "entityIds": images},
                   token=roles["viewer"].token)
    with pytest.raises(requests.HTTPError):
        sly.Api(server.url, roles["viewer"].token, retry_count=1).entities_collection.create(project, "x")


def test_changes_are_in_the_log(server, api, place):
    project, images = place
    made = api.entities_collection.create(project, "logged").id
    api.entities_collection.add_items(made, images)
    api.entities_collection.remove_items(made, images[:2])
    server.ok("entities-collections.remove", {"id": made, "hardDelete": True})
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "projectId", "operator": "=", "value": project}]})["entities"]
    wanted = ["disable_entities_collection", "remove_from_entities_collection",
              "add_to_entities_collection", "create_entities_collection"]
    seen = [(e["action"], e["meta"]) for e in events if e["action"] in wanted]
    assert [a for a, _ in seen] == wanted
    assert [m for _, m in seen][1:3] == [{"collectionId": made, "images": 2}, {"collectionId": made, "images": 5}]
    assert server.sql("SELECT COUNT(*) FROM entities_collection_item WHERE collection_id = ?", made) == [(0,)]
