"""Images: bytes in and out, by every way the SDK takes, and what is refused."""

import base64
import io
import os
import re
import socket
import time

import numpy as np
import pytest
import requests
import supervisely as sly
from PIL import Image

import labeld
from pictures import hash_of, multipart, picture
from sdk_helpers import names, refused


@pytest.fixture
def dataset(server):
    project = server.project()
    return server.ok("datasets.add", {"projectId": project["id"], "name": "d"})["id"]


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


def upload(server, *contents, **kw):
    body, kind = multipart([(f"{i}-file", str(i), c) for i, c in enumerate(contents)])
    return server.raw("images.bulk.upload", body, headers={"content-type": kind}, **kw)


# ---- in ----

def test_paths_bytes_and_arrays(api, dataset, tmp_path):
    contents = [picture(), picture(kind="JPEG"), picture(kind="WEBP"), picture(kind="TIFF")]
    paths = []
    for content, ext in zip(contents, ("png", "jpg", "webp", "tiff")):
        paths.append(str(tmp_path / f"p.{ext}"))
        (tmp_path / f"p.{ext}").write_bytes(content)
    infos = api.image.upload_paths(dataset, [os.path.basename(p) for p in paths], paths)
    assert [i.mime for i in infos] == ["image/png", "image/jpeg", "image/webp", "image/tiff"]
    assert all((i.width, i.height) == (40, 30) for i in infos)
    assert [i.hash for i in infos] == [hash_of(c) for c in contents]
    assert [i.size for i in infos] == [len(c) for c in contents]
    assert api.image.download_bytes(dataset, [i.id for i in infos]) == contents
    api.image.download_paths(dataset, [infos[1].id], [str(tmp_path / "out.jpg")])
    assert (tmp_path / "out.jpg").read_bytes() == contents[1]
    pixels = np.arange(40 * 30 * 3, dtype=np.uint8).reshape(30, 40, 3)
    made = api.image.upload_np(dataset, "np.png", pixels, meta={"a": 1})
    assert made.meta == {"a": 1} and (api.image.download_np(made.id) == pixels).all()
    info = api.dataset.get_info_by_id(dataset)
    assert info.images_count == 5 and int(info.size) == sum(
        i.size for i in api.image.get_list(dataset))


@pytest.mark.parametrize("profile", [b"", os.urandom(100_000)], ids=["", "header longer than what is read first"])
def test_orientation_counts_as_shown(api, dataset, profile):
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        content = picture(kind="JPEG", exif=exif, icc_profile=profile)
        api.image._upload_data_bulk(lambda b: io.BytesIO(b), [(content, hash_of(content))])
        info = api.image.upload_hash(dataset, f"{orientation}.jpg", hash_of(content))
        assert info.mime == "image/jpeg"
        assert (info.width, info.height) == ((40, 30) if orientation < 5 else (30, 40))


def test_equal_bytes_are_stored_and_sent_once(server, api, dataset, tmp_path):
    content = picture()
    (tmp_path / "a.png").write_bytes(content)
    blobs = lambda: sum(len(files) for _, _, files in os.walk(server.dir / "blobs"))  # noqa: E731
    first = api.image.upload_path(dataset, "a.png", str(tmp_path / "a.png"))
    count = blobs()
    assert api.image.check_image_uploaded(first.hash)
    assert api.image.check_existing_hashes([first.hash, hash_of(b"x")]) == [first.hash]
    second = api.image.upload_path(dataset, "b.png", str(tmp_path / "a.png"))
    third = api.image.upload_id(dataset, "c.png", first.id)
    assert second.hash == third.hash == first.hash and blobs() == count
    hashes = dict((h, c) for h, c, ok in [
        (h, p.content, ok) for h, p, ok in api.image.download_bytes_by_hash([first.hash])] if True) \
        if hasattr(api.image, "download_bytes_by_hash") else {first.hash: content}
    assert hashes[first.hash] == content


def test_a_whole_body_is_one_image(server):
    content = picture()
    answer = server.raw("images.bulk.upload", content, headers={"content-type": "image/png"})
    assert answer.json()[0]["hash"] == hash_of(content)


