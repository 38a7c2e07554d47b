"""Annotations, figures and tags: lossless, checked, and nothing half-done."""

import base64
import io
import json
import struct
import zlib

import numpy as np
import pytest
import supervisely as sly
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import annotations
import labeld
from sdk_helpers import unique


@pytest.fixture(scope="module")
def place(server):
    """A project with every class and tag, and an image of 160 x 120."""
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("ann"))
    api.project.update_meta(project.id, annotations.meta())
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id))
    dataset = api.dataset.create(project.id, "d")
    pixels = np.zeros((*annotations.SIZE, 3), np.uint8)
    image = api.image.upload_np(dataset.id, "a.png", pixels)
    other = api.image.upload_np(dataset.id, "b.png", pixels + 1)
    ids = {c.name: c.sly_id for c in meta.obj_classes}
    tags = {t.name: t.sly_id for t in meta.tag_metas}

    class Place:
        pass

    p = Place()
    p.api, p.project, p.meta, p.dataset = api, project.id, meta, dataset.id
    p.image, p.other, p.classes, p.tags = image.id, other.id, ids, tags
    p.server = server
    return p


def box(left=1, top=1, right=9, bottom=9, **more):
    return {"classTitle": "a rectangle", "geometryType": "rectangle", "tags": [],
            "points": {"exterior": [[left, top], [right, bottom]], "interior": []}, **more}


def annotation(*objects, **more):
    return {"description": "", "tags": [], "size": {"height": 120, "width": 160},
            "objects": list(objects), **more}


def put(place, ann, image=None, **kw):
    return place.server.raw("annotations.bulk.add", {
        "datasetId": place.dataset,
        "annotations": [{"imageId": image or place.image, "annotation": ann}], **kw})


def read(place, image=None, **kw):
    return place.server.ok("annotations.info", {"imageId": image or place.image, **kw})["annotation"]


# ---- what goes in comes out ----

numbers = st.one_of(
    st.integers(0, 100), st.floats(0, 100, allow_nan=False, width=64),
    st.sampled_from([0.1, 1 / 3, 1e-7, 99.99999999999999]))
points = st.tuples(numbers, numbers).map(list)
text = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=40)
values = {"flag": st.none(), "number": st.one_of(st.integers(-2**53, 2**53), st.floats(
    allow_nan=False, allow_infinity=False)), "text": text,
    "choice": st.sampled_from(["small", "größer", "大"])}


@st.composite
def tags(draw):
    made = []
    for name in draw(st.lists(st.sampled_from(sorted(values)), max_size=3)):
        value = draw(values[name])
        made.append({"name": name} | ({} if value is None else {"value": value}))
    return made


outline = st.fixed_dictionaries({
    "exterior": st.lists(points, min_size=3, max_size=8),
    "interior": st.lists(st.lists(points, min_size=3, max_size=5), max_size=2)})
shapes = {
    "rectangle": st.tuples(points, points).map(
        lambda p: {"points": {"exterior": list(p), "interior": []}}),
    "polygon": outline.map(lambda o: {"points": o}),
    "line": st.lists(points, min_size=2, max_size=9).map(
        lambda p: {"points": {"exterior": p, "interior": []}}),
    "point": points.map(lambda p: {"points": {"exterior": [p], "interior": []}}),
    "oriented_bbox": st.tuples(points, points, st.floats(-7, 7)).map(
        lambda p: {"points": [p[0], p[1]], "angle": p[2]}),
    "graph": st.dictionaries(st.sampled_from(["nose", "tail"]), points, min_size=1).map(
        lambda d: {"nodes": {k: {"loc": p} for k, p in d.items()}}),
    "multipolygon": st.lists(outline, min_size=1, max_size=3).map(lambda p: {"parts": p}),
    "cuboid_2d": st.lists(points, min_size=8, max_size=8).map(lambda p: {"nodes": {
        f"face{n // 4 + 1}-{('topleft', 'topright', 'bottomright', 'bottomleft')[n % 4]}": {"loc": at}
        for n, at in enumerate(p)}}),
    "cuboid": st.lists(points, min_size=8, max_size=8).map(
        lambda p: {"points": p, "faces": [[0, 1, 2, 3], [4, 5, 6, 7], [0, 1, 5, 4]]}),
    "bitmap": st.just({"bitmap": annotations.geometries()["bitmap"].to_json()["bitmap"]}),
}


