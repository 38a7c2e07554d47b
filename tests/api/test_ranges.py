"""Images within files of teams: one archive is uploaded, its images are ranges of it."""

import asyncio
import hashlib
import io
import os
import secrets
import tarfile

import pytest
import requests
import supervisely as sly

import annotations
import labeld
from sdk_helpers import names, refused, unique
from pictures import hash_of, picture
from test_projects_round_trip import same_annotation

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script></svg>"


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def dataset(server):
    return make_dataset(server, server.project()["id"])


def make_dataset(server, project):
    return server.ok("datasets.add", {"projectId": project, "name": secrets.token_hex(4)})["id"]


def put(server, content, path=None, team=None, **kw):
    """A file of the team; its id."""
    return server.ok("file-storage.upload", content, params={
        "teamId": team or server.team_id, "path": path or f"/{secrets.token_hex(4)}/a.tar"},
        headers={"content-type": "application/octet-stream"}, **kw)["id"]


def add(dataset, file, start, end, title=None, **more):
    """The body of a call that makes an image of a range."""
    return {"datasetId": dataset, "images": [{"title": title or secrets.token_hex(4), "teamFileId": file,
            "sourceBlob": {"offsetStart": start, "offsetEnd": end}, **more}]}


def archive(path, contents):
    """A tar archive of these files by name; where each of them is in it."""
    with tarfile.open(path, "w") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with tarfile.open(path) as tar:
        return {m.name: (m.offset_data, m.offset_data + m.size) for m in tar.getmembers()}


def files(server):
    """All blobs that have a file."""
    return {p.name for p in (server.dir / "blobs").rglob("*") if len(p.name) == 64}


def sweep(server):
    """Sweep as if all files were old; how many went."""
    for path in (server.dir / "blobs").rglob("*"):
        os.utime(path, (0, 0))
    return int(labeld.run("sweep", "--data", server.dir, "--hours", "0").stdout.split("=")[1])


@pytest.fixture(scope="module")
def contents():
    made = {f"картинка {n}.{kind.lower()}": picture(kind=kind) for n, kind in
            enumerate(["PNG", "JPEG", "WEBP", "PNG"])}
    return {**made, "same again.png": next(iter(made.values()))}


@pytest.fixture(scope="module")
def blob(server, api, contents, tmp_path_factory):
    """The archive as a file of the team, with the file of offsets that the SDK makes beside it."""
    root = tmp_path_factory.mktemp("blob")
    where = archive(root / "many.tar", contents)
    offsets = sly.fs.save_blob_offsets_pkl(str(root / "many.tar"), str(root))
    folder = f"/{unique('blob')}"
    file = api.file.upload(server.team_id, str(root / "many.tar"), f"{folder}/many.tar")
    api.file.upload(server.team_id, offsets, f"{folder}/{os.path.basename(offsets)}")
    return file, where, (root / "many.tar").read_bytes()


def test_images_are_made_of_an_archive(server, api, dataset, blob, contents, tmp_path):
    file, where, whole = blob
    api.image.upload_blob_images(dataset, file)
    infos = api.image.get_list(dataset)
    assert names(infos) == list(contents)
    for info in infos:
        content = contents[info.name]
        assert (info.hash, info.size, info.width, info.height) == (hash_of(content), len(content), 40, 30)
        assert info.mime.split("/")[1] == info.name.split(".")[1]
        assert (info.offset_start, info.offset_end) == where[info.name]
    assert len({i.related_data_id for i in infos}) == len({i.download_id for i in infos}) == 1
    ids = [i.id for i in infos]
    assert api.image.download_bytes(dataset, ids) == list(contents.values())
    assert [api.image.download_bytes(dataset, [i])[0] for i in ids] == list(contents.values())
    api.image.download_path(ids[1], str(tmp_path / "one"))
    assert (tmp_path / "one").read_bytes() == contents[infos[1].name]
    hashes = list({i.hash for i in infos})
    paths = [str(tmp_path / str(n)) for n in range(len(hashes))]
    api.image.download_paths_by_hashes(hashes, paths)
    assert [hash_of(open(p, "rb").read()) for p in paths] == hashes
    assert sorted(api.image.check_existing_hashes(hashes)) == sorted(hashes)
    project = api.dataset.get_info_by_id(dataset).project_id
    assert api.project.get_custom_data(project) == {"is_blob_project": True}
    assert server.ok("images.info", {"id": ids[0]})["relatedDataId"] == infos[0].related_data_id


