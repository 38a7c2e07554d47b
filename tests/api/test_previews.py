"""Previews: smaller copies of images under the paths that the SDK makes, their cache, and what
hostile files do to the worker that makes them."""

import io
import os
import signal
import struct
import subprocess
import threading
import time
import zlib

import pytest
import requests
from PIL import Image

import labeld
import pictures


def picture(size=(400, 300), form="JPEG", color=(200, 30, 30), **kw):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, form, **kw)
    return out.getvalue()


def noise(form):
    """A picture of more bytes than a header has."""
    return pictures.picture(seed=5, kind=form, size=(300, 300))


def upload(server, content, name="a"):
    """One file to images.bulk.upload; the answer for it."""
    response = requests.post(server.url + labeld.PREFIX + "images.bulk.upload",
                             headers={"x-api-key": server.token},
                             files=[("0-file", ("0", content, "image/*"))], timeout=90)
    assert response.status_code == 200, response.text
    return response.json()[0]


def add(server, content, name=None):
    """An image of these bytes in a dataset of its own."""
    done = upload(server, content)
    assert "hash" in done, done
    project = server.project()["id"]
    dataset = server.ok("datasets.add", {"projectId": project, "name": "d"})["id"]
    return server.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": name or "image", "hash": done["hash"]}]})[0]


def get(server, url, token=True, **headers):
    if token is True:
        token = server.token
    return requests.get(url, headers={**({"x-api-key": token} if token else {}), **headers}, timeout=60)


def preview(server, image, **kw):
    return get(server, labeld.sly._utils.resize_image_url(image["fullStorageUrl"], **kw))


def opened(response):
    assert response.status_code == 200, response.text
    return Image.open(io.BytesIO(response.content))


@pytest.fixture(scope="module")
def image(server):
    return add(server, picture())


def test_the_url_of_the_sdk_gives_a_preview(server, image):
    info = server.sdk().image.get_info_by_id(image["id"])
    response = get(server, server.sdk().image.preview_url(info.full_storage_url, width=100))
    assert response.headers["content-type"] == "image/jpeg"
    assert opened(response).size == (100, 75)
    assert opened(get(server, info.preview_url)).format == "JPEG"


@pytest.mark.parametrize("kw, size", [
    ({"width": 100, "height": 100, "method": "fit"}, (100, 75)),
    ({"width": 100, "height": 100, "method": "fill"}, (100, 100)),
    ({"width": 100, "height": 0, "method": "fill"}, (100, 75)),
    ({"width": 0, "height": 60, "method": "fit"}, (80, 60)),
    ({"width": 100, "height": 20, "method": "auto"}, (100, 20)),
    ({"width": 20, "height": 100, "method": "auto"}, (20, 15)),
    ({"width": 100, "height": 100, "method": "fill-down"}, (100, 100)),
    ({"width": 50, "height": 100, "method": "force"}, (50, 100)),
    ({"width": 50, "height": 5000, "method": "force"}, (50, 300)),
    ({"width": 0, "height": 0, "method": "auto"}, (400, 300)),
    ({"width": 5000, "height": 0, "method": "fit"}, (400, 300)),  # never enlarged
])
def test_sizes(server, image, kw, size):
    assert opened(preview(server, image, ext="jpeg", quality=70, **kw)).size == size


@pytest.mark.parametrize("ext, form", [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_formats(server, image, ext, form):
    response = preview(server, image, ext=ext, width=50)
    assert opened(response).format == form
    assert response.headers["content-type"] == f"image/{form.lower()}"


def test_previews_stand_upright_and_tell_nothing_of_the_camera(server):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    exif[0x010F] = "Camera of Somebody"
    response = preview(server, add(server, picture((400, 200), exif=exif)), width=0, height=100)
    assert opened(response).size == (50, 100)
    assert b"Somebody" not in response.content


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "GIF"])
def test_every_kind_of_image_has_previews(server, form):
    assert opened(preview(server, add(server, picture(form=form)), width=40)).size == (40, 30)