@st.composite
def objects(draw):
    shape = draw(st.sampled_from(sorted(shapes)))
    drawn_as = "anything" if shape == "cuboid" or draw(st.booleans()) else f"a {shape}"
    made = {"classTitle": drawn_as, "geometryType": shape, "description": draw(text),
            "tags": draw(tags()), "nnCreated": draw(st.booleans()),
            "nnUpdated": draw(st.booleans()), **draw(shapes[shape])}
    if draw(st.booleans()):
        made["priority"] = draw(st.integers(0, 100))
    if draw(st.booleans()):
        made["instance"] = draw(text)
    return made


def same(sent, got):
    """Every key that was sent comes back with the same value; tags by name and value."""
    for key, value in sent.items():
        if key == "tags":
            assert [(t["name"], t.get("value")) for t in value] == [
                (t["name"], t.get("value")) for t in got["tags"]]
        else:
            assert got[key] == value, key


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(objects(), max_size=5), tags(), text)
def test_random_annotations_come_back_as_they_went_in(place, made, image_tags, description):
    answer = put(place, annotation(*made, tags=image_tags, description=description))
    assert answer.status_code == 200, answer.text
    got = read(place)
    same({"tags": image_tags, "description": description}, got)
    assert len(got["objects"]) == len(made)
    for sent, kept in zip(made, got["objects"]):
        same(sent, kept)


def test_numbers_keep_their_bytes(place):
    raw = json.dumps({"datasetId": place.dataset, "annotations": [
        {"imageId": place.image, "annotation": annotation("OBJECT")}]}).replace(
        '"OBJECT"', '{"classTitle": "a point", "geometryType": "point", "points": '
                    '{"exterior": [[1.50, 2e1]], "interior": [ ]}}')
    assert place.server.raw("annotations.bulk.add", raw).status_code == 200
    text = place.server.raw("annotations.info", {"imageId": place.image}).text
    assert '"points":{"exterior": [[1.50, 2e1]], "interior": [ ]}' in text


def test_whole_pixels_are_rounded_down(place):
    put(place, annotation(box(1.9, 2.1, 30.99, 40)))
    got = read(place, integerCoords=True)["objects"][0]["points"]["exterior"]
    assert got == [[1, 2], [30, 40]]
    listed = place.server.ok("figures.list", {"datasetId": place.dataset})["entities"][0]
    assert listed["geometry"]["points"]["exterior"] == [[1, 2], [30, 40]]
    exact = place.server.ok("figures.list", {"datasetId": place.dataset, "integerCoords": False})
    assert exact["entities"][0]["geometry"]["points"]["exterior"] == [[1.9, 2.1], [30.99, 40]]


def test_custom_big_data(place):
    data = {"a": [1, {"b": "ü" * 1000}]}
    put(place, annotation(customBigData=data))
    assert "customBigData" not in read(place)
    assert read(place, withCustomBigData=True)["customBigData"] == data


def test_an_object_that_is_sent_again_stays_the_same_object(place):
    put(place, annotation(box(), box(2, 2, 8, 8)))
    first, second = read(place)["objects"]
    put(place, annotation(second, {**first, "description": "changed"}, box(3, 3, 7, 7)))
    again = read(place)["objects"]
    assert [o["id"] for o in again[:2]] == [second["id"], first["id"]]
    assert again[1]["description"] == "changed" and again[1]["createdAt"] == first["createdAt"]
    assert again[0]["updatedAt"] == second["updatedAt"], "nothing of it has changed"
    assert place.api.image.get_info_by_id(place.image).labels_count == 3
    versions = place.server.sql("SELECT action FROM figure_version WHERE figure_id = ?", first["id"])
    assert versions == [("update_figure",)]


