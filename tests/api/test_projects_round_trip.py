"""Whole projects through the stock SDK: what goes in comes out."""

import json
import os
import pathlib
import shutil

import numpy as np
import pytest
import supervisely as sly

import annotations
from sdk_helpers import unique


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project on disk: every geometry, every tag type, nested datasets, odd names."""
    root = tmp_path_factory.mktemp("made")
    meta = annotations.meta()
    project = sly.Project(str(root / "p"), sly.OpenMode.CREATE)
    project.set_meta(meta)
    for number, path in enumerate(["ds1", "ds1/datasets/nästed ☃", "ds 2"]):
        dataset = project.create_dataset(path.split("/")[-1], ds_path=path)
        for i in range(3):
            pixels = np.random.RandomState(10 * number + i).randint(
                0, 255, (*annotations.SIZE, 3), dtype=np.uint8)
            sly.image.write(str(root / "x.png"), pixels)
            dataset.add_item_file(f"картинка {i} 'q'.png", str(root / "x.png"),
                                  annotations.annotation(meta))
    return root / "p"


def facts(label):
    geometry = label.geometry.to_json()
    for key in ("labelerLogin", "createdAt", "updatedAt", "id", "classId"):
        geometry.pop(key, None)
    return (label.obj_class.name, json.dumps(geometry, sort_keys=True), label.description,
            [(t.name, t.value) for t in label.tags])


def same_annotation(a, b):
    assert sorted(map(facts, a.labels)) == sorted(map(facts, b.labels))
    assert [(t.name, t.value) for t in a.img_tags] == [(t.name, t.value) for t in b.img_tags]
    assert (a.img_description, a.img_size) == (b.img_description, b.img_size)


def same_project(left, right):
    """The same files with the same image bytes, the same annotations once the SDK has read them."""
    files = {p: {str(f.relative_to(p)) for f in pathlib.Path(p).rglob("*") if f.is_file()}
             for p in (left, right)}
    wanted = {f for f in files[left] if "/img/" in f or "/ann/" in f}
    assert wanted <= files[right], wanted - files[right]
    metas = [sly.ProjectMeta.from_json(sly.json.load_json_file(f"{p}/meta.json"))
             for p in (left, right)]
    assert metas[0] == metas[1]
    for name in wanted:
        a, b = pathlib.Path(left, name), pathlib.Path(right, name)
        if "/img/" in name:
            assert a.read_bytes() == b.read_bytes(), name
        else:
            same_annotation(*(sly.Annotation.from_json(json.loads(f.read_text()), m)
                              for f, m in ((a, metas[0]), (b, metas[1]))))


@pytest.fixture(scope="module")
def uploaded(server, folder):
    return sly.upload_project(str(folder), server.sdk(), server.workspace_id, unique("p"),
                              log_progress=False)[0]


def test_upload_and_download(server, folder, uploaded, tmp_path):
    sly.download_project(server.sdk(), uploaded, str(tmp_path / "q"), log_progress=False)
    same_project(folder, tmp_path / "q")


def test_download_async(server, folder, uploaded, tmp_path):
    sly.download_async(server.sdk(), uploaded, str(tmp_path / "q"), log_progress=False)
    same_project(folder, tmp_path / "q")


def test_download_fast(server, folder, uploaded, tmp_path):
    sly.download_fast(server.sdk(), uploaded, str(tmp_path / "q"), log_progress=False)
    same_project(folder, tmp_path / "q")


def test_annotations_uploaded_the_fast_way(server, folder):
    """Figures, tags and masks in calls of their own, as the SDK's asynchronous upload sends them."""
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("fast"))
    api.project.update_meta(project.id, annotations.meta())
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id))
    dataset = api.dataset.create(project.id, "d")
    pixels = np.zeros((*annotations.SIZE, 3), np.uint8)
    images = [api.image.upload_np(dataset.id, f"{i}.png", pixels + i) for i in range(4)]
    anns = [annotations.annotation(meta)] * 4
    api.annotation.upload_anns_fast([i.id for i in images], anns, dataset.id, log_progress=False)
    wanted = sorted(anns[0].labels, key=lambda x: x.obj_class.name)
    for image in images:
        read = sly.Annotation.from_json(api.annotation.download(image.id).annotation, meta)
        assert sorted((t.name, t.value) for t in read.img_tags) == sorted(
            (t.name, t.value) for t in anns[0].img_tags)
        objects = server.ok("annotations.info", {"imageId": image.id})["annotation"]["objects"]
        for sent, kept in zip(wanted, sorted(objects, key=lambda o: o["classTitle"])):
            assert kept["classTitle"] == sent.obj_class.name
            assert [(t["name"], t.get("value")) for t in kept["tags"]] == [(t.name, t.value) for t in sent.tags]
            # numbers as they were sent: on this way the SDK does not translate them as it does when it reads
            keys = {"points", "nodes", "vertices", "parts", "angle", "bitmap"} & set(sent.geometry.to_json())
            if kept["geometryType"] == "alpha_mask":
                mask = next(x for x in read.labels if x.obj_class.name == "a alpha_mask")
                assert (mask.geometry.data == sent.geometry.data).all()
            else:
                assert keys and {k: kept[k] for k in keys} == {k: sent.geometry.to_json()[k] for k in keys}
    assert api.image.get_info_by_id(images[0].id).labels_count == len(anns[0].labels)


def drawable(project):
    """Leave only what other formats know: polygons, boxes and masks."""
    kept = [c for c in project.meta.obj_classes
            if c.geometry_type in (sly.Polygon, sly.Rectangle, sly.Bitmap)]
    for dataset in project.datasets:
        for name in list(dataset.get_items_names()):
            ann = dataset.get_ann(name, project.meta)
            dataset.set_ann(name, ann.clone(labels=[
                label for label in ann.labels if label.obj_class in kept]))
    return project