def test_first_frame_of_an_animation(server):
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), (i, 0, 0)) for i in (250, 20, 30)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    small = opened(preview(server, add(server, out.getvalue()), ext="png", width=32)).convert("RGB")
    assert small.size == (32, 32) and small.getpixel((5, 5))[0] > 200


def test_transparent_images_get_a_white_ground(server):
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    small = opened(preview(server, add(server, out.getvalue()), width=10)).convert("RGB")
    assert min(small.getpixel((5, 5))) > 240


def test_the_same_preview_is_made_once_and_not_sent_again(server, image):
    kw = {"width": 33, "quality": 50}
    first = preview(server, image, **kw)
    assert "private" in first.headers["cache-control"] and "x-api-key" in first.headers["vary"]
    url = labeld.sly._utils.resize_image_url(image["fullStorageUrl"], **kw)
    again = get(server, url, **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert get(server, url, **{"If-None-Match": '"other"'}).content == first.content
    assert preview(server, image, width=34).headers["etag"] != first.headers["etag"]


def test_originals_under_their_path(server, image):
    response = get(server, image["fullStorageUrl"])
    assert response.content == picture() and response.headers["content-type"] == "image/jpeg"
    assert get(server, image["fullStorageUrl"],
               **{"If-None-Match": response.headers["etag"]}).status_code == 304
    assert get(server, image["fullStorageUrl"], Range="bytes=0-9").content == picture()[:10]


# ---- refusals ----

def test_without_a_right_to_the_image_there_is_no_preview(server, image, roles):
    url = labeld.sly._utils.resize_image_url(image["fullStorageUrl"], width=20)
    for path in (url, image["fullStorageUrl"]):
        assert get(server, path, token=None).status_code == 401
        assert get(server, path, token="f" * 128).status_code == 401
        refused = get(server, path, token=roles["stranger"].token)
        assert refused.status_code == 404 and "max-age" not in refused.headers.get("cache-control", "")
        assert get(server, path, token=roles["annotator"].token).status_code == 404
        assert get(server, path, token=roles["viewer"].token).status_code == 200
        missing = path.replace(f"/{image['id']}/", "/999999/")
        assert get(server, missing).status_code == 404


def test_the_labeler_of_a_job_sees_its_images_and_no_others(server, image):
    labeler = server.user(role=labeld.ANNOTATOR)
    job = server.job(dataset_id=image["datasetId"], user_ids=[labeler.id])
    url = labeld.sly._utils.resize_image_url(image["fullStorageUrl"], width=20)
    head = {"x-job-id": str(job["id"])}
    assert get(server, url, token=labeler.token, **head).status_code == 200
    other = add(server, picture(color=(1, 2, 3)))
    assert get(server, other["fullStorageUrl"], token=labeler.token, **head).status_code == 404


@pytest.mark.parametrize("recipe", [
    "ext:exe/resize:fit:10:10:0/q:70", "ext:jpeg/resize:stretch:10:10:0/q:70",
    "ext:jpeg/resize:fit:-1:10:0/q:70", "ext:jpeg/resize:fit:99999999:10:0/q:70",
    "ext:jpeg/resize:fit:10:10:0/q:0", "ext:jpeg/resize:fit:10:10:0/q:101",
    "ext:jpeg/resize:fit:ten:10:0/q:70"])
def test_recipes_that_make_no_sense(server, image, recipe):
    url = f"{server.url}/previews/q/{recipe}/plain{image['pathOriginal']}"
    assert get(server, url).status_code == 400


@pytest.mark.parametrize("path", [
    "/previews/q/", "/previews/q/plain", "/previews/q/plain/", "/previews/q/blur:10/plain/images/original/1/a.b",
    "/previews/q/plain/../../etc/passwd", "/previews/q/plain/%2e%2e/%2e%2e/etc/passwd",
    "/previews/w100/plain/images/original/1/a.jpeg", "/previews/q/plain/http://example.org/a.jpeg"])
def test_paths_that_lead_nowhere(server, path):
    assert get(server, server.url + path).status_code == 404


@pytest.mark.parametrize("which", ["x", "0", "-1", "", "1e3", "99999999999999999999"])
def test_ids_that_are_none(server, which):
    assert get(server, f"{server.url}/images/original/{which}/a.jpeg").status_code in (400, 404)


def test_a_remote_image_has_no_preview(server):
    project = server.project()["id"]
    dataset = server.ok("datasets.add", {"projectId": project, "name": "d"})["id"]
    remote = server.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "far", "link": "http://example.org/a.jpg"}]})[0]
    server.refused(404, "images.preview", {"id": remote["id"]}, field="id")