def test_an_empty_annotation_clears_the_image(place):
    put(place, annotation(box(), tags=[{"name": "flag"}]))
    put(place, annotation())
    got = read(place)
    assert got["objects"] == [] and got["tags"] == []
    assert place.api.image.get_info_by_id(place.image).labels_count == 0


# ---- figures one by one ----

def test_labels_of_the_sdk(place):
    put(place, annotation())
    label = sly.Label(sly.Rectangle(1, 2, 30, 40), place.meta.get_obj_class("a rectangle"))
    place.api.annotation.append_labels(place.image, [label] * 3)
    ids = [o["id"] for o in read(place)["objects"]]
    got = place.api.annotation.get_label_by_id(ids[0], place.meta)
    assert got.geometry.to_json()["points"]["exterior"] == [[2, 1], [40, 30]]
    tag = sly.Tag(place.meta.get_tag_meta("number"), 7)
    place.api.annotation.update_label(ids[1], label.clone(
        geometry=sly.Rectangle(5, 5, 6, 6), tags=sly.TagCollection([tag])))
    changed = place.api.annotation.get_label_by_id(ids[1], place.meta)
    assert [(t.name, t.value) for t in changed.tags] == [("number", 7)]
    place.api.annotation.update_label_priority(ids[0], 9)
    assert [o["id"] for o in read(place)["objects"]] == [ids[1], ids[2], ids[0]]
    place.api.image.figure.remove_batch([ids[2]])
    assert [o["id"] for o in read(place)["objects"]] == [ids[1], ids[0]]
    place.server.ok("figures.bulk.remove", {"figureIds": [ids[2]]})
    place.api.image.figure.restore_batch([ids[2]])
    assert ids[2] in [o["id"] for o in read(place)["objects"]]
    figure = place.server.ok("figures.info", {"id": ids[0]})
    assert figure["geometryMeta"]["bbox"] == [1, 2, 30, 40] and figure["area"] == 38 * 29


def test_object_tags(place):
    put(place, annotation(box()))
    figure = read(place)["objects"][0]["id"]
    added = place.api.advanced.add_tag_to_object(place.tags["text"], figure, "one")
    assert [t["value"] for t in place.api.advanced.get_object_tags(figure)] == ["one"]
    made = place.api.image.tag.add_to_objects(place.project, [
        {"tagId": place.tags["flag"], "figureId": figure},
        {"tagId": place.tags["number"], "figureId": figure, "value": 2.5}])
    assert [m["value"] for m in made] == [None, 2.5]
    stored = place.api.image.tag.update_figure_custom_data(added["id"], {"a": 1})
    assert stored == {"a": 1}
    assert place.api.image.tag.update_figure_custom_data(
        added["id"], {"b": 2}, "merge") == {"a": 1, "b": 2}
    place.api.advanced.remove_tag_from_object(place.tags["text"], figure, added["id"])
    names = [t["name"] for t in read(place)["objects"][0]["tags"]]
    assert names == ["flag", "number"]


def test_image_tags(place):
    put(place, annotation())
    api = place.api
    api.image.add_tag(place.image, place.tags["text"], "x")
    api.image.add_tags_batch([place.image, place.other], place.tags["number"], [1, 2])
    tags = {t["tagId"]: t for t in api.image.get_info_by_id(place.image).tags}
    assert tags[place.tags["number"]]["value"] == 1
    assert tags[place.tags["text"]]["labelerLogin"] == "admin"
    assert api.image.update_tag_value(tags[place.tags["text"]]["id"], "y") == {"success": True}
    assert read(place)["tags"][0]["value"] == "y"
    api.advanced.remove_tag_from_image(place.tags["text"], place.image,
                                       tags[place.tags["text"]]["id"])
    api.advanced.remove_tags_from_images([place.tags["number"]], [place.image, place.other])
    assert read(place)["tags"] == [] and read(place, place.other)["tags"] == []