def test_bytes_of_a_range_are_those_of_a_file(server, api, dataset, blob, contents):
    """Partly, by hash, as previews: nothing shows that the image has no file of its own."""
    name = next(iter(contents))
    content = contents[name]
    [image] = server.ok("images.bulk.add", add(dataset, blob[0].id, *blob[1][name]))
    assert hashlib.sha256(content).hexdigest() not in files(server)
    part = server.raw("images.download", {"id": image["id"]}, headers={"Range": "bytes=5-24"})
    assert (part.status_code, part.content) == (206, content[5:25])
    assert part.headers["content-range"] == f"bytes 5-24/{len(content)}"
    end = server.raw("images.download", {"id": image["id"]}, headers={"Range": "bytes=-7"})
    assert end.content == content[-7:]
    beyond = server.raw("images.download", {"id": image["id"]}, headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416
    whole = server.raw("images.data.download", {"id": image["id"]})
    assert whole.content == content and whole.headers["x-content-checksum-sha256"] == image["hash"]
    hashed = server.raw("images.bulk.download-by-hash", {"hashes": [image["hash"]]})
    assert content in hashed.content and len(hashed.content) < len(content) + 300
    preview = requests.get(image["fullStorageUrl"].replace("/images/", "/previews/q/resize:fit:20:20/plain/images/"),
                           headers={"x-api-key": server.token}, timeout=30)
    assert preview.status_code == 200 and preview.content[:2] == b"\xff\xd8", preview.text
    # what was uploaded as a range need not be uploaded again
    assert server.ok("images.internal.hashes.list", [image["hash"]]) == [image["hash"]]
    again = server.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "by hash", "hash": image["hash"]}]})[0]
    assert "relatedDataId" not in again and api.image.download_bytes(dataset, [again["id"]]) == [content]


def test_the_whole_file_is_downloaded_by_an_image(server, api, dataset, blob, tmp_path):
    file, where, whole = blob
    project = api.dataset.get_info_by_id(dataset).project_id
    name, range_ = next(iter(where.items()))
    [info] = api.image.upload_by_offsets(dataset, file.id, [name], [
        {"offsetStart": range_[0], "offsetEnd": range_[1]}])
    assert api.image.download_blob_file(project, info.download_id, log_progress=False) == whole
    api.image.download_blob_file(project, info.download_id, str(tmp_path / "a.tar"), log_progress=False)
    asyncio.new_event_loop().run_until_complete(api.image.download_blob_files_async(
        project, [info.download_id], [str(tmp_path / "b.tar")]))
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes() == whole


@pytest.mark.parametrize("download", [sly.download_project, sly.download_async, sly.download_fast])
def test_a_project_goes_around_in_the_blob_format(server, api, blob, contents, tmp_path, download):
    project = api.project.create(server.workspace_id, unique("blobs"))
    api.project.update_meta(project.id, annotations.meta())
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id))
    made = api.dataset.create(project.id, "ds")
    api.image.upload_blob_images(made, blob[0])
    infos = api.image.get_list(made.id)
    label = sly.Label(sly.Rectangle(1, 2, 20, 30), meta.get_obj_class("a rectangle"))
    api.annotation.upload_anns([i.id for i in infos], [sly.Annotation((30, 40), [label])] * len(infos))
    download(api, project.id, str(tmp_path / "p"), log_progress=False, progress_cb=lambda n: None,
             download_blob_files=True)
    assert len(list((tmp_path / "p" / "blob").glob("*.tar"))) == 1
    assert not list((tmp_path / "p").rglob("img/*")), "images come in their archive"
    fs = sly.Project(str(tmp_path / "p"), sly.OpenMode.READ)
    assert {n: next(iter(fs.datasets)).get_blob_img_bytes(n) for n in contents} == contents
    copy, _ = sly.upload_project(str(tmp_path / "p"), api, server.workspace_id, unique("back"),
                                 log_progress=False)
    [dataset] = api.dataset.get_list(copy)
    back = api.image.get_list(dataset.id)
    assert dict(zip(names(back), api.image.download_bytes(dataset.id, [i.id for i in back]))) == contents
    for old in infos:
        new = next(i for i in back if i.name == old.name)
        assert (new.hash, new.offset_start, new.offset_end) == (old.hash, old.offset_start, old.offset_end)
        same_annotation(*(sly.Annotation.from_json(api.annotation.download(i.id).annotation, meta)
                          for i in (old, new)))