def test_upload_answers_part_by_part(server):
    good, other = picture(), picture(kind="JPEG")
    answer = upload(server, good, b"this is no image", other).json()
    assert [part.get("hash") for part in answer] == [hash_of(good), None, hash_of(other)]
    assert "no JPEG, PNG" in answer[1]["errors"][0]["message"]


def test_names_that_are_taken(server, api, dataset):
    """The exact answer that the SDK's three ways to resolve a conflict read."""
    content = picture()
    upload(server, content)
    old = api.image.upload_hashes(dataset, ["a.png", "b.png"], [hash_of(content)] * 2)
    before = server.state()
    answer = server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": [
        {"title": n, "hash": hash_of(content)} for n in ("b.png", "c.png", "a.png")]})
    assert answer["details"]["type"] == "NONUNIQUE"
    assert sorted(answer["details"]["errors"], key=lambda e: e["name"]) == [
        {"id": i.id, "name": i.name} for i in old]
    assert server.state() == before
    again = api.image.upload_hashes(dataset, ["b.png", "c.png"], [hash_of(content)] * 2,
                                    conflict_resolution="skip")
    assert {i.name for i in again} == {"b.png", "c.png"} and old[1].id in [i.id for i in again]
    renamed = api.image.upload_hashes(dataset, ["a.png"], [hash_of(content)],
                                      conflict_resolution="rename")
    assert renamed[0].name.startswith("a_20")
    replaced = api.image.upload_hashes(dataset, ["a.png"], [hash_of(content)],
                                       conflict_resolution="replace")
    assert api.image.get_info_by_id(old[0].id) is None and replaced[0].name == "a.png"


def test_remote_images(api, dataset):
    info = api.image.upload_link(dataset, "far.jpg", "https://example.org/far.jpg",
                                 force_metadata_for_links=False)
    assert info.link == "https://example.org/far.jpg" and info.hash is None
    assert (info.name, info.mime) == ("far.jpg", None)  # the SDK puts an ending of the mime behind a name
    api.image.set_remote([info.id], ["https://example.org/farther.jpg"])
    assert api.image.get_info_by_id(info.id).link.endswith("farther.jpg")
    refused(404, api.image.download_bytes, dataset, [info.id])


# ---- out ----

def test_ranges_and_checksum(server):
    content = (labeld.ROOT / "demo" / "IMG_4451.jpeg").read_bytes()
    image = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][0]
    whole = server.raw("images.download", {"id": image["id"]})
    assert whole.content == content and whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["x-content-checksum-sha256"] == image["hash"] == hash_of(content)
    assert int(whole.headers["content-length"]) == len(content)
    assert "content-encoding" not in whole.headers
    for head, part in (("bytes=0-99", content[:100]), ("bytes=100-", content[100:]),
                       ("bytes=-50", content[-50:]), ("bytes=5-5", content[5:6])):
        answer = server.raw("images.download", {"id": image["id"]}, headers={"range": head})
        assert answer.status_code == 206 and answer.content == part
    assert server.raw("images.download", {"id": image["id"]}, headers={
        "range": f"bytes={len(content)}-"}).status_code == 416


def test_several_in_one_answer(server, api):
    images = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][:4]
    answer = server.raw("images.bulk.download", {"datasetId": server.dataset_id,
                                                 "imageIds": [i["id"] for i in images]})
    assert re.match(r"multipart/form-data; boundary=\S+$", answer.headers["content-type"])
    assert int(answer.headers["content-length"]) == len(answer.content)
    got = api.image.download_bytes(server.dataset_id, [i["id"] for i in images])
    assert [hash_of(c) for c in got] == [i["hash"] for i in images]
    hashes = [i["hash"] for i in images]
    by_hash = server.raw("images.bulk.download-by-hash", {"hashes": hashes})
    heads = re.findall(rb"Content-Disposition: (.*)\r\n", by_hash.content)
    assert [h.decode() for h in heads] == [f'form-data; name="{h}"' for h in hashes]