# ---- images.list by what is on them ----

@pytest.mark.parametrize("kind, data, count", [
    ("objects_class", {"classId": None, "from": 1, "to": 9999, "include": True}, 1),
    ("objects_class", {"classId": "a rectangle", "from": 2, "to": 2, "include": True}, 1),
    ("objects_class", {"classId": "a rectangle", "from": 3, "to": 9, "include": True}, 0),
    ("objects_class", {"classId": "a polygon", "from": 1, "to": 9, "include": False}, 2),
    ("objects_tag", {"tagId": "number", "value": 3, "from": 1, "to": 9, "include": True}, 1),
    ("objects_tag", {"tagId": "number", "value": 4, "from": 1, "to": 9, "include": True}, 0),
    ("images_tag", {"tagId": "flag", "include": True}, 1),
    ("images_tag", {"tagId": None, "include": False, "value": None}, 1),
    ("images_tag", {"tags": [{"tagId": "flag"}], "include": True}, 1),
    ("images_filename", {"value": "A.P"}, 1), ("images_filename", {"value": "%"}, 0),
    ("objects_annotator", {"userId": 1, "include": True}, 1),
    ("tagged_by_annotator", {"userId": 1, "include": True}, 1)])
def test_filters_of_images(place, kind, data, count):
    put(place, annotation(box(), box(tags=[{"name": "number", "value": 3}]),
                          tags=[{"name": "flag"}]))
    put(place, annotation(), place.other)
    names = {**place.classes, **place.tags}
    data = json.loads(json.dumps(data), object_hook=lambda d: {
        k: names.get(v, v) if k in ("classId", "tagId") and isinstance(v, str) else v
        for k, v in d.items()})
    found = place.api.image.get_filtered_list(place.dataset, [{"type": kind, "data": data}])
    assert len(found) == count


@pytest.mark.parametrize("kind", ["images_filename", "images_tag", "objects_tag", "objects_class", "objects_annotator",
                                  "tagged_by_annotator", "issues_count", "job", "entities_collection"])
@pytest.mark.parametrize("by_token", [False, True])
def test_every_filter_on_pages_and_tokens(place, kind, by_token):
    """The images it lets through and, turned round, the others; page by page."""
    api, server = place.api, place.server
    for image in (place.image, place.other):
        put(place, annotation(), image)
    put(place, annotation(box(tags=[{"name": "flag"}]), tags=[{"name": "text", "value": "x"}]))
    name = api.image.get_info_by_id(place.image).name
    collection = server.ok("entities-collections.add", {"projectId": place.project, "name": unique("c")})["id"]
    server.ok("entities-collections.items.bulk.add", {"collectionId": collection, "entityIds": [place.image]})
    job = server.job(dataset_id=place.dataset, meta={"entityIds": [place.image]})
    assert [e["id"] for e in job["entities"]] == [place.image]
    issue = server.ok("issues.add", {"teamId": server.team_id, "name": unique("i")})["id"]
    server.ok("issues.sub-issue.add", {"issueId": issue, "bindings": [{"field": "imageId", "value": place.image}]})
    data = {"images_filename": {"value": name}, "images_tag": {"tagId": place.tags["text"]},
            "objects_tag": {"tagId": place.tags["flag"], "from": 1, "to": 9},
            "objects_class": {"classId": None, "from": 1, "to": 9999},
            "objects_annotator": {"userId": server.user_id}, "tagged_by_annotator": {"userId": server.user_id},
            "issues_count": {"from": 1, "to": 9999}, "job": {"jobId": job["id"], "status": []},
            "entities_collection": {"collectionId": collection}}[kind]
    every = {i.id for i in api.image.get_list(place.dataset)}
    assert len(every) > 1
    for include, wanted in ((True, {place.image}), (False, every - {place.image})):
        if kind == "images_filename" and not include:
            continue  # has no such switch
        body = {"datasetId": place.dataset, "per_page": 1, "filters": [
            {"type": kind, "data": {**data, "include": include}}, {"type": "images_filename", "data": {"value": ""}}]}
        seen, more = [], {"pagination_mode": "token"} if by_token else {"page": 1}
        while more:
            answer = server.ok("images.list", {**body, **more})
            seen += [i["id"] for i in answer["entities"]]
            if by_token:
                more = answer.get("after") and answer["entities"] and {**more, "after": answer["after"]}
            else:
                assert answer["total"] == len(wanted)
                more = more["page"] < answer["pagesCount"] and {"page": more["page"] + 1}
        assert len(seen) == len(wanted) and set(seen) == wanted