# ---- hostile files ----

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, data=b"", depth=8, color=0, interlace=0):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
HOSTILE = {
    "header of 100 000 x 100 000": png(100000, 100000),
    "png bomb": png(60000, 60000, b"\0" * 100),
    "svg with script": SVG,
    "svg after a declaration": b'<?xml version="1.0"?>\n' + SVG,
    "svg with an entity": b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG,
    "text": b"this is no image\n" * 100,
    "empty": b"",
    "one byte": b"\xff",
    "zip": b"PK\x03\x04" + b"\0" * 200,
    "pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + b"0 " * 500,
    "imagemagick script": b"push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://example.org)'\n",
    "matlab": b"MATLAB 5.0 MAT-file" + b"\0" * 200,
    "ppm": b"P6\n10 10\n255\n" + b"\0" * 300,
    "csv": b"1,2,3\n4,5,6\n",
    "hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 10 +X 10\n",
    "header only": picture()[:20],
    "html in front of a jpeg": b"<html><script>alert(1)</script>" + picture(),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_by_name(server, what):
    done = upload(server, HOSTILE[what])
    assert "hash" not in done and done["errors"][0]["message"], done
    assert "thumbnail" not in str(done)


@pytest.mark.parametrize("form, text", [("PNG", "is cut off"), ("WEBP", "is a damaged image")])
def test_an_image_that_is_cut_off_is_refused(server, form, text):
    """Wherever it is; something behind its end is no harm."""
    whole = noise(form)
    for size in (len(whole) // 2, len(whole) - 100, len(whole) - 1):
        done = upload(server, whole[:size])
        assert "hash" not in done and text in done["errors"][0]["message"], (size, done)
    made = add(server, whole + b"something else, IEND")
    assert opened(preview(server, made, width=40)).size == (40, 40)
    assert "hash" in upload(server, whole)


def test_a_jpeg_that_is_cut_off_shows_what_there_is(server):
    whole = noise("JPEG")
    assert "hash" not in upload(server, whole[:100]), "not even its header"
    made = add(server, whole[:len(whole) // 2])
    assert opened(preview(server, made, width=40)).size == (40, 40)


def test_a_png_of_many_chunks_is_looked_through_once(server):
    """Without an end, and each chunk empty: the walk from chunk to chunk is bounded."""
    head = noise("PNG")[:33]
    chunk = b"\0\0\0\0teXt" + zlib.crc32(b"teXt").to_bytes(4, "big")
    assert "hash" not in upload(server, head + chunk * 20000 + b"\0\0")
    assert requests.get(server.url + "/healthz", timeout=20).ok


def test_huge_exif_is_no_trouble(server):
    exif = Image.Exif()
    exif[0x010E] = "x" * 60000
    assert opened(preview(server, add(server, picture(exif=exif)), width=40)).size == (40, 30)


def test_a_jpeg_that_is_a_script_too_is_served_as_what_it_was_checked_to_be(server):
    made = add(server, picture() + b"<script>alert(1)</script>")
    response = get(server, made["fullStorageUrl"])
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert b"<script>" not in preview(server, made, width=40).content


# ---- the worker and its cache ----

def workers(server):
    """Process ids of the media workers of this server."""
    out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(server.process.pid)],
                         capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in out.splitlines() if "labeld-media" in line]


def test_the_server_outlives_its_worker(fresh):
    made = add(fresh, picture())
    for pid in workers(fresh):
        os.kill(pid, signal.SIGKILL)
    assert opened(preview(fresh, made, width=30)).size == (30, 23)
    assert "hash" in upload(fresh, picture(color=(0, 0, 9)))


@pytest.mark.slow
def test_a_worker_that_hangs_is_replaced(fresh):
    made = add(fresh, picture())
    for pid in workers(fresh):
        os.kill(pid, signal.SIGSTOP)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(preview(fresh, made, width=30)))
    asking.start()
    began = time.time()
    assert fresh.ok("instance.version", {}) and fresh.ok("images.info", {"id": made["id"]})
    assert fresh.ok("images.list", {"datasetId": made["datasetId"]})
    assert time.time() - began < 5  # nobody else waits for it
    asking.join(timeout=60)
    assert opened(answers[0]).size == (30, 23)


def test_an_image_that_needs_more_memory_than_the_worker_may_have(fresh):
    """Interlaced: it can only be decoded as a whole, 1.9 GB of it."""
    large = add(fresh, png(22000, 22000, b"\0" * 1000, color=6, interlace=1))
    refused = preview(fresh, large, width=30)
    assert refused.status_code == 400 and "image" in refused.text
    assert opened(preview(fresh, add(fresh, picture()), width=30)).size == (30, 23)


def test_files_that_kill_the_worker_again_and_again(fresh):
    made = add(fresh, picture())
    for width in range(10, 30):
        for pid in workers(fresh):
            os.kill(pid, signal.SIGKILL)
        assert preview(fresh, made, width=width).status_code == 200


@pytest.fixture
def tight():
    """A server that takes small images only and keeps few previews."""
    s = labeld.Server()
    s.setting("image_pixels_max", 500 * 500)
    s.setting("preview_cache_bytes", 20000)
    s.start()
    yield s
    s.close()


def kept(server):
    return {f.name: f.stat() for f in (server.dir / "previews").iterdir()}


def test_pixel_limit_is_a_setting(tight):
    assert "hash" in upload(tight, picture((500, 500)))
    assert "more than allowed" in upload(tight, picture((501, 500)))["errors"][0]["message"]


def test_the_cache_keeps_to_its_quota_and_to_what_is_used(tight):
    noise = io.BytesIO()
    Image.frombytes("RGB", (200, 200), os.urandom(120000)).save(noise, "PNG")
    made = add(tight, noise.getvalue())
    hot = preview(tight, made, width=20).content
    first = set(kept(tight))
    for width in range(60, 100):
        assert preview(tight, made, width=width).status_code == 200
        assert preview(tight, made, width=20).content == hot
        assert sum(s.st_size for s in kept(tight).values()) <= 20000
    assert first <= set(kept(tight)) and len(kept(tight)) < 20
    tight.stop()
    tight.start()
    assert first <= set(kept(tight))
    for f in (tight.dir / "previews").iterdir():
        f.unlink()
    again = get(tight, labeld.sly._utils.resize_image_url(made["fullStorageUrl"], width=20).replace(
        made["fullStorageUrl"].split("/")[2], tight.url.split("/")[2]))
    assert again.content == hot


def test_a_wrong_setting_stops_the_start(tight):
    tight.stop()
    tight.store.tamper("UPDATE setting SET value = 'many' WHERE name = 'image_pixels_max'")
    with pytest.raises(RuntimeError, match="image_pixels_max"):
        tight.start()
    tight.process = None
    tight.setting("image_pixels_max", 1000)
    tight.start()