def test_async_downloads(server, api, tmp_path):
    images = api.image.get_list(server.dataset_id)
    loop = sly.utils.get_or_create_event_loop()
    paths = [str(tmp_path / i.name) for i in images]
    loop.run_until_complete(api.image.download_paths_async([i.id for i in images], paths))
    assert [hash_of(open(p, "rb").read()) for p in paths] == [i.hash for i in images]
    got = loop.run_until_complete(api.image.download_bytes_single_async(
        images[0].id, range_start=10, range_end=19))
    assert got == open(paths[0], "rb").read()[10:20]


# ---- changes ----

def test_edit_sort_and_remove(server, api, dataset):
    content = picture()
    upload(server, content)
    images = api.image.upload_hashes(dataset, ["a.png", "b.png", "c.png"], [hash_of(content)] * 3)
    edited = api.image.edit(images[0].id, name="z.png", description="new", meta={"k": "v"})
    assert (edited.name, edited.description, edited.meta) == ("z.png", "new", {"k": "v"})
    assert api.image.rename(images[0].id, "y.png").name == "y.png"
    api.image.set_custom_sort_bulk([i.id for i in images], ["3", "1", "2"])
    assert names(api.image.get_list(dataset, sort="customSort")) == ["b.png", "c.png", "y.png"]
    assert api.image.get_info_by_id(images[0].id).meta == {"k": "v", "customSort": "3"}
    api.image.set_embeddings_updated_at([images[0].id], ["2026-01-02T03:04:05.678Z"])
    assert api.image.get_info_by_id(images[0].id).embeddings_updated_at is not None
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(user_ids=[labeler.id], dataset_id=dataset)
    server.ok("jobs.entities.update-review-status", {
        "jobId": job["id"], "entityId": images[1].id, "status": "accepted"})
    api.image.remove_batch([images[1].id])
    api.image.remove(images[1].id)
    assert api.image.get_info_by_id(images[1].id) is None
    assert len(api.image.get_list(dataset)) == 2
    assert api.dataset.get_info_by_id(dataset).images_count == 2
    left = server.ok("jobs.info", {"id": job["id"]})
    assert left["imagesCount"] == 2 and left["acceptedImagesCount"] == 0
    assert images[1].id not in [e["id"] for e in left["entities"]]


# ---- who may use which bytes ----

def test_a_hash_alone_opens_nothing(server, api):
    """Bytes of others: not listed, not to be had by hash, not to be made an image of."""
    content = picture()
    upload(server, content)
    stranger = server.user(restricted=False)
    assert server.raw("images.internal.hashes.list", [hash_of(content)],
                      token=stranger.token).json() == []
    assert server.raw("images.bulk.download-by-hash", {"hashes": [hash_of(content)]},
                      token=stranger.token).status_code == 404
    theirs = server.sdk(stranger.token)
    project = theirs.project.create(theirs.workspace.get_list(theirs.team.get_list()[0].id)[0].id, "p")
    mine = theirs.dataset.create(project.id, "d")
    error = refused(400, theirs.image.upload_hash, mine.id, "x.png", hash_of(content))
    assert error["details"][0]["path"] == ["hash"]
    assert upload(server, content, token=stranger.token).status_code == 200
    assert theirs.image.upload_hash(mine.id, "x.png", hash_of(content)).size == len(content)


# ---- refusals ----

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>alert(1)</script></svg>"


def header_only(width, height):
    """A PNG that claims to be large."""
    content = bytearray(picture())
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize("content", [
    b"", b"x", b"not an image" * 1000, SVG, b"GIF89a", b"%PDF-1.4\n", picture(1)[:20],
    b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"<html><script>x</script>", b"\xff\xd8\xff\xe0" + b"\0" * 50,
    header_only(100_000, 100_000), b"BM" + b"\0" * 60, b"PK\x03\x04" + b"\0" * 100],
    ids=range(13))