@pytest.mark.parametrize("filters", [
    [{"type": "unknown", "data": {}}], [{"type": "images_tag"}], [{"data": {}}], ["x"],
    [{"type": "objects_class", "data": {"classId": "x"}}], [{"type": "images_filename", "data": {}}],
    [{"type": "job", "data": {}}], [{"type": "job", "data": {"jobId": 1, "status": "done"}}],
    [{"type": "images_tag", "data": {"tagId": 1}}] * 17])
def test_filters_that_are_refused(place, filters):
    answer = place.server.raw("images.list", {"datasetId": place.dataset, "filters": filters})
    assert answer.status_code == 400 and "filters" in answer.text


# ---- refusals ----

def png(mode="1", size=(4, 4), **kw):
    out = io.BytesIO()
    Image.new(mode, size, 1).save(out, "PNG", **kw)
    return out.getvalue()


def mask(content, pack=True):
    data = base64.b64encode(zlib.compress(content) if pack else content).decode()
    return {"classTitle": "a bitmap", "geometryType": "bitmap", "tags": [],
            "bitmap": {"origin": [0, 0], "data": data}}


def bomb(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000)) + chunk(b"IEND", b""))


WRONG = [
    (box(classTitle="unheard-of"), "class"), (box(classTitle=None), "class"),
    (box(classTitle="a polygon"), "takes polygon"), (box(geometryType="mesh"), "geometry"),
    (box(geometryType=None), "geometryType"), ("text", "object"), (7, "object"),
    (box(points=[[1, 1]]), "points"), (box(points={"exterior": [[1, 1]]}), "points"),
    (box(points={"exterior": [[1, 1], [2, 2], [3, 3]]}), "points"),
    (box(points={"exterior": [[1, "1"], [2, 2]]}), "points"),
    (box(points={"exterior": [[1, 1, 1], [2, 2, 2]]}), "points"),
    (box(points={"exterior": [[1e30, 1], [2, 2]]}), "points"),
    (box(1, 1, 500, 9), "outside"), (box(-50, 1, 5, 9), "outside"),
    (box(tags=[{"name": "unheard-of"}]), "tag"), (box(tags=[{"name": "number", "value": "x"}]), "number"),
    (box(tags=[{"name": "number"}]), "value"), (box(tags=[{"name": "flag", "value": 1}]), "value"),
    (box(tags=[{"name": "choice", "value": "huge"}]), "choice"), (box(tags="flag"), "tags"),
    (box(tags=[{"tagId": 10**9}]), "tag"), (box(tags=[{}]), "tagId"),
    (box(priority=-1), "priority"), (box(nnCreated="yes"), "nnCreated"), (box(customData=[]), "customData"),
    (box(other="x" * 70000), "64 KB"), (box(description=5), "description"), (box(id="7"), "id"),
    (mask(b"no PNG at all"), "PNG"), (mask(png()[:40]), "cut off"), (mask(b"x", pack=False), "zlib"),
    (mask(png("RGB")), "alpha"), (mask(bomb(100_000, 100_000)), "65535"),
    (mask(bomb(300, 300)), "outside"), (mask(png(size=(500, 2))), "outside"),
    ({**mask(png()), "bitmap": {"origin": [0], "data": "eA=="}}, "origin"),
    ({**mask(png()), "bitmap": {"origin": [0, 0], "data": "&&&"}}, "base64"),
    ({"classTitle": "a multipolygon", "geometryType": "multipolygon", "parts": []}, "parts"),
    ({"classTitle": "a graph", "geometryType": "graph", "nodes": {}}, "nodes"),
    ({"classTitle": "anything", "geometryType": "cuboid", "points": [[1, 1]], "faces": []}, "faces"),
    ({"classTitle": "a oriented_bbox", "geometryType": "oriented_bbox", "points": [[1, 1], [2, 2]],
      "angle": "x"}, "angle"),
]


