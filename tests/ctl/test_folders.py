"""Project folders: what labelctl writes the stock SDK reads, and the other way round; resuming."""

import json
import shutil
import subprocess

import pytest
import supervisely as sly

import annotations
import labeld
import liblabel
from labelctl import Ctl
from sdk_helpers import unique

# what a server adds to objects and tags, and ids, which differ from project to project
OWN = {"id", "shape", "classId", "tagId", "labelerLogin", "createdAt", "updatedAt", "name@", "entityId", "figureId", "customData",
       "nnCreated", "nnUpdated", "objectId", "priority", "meta", "trackId", "status", "instance", "smartToolInput"}


@pytest.fixture(scope="module")
def server():
    s = labeld.Server().start()
    yield s
    s.close()


@pytest.fixture
def ctl(server, tmp_path):
    return Ctl(server, tmp_path, WORKSPACE_ID=server.workspace_id)


def bare(value):
    """JSON without what a server makes up."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in sorted(value.items()) if k not in OWN}
    return [bare(v) for v in value] if isinstance(value, list) else value


def contents(folder):
    """{dataset: {image: (bytes, annotation)}} of a project folder, as the SDK reads it."""
    project = sly.Project(str(folder), sly.OpenMode.READ)
    return {d.name: {n: (open(d.get_item_paths(n).img_path, "rb").read(),
                         unordered(bare(json.load(open(d.get_item_paths(n).ann_path))))) for n in d} for d in project}


def unordered(annotation):
    """The SDK sends multipolygons and alpha masks after the others."""
    return {**annotation, "objects": sorted(annotation["objects"], key=lambda o: json.dumps(o, sort_keys=True))}


def geometry_lists(contents_):
    return {(d, n): sorted((json.dumps(o, sort_keys=True) for o in ann["objects"]))
            for d, images in contents_.items() for n, (_, ann) in images.items()}


def make_folder(path, meta):
    """A folder by the SDK: datasets in datasets, an object of each shape, tags on images and objects."""
    project = sly.Project(str(path), sly.OpenMode.CREATE)
    project.set_meta(meta)
    images = liblabel.image_files(path.parent / f"{path.name}-images", 6, annotations.SIZE)
    everything = [sly.Label(g, meta.get_obj_class(f"a {name}")) for name, g in annotations.geometries().items()]
    for i, (name, where) in enumerate((("top", "top"), ("below", "top/datasets/below"), ("other", "other"))):
        dataset = project.create_dataset(name, where)
        for k, image in enumerate(images[2 * i:2 * i + 2]):
            tags = [sly.Tag(meta.get_tag_meta("quality"), value="good")] if k else []
            ann = sly.Annotation(annotations.SIZE, everything if k == 0 else everything[i:i + 2], tags)
            dataset.add_item_file(image.name, str(image), ann)
    return project


def folder_meta():
    shapes = {n: type(g) for n, g in annotations.geometries().items()}
    return sly.ProjectMeta(
        [sly.ObjClass(f"a {n}", s, geometry_config=annotations.template() if n == "graph" else None)
         for n, s in shapes.items()],
        [sly.TagMeta("quality", sly.TagValueType.ONEOF_STRING, possible_values=["good", "bad"])])


@pytest.fixture
def source(tmp_path):
    make_folder(tmp_path / "source", folder_meta())
    return tmp_path / "source"


def test_upload_is_what_the_sdk_uploads(server, ctl, source, tmp_path):
    """Both upload the folder; the SDK downloads both; they are the same, and the same as the folder."""
    api = server.sdk()
    (done,) = ctl.json("project upload", source, "--name", unique("ctl"))
    by_sdk, _ = sly.upload_project(str(source), api, server.workspace_id, unique("sdk"), log_progress=False)
    got = {}
    for name, project in (("ctl", done["id"]), ("sdk", by_sdk)):
        sly.download_project(api, project, str(tmp_path / name), log_progress=False)
        got[name] = contents(tmp_path / name)
    assert set(got["ctl"]) == {"top", "top/below", "other"}
    assert got["ctl"] == got["sdk"]
    assert geometry_lists(got["ctl"]) == geometry_lists(contents(source))
    assert sly.Project(str(tmp_path / "ctl"), sly.OpenMode.READ).meta == sly.Project(
        str(tmp_path / "sdk"), sly.OpenMode.READ).meta


def test_download_is_what_the_sdk_downloads(server, ctl, source, tmp_path):
    api = server.sdk()
    project, _ = sly.upload_project(str(source), api, server.workspace_id, unique("sdk"), log_progress=False)
    sly.download_project(api, project, str(tmp_path / "sdk"), log_progress=False)
    ctl.run("project download", project, tmp_path / "ctl")
    assert contents(tmp_path / "ctl") == contents(tmp_path / "sdk")
    ours, theirs = (json.load(open(tmp_path / n / "meta.json")) for n in ("ctl", "sdk"))
    assert ours["projectSettings"] == theirs["projectSettings"]
    assert sly.ProjectMeta.from_json(ours) == sly.ProjectMeta.from_json(theirs)
    assert not list((tmp_path / "ctl").rglob("*.part"))


def test_fractions_of_pixels_become_the_sdks_pixels(server, ctl, tmp_path):
    """Boxes drawn in a labeling tool do not end where pixels do: both round the same way."""
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("p"))
    dataset = api.dataset.create(project.id, "ds")
    api.project.update_meta(project.id, sly.ProjectMeta([sly.ObjClass("box", sly.Rectangle), sly.ObjClass("area", sly.Polygon)]))
    image = api.image.upload_id(dataset.id, "a.jpeg", api.image.get_list(server.dataset_id)[0].id)
    edges = [0, 1.2, 1.69, 1.7, 2.3, 2.29, 3.31, 5.75]
    boxes = [[[a, b], [a + w, b + 2 * w]] for a in edges for b in edges for w in (0.1, 0.3, 1, 1.55)]
    server.ok("annotations.bulk.add", {"datasetId": dataset.id, "annotations": [{"imageId": image.id, "annotation": {
        "description": "", "tags": [], "size": {"height": image.height, "width": image.width}, "objects": [
            {"classTitle": "box", "geometryType": "rectangle", "points": {"exterior": b, "interior": []}} for b in boxes] + [
            {"classTitle": "area", "geometryType": "polygon", "points": {
                "exterior": [[0.5, 0.5], [image.width, 3.99], [7.01, image.height]], "interior": []}}]}}]})
    sly.download_project(api, project.id, str(tmp_path / "sdk"), log_progress=False)
    ctl.run("project download", project.id, tmp_path / "ctl")
    assert contents(tmp_path / "ctl") == contents(tmp_path / "sdk")
    assert len(contents(tmp_path / "ctl")["ds"]["a.jpeg"][1]["objects"]) == len(boxes) + 1


def test_settings_and_image_metas_come_along(server, ctl, source, tmp_path):
    api = server.sdk()
    (source / "top/meta").mkdir()
    (source / "top/meta/img_0001.png.json").write_text('{"camera": "left"}')
    meta = json.load(open(source / "meta.json"))
    meta["projectSettings"] = {"multiView": {"enabled": True, "tagName": "quality", "tagId": None, "isSynced": True}}
    (source / "meta.json").write_text(json.dumps(meta))
    (done,) = ctl.json("project upload", source, "--name", unique("p"))
    settings = api.project.get_settings(done["id"])
    tag = api.project.get_meta(done["id"])["tags"][0]["id"]
    assert (settings["groupImages"], settings["groupImagesByTagId"], settings["groupImagesSync"]) == (True, tag, True)
    ctl.run("project download", done["id"], tmp_path / "down", "--image-meta")
    assert json.load(open(tmp_path / "down/top/meta/img_0001.png.json")) == {"camera": "left"}
    assert len(list((tmp_path / "down").rglob("meta/*.json"))) == 1
    again = json.load(open(tmp_path / "down/meta.json"))["projectSettings"]["multiView"]
    assert again == {"enabled": True, "tagName": "quality", "tagId": tag, "isSynced": True}


def test_upload_resumes(server, ctl, source):
    """Images that were there are not made again, their annotations are completed, and what somebody
    has drawn meanwhile stays."""
    api = server.sdk()
    name = unique("p")
    project = api.project.create(server.workspace_id, name)
    dataset = api.dataset.create(project.id, "top")
    meta = sly.ProjectMeta.from_json(json.load(open(source / "meta.json")))
    api.project.update_meta(project.id, meta)
    there = [api.image.upload_path(dataset.id, f"img_000{i}.png", str(source / f"top/img/img_000{i}.png")) for i in (0, 1)]
    drawn = sly.Annotation(annotations.SIZE, [sly.Label(sly.Rectangle(1, 1, 9, 9), meta.get_obj_class("a rectangle"))])
    api.annotation.upload_ann(there[1].id, drawn)
    ctl.refused(6, "project upload", source, "--name", name, text="--resume")
    done = ctl.run("project upload", source, "--name", name, "--resume")
    assert "3 datasets, 6 images, 4 of them sent, 5 annotations sent" in done.stdout
    images = api.image.get_list(dataset.id)
    assert sorted(i.id for i in images) == sorted(i.id for i in there)
    assert {i.name: i.labels_count for i in images} == {"img_0000.png": 10, "img_0001.png": 1}
    state = server.state()
    done = ctl.run("project upload", source, "--project", project.id, "--resume")
    assert "0 of them sent, 0 annotations sent" in done.stdout
    same = {t for t, rows in server.state().items() if rows != state[t]}
    assert not same & {"image", "figure", "dataset"}


def test_upload_sends_what_has_changed(server, ctl, source):
    """A file whose bytes are others, of the same size, replaces its image, with its annotation; the others
    are left alone."""
    (done,) = ctl.json("project upload", source, "--name", unique("p"))
    api = server.sdk()
    dataset = next(d.id for d in api.dataset.get_list(done["id"]) if d.name == "other")
    before = {i.name: i for i in api.image.get_list(dataset)}
    path = source / "other/img/img_0004.png"
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1  # the checksum of the last chunk, which no decoder minds
    path.write_bytes(changed)
    done = ctl.run("project upload", source, "--project", done["id"], "--resume")
    assert "6 images, 1 of them sent, 1 annotations sent" in done.stdout
    assert "1 images were there with other bytes, and were replaced" in done.stderr
    after = {i.name: i for i in api.image.get_list(dataset)}
    assert after["img_0005.png"] == before["img_0005.png"] and set(after) == set(before)
    assert api.image.download_bytes(dataset, [after["img_0004.png"].id])[0] == bytes(changed)
    assert after["img_0004.png"].hash == sly.fs.get_file_hash(str(path)) != before["img_0004.png"].hash
    assert after["img_0004.png"].labels_count == before["img_0004.png"].labels_count > 0


def test_upload_refuses_what_is_there(server, ctl, source):
    (done,) = ctl.json("project upload", source, "--name", unique("p"))
    ctl.refused(6, "project upload", source, "--project", done["id"], text="taken")
    assert server.sdk().project.get_info_by_id(done["id"]).items_count == 6


def test_download_resumes(server, ctl, source, tmp_path):
    """What is there is not fetched again, what is missing or cut is; annotations are those of now."""
    (done,) = ctl.json("project upload", source, "--name", unique("p"))
    down = tmp_path / "down"
    ctl.run("project download", done["id"], down)
    before = contents(down)
    ctl.refused(1, "project download", done["id"], down, text="--resume")
    kept = down / "top/img/img_0000.png"
    stamp = kept.stat().st_mtime_ns
    (down / "top/img/img_0001.png").unlink()
    (down / "other/img/img_0004.png").write_bytes(b"cut")
    size = (down / "other/img/img_0005.png").stat().st_size
    (down / "other/img/img_0005.png").write_bytes(b"x" * size)  # of the right size, but other bytes
    (down / "other/ann/img_0005.png.json").unlink()
    shutil.rmtree(down / "top/datasets")
    text = ctl.run("project download", done["id"], down, "--resume").stdout
    assert "3 datasets, 6 images, 1 of them were there" in text
    assert kept.stat().st_mtime_ns == stamp and contents(down) == before


@pytest.fixture
def remote(server, tmp_path):
    """A project with an image here and one that is only a link, both annotated."""
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("p"))
    meta = sly.ProjectMeta([sly.ObjClass("box", sly.Rectangle)])
    api.project.update_meta(project.id, meta)
    dataset = api.dataset.create(project.id, "ds")
    here = api.image.upload_path(dataset.id, "here.png", str(liblabel.image_files(tmp_path / "made", 1, (20, 30))[0]))
    away = api.image.upload_link(dataset.id, "away.jpg", "http://127.0.0.1:9/away.jpg", meta={"camera": "left"},
                                 force_metadata_for_links=False)
    for image in (here, away):
        server.ok("annotations.bulk.add", {"datasetId": dataset.id, "annotations": [{"imageId": image.id, "annotation": {
            "description": "", "tags": [], "size": {"height": 20, "width": 30}, "objects": [{
                "classTitle": "box", "geometryType": "rectangle", "tags": [], "points": {
                    "exterior": [[1, 2], [9, 8]], "interior": []}}]}}]})
    return project.id


def test_remote_images_are_recorded_as_the_sdk_does(server, ctl, remote, tmp_path):
    """The stock SDK writes the same folder when it is asked for records instead of bytes; uploaded, a link is a
    link again, with its meta and annotation."""
    api = server.sdk()
    sly.download_project(api, remote, str(tmp_path / "sdk"), log_progress=False, save_images=False, save_image_info=True)
    ctl.run("project download", remote, tmp_path / "bare", "--no-images", "--image-info")
    for name in ("here.png", "away.jpg"):
        for part in ("img_info", "ann"):
            ours, theirs = (json.load(open(tmp_path / who / f"ds/{part}/{name}.json")) for who in ("bare", "sdk"))
            assert list(ours) == list(theirs) and ours == theirs
    done = ctl.run("project download", remote, tmp_path / "down")
    assert "1 images are remote" in done.stderr and "1 datasets, 2 images" in done.stdout
    assert [p.name for p in (tmp_path / "down/ds/img").iterdir()] == ["here.png"]
    assert [p.name for p in (tmp_path / "down/ds/img_info").iterdir()] == ["away.jpg.json"]
    (done,) = ctl.json("project upload", tmp_path / "down", "--name", (name := unique("p")))
    (dataset,) = api.dataset.get_list(done["id"])
    images = {i.name: i for i in api.image.get_list(dataset.id, force_metadata_for_links=False)}
    assert images["away.jpg"].link == "http://127.0.0.1:9/away.jpg" and images["away.jpg"].meta == {"camera": "left"}
    assert images["here.png"].link is None and images["here.png"].hash
    assert {i.labels_count for i in images.values()} == {1}
    done = ctl.run("project upload", tmp_path / "down", "--name", name, "--resume")
    assert "2 images, 0 of them sent, 0 annotations sent" in done.stdout


def test_a_record_that_names_no_place_is_refused(ctl, remote, tmp_path):
    ctl.run("project download", remote, tmp_path / "down")
    path = tmp_path / "down/ds/img_info/away.jpg.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "link": None, "id": None}))
    ctl.refused(1, "project upload", tmp_path / "down", "--name", unique("p"), text="away.jpg.json holds neither link")
    path.write_text("{")
    ctl.refused(1, "project upload", tmp_path / "down", "--name", unique("p"), text="away.jpg.json")


def test_download_without_images(server, ctl, source, tmp_path):
    (done,) = ctl.json("project upload", source, "--name", unique("p"))
    ctl.run("project download", done["id"], tmp_path / "down", "--no-images")
    assert len(list((tmp_path / "down").rglob("ann/*.json"))) == 6
    assert not list((tmp_path / "down").rglob("*.png"))


@pytest.mark.parametrize("spoil, text", [
    (lambda f: (f / "meta.json").write_text("{"), "meta.json"),
    (lambda f: (f / "meta.json").unlink(), "meta.json"),
    (lambda f: (f / "meta.json").write_text("[]"), "no JSON object"),
    (lambda f: (f / "top/ann/img_0000.png.json").write_text("nonsense"), "img_0000.png.json"),
    (lambda f: (f / "top/img/img_0000.png").write_text("no image"), "img_0000.png"),
    (lambda f: (f / "top/ann/img_0000.png.json").write_text(
        (f / "top/ann/img_0000.png.json").read_text().replace("a rectangle", "unheard")), "unheard"),
])
def test_upload_of_a_bad_folder(server, ctl, source, spoil, text):
    """Refused with the file or the class named, and what came before can be gone on with."""
    spoil(source)
    name = unique("p")
    done = ctl.start("project upload", source, "--name", name, stderr=-1, stdout=-1, text=True)
    out, err = done.communicate(timeout=60)
    assert done.returncode in (1, 6) and text in err and out == "", (done.returncode, err)
    project = server.sdk().project.get_info_by_name(server.workspace_id, name)
    assert (project is None) == ("meta.json" in text or "object" in text)


def test_old_annotation_names_and_strangers(server, ctl, source):
    """ann/STEM.json as of old; images without an annotation; files that are no images are left out."""
    (source / "top/ann/img_0000.png.json").rename(source / "top/ann/img_0000.json")
    (source / "top/ann/img_0001.png.json").unlink()
    (source / "top/img/notes.txt").write_text("x")
    (source / "top/img/.hidden.png").write_text("x")
    done = ctl.run("project upload", source, "--name", (name := unique("p")))
    assert "notes.txt is no image" in done.stderr
    api = server.sdk()
    dataset = api.dataset.get_list(api.project.get_info_by_name(server.workspace_id, name).id)
    images = api.image.get_list(next(d.id for d in dataset if d.name == "top"))
    assert {i.name: i.labels_count for i in images} == {"img_0000.png": 10, "img_0001.png": 0}


def test_names_that_lead_out_of_the_folder(ctl, tmp_path):
    """A server that names an image ../../x writes nowhere but into the folder."""
    image = {"id": 1, "name": "../../../out.png", "size": 3, "labelsCount": 0, "tags": [], "datasetId": 1}
    page = {"total": 1, "perPage": 50, "pagesCount": 1}
    answers = {"projects.meta": {"classes": [], "tags": []}, "projects.info": {"id": 1, "settings": {}},
               "datasets.list": {**page, "entities": [{"id": 1, "name": "ds", "projectId": 1, "imagesCount": 1}]},
               "images.list": {**page, "entities": [image]}}
    asked = []

    def act(request, _conn):
        asked.append(request.method)
        return liblabel.answer(200, answers.get(request.method, {}))
    with liblabel.Misbehaving(act) as evil:
        done = ctl.refused(1, "project download", 1, tmp_path / "down/deep", text="none for a file",
                           env={"SERVER_ADDRESS": evil.url})
        assert "images.list" in asked and "images.download" not in asked, done.stderr
        answers["datasets.list"]["entities"][0]["name"] = ".."
        ctl.refused(1, "project download", 1, tmp_path / "two/deep", text="none for a folder",
                    env={"SERVER_ADDRESS": evil.url})
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.slow
def test_valgrind_finds_nothing(server, ctl, source, tmp_path):
    """In transfers, with their threads; the release build, as sanitizers and valgrind exclude each other."""
    def run(*args):
        done = subprocess.run(
            ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
             "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=9", "--track-fds=yes",
             labeld.ROOT / "build/release/labelctl/labelctl", *map(str, args), "--json"],
            env=ctl.env, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)[0]

    name = unique("p")
    made = run("project", "upload", source, "--name", name)
    run("project", "upload", source, "--name", name, "--resume")
    run("project", "download", made["id"], tmp_path / "down", "--image-info")
    run("project", "download", made["id"], tmp_path / "down", "--resume")
    assert set(contents(tmp_path / "down")) == {"top", "top/below", "other"}