def test_what_is_no_image_is_not_kept(server, content):
    before = server.sql("SELECT COUNT(*) FROM blob")
    answer = upload(server, content, picture(2))
    assert answer.status_code == 200
    assert "hash" not in answer.json()[0] and answer.json()[0]["errors"][0]["message"]
    assert answer.json()[1]["hash"] == hash_of(picture(2)), "the others are"
    known = server.raw("images.internal.hashes.list", [hash_of(content)]).json()
    assert known == [] and server.sql("SELECT COUNT(*) FROM blob")[0][0] <= before[0][0] + 1


@pytest.mark.parametrize("body, kind", [
    (b"", "multipart/form-data; boundary=x"), (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"--y--\r\n", "multipart/form-data; boundary=x"), (b"{}", "multipart/form-data"),
    (b"--x\r\n\r\nno name\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nfield\r\n--x--\r\n",
     "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"0\"\r\n\r\ncut",
     "multipart/form-data; boundary=x")])
def test_malformed_uploads(server, body, kind):
    before = server.state()
    answer = server.raw("images.bulk.upload", body, headers={"content-type": kind})
    assert answer.status_code == 400 and answer.json()["error"], answer.text
    assert server.state() == before


def test_an_upload_without_token_is_stopped_at_its_headers(server):
    """The body of a stranger is not even read."""
    with server.connect() as s:
        s.sendall(b"POST /public/api/v3/images.bulk.upload HTTP/1.1\r\nHost: x\r\n"
                  b"Content-Type: image/png\r\nContent-Length: 8000000000\r\n\r\n")
        assert b" 401 " in s.recv(1000)


def test_an_upload_that_breaks_off_leaves_nothing(fresh):
    """Even when its end comes together with its last bytes."""
    server, folder = fresh, fresh.dir / "blobs" / "tmp"
    body, kind = multipart([("0-file", "0", os.urandom(300_000))])
    with server.connect() as s:
        s.sendall(f"POST /public/api/v3/images.bulk.upload HTTP/1.1\r\nHost: x\r\nx-api-key: "
                  f"{server.token}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
                  .encode() + body[:200_000])
        labeld.wait_until(lambda: os.listdir(folder))
        s.sendall(body[200_000:200_010])
        s.shutdown(socket.SHUT_RDWR)
    labeld.wait_until(lambda: not os.listdir(folder))  # long before the deadline of a slow body


@pytest.mark.parametrize("image, field", [
    ({"title": "x.png"}, "hash"), ({"hash": "x"}, "title"), ({"title": "", "hash": "x"}, "title"),
    ({"title": "x" * 300, "hash": "x"}, "title"), ({"title": "x.png", "hash": "x"}, "hash"),
    ({"title": "x.png", "hash": hash_of(b"unknown")}, "hash"), ({"title": 7, "hash": "x"}, "title"),
    ({"title": "x.png", "imageId": "x"}, "imageId"), ({"title": "x", "link": "a", "hash": "b"}, "hash"),
    ({"title": "x\n.png", "link": "http://a"}, "title"), ({"title": "x", "link": "http://a", "meta": 1}, "meta")])
def test_images_that_are_refused(server, dataset, image, field):
    before = server.state()
    server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "good.png", "link": "http://example.org/x"}, image]}, field=field)
    assert server.state() == before


@pytest.mark.parametrize("name", ["../x.png", "a/../../x.png", "..", ".", "/etc/x.png", "a/..", "..\\x.png", "\\x.png",
                                  "a/./b.png"])
def test_names_that_lead_out_of_a_folder(server, api, dataset, tmp_path, name):
    """Clients make files of the names of images and folders of those of datasets."""
    info = api.image.upload_np(dataset, "a ..b/c..d. .png", np.zeros((8, 8, 3), np.uint8))
    before = server.state()
    server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "good", "hash": info.hash}, {"title": name, "hash": info.hash}]}, field="title")
    server.refused(400, "images.editInfo", {"id": info.id, "name": name}, field="name")
    project = api.dataset.get_info_by_id(dataset).project_id
    server.refused(400, "datasets.add", {"projectId": project, "name": name}, field="name")
    server.refused(400, "datasets.editInfo", {"id": dataset, "name": name}, field="name")
    assert server.state() == before
    sly.download_project(api, project, str(tmp_path / "a" / "b"), log_progress=False)
    assert {p.parts[0] for p in (f.relative_to(tmp_path / "a") for f in (tmp_path / "a").rglob("*"))} == {"b"}