def test_a_quick_import(server, api, dataset, blob, contents, tmp_path):
    """Archive, offsets and annotations in one call of the SDK."""
    (tmp_path / "quick.tar").write_bytes(blob[2])
    offsets = sly.fs.save_blob_offsets_pkl(str(tmp_path / "quick.tar"), str(tmp_path))
    project = api.dataset.get_info_by_id(dataset).project_id
    api.project.update_meta(project, annotations.meta())
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project))
    label = sly.Label(sly.Rectangle(1, 2, 20, 30), meta.get_obj_class("a rectangle"))
    for name in contents:
        sly.json.dump_json_file(sly.Annotation((30, 40), [label]).to_json(), str(tmp_path / f"{name}.json"))
    api.dataset.quick_import(dataset, str(tmp_path / "quick.tar"), offsets,
                             [str(tmp_path / f"{name}.json") for name in contents], log_progress=True,
                             project_type=sly.ProjectType.IMAGES)
    infos = api.image.get_list(dataset)
    assert names(infos) == list(contents) and [i.labels_count for i in infos] == [1] * len(contents)
    assert api.image.download_bytes(dataset, [i.id for i in infos]) == list(contents.values())


def test_ranges_may_overlap_and_hold_more_than_the_image(server, api, dataset):
    content = picture(kind="JPEG")
    file = put(server, b"x" * 10 + content + b"y" * 10)
    end = 10 + len(content)
    a, b = (server.ok("images.bulk.add", add(dataset, file, 10, e))[0] for e in (end, end + 10))
    assert a["hash"] != b["hash"] and a["relatedDataId"] == b["relatedDataId"]
    assert api.image.download_bytes(dataset, [a["id"], b["id"]]) == [content, content + b"y" * 10]


def test_the_file_of_the_team_may_go(fresh):
    """Images keep what they are made of: when the file is replaced, removed, and swept."""
    api, content, other, demo = fresh.sdk(), picture(), picture(), files(fresh)
    file = put(fresh, content + other, "/f/a.tar")
    made = make_dataset(fresh, fresh.project()["id"])
    project = api.dataset.get_info_by_id(made).project_id
    first = fresh.ok("images.bulk.add", add(made, file, 0, len(content)))[0]
    assert put(fresh, other, "/f/a.tar") == file
    second = fresh.ok("images.bulk.add", add(made, file, 0, len(other)))[0]
    assert first["relatedDataId"] != second["relatedDataId"], "another content is another file"
    fresh.ok("file-storage.remove", {"teamId": fresh.team_id, "path": "/f/"})
    fresh.refused(400, "images.bulk.add", add(made, file, 0, 9), field="teamFileId")
    fresh.stop()
    assert sweep(fresh) == 0 and len(files(fresh)) == len(demo) + 2
    fresh.start()
    api = fresh.sdk()
    assert api.image.download_bytes(made, [first["id"], second["id"]]) == [content, other]
    for info, whole in ((first, content + other), (second, other)):
        assert api.image.download_blob_file(project, info["downloadId"], log_progress=False) == whole
    assert labeld.run("verify", "--data", fresh.dir).returncode == 0
    api.image.remove(first["id"])
    fresh.refused(404, "images.data.download", {"projectId": project, "downloadId": first["downloadId"]},
                  field="downloadId")
    api.project.remove(project)
    fresh.ok("projects.remove.permanently", {"projects": [{"id": project}]})
    fresh.stop()
    assert sweep(fresh) == 2 and files(fresh) == demo
    assert labeld.run("verify", "--data", fresh.dir).returncode == 0
    fresh.start()


@pytest.mark.sqlite
def test_a_backup_has_the_files_behind_ranges(fresh, tmp_path):
    content = picture()
    file = put(fresh, b"head" + content, "/f/a.tar")
    made = make_dataset(fresh, fresh.project()["id"])
    image = fresh.ok("images.bulk.add", add(made, file, 4, 4 + len(content)))[0]
    fresh.ok("file-storage.remove", {"teamId": fresh.team_id, "path": "/f/"})
    labeld.run("backup", "--data", fresh.dir, "--to", tmp_path / "b")
    assert labeld.run("verify", "--data", tmp_path / "b").returncode == 0
    copy = labeld.Server(tmp_path / "b").start()
    assert copy.raw("images.download", {"id": image["id"]}, token=fresh.token).content == content
    copy.close()


