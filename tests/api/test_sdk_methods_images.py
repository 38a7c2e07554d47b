"""Methods of the SDK that are about images, annotations and figures, as far as no other test calls them.

Not called: check_existing_links, which asks the servers of the links, upload_medical_images, which cuts volumes
and uploads the slices as all other images, and methods for other data than images."""

import asyncio

import numpy as np
import pytest
import supervisely as sly

import annotations
from pictures import hash_of, picture
from sdk_helpers import ids, names, refused, unique
from test_projects_round_trip import same_annotation

SIZE = annotations.SIZE


def run(work):
    return asyncio.new_event_loop().run_until_complete(work)


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


class Place:
    """A project with definitions of everything, one dataset, and images in it."""

    def __init__(self, server, api):
        self.project = api.project.create(server.workspace_id, unique("images")).id
        api.project.update_meta(self.project, annotations.meta())
        self.meta = sly.ProjectMeta.from_json(api.project.get_meta(self.project))
        self.dataset = api.dataset.create(self.project, "d").id
        self.pixels = [np.random.RandomState(n).randint(0, 255, (*SIZE, 3), dtype=np.uint8) for n in range(4)]
        self.images = api.image.upload_nps(self.dataset, [f"{n}.png" for n in range(4)], self.pixels,
                                           metas=[{"n": n} for n in range(4)])
        self.ids = ids(self.images)

    def figures(self, api, image, kind):
        wanted = self.meta.get_obj_class(f"a {kind}").sly_id
        return [f.id for f in api.image.figure.download(self.dataset, [image]).get(image, []) if f.class_id == wanted]


@pytest.fixture
def place(server, api):
    return Place(server, api)


# ---- in ----

def test_image_arrays(api, place):
    assert names(place.images) == ["0.png", "1.png", "2.png", "3.png"] and [i.meta for i in place.images] == [
        {"n": n} for n in range(4)]
    assert all((a == b).all() for a, b in zip(api.image.download_nps(place.dataset, place.ids), place.pixels))
    refused(400, api.image.upload_nps, place.dataset, ["0.png"], place.pixels[:1])
    again = api.image.upload_nps(place.dataset, ["0.png"], place.pixels[1:2], conflict_resolution="replace")[0]
    assert again.hash == place.images[1].hash and len(api.image.get_list(place.dataset)) == 4