@pytest.mark.parametrize("method, body, status", [
    ("images.download", {"id": 10**9}, 404), ("images.download", {}, 400),
    ("images.bulk.download", {"imageIds": [10**9]}, 404),
    ("images.bulk.download-by-hash", {"hashes": ["x"]}, 404),
    ("images.internal.hashes.list", {"hashes": []}, 400), ("images.internal.hashes.list", [1], 400),
    ("images.bulk.add", {"datasetId": 10**9, "images": []}, 404),
    ("images.bulk.add", {"datasetId": 1, "images": {}}, 400),
    ("images.bulk.remove", {"imageIds": [10**9]}, 404), ("images.editInfo", {"id": 1, "name": ""}, 400),
    ("images.editInfo", {"id": 1, "meta": []}, 400),
    ("images.bulk.set-custom-sort", {"images": [{"id": 1}]}, 400),
    ("images.bulk.set-custom-sort", {"images": [{"customSort": "x"}]}, 400),
    ("images.update.links", {"images": [{"id": 1, "link": ""}]}, 400)])
def test_calls_that_are_refused(server, method, body, status):
    before = server.state()
    assert server.raw(method, body).status_code == status
    assert server.state() == before


def test_a_removed_image_is_no_image_any_more(server, api, dataset):
    content = picture()
    upload(server, content)
    image, kept = api.image.upload_hashes(dataset, ["a.png", "b.png"], [hash_of(content)] * 2)
    project = image.project_id
    server.ok("projects.meta.update", {"id": project, "meta": {
        "classes": [{"title": "c", "shape": "point", "color": "#000000"}],
        "tags": [{"name": "t", "value_type": "none", "color": "#000000"}]}})
    meta = server.ok("projects.meta", {"id": project})
    figure = {"classId": meta["classes"][0]["id"], "geometryType": "point",
              "geometry": {"points": {"exterior": [[1, 1]], "interior": []}}}
    drawn = server.ok("figures.bulk.add", {"entityId": image.id, "figures": [figure]})[0]["id"]
    api.image.remove(image.id)
    before = server.state()
    for method, body in [
        ("images.info", {"id": image.id}), ("images.download", {"id": image.id}),
        ("images.preview", {"id": image.id, "width": 16}), ("images.editInfo", {"id": image.id, "name": "z"}),
        ("images.bulk.download", {"datasetId": dataset, "imageIds": [kept.id, image.id]}),
        ("annotations.info", {"imageId": image.id}), ("annotations.bulk.info", {"imageIds": [kept.id, image.id]}),
        ("annotations.bulk.add", {"datasetId": dataset, "annotations": [
            {"imageId": i, "annotation": {"objects": [], "tags": [], "size": {"height": 30, "width": 40}}}
            for i in (kept.id, image.id)]}),
        ("annotations.bulk.copy", {"srcImageIds": [image.id], "destImageIds": [kept.id]}),
        ("figures.bulk.add", {"entityId": image.id, "figures": [figure]}), ("figures.info", {"id": drawn}),
        ("figures.bulk.restore", {"figureIds": [drawn]}),
        ("image-tags.bulk.add-to-image", {"tagId": meta["tags"][0]["id"], "ids": [kept.id, image.id]}),
        ("images.bulk.add", {"datasetId": dataset, "images": [{"title": "c.png", "imageId": image.id}]}),
    ]:
        server.refused(404, method, body)
    assert server.state() == before
    assert [i.id for i in api.image.get_list(dataset)] == [kept.id]
    assert server.ok("figures.list", {"datasetId": dataset})["entities"] == []


def test_an_image_named_twice_in_one_call(server, dataset):
    link = {"title": "x.png", "link": "http://example.org/x"}
    answer = server.refused(400, "images.bulk.add", {"datasetId": dataset, "images": [link, link]})
    assert "two images" in str(answer)


# ---- the media worker ----