def coco(project, out):
    sly.convert.project_to_coco(project, str(out), log_progress=False)
    made = list(out.rglob("*.json"))
    return sum(len(json.loads(f.read_text())["annotations"]) for f in made)


def yolo(project, out):
    sly.convert.project_to_yolo(project, str(out), log_progress=False)
    return sum(len(f.read_text().splitlines()) for f in out.rglob("labels/**/*.txt"))


@pytest.mark.parametrize("convert", [coco, yolo])
def test_the_copy_converts_to_other_formats(server, folder, uploaded, tmp_path, convert):
    """As many objects as the same conversion finds in the original."""
    sly.download_project(server.sdk(), uploaded, str(tmp_path / "q"), log_progress=False)
    shutil.copytree(folder, tmp_path / "p")
    found = [convert(drawable(sly.Project(str(tmp_path / side), sly.OpenMode.READ)), tmp_path / f"{side}-out")
             for side in ("p", "q")]
    assert found[0] == found[1] >= 9


def test_names_metas_and_infos_go_around(server, tmp_path):
    """What stands beside an image in a folder: its meta, and its info, by which it is uploaded without bytes."""
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("metas"), description="d", readme="# r",
                                 custom_data={"a": [1, None]})
    api.project.update_meta(project.id, annotations.meta())
    top = api.dataset.create(project.id, "топ", "first", custom_data={"b": 1})
    below = api.dataset.create(project.id, "nästed ☃", parent_id=top.id)
    pixels = np.random.RandomState(5).randint(0, 255, (*annotations.SIZE, 3), dtype=np.uint8)
    for dataset in (top, below):
        api.image.upload_nps(dataset.id, ["a 'q'.png", "日本.png"], [pixels, pixels + 1],
                             metas=[{"customSort": "b"}, {"n": [1.5, None, "ü"]}])
    for kw in ({}, {"save_images": False, "save_image_info": True}):
        folder = tmp_path / f"with {len(kw)}"
        sly.download_project(api, project.id, str(folder), log_progress=False, save_image_meta=True, **kw)
        assert bool(list(folder.rglob("img/*.png"))) == (not kw)
        copy, _ = sly.upload_project(str(folder), api, server.workspace_id, unique("metas"), log_progress=False)
        tree = [("/".join([*path, d.name]), d) for path, d in api.dataset.tree(copy)]
        assert [path for path, _ in tree] == ["топ", "топ/nästed ☃"]
        for (_, new), old in zip(tree, (top, below)):
            assert [(i.name, i.hash, i.meta) for i in api.image.get_list(new.id, sort="name")] == [
                (i.name, i.hash, i.meta) for i in api.image.get_list(old.id, sort="name")]


def test_statistics_count_what_is_there(server, uploaded):
    stats = server.ok("projects.stats", {"id": uploaded})
    classes = {row["objectClass"]["name"]: row for row in stats["objects"]["items"]}
    assert classes["a polygon"]["total"] == 9 and len(classes["a polygon"]["datasets"]) == 3
    images = {row["objectClass"]["name"]: row["total"] for row in stats["images"]["objectClasses"]}
    assert images["anything"] == 9
    tags = {row["tagMeta"]["name"]: row["total"] for row in stats["imageTags"]["items"]}
    assert tags == {"flag": 9, "number": 9, "text": 9, "choice": 9, "day": 9}
    objects = {row["tagMeta"]["name"]: row["total"] for row in stats["objectTags"]["items"]}
    assert objects["flag"] == 9 * len(annotations.geometries()) and objects["choice"] == 0
    assert stats["images"]["total"] == {"imagesInDataset": 9, "imagesMarked": 9,
                                        "imagesNotMarked": 0}


def test_datasets_and_images_are_copied_with_annotations(server, uploaded):
    api = server.sdk()
    source = api.dataset.get_list(uploaded)[0]
    copy = api.project.create(server.workspace_id, unique("copy"))
    api.project.update_meta(copy.id, api.project.get_meta(uploaded))
    made = api.dataset.copy(copy.id, source.id, "copied", with_annotations=True)
    meta = sly.ProjectMeta.from_json(api.project.get_meta(copy.id))
    for a, b in zip(api.image.get_list(source.id), api.image.get_list(made.id)):
        assert (a.hash, a.name) == (b.hash, b.name)
        same_annotation(*(sly.Annotation.from_json(api.annotation.download(i.id).annotation, meta)
                          for i in (a, b)))


def test_images_are_copied_the_optimised_way(server, uploaded):
    api = server.sdk()
    source = api.dataset.get_list(uploaded)[0]
    target = api.dataset.create(uploaded, unique("d"))
    infos = api.image.get_list(source.id)
    copies = api.image.copy_batch_optimized(source.id, infos, target.id, with_annotations=True)
    assert [c.labels_count for c in api.image.get_list(target.id)] == [
        i.labels_count for i in infos]
    figures = server.ok("figures.list", {"datasetId": target.id})["entities"]
    olds = server.ok("figures.list", {"datasetId": source.id})["entities"]
    assert {f["createdAt"] for f in figures} == {f["createdAt"] for f in olds}
    moved = api.image.move_batch(target.id, [copies[0].id], change_name_if_conflict=True,
                                 with_annotations=True)
    assert api.image.get_info_by_id(copies[0].id) is None
    assert api.image.get_info_by_id(moved[0].id).labels_count == infos[0].labels_count
    assert os.path.splitext(moved[0].name)[1] == ".png"
