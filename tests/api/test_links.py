"""Images by link: followed by the server when asked, and where it does not go."""

import http.server
import json
import socket
import threading

import numpy as np
import pytest
import requests

import labeld
from pictures import hash_of, picture

IMAGE = picture(size=(64, 48))


class Pages(http.server.BaseHTTPRequestHandler):
    """The other server: what it answers by path."""
    seen = []

    def do_GET(self):
        Pages.seen.append((self.path, dict(self.headers)))
        name = self.path.strip("/").split("?")[0]
        code, head, body = {
            "image": (200, {}, IMAGE), "moved": (302, {"Location": "/image"}, b""),
            "loop": (302, {"Location": "/loop"}, b""), "text": (200, {}, b"<html>no image</html>"),
            "script": (200, {"Content-Type": "image/svg+xml"}, b"<svg onload='alert(1)'/>"),
            "short": (200, {"Content-Length": str(len(IMAGE) + 9)}, IMAGE),
            "half": (200, {}, IMAGE[:60]),
            "huge": (200, {"Content-Length": str(1 << 40)}, b""),
            "file": (302, {"Location": "file:///etc/passwd"}, b""),
            "broken": (500, {}, b"sorry"),
        }.get(name, (404, {}, b""))
        self.send_response(code)
        for key, value in {"Content-Length": str(len(body)), **head}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def pages():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def open_server():
    """A server that may follow links into its own network."""
    server = labeld.Server()
    server.setting("private_addresses", 1)
    server.start()
    yield server
    server.close()


@pytest.fixture
def dataset(open_server):
    return open_server.ok("datasets.add", {"projectId": open_server.project()["id"], "name": "d"})["id"]


def test_links_are_followed(open_server, dataset, pages):
    api = open_server.sdk()
    infos = api.image.upload_links(dataset, ["a.png", "b.png"], [pages + "/image?secret", pages + "/moved"])
    for info, path in zip(infos, ("/image?secret", "/moved")):
        assert (info.hash, info.width, info.height, info.mime) == (hash_of(IMAGE), 64, 48, "image/png")
        assert (info.link, info.size) == (pages + path, len(IMAGE))
        assert api.image.download_bytes(dataset, [info.id]) == [IMAGE]
    preview = requests.get(open_server.url + f"/public/api/v3/images.preview?id={infos[0].id}&width=16",
                           headers={"x-api-key": open_server.token}, timeout=30)
    assert preview.status_code == 200
    assert api.dataset.get_info_by_id(dataset).size == str(2 * len(IMAGE))
    assert all("x-api-key" not in {k.lower() for k in head} for _, head in Pages.seen)


def test_links_stay_remote_when_asked(open_server, dataset, pages):
    asked = len(Pages.seen)
    info = open_server.sdk().image.upload_link(dataset, "far.png", pages + "/image", force_metadata_for_links=False)
    assert (info.hash, info.link, info.width) == (None, pages + "/image", 0)
    assert len(Pages.seen) == asked
    open_server.refused(404, "images.download", {"id": info.id}, text="remote")


@pytest.mark.parametrize("path, says", [
    ("/nothing", "404"), ("/broken", "500"), ("/loop", "redirect"), ("/text", "image"), ("/script", "image"),
    ("/short", "cannot be fetched"), ("/huge", "larger"), ("/file", "cannot be fetched")])
def test_links_that_lead_to_no_image(open_server, dataset, pages, path, says):
    before = open_server.state()
    answer = open_server.refused(400, "images.bulk.add", {
        "datasetId": dataset, "forceMetadataForLinks": True, "images": [
            {"title": "good.png", "link": pages + "/image"}, {"title": "bad.png", "link": pages + path}]},
        field="link", text=says)
    assert "images[1]" in str(answer)
    assert open_server.state() == before


def test_links_that_lead_nowhere(open_server, dataset):
    before = open_server.state()
    for link in ["file:///etc/passwd", "gopher://127.0.0.1/", "s3://bucket/a.png", "a.png", "http://",
                 "http://no-such-host.invalid/a.png", "http://127.0.0.1:1/a.png", "x" * 5000]:
        open_server.refused(400, "images.bulk.add", {
            "datasetId": dataset, "forceMetadataForLinks": True, "images": [{"title": "x.png", "link": link}]},
            field="link")
    assert open_server.state() == before


def test_a_taken_name_is_a_conflict_as_ever(open_server, dataset, pages):
    body = {"datasetId": dataset, "forceMetadataForLinks": True,
            "images": [{"title": "x.png", "link": pages + "/image"}]}
    made = open_server.ok("images.bulk.add", body)[0]["id"]
    body["images"].insert(0, {"title": "y.png", "link": pages + "/moved"})
    details = open_server.refused(400, "images.bulk.add", body)["details"]
    assert details["type"] == "NONUNIQUE" and details["errors"] == [{"id": made, "name": "x.png"}]


def test_who_may_not_add_images_starts_no_fetch(open_server, dataset, pages):
    viewer = open_server.user(role=labeld.VIEWER)
    asked = len(Pages.seen)
    open_server.refused(403, "images.bulk.add", {
        "datasetId": dataset, "forceMetadataForLinks": True,
        "images": [{"title": "x.png", "link": pages + "/image"}]}, token=viewer.token)
    assert len(Pages.seen) == asked


def test_the_servers_own_network_is_closed(server, pages):
    dataset = server.ok("datasets.add", {"projectId": server.project()["id"], "name": "d"})["id"]
    asked = len(Pages.seen)
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1",
                 "192.168.1.1", "169.254.169.254"]:
        server.refused(400, "images.bulk.add", {
            "datasetId": dataset, "forceMetadataForLinks": True,
            "images": [{"title": "x.png", "link": f"http://{host}:{pages.rsplit(':', 1)[1]}/image"}]}, field="link")
    assert len(Pages.seen) == asked and server.ok("images.list", {"datasetId": dataset})["total"] == 0


def start_call(server, body):
    """Send images.bulk.add and do not wait for its answer."""
    text = json.dumps(body).encode()
    connection = server.connect()
    connection.sendall(f"POST {labeld.PREFIX}images.bulk.add HTTP/1.1\r\nHost: x\r\nx-api-key: {server.token}\r\n"
                       f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
    return connection


def test_fetching_does_not_keep_others_waiting(dataset, open_server):
    """Links to a server that never answers, more of them than there are threads for that."""
    silent = socket.create_server(("127.0.0.1", 0))
    link = f"http://127.0.0.1:{silent.getsockname()[1]}/a.png"
    waiting = [start_call(open_server, {"datasetId": dataset, "forceMetadataForLinks": True,
                                        "images": [{"title": f"{i}.png", "link": link}]}) for i in range(6)]
    peers = [silent.accept()[0] for _ in range(4)]  # all threads are at it
    made = open_server.ok("images.bulk.add", {"datasetId": dataset, "images": [{"title": "far.png", "link": link}]})
    assert made[0]["link"] == link
    assert open_server.sdk().image.upload_np(dataset, "near.png", np.zeros((9, 9, 3), np.uint8)).width == 9
    silent.close()
    for connection in peers + waiting:
        connection.close()