@pytest.mark.parametrize("wrong, named", WRONG)
def test_objects_that_are_refused(place, wrong, named):
    """One wrong object among good ones: clear words, and nothing is written."""
    before = place.server.state()
    answer = put(place, annotation(box(), wrong, box()))
    assert answer.status_code == 400, answer.text
    assert named.lower() in answer.text.lower() and "1" in answer.text
    assert place.server.state() == before


def test_a_mask_bomb_ends_at_the_cap(place):
    packed = base64.b64encode(zlib.compress(zlib.compress(b"\0" * 200_000_000))).decode()
    inflated = {**mask(png()), "bitmap": {"origin": [0, 0], "data": base64.b64encode(
        zlib.compress(b"\0" * 200_000_000)).decode()}}
    assert put(place, annotation(inflated)).status_code == 400
    assert put(place, annotation({**inflated, "bitmap": {
        "origin": [0, 0], "data": packed}})).status_code == 400


def test_bounds_can_be_skipped(place):
    assert put(place, annotation(box(-50, -50, 999, 999)), skipBoundsValidation=True).ok
    assert put(place, annotation(box(0, 0, 161, 121))).ok, "one pixel of slack"


@pytest.mark.parametrize("method, body, status", [
    ("annotations.info", {}, 400), ("annotations.info", {"imageId": 10**9}, 404),
    ("annotations.bulk.info", {"imageIds": [10**9]}, 404),
    ("annotations.bulk.info", {"imageIds": "x"}, 400),
    ("annotations.bulk.add", {"datasetId": 1, "annotations": [{"imageId": 10**9, "annotation": {
        "objects": []}}]}, 404),
    ("annotations.bulk.add", {"datasetId": 1, "annotations": [{"annotation": {"objects": []}}]}, 400),
    ("annotations.bulk.add", {"datasetId": 1, "annotations": [{"imageId": 1}]}, 400),
    ("annotations.bulk.add", {"datasetId": 1, "annotations": [{"imageId": 1, "annotation": {}}]}, 400),
    ("annotations.bulk.copy", {"srcImageIds": [1], "destImageIds": []}, 400),
    ("annotations.bulk.copy", {"srcImageIds": [10**9], "destImageIds": [1]}, 404),
    ("figures.bulk.add", {"entityId": 10**9, "figures": [{"classId": 1, "geometryType": "point",
                                                          "geometry": {"points": {"exterior": [[1, 1]]}}}]}, 404),
    ("figures.bulk.add", {"figures": []}, 400), ("figures.bulk.add", {"entityId": 1}, 400),
    ("figures.info", {"id": 10**9}, 404), ("figures.editInfo", {"id": 10**9}, 404),
    ("figures.bulk.remove", {"figureIds": [10**9]}, 404),
    ("figures.priority.update", {"id": 1, "priority": -5}, 400),
    ("figures.list", {"datasetId": 10**9}, 404), ("figures.list", {}, 400),
    ("figures.list", {"datasetId": 1, "filter": [{"field": "geometry", "operator": "=", "value": 1}]}, 400),
    ("image-tags.bulk.add-to-image", {"tagId": 10**9, "ids": [1]}, 400),
    ("image-tags.update-tag-value", {"id": 10**9, "value": 1}, 404),
    ("tags.entities.bulk.add", {"projectId": 1, "tags": [{"tagId": 1}]}, 400),
    ("object-tags.add-to-object", {"tagId": 1, "figureId": 10**9}, 404)])