def test_uploaded_later_it_gets_a_file_of_its_own(server, api, dataset):
    content = picture()
    file = put(server, b"head" + content)
    ranged = server.ok("images.bulk.add", add(dataset, file, 4, 4 + len(content)))[0]
    server.ok("images.bulk.upload", content, headers={"content-type": "image/png"})
    other = picture()  # and the other way round
    info = api.image.upload_np(dataset, "x.png", sly.image.read_bytes(other))
    own = api.image.download_bytes(dataset, [info.id])[0]
    file = put(server, b"head" + own)
    second = server.ok("images.bulk.add", add(dataset, file, 4, 4 + len(own)))[0]
    assert second["hash"] == info.hash
    assert api.image.download_bytes(dataset, [ranged["id"], second["id"]]) == [content, own]


def test_copies_stay_ranges_within_the_team(server, api, dataset, blob, contents):
    file, where, whole = blob
    name = next(iter(where))
    image = server.ok("images.bulk.add", add(dataset, file.id, *where[name], title=name))[0]
    target = api.dataset.create(server.project()["id"], "t")
    copy = api.image.copy_batch(target.id, [image["id"]])[0]
    assert (copy.related_data_id, copy.offset_start, copy.offset_end) == (image["relatedDataId"], *where[name])
    cloned = api.project.get_info_by_id(api.task.get_info_by_id(api.project.clone(
        target.project_id, server.workspace_id, unique("clone")))["meta"]["output"]["project"]["id"])
    [info] = api.image.get_list(project_id=cloned.id)
    assert info.related_data_id == image["relatedDataId"]
    assert api.image.download_blob_file(cloned.id, info.download_id, log_progress=False) == whole
    # another team must not get at the rest of the file
    team = api.team.create(unique("team"))
    workspace = api.workspace.create(team.id, "w")
    abroad = api.dataset.create(api.project.create(workspace.id, "p").id, "d")
    there = api.image.copy_batch(abroad.id, [image["id"]])[0]
    task = api.project.clone(target.project_id, workspace.id, "clone")
    away = api.task.get_info_by_id(task)["meta"]["output"]["project"]["id"]
    for info in [there, *api.image.get_list(project_id=away)]:
        assert info.related_data_id is None and info.offset_start is None
        assert api.image.download_bytes(info.dataset_id, [info.id]) == [contents[name]]
    for project in (abroad.project_id, away):
        server.refused(404, "images.data.download", {"projectId": project, "downloadId": image["downloadId"]},
                       field="downloadId")


def test_a_link_takes_the_place_of_a_range(server, api, dataset, blob):
    name = next(iter(blob[1]))
    image = server.ok("images.bulk.add", add(dataset, blob[0].id, *blob[1][name]))[0]
    server.ok("images.update.links", {"images": [{"id": image["id"], "link": "https://example.com/a.png"}],
                                      "clearLocalDataSource": True})
    now = server.ok("images.info", {"id": image["id"]})
    assert now["hash"] is None and "relatedDataId" not in now
    project = api.dataset.get_info_by_id(dataset).project_id
    server.refused(404, "images.data.download", {"projectId": project, "downloadId": image["downloadId"]},
                   field="downloadId")


# ---- refusals: nothing half-made ----

@pytest.mark.parametrize("blob_range, field", [
    ({"offsetStart": -1, "offsetEnd": 5}, "sourceBlob"), ({"offsetStart": 5, "offsetEnd": 5}, "sourceBlob"),
    ({"offsetStart": 6, "offsetEnd": 5}, "sourceBlob"), ({"offsetStart": 0}, "sourceBlob"),
    ({"offsetEnd": 5}, "sourceBlob"), ({"offsetStart": "0", "offsetEnd": 5}, "sourceBlob"),
    ({"offsetStart": 0, "offsetEnd": 1.5}, "sourceBlob"), ([], "sourceBlob"), (None, "sourceBlob"),
    ({"offsetStart": 0, "offsetEnd": 1 << 62}, "sourceBlob"),
    ({"offsetStart": 1 << 61, "offsetEnd": 1 << 62}, "sourceBlob")])
def test_no_such_range(server, dataset, blob, blob_range, field):
    before = server.state()
    server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "x", "teamFileId": blob[0].id, "sourceBlob": blob_range}]}, field=field)
    assert server.state() == before