def workers(server):
    children = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
    pids = []
    for task in os.listdir(f"/proc/{server.process.pid}/task"):
        with open(f"/proc/{server.process.pid}/task/{task}/children") as f:
            pids += map(int, f.read().split())
    assert children
    return [p for p in pids if "labeld-media" in open(f"/proc/{p}/cmdline").read()]


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSEGV", pytest.param("SIGSTOP", marks=pytest.mark.slow)])
def test_the_server_survives_its_media_worker(fresh, signal):
    """A worker that dies or hangs costs one call at most; the next ones are served."""
    assert upload(fresh, picture()).json()[0]["hash"]
    for pid in workers(fresh):
        os.kill(pid, getattr(__import__("signal"), signal))
    start = len(workers(fresh))
    for _ in range(3):
        answer = upload(fresh, picture()).json()[0]
        assert answer.get("hash") or signal == "SIGSTOP", answer
    assert upload(fresh, picture()).json()[0]["hash"] and start >= 0
    assert requests.get(fresh.url + "/healthz", timeout=5).ok


def test_the_worker_is_locked_in(fresh):
    upload(fresh, picture())
    for pid in workers(fresh):
        status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status").read().splitlines())
        assert status["Seccomp"].strip() == "2" and status["NoNewPrivs"].strip() == "1"
        if os.geteuid() == 0:
            assert status["Uid"].split() == ["65534"] * 4
        assert not os.environ.get("HOME") or b"HOME" not in open(f"/proc/{pid}/environ", "rb").read()


def test_bytes_that_nobody_wants_any_more_are_swept(fresh):
    content = picture()
    upload(fresh, content)
    path = next(p for p in (fresh.dir / "blobs").rglob("*") if p.is_file() and p.stat().st_size == len(content)
                and p.read_bytes() == content)
    kept = fresh.ok("images.list", {"datasetId": fresh.dataset_id})["entities"][0]["hash"]
    assert labeld.run("sweep", "--data", fresh.dir).stdout.split() == ["REMOVED=0"], "too young"
    time.sleep(1.1)  # files know whole seconds
    assert labeld.run("sweep", "--data", fresh.dir, "--hours", "0").stdout.split() == ["REMOVED=1"]
    assert not path.exists()
    assert fresh.raw("images.internal.hashes.list", [hash_of(content), kept]).json() == [kept]


def test_a_running_server_sweeps_every_day():
    """At its first round of housekeeping, which else comes a minute after the start; then not for a day."""
    server = labeld.Server(env={})

    def sent():
        """The files of two uploads that nothing is made of."""
        before = set((server.dir / "blobs").rglob("*"))
        for _ in range(2):
            upload(server, picture())
        return [p for p in (server.dir / "blobs").rglob("*") if p.is_file() and p not in before]

    def age(path):
        """As if it had been sent two days ago."""
        digest = base64.b64encode(bytes.fromhex(path.name)).decode()
        assert server.sql("SELECT 1 FROM blob WHERE hash = ?", digest)
        server.store.tamper(f"UPDATE blob SET created_at = {int((time.time() - 2 * 86400) * 1000)} WHERE hash = '{digest}'")
        os.utime(path, (time.time() - 2 * 86400,) * 2)

    def swept():
        return [line for line in server.log_lines() if line["message"].startswith("removed ")]

    try:
        server.start()
        old, young = sent()
        age(old)
        server.stop()
        server.env["LABELD_TICK_S"] = "1"
        server.start()
        labeld.wait_until(swept)
        assert [line["message"].split()[1] for line in swept()] == ["1"] and not old.exists() and young.exists()
        kept = server.ok("images.list", {"datasetId": server.dataset_id})["entities"]
        assert all(server.raw("images.download", {"id": i["id"]}).ok for i in kept)
        late, _ = sent()
        age(late)
        server.refused(400, "images.bulk.add", {"datasetId": server.dataset_id, "images": [
            {"title": "a.png", "hash": base64.b64encode(bytes.fromhex(old.name)).decode()}]}, field="hash")
        time.sleep(1.5)
        assert late.exists() and len(swept()) == 1, "a day has not passed"
    finally:
        server.close()