def test_image_folders(api, place, tmp_path):
    for path in ("a/x.png", "a/sub/y.jpg", "b/z.png", "b/ü 4.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(picture(kind="JPEG" if path.endswith("jpg") else "PNG"))
    (tmp_path / "a" / "readme.txt").write_text("no image")
    assert sorted(names(api.image.upload_dir(place.dataset, str(tmp_path / "a")))) == ["x.png", "y.jpg"]
    assert names(api.image.upload_dir(place.dataset, str(tmp_path / "a"), recursive=False)) != ["x.png"], "renamed"
    made = api.image.upload_dirs(place.dataset, [str(tmp_path / "a"), str(tmp_path / "b")])
    assert "ü 4.png" in names(made) and len(api.image.get_list(place.dataset)) == 4 + 2 + 1 + 4


def test_image_multispectral(server, api, place, tmp_path):
    api.project.set_multispectral_settings(place.project)
    channels = [np.full(SIZE, n, np.uint8) for n in range(3)]
    (tmp_path / "rgb.png").write_bytes(picture(size=SIZE[::-1]))
    made = api.image.upload_multispectral(place.dataset, "scene.png", channels, [str(tmp_path / "rgb.png")])
    assert len(made) == 4
    tags = {t["value"] for i in api.image.get_list(place.dataset) for t in i.tags if i.id in ids(made)}
    assert len(tags) == 1, "one group"


def test_image_multiview(api, place, tmp_path):
    api.project.set_multiview_settings(place.project)
    paths = []
    for n in range(2):
        paths.append(str(tmp_path / f"side {n}.png"))
        (tmp_path / f"side {n}.png").write_bytes(picture())
    made = api.image.upload_multiview_images(place.dataset, "car", paths, metas=[{"a": 1}, {"a": 2}])
    api.image.group_images_for_multiview(place.ids[:2], "bus")
    groups = {i.name: [t["value"] for t in i.tags] for i in api.image.get_list(place.dataset)}
    assert [groups[i.name] for i in made] == [["car"], ["car"]] and groups["0.png"] == groups["1.png"] == ["bus"]
    assert groups["2.png"] == []
    labels = [sly.Label(sly.Rectangle(1, 1, 9, 9), place.meta.get_obj_class("a rectangle"))] * 2
    api.annotation.append_labels_group(place.dataset, place.ids[:2], labels)
    keys = []
    for image in place.ids[:2]:
        [one] = api.annotation.download_json(image)["objects"]
        keys.append([t["value"] for t in one["tags"]])
    assert keys[0] == keys[1] and len(keys[0]) == 1, "both are one object"


def test_image_overlays(api, place, tmp_path):
    api.project.set_overlay_settings(place.project) if hasattr(api.project, "set_overlay_settings") else None
    for name in ("base.png", "over 1.png", "over 2.png"):
        (tmp_path / name).write_bytes(picture())
    base, overlays = api.image.upload_overlay_images(
        place.dataset, ["base.png"], [str(tmp_path / "base.png")], overlay_names=[["over 1.png", "over 2.png"]],
        overlay_paths=[[str(tmp_path / "over 1.png"), str(tmp_path / "over 2.png")]])
    assert names(base) == ["base.png"] and [names(group) for group in overlays] == [["over 1.png", "over 2.png"]]
    assert {i.parent_id for i in overlays[0]} == {base[0].id}


# ---- out ----

def test_image_downloads(api, place, tmp_path):
    wanted = dict(zip(place.ids, place.pixels))
    contents = dict(zip(place.ids, api.image.download_bytes(place.dataset, place.ids)))
    for image, pixels in api.image.download_nps_generator(place.dataset, place.ids):
        assert (wanted[image] == pixels).all()
    hashes = [i.hash for i in place.images]
    for pixels, got in zip(place.pixels, api.image.download_nps_by_hashes(hashes)):
        assert (pixels == got).all()
    by_hash = dict(zip(hashes, place.pixels))
    assert all((by_hash[h] == got).all() for h, got in api.image.download_nps_by_hashes_generator(hashes))
    assert (run(api.image.download_np_async(place.ids[0])) == place.pixels[0]).all()
    for pixels, got in zip(place.pixels, run(api.image.download_nps_async(place.ids))):
        assert (pixels == got).all()
    assert run(api.image.download_bytes_many_async(place.ids)) == [contents[i] for i in place.ids]
    run(api.image.download_path_async(place.ids[1], str(tmp_path / "x.png")))
    assert (tmp_path / "x.png").read_bytes() == contents[place.ids[1]]
    run(api.image.download_path_async(place.ids[1], str(tmp_path / "part"), range_start=3, range_end=12))
    assert (tmp_path / "part").read_bytes() == contents[place.ids[1]][3:13]

    async def generated():
        return {i: c async for i, c in api.image.download_bytes_generator_async(place.dataset, place.ids)}
    assert run(generated()) == contents


def test_image_lists(api, place):
    async def pages(per_page):
        return [names(page) async for page in api.image.get_list_generator_async(place.dataset, per_page=per_page)]
    assert sorted(sum(run(pages(3)), [])) == names(place.images)
    assert [names(page) for page in api.image.get_list_generator(place.dataset, batch_size=3)] == [
        ["0.png", "1.png", "2.png"], ["3.png"]]
    info = place.images[0]
    assert api.image.storage_url(info.path_original).endswith(info.path_original)
    assert hash_of(api._session.get(info.full_storage_url, headers=api.headers).content if hasattr(api, "_session")
                   else api.image.download_bytes(place.dataset, [info.id])[0]) == info.hash


# ---- changes ----

def test_image_custom_sort(api, place):
    api.image.set_custom_sort(place.ids[0], "z")
    assert api.image.get_info_by_id(place.ids[0]).meta == {"n": 0, "customSort": "z"}
    meta = api.image.update_custom_sort({"a": 1}, "y")
    assert api.image.edit(place.ids[1], meta=meta).meta == {"a": 1, "customSort": "y"}
    with api.image.add_custom_sort(key="order"):
        made = api.image.upload_nps(place.dataset, ["x.png"], place.pixels[:1], metas=[{"order": "a"}])
    assert made[0].meta["customSort"] == "a"
    listed = api.image.get_list(place.dataset, sort="customSort")
    assert [i.name for i in listed if "customSort" in i.meta] == ["x.png", "1.png", "0.png"]


def test_image_audio_references(server, api, place, tmp_path):
    (tmp_path / "note.mp3").write_bytes(b"ID3" + bytes(100))
    reference = api.image.upload_audio_reference(place.ids[0], server.team_id, str(tmp_path / "note.mp3"))
    assert api.image.get_info_by_id(place.ids[0]).meta["audio"][0]["url"] == reference.url
    assert api.image.get_info_by_id(place.ids[0]).meta["n"] == 0, "beside what was there"


def test_image_tags_of_several(api, place):
    tag = place.meta.get_tag_meta("text")
    api.image.add_tag_batch(place.ids, tag.sly_id, "v", tag_meta=tag)
    assert [[t["value"] for t in i.tags] for i in api.image.get_list(place.dataset)] == [["v"]] * 4
    number = place.meta.get_tag_meta("number").sly_id
    made = api.image.tag.add_to_entities_json(place.project, [
        {"tagId": number, "entityId": i, "value": n} for n, i in enumerate(place.ids)])
    assert len(set(made)) == 4
    assert [i.tags[1]["value"] for i in api.image.get_list(place.dataset)] == [0, 1, 2, 3]
    before = [i.tags for i in api.image.get_list(place.dataset)]
    for bad in ("x", True, None, [1]):
        refused(400, api.image.tag.add_to_entities_json, place.project, [
            {"tagId": number, "entityId": place.ids[0], "value": 5},
            {"tagId": number, "entityId": place.ids[1], "value": bad}])
    refused(400, api.image.add_tag_batch, place.ids, place.meta.get_tag_meta("choice").sly_id, "huge")
    refused(400, api.image.add_tag_batch, place.ids, place.meta.get_tag_meta("flag").sly_id, "x")
    refused(400, api.image.add_tag_batch, place.ids, place.meta.get_tag_meta("day").sly_id, 5)
    assert [i.tags for i in api.image.get_list(place.dataset)] == before


@pytest.mark.parametrize("with_annotations", [True, False])
def test_images_move(api, place, with_annotations):
    api.annotation.upload_anns(place.ids, [annotations.annotation(place.meta)] * 4)
    target = api.dataset.create(place.project, "target").id
    infos = api.image.get_list(place.dataset)
    moved = api.image.move_batch_optimized(place.dataset, infos[:2], target, with_annotations=with_annotations)
    assert names(moved) == ["0.png", "1.png"] and names(api.image.get_list(place.dataset)) == ["2.png", "3.png"]
    moved += api.image.move_batch(target, ids(infos[2:]), with_annotations=with_annotations)
    there = api.image.get_list(target)
    assert [i.hash for i in there] == [i.hash for i in infos] and api.image.get_list(place.dataset) == []
    assert [i.labels_count for i in there] == [i.labels_count if with_annotations else 0 for i in infos]
    assert [len(i.tags) for i in there] == [len(i.tags) if with_annotations else 0 for i in infos]
    counts = {d.name: d.images_count for d in api.dataset.get_list(place.project)}
    assert counts == {"d": 0, "target": 4} and api.project.get_info_by_id(place.project).images_count == 4


# ---- annotations ----

def test_annotation_json(api, place):
    made = annotations.annotation(place.meta).to_json()
    made["objects"] = [o for o in made["objects"] if o["geometryType"] not in ("alpha_mask", "multipolygon")]
    api.annotation.upload_jsons(place.ids, [made] * 4)
    read = [sly.Annotation.from_json(a, place.meta)
            for a in api.annotation.download_json_batch(place.dataset, place.ids)]
    sent = sly.Annotation.from_json(made, place.meta)
    for ann in read:
        same_annotation(ann, sent)
    assert api.annotation.download_json(place.ids[0])["objects"] == api.annotation.download_json_batch(
        place.dataset, place.ids[:1])[0]["objects"]


def test_annotation_batches(api, place):
    ann = annotations.annotation(place.meta)
    run(api.annotation.upload_anns_async(place.ids[:2], [ann, ann], place.dataset, log_progress=False))
    api.annotation.copy_batch_by_ids(place.ids[:2], place.ids[2:])
    read = {a.image_id: a for a in api.annotation.download_batch(place.dataset, place.ids)}
    fetched = {a.image_id: a for a in run(api.annotation.download_batch_async(place.dataset, place.ids))}
    bulk = {a.image_id: a for a in run(api.annotation.download_bulk_async(place.dataset, place.ids))}
    assert set(read) == set(fetched) == set(bulk) == set(place.ids)
    first = sly.Annotation.from_json(read[place.ids[0]].annotation, place.meta)
    assert len(first.labels) == len(ann.labels) and len(first.img_tags) == len(ann.img_tags)
    for image in place.ids:
        for other in (read, fetched, bulk):
            same_annotation(sly.Annotation.from_json(other[image].annotation, place.meta), first)
    # the date of the source is kept when that is asked for, which is the default
    dates = [sorted(o["createdAt"] for o in read[i].annotation["objects"]) for i in (place.ids[0], place.ids[2])]
    assert dates[0] == dates[1]


# ---- figures ----

def test_figure_geometries(server, api, place):
    api.annotation.upload_anns(place.ids, [annotations.annotation(place.meta)] * 4)
    masks = [place.figures(api, image, "alpha_mask")[0] for image in place.ids]
    sent = annotations.geometries()["alpha_mask"].to_json()["bitmap"]
    assert api.image.figure.download_geometries_batch(masks) == [sent] * 4
    assert run(api.image.figure.download_geometries_batch_async(masks)) == [sent] * 4
    assert api.image.figure.download_geometry(masks[0]) == [sent]
    moved = {**sent, "origin": [3, 4]}
    api.image.figure.upload_geometry(masks[0], moved)
    api.image.figure.upload_geometries_batch(masks[1:2], [moved])
    run(api.image.figure.upload_geometries_batch_async(masks[2:], [moved, sent]))
    assert api.image.figure.download_geometries_batch(masks) == [moved, moved, moved, sent]
    infos = api.image.figure.get_by_ids(place.dataset, masks[:2])
    assert ids(infos) == masks[:2] and {i.entity_id for i in infos} == set(place.ids[:2])
    before = server.state()
    for bad in ({**sent, "origin": ["x", 1]}, {"data": sent["data"]}, {**sent, "data": "&"}, []):
        refused(400, api.image.figure.upload_geometries_batch, masks[2:], [moved, bad])
    refused(404, api.image.figure.upload_geometries_batch, [masks[3], 1 << 40], [moved, moved])
    refused(404, api.image.figure.download_geometries_batch, [masks[3], 1 << 40])
    assert server.state() == before


def test_figure_tags_of_several(api, place):
    ann = annotations.annotation(place.meta)
    api.annotation.upload_anns(place.ids[:1], [ann])
    boxes = place.figures(api, place.ids[0], "point") + place.figures(api, place.ids[0], "line")
    tag = place.meta.get_tag_meta("text")
    added = api.image.tag.add_tags_collection_to_objects(place.project, {
        f: sly.TagCollection([sly.Tag(tag, f"of {f}")]) for f in boxes})
    assert len(added) == 2
    values = {f.id: [t.get("value") for t in f.tags if t["tagId"] == tag.sly_id]
              for f in api.image.figure.get_by_ids(place.dataset, boxes)}
    assert values == {f: [f"of {f}"] for f in boxes}


# ---- the binary form of projects ----

def test_project_in_one_file(server, api, place, tmp_path):
    api.annotation.upload_anns(place.ids, [annotations.annotation(place.meta)] * 4)
    below = api.dataset.create(place.project, "below ☃", parent_id=place.dataset)
    api.image.copy_batch(below.id, place.ids[:2], with_annotations=True)
    file = sly.Project.download_bin(api, place.project, str(tmp_path), log_progress=False)
    made = sly.Project.upload_bin(api, file, server.workspace_id, unique("bin"), log_progress=False)
    tree = [("/".join([*path, d.name]), d) for path, d in api.dataset.tree(made.id)]
    assert [path for path, _ in tree] == ["d", "d/below ☃"]
    meta = sly.ProjectMeta.from_json(api.project.get_meta(made.id))
    assert meta == place.meta
    for (_, new), old in zip(tree, (place.dataset, below.id)):
        olds, news = api.image.get_list(old), api.image.get_list(new.id)
        assert [(i.name, i.hash, i.meta, i.labels_count) for i in olds] == [
            (i.name, i.hash, i.meta, i.labels_count) for i in news]
        for a, b in zip(olds, news):  # the file has all but descriptions
            anns = [sly.Annotation.from_json(api.annotation.download(i.id).annotation, m)
                    for i, m in ((a, place.meta), (b, meta))]
            same_annotation(*(ann.clone(labels=[x.clone(description="") for x in ann.labels], img_description="")
                              for ann in anns))