def test_calls_that_are_refused(server, method, body, status):
    before = server.state()
    answer = server.raw(method, body)
    assert answer.status_code == status, answer.text
    assert server.state() == before


def test_ids_of_other_projects_are_no_ids(place, server):
    """A figure's class, a tag, an image of another dataset: refused, not mixed up."""
    foreign = server.ok("projects.meta", {"id": server.project_id})
    server.ok("projects.meta.update", {"id": server.project_id, "meta": {"classes": [
        {"title": "mine", "shape": "rectangle", "color": "#000000"}], "tags": []}})
    foreign = server.ok("projects.meta", {"id": server.project_id})["classes"]
    mine = next(c["id"] for c in foreign if c["title"] == "mine")
    answer = put(place, annotation({**box(), "classTitle": None, "classId": mine}))
    assert answer.status_code == 400 and "class" in answer.text
    image = place.api.image.get_list(server.dataset_id)[0].id
    assert put(place, annotation(box()), image).status_code == 400


# ---- in a job ----

def test_a_labeler_annotates_through_the_job_alone(place, server):
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset,
                     meta={"entityIds": [place.image]})
    body = {"datasetId": place.dataset, "annotations": [
        {"imageId": place.image, "annotation": annotation(box())}]}
    refused = server.raw("annotations.bulk.add", body, token=labeler.token)
    assert refused.status_code == 404
    head = {"x-job-id": str(job["id"])}
    assert server.raw("annotations.bulk.add", body, token=labeler.token, headers=head).ok
    assert read(place)["objects"][0]["labelerLogin"] == labeler.login
    body["annotations"][0]["imageId"] = place.other
    assert server.raw("annotations.bulk.add", body, token=labeler.token,
                      headers=head).status_code in (403, 404)
    listed = server.raw("figures.list", {"datasetId": place.dataset}, token=labeler.token,
                        headers=head).json()
    assert {f["entityId"] for f in listed["entities"]} == {place.image}
    server.ok("jobs.stop", {"id": job["id"]})
    body["annotations"][0]["imageId"] = place.image
    assert server.raw("annotations.bulk.add", body, token=labeler.token,
                      headers=head).status_code == 404


# ---- definitions that go ----

def test_a_removed_class_takes_its_figures(server):
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("gone"))
    api.project.update_meta(project.id, annotations.meta())
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id))
    dataset = api.dataset.create(project.id, "d")
    image = api.image.upload_np(dataset.id, "a.png", np.zeros((*annotations.SIZE, 3), np.uint8))
    api.annotation.upload_ann(image.id, annotations.annotation(meta))
    before = api.image.get_info_by_id(image.id).labels_count
    api.project.remove_class(project.id, meta.get_obj_class("a line").sly_id)
    api.project.remove_tag(project.id, meta.get_tag_meta("flag").sly_id)
    assert api.image.get_info_by_id(image.id).labels_count == before - 1
    left = server.ok("annotations.info", {"imageId": image.id})["annotation"]
    assert "a line" not in {o["classTitle"] for o in left["objects"]}
    assert "flag" not in {t["name"] for t in left["tags"]}
    server.refused(400, "advanced.object_classes.editInfo", {
        "id": meta.get_obj_class("a point").sly_id, "shape": "polygon"}, field="shape")


def test_an_id_is_never_given_out_twice(place):
    """Verdicts, events and clients keep ids of what is gone."""
    def put():
        return place.server.ok("image-tags.bulk.add-to-image", {
            "tagId": place.tags["text"], "ids": [place.image], "value": "x"})[0]["id"]

    first = put()
    place.server.ok("image-tags.remove-from-image", {"imageId": place.image, "id": first})
    assert put() > first