def test_ranges_end_where_the_file_ends(server, dataset):
    content = picture(kind="JPEG")
    file = put(server, content)
    text = server.refused(400, "images.bulk.add", add(dataset, file, 0, len(content) + 1), field="sourceBlob")
    assert f"{len(content)} bytes" in str(text)
    assert server.ok("images.bulk.add", add(dataset, file, 0, len(content)))[0]["hash"] == hash_of(content)


def test_what_is_no_image(server, dataset):
    content = picture()
    file = put(server, content + SVG + b"text " * 100)
    good = add(dataset, file, 0, len(content), "good")["images"]
    for start, end in ((0, 20), (len(content), len(content) + len(SVG)), (len(content) + len(SVG), len(content) + 300),
                       (1, len(content))):
        bad = add(dataset, file, start, end)["images"]
        before = server.state()
        answer = server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": good + bad,
                                                         "skipValidation": True})
        assert "images[1]" in str(answer)
        assert server.state() == before, "the good one is not made either"


def test_sources_exclude_each_other(server, dataset, blob):
    name = next(iter(blob[1]))
    for more in ({"hash": "A" * 43 + "="}, {"link": "https://example.com/x"}, {"imageId": 1}):
        server.refused(400, "images.bulk.add", add(dataset, blob[0].id, *blob[1][name], **more), field="hash")
    server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "x", "sourceBlob": {"offsetStart": 0, "offsetEnd": 1}}]}, field="teamFileId")
    server.refused(400, "images.bulk.add", add(dataset, "1", 0, 1), field="teamFileId")


def test_names_that_are_taken(server, api, dataset, blob):
    """Conflicts as for all other images, which the SDK resolves."""
    name, other = list(blob[1])[:2]
    first = server.ok("images.bulk.add", add(dataset, blob[0].id, *blob[1][name], title=name))[0]
    answer = server.refused(400, "images.bulk.add", add(dataset, blob[0].id, *blob[1][other], title=name))
    assert answer["details"]["type"] == "NONUNIQUE"
    assert answer["details"]["errors"] == [{"id": first["id"], "name": name}]
    offsets = [dict(zip(("offsetStart", "offsetEnd"), blob[1][n])) for n in (name, other)]
    api.image.upload_by_offsets(dataset, blob[0].id, [name, other], offsets, conflict_resolution="skip")
    assert names(api.image.get_list(dataset)) == [name, other]


def test_files_of_others(server, roles, dataset, blob):
    """A file of another team is not there; nor is one for who may not read files of the team."""
    content = picture()
    api = server.sdk()
    foreign = put(server, content, team=api.team.create(unique("team")).id)
    server.refused(400, "images.bulk.add", add(dataset, foreign, 0, len(content)), field="teamFileId")
    server.refused(400, "images.bulk.add", add(dataset, 1 << 40, 0, 9), field="teamFileId")
    name = next(iter(blob[1]))
    body = add(dataset, blob[0].id, *blob[1][name])
    for role, status in (("annotator", 404), ("viewer", 403), ("stranger", 404)):
        server.refused(status, "images.bulk.add", body, token=roles[role].token)
    assert server.ok("images.list", {"datasetId": dataset})["entities"] == []


def test_the_whole_file_is_for_who_sees_the_project(server, api, roles, dataset, blob):
    name = next(iter(blob[1]))
    image = server.ok("images.bulk.add", add(dataset, blob[0].id, *blob[1][name]))[0]
    project = api.dataset.get_info_by_id(dataset).project_id
    body = {"projectId": project, "downloadId": image["downloadId"]}
    assert server.raw("images.data.download", body, token=roles["viewer"].token).content == blob[2]
    assert server.raw("images.data.download", body, token=roles["stranger"].token).status_code == 404
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(dataset_id=dataset, user_ids=[labeler.id])
    head = {"x-job-id": str(job["id"])}
    one = server.raw("images.download", {"id": image["id"]}, token=labeler.token, headers=head)
    assert one.status_code == 200 and len(one.content) == image["size"], "the image of their job"
    server.refused(404, "images.data.download", body, token=labeler.token, headers=head)
    server.refused(404, "images.data.download", {**body, "downloadId": "A" * 43 + "="}, field="downloadId")
    server.refused(400, "images.data.download", {"projectId": project}, field="id")
    server.refused(400, "images.data.download", {**body, "id": image["id"]}, field="id")
    server.refused(400, "images.data.download", {"downloadId": image["downloadId"]}, field="projectId")
    server.refused(404, "images.data.download", {"id": 1 << 40}, field="id")
