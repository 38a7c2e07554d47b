"""liblabel when the server is gone, slow or busy, answers nonsense, or cuts the connection: what is safe
is repeated, the error is clear, nothing leaks (the probe has sanitizers), and nothing is made twice."""

import contextlib
import json
import os
import socket
import time

import numpy as np
import pytest
import supervisely as sly

import annotations
import labeld
from liblabel import Between, Misbehaving, answer, cut, drop, hang, image_files, parts, probe
from sdk_helpers import unique

ME = {"id": 1, "login": "anna", "role": None, "roleId": None, "name": "", "email": None, "logins": 0,
      "disabled": False, "isRestricted": False, "lastLogin": None, "createdAt": "2026-01-01T00:00:00.000Z",
      "updatedAt": "2026-01-01T00:00:00.000Z", "teams": []}
GOOD = answer(200, ME)
PARTLY = GOOD[:-20]


def dead_address():
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        return f"http://127.0.0.1:{s.getsockname()[1]}"


# ---- gone ----

def test_a_server_that_is_gone_is_tried_again_and_named():
    url = dead_address()
    start = time.monotonic()
    got = probe(url, "me", attempts=4, wait_ms=50)
    assert got["err"] == "no connection" and got["attempts"] == 4 and got["retries"] == 3
    assert url in got["message"] and "after 4 attempts" in got["message"]
    assert time.monotonic() - start >= 0.05 + 0.1 + 0.2  # each wait is twice the one before


def test_one_attempt_is_one():
    got = probe(dead_address(), "me", attempts=1)
    assert got["err"] == "no connection" and got["attempts"] == 1 and "attempts" not in got["message"]


@pytest.mark.parametrize("address, why", [
    ("", "no server address"), ("ftp://a", "not the address"), ("http://a b", "not the address"),
    ("http://user:pw@host", "not the address"), ("http://host/?x=1", "not the address")])
def test_what_is_no_address_is_refused_before_anything_is_sent(address, why):
    got = probe(address, "me")
    assert got["err"] == "wrong argument" and got["attempts"] == 0 and got["field"] == "server_address"
    assert why in got["message"]


def test_a_token_with_a_line_break_is_refused():
    with Misbehaving(GOOD) as fake:
        got = probe(fake.url, "me", token="abc\r\nx-evil: 1")
        assert got["err"] == "wrong argument" and got["field"] == "token" and fake.requests == []


def test_a_server_that_comes_back_is_found():
    with Misbehaving(drop, drop, GOOD) as fake:
        got = probe(fake.url, "me")
        assert (got["err"], got["value"], got["attempts"], got["retries"]) == ("ok", "anna", 3, 2)
        assert got["message"] == ""


# ---- slow ----

@pytest.mark.parametrize("first", [b"", PARTLY])
def test_a_server_that_stops_is_given_up_after_the_timeout(first):
    with Misbehaving(hang(first=first)) as fake:
        got = probe(fake.url, "me", attempts=2, timeout_ms=1000)
        assert got["err"] == "timeout" and got["attempts"] == 2 and fake.url in got["message"]


def test_a_slow_server_that_goes_on_is_waited_for():
    def dribble(request, conn):
        for i in range(0, len(GOOD), 60):
            conn.sendall(GOOD[i:i + 60])
            time.sleep(0.3)
        return b""

    with Misbehaving(dribble) as fake:
        assert probe(fake.url, "me", attempts=1, timeout_ms=1000)["value"] == "anna"


def test_a_dead_network_ends_with_the_timeout_of_the_connection():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as stack:
        for _ in range(4):  # what fills the queue of connections that nobody accepts
            s = stack.enter_context(socket.socket())
            s.setblocking(False)
            s.connect_ex(full.getsockname())
        got = probe(f"http://127.0.0.1:{full.getsockname()[1]}", "me", attempts=1)
        assert got["err"] == "timeout" and got["status"] == 0


# ---- busy ----

@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(status):
    with Misbehaving(answer(status, {"error": "busy"}, ["retry-after: 1"]), GOOD) as fake:
        start = time.monotonic()
        got = probe(fake.url, "me", wait_ms=1)
        assert got["err"] == "ok" and got["attempts"] == 2
        assert time.monotonic() - start >= 0.95


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_stays_busy_is_given_up(status):
    with Misbehaving(answer(status, {"error": "Too many", "details": {"message": "come back later"}})) as fake:
        got = probe(fake.url, "job_create", "a", 1, 1)
        assert got["err"] == "server busy" and got["status"] == status and got["attempts"] == 3
        assert got["message"] == "come back later (after 3 attempts)"
        assert len(set(fake.operations)) == 1 and None not in fake.operations


@pytest.mark.parametrize("status", [408, 499, 500, 502, 504, 509, 598, 599])
def test_what_the_sdk_repeats_is_repeated(status):
    with Misbehaving(answer(status, b"<html>"), GOOD) as fake:
        got = probe(fake.url, "me")
        assert got["err"] == "ok" and got["attempts"] == 2


@pytest.mark.parametrize("status, err", [
    (400, "refused input"), (401, "no valid token"), (403, "not allowed"), (404, "not found"), (409, "refused input"),
    (413, "refused input"), (422, "refused input"), (501, "server failed"), (507, "server failed")])
def test_what_a_repeat_cannot_mend_is_not_repeated(status, err):
    details = [{"message": "it is wrong", "path": ["login"], "type": "any.invalid"}]
    with Misbehaving(answer(status, {"error": "Validation error", "details": details}), GOOD) as fake:
        got = probe(fake.url, "me")
        assert (got["err"], got["status"], got["attempts"]) == (err, status, 1)
        assert (got["field"], got["message"]) == ("login", "it is wrong")


def test_a_refusal_without_words_is_an_error_all_the_same():
    with Misbehaving(answer(400, b"\x00\xff not json")) as fake:
        got = probe(fake.url, "me")
        assert got["err"] == "refused input" and got["message"] == "users.me: HTTP status 400"


def test_a_message_cannot_drive_the_terminal():
    with Misbehaving(answer(400, {"error": "a\x1b[31mred\nline"})) as fake:
        assert probe(fake.url, "me")["message"] == "a [31mred line"


def test_a_redirect_is_not_followed_and_the_token_stays_here():
    with Misbehaving(GOOD) as other, Misbehaving(
            answer(302, b"", [f"location: {other.url}/x"])) as fake:
        got = probe(fake.url, "me")
        assert got["err"] == "wrong argument" and other.url in got["message"] and other.requests == []


# ---- cut and garbled answers ----

@pytest.mark.parametrize("how", [
    cut(b""), cut(b"HTTP/1.1 200 OK\r\ncontent-le"), cut(PARTLY),
    cut(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n"),
    cut(b"HTTP/1.0 200 OK\r\n\r\n{\"id\": 1, \"log"), answer(200, b'{"id": 1'), answer(200, b"")],
    ids=["nothing", "head", "body", "chunks", "until-close", "short-json", "empty"])
def test_a_cut_answer_is_asked_for_again(how):
    with Misbehaving(how, how, GOOD) as fake:
        got = probe(fake.url, "me")
        assert (got["err"], got["value"], got["attempts"]) == ("ok", "anna", 3)
        assert len({r.body for r in fake.requests}) == 1


@pytest.mark.parametrize("body, message", [
    (b"<html>hello</html>", "no JSON"), (b"[1, 2]", "no user"), (b"null", "no user"), (b'"x"', "no user"),
    (b'{"id": "one"}', "id of a user"), (b'{"login": 7}', "login of a user"),
    (b'{"disabled": 1}', "disabled of a user"), (b"[" * 3000, "no JSON"), (b'{"id": 1e400}', "no JSON"),
    (b'{"login": "\xff"}', "no JSON")])
def test_an_answer_that_is_no_answer_is_an_error(body, message):
    with Misbehaving(answer(200, body)) as fake:
        got = probe(fake.url, "me", attempts=2)
        assert got["err"] == "bad answer" and message in got["message"], got
        assert got["value"] is None


@pytest.mark.parametrize("body", [
    b"{}", b"[]", b'{"entities": 7}', b'{"entities": [7], "pagesCount": 1}', b'{"entities": [[]], "pagesCount": 1}'])
def test_a_list_that_is_none_is_an_error(body):
    with Misbehaving(answer(200, body)) as fake:
        got = probe(fake.url, "jobs", 1, attempts=1)
        assert got["err"] == "bad answer" and got["value"] is None


def test_pages_that_never_end_end():
    """A server that says there are a billion pages, all of them empty but the first."""
    page = {"total": 10 ** 9, "perPage": 1, "pagesCount": 10 ** 9, "entities": [{"id": 1}]}
    with Misbehaving(answer(200, page), answer(200, {**page, "entities": []})) as fake:
        assert probe(fake.url, "jobs", 1)["value"] == 1 and len(fake.requests) == 2


@pytest.mark.parametrize("body", [b"{}", b"[]", b"7"])
def test_a_creation_that_names_nothing_is_an_error(body):
    with Misbehaving(answer(200, body)) as fake:
        got = probe(fake.url, "job_create", "a", 1, 1, attempts=1)
        assert got["err"] == "bad answer" and got["value"] is None


# ---- never twice ----

def test_reads_carry_no_operation_and_changes_a_new_one_each():
    with Misbehaving(GOOD) as fake:
        probe(fake.url, "me")
        assert fake.operations == [None]
        for _ in range(2):
            probe(fake.url, "post", "jobs.add", "{}")
        first, second = fake.operations[1:]
        assert first != second and len(first) == len(second) == 32


def test_a_repeat_is_the_same_call():
    with Misbehaving(drop, cut(PARTLY), answer(503), GOOD) as fake:
        assert probe(fake.url, "post", "jobs.add", '{"name": "x"}', attempts=9)["attempts"] == 4
        assert len(set(fake.operations)) == 1 and len({r.body for r in fake.requests}) == 1


CREATING = {
    "users.add": lambda s: {"login": unique("user"), "password": "a-password", "name": "", "email": ""},
    "teams.add": lambda s: {"name": unique("team")},
    "workspaces.add": lambda s: {"teamId": s.team_id, "name": unique("workspace")},
    "projects.add": lambda s: {"workspaceId": s.workspace_id, "name": unique("project")},
    "datasets.add": lambda s: {"projectId": s.project_id, "name": unique("dataset")},
    "jobs.add": lambda s: {"name": unique("job"), "datasetId": s.dataset_id, "userIds": [s.user_id]},
    "labeling-queues.add": lambda s: {"name": unique("queue"), "datasetId": s.dataset_id,
                                      "userIds": [s.user_id], "reviewerIds": [s.user_id]},
}


@pytest.mark.parametrize("method", CREATING)
def test_an_answer_that_is_lost_twice_creates_once(server, method):
    table = {"users.add": ("users.list", {}), "teams.add": ("teams.list", {}),
             "workspaces.add": ("workspaces.list", {"teamId": server.team_id}),
             "projects.add": ("projects.list", {"workspaceId": server.workspace_id}),
             "datasets.add": ("datasets.list", {"projectId": server.project_id}),
             "jobs.add": ("jobs.list", {"teamId": server.team_id}),
             "labeling-queues.add": ("labeling-queues.list", {"teamId": server.team_id})}[method]

    def count():
        return server.ok(table[0], {**table[1], "per_page": 1})["total"]

    before = count()
    with Between(server, [method]) as between:
        got = probe(between.url, "post", method, json.dumps(CREATING[method](server)), token=server.token)
        assert got["err"] == "ok" and got["attempts"] == 3 and between.count(method) == 3
    assert count() == before + 1


def test_two_calls_with_the_same_words_create_two(server):
    name = unique("job")
    made = {probe(server.url, "job_create", name, server.dataset_id, server.user_id,
                  token=server.token)["value"] for _ in range(2)}
    assert len(made) == 2


def test_threads_share_a_handle_through_a_bad_connection(server):
    name = unique("job")
    with Between(server, ["jobs.add"], times=10, lose=lambda data: data[:5]) as between:
        got = probe(between.url, "threads", name, server.dataset_id, server.user_id, token=server.token,
                    attempts=12, timeout_ms=30000)
        assert got["value"] == 0
    jobs = server.ok("jobs.list", {"teamId": server.team_id, "filter": [
        {"field": "name", "operator": "=", "value": name}]})
    assert jobs["total"] == 32


# ---- transfers ----

def dataset(server):
    return server.ok("datasets.add", {"projectId": server.project()["id"], "name": unique("dataset")})["id"]


def names_in(server, dataset_id):
    found = server.ok("images.list", {"datasetId": dataset_id, "per_page": 5000})["entities"]
    return [image["name"] for image in found]


def test_an_upload_over_a_bad_connection_makes_each_image_once(server, tmp_path):
    paths, to = image_files(tmp_path, 150), dataset(server)
    lossy = ["images.bulk.add", "images.bulk.upload", "images.internal.hashes.list"]
    with Between(server, lossy, times=2) as between:
        got = probe(between.url, "upload", to, 0, *paths, token=server.token, attempts=6, timeout_ms=30000)
    assert got["err"] == "ok", got
    assert [name for name, _ in got["value"]["images"]] == [p.name for p in paths]
    assert names_in(server, to) == [p.name for p in paths]
    seen = got["value"]["progress"]
    assert seen[-1] == [150, 150, sum(p.stat().st_size for p in paths)]
    assert seen == sorted(seen)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["images.bulk.add", "images.bulk.upload", "images.internal.hashes.list"])
def test_an_upload_to_a_busy_server_makes_each_image_once(server, tmp_path, method, status):
    """The first two of these calls are turned away, as by a proxy in front."""
    paths, to, left = image_files(tmp_path, 70), dataset(server), [2]
    with Between(server, [], times=0) as between:
        relay = between.relay

        def busy(request, conn):
            if request.method == method and left[0]:
                left[0] -= 1
                return answer(status, {"error": "later"}, ["retry-after: 0"])
            return relay(request, conn)
        between.actions = [busy]
        got = probe(between.url, "upload", to, 0, *paths, token=server.token, attempts=5, timeout_ms=30000)
    assert got["err"] == "ok" and left == [0] and got["retries"] == 2
    assert names_in(server, to) == [p.name for p in paths]


def test_the_server_is_asked_as_long_as_it_has_some(server, tmp_path):
    """Before sending: by the first batch, by each after one that found something, and by every eighth."""
    def upload(paths):
        with Between(server, []) as between:
            got = probe(between.url, "upload", to := dataset(server), 0, *paths, token=server.token, parallel=1,
                        timeout_ms=30000)
            asked, sent = (between.count(m) for m in ("images.internal.hashes.list", "images.bulk.upload"))
        assert got["err"] == "ok" and names_in(server, to) == [p.name for p in paths]
        return asked, sent
    some, others = image_files(tmp_path / "a", 300), image_files(tmp_path / "b", 320)
    assert upload(some) == (1, 5), "all new"
    assert upload(some) == (5, 0), "all there"
    mixed = [p.rename(tmp_path / f"mixed_{n:04}.png") for n, p in enumerate(others + some)]
    assert upload(mixed) == (3, 8), "those that are there are noticed at the eighth"


def test_batches_become_images_together(server, tmp_path):
    """While one call is under way the next ones wait, and then make one of all of them, in order."""
    paths, to = image_files(tmp_path, 1000), dataset(server)
    with Between(server, []) as slow:
        slow.delay("images.bulk.add", 0.3)
        got = probe(slow.url, "upload", to, 0, *paths, token=server.token, timeout_ms=30000)
        calls = slow.count("images.bulk.add")
    assert got["err"] == "ok" and names_in(server, to) == [p.name for p in paths]
    assert [name for name, _ in got["value"]["images"]] == [p.name for p in paths]
    assert sorted(got["value"]["made"]) == [[i, p.name] for i, p in enumerate(paths)]
    assert 2 <= calls < 16, "16 batches"


def test_what_is_made_is_told_once(server, tmp_path):
    """Over a connection that loses answers: each image once, with the number of its file."""
    paths, to = image_files(tmp_path, 150), dataset(server)
    with Between(server, ["images.bulk.add", "images.bulk.upload"]) as between:
        got = probe(between.url, "upload", to, 0, *paths, token=server.token, attempts=6, timeout_ms=30000)
    assert sorted(got["value"]["made"]) == [[i, p.name] for i, p in enumerate(paths)]


def test_images_with_much_meta_are_not_all_sent_at_once(server, tmp_path):
    """What waits for its turn goes together, as far as it fits into a call."""
    paths, to = image_files(tmp_path, 448), dataset(server)
    with Between(server, [], times=0) as between:
        between.delay("images.bulk.add", 0.3)
        got = probe(between.url, "upload", to, 0, *paths, token=server.token, meta_bytes=60000, timeout_ms=30000)
        assert got["err"] == "ok" and between.count("images.bulk.add") > 1
    assert names_in(server, to) == [p.name for p in paths]


def test_images_that_the_answer_leaves_out_are_no_others(server, tmp_path):
    paths, to = image_files(tmp_path, 5), dataset(server)
    with Between(server, [], times=0) as between:
        relay = between.relay

        def less(request, conn):
            whole = relay(request, conn)
            if request.method != "images.bulk.add":
                return whole
            return answer(200, json.loads(whole.split(b"\r\n\r\n", 1)[1])[1:])
        between.actions = [less]
        got = probe(between.url, "upload", to, 0, *paths, token=server.token)
    assert got["err"] == "bad answer" and "5 images, not 4" in got["message"]
    assert got["value"]["images"] == got["value"]["made"] == []


def test_who_is_told_can_end_the_upload(server, tmp_path):
    """With its own words; what is there then is the beginning, and can be gone on with."""
    paths, to = image_files(tmp_path, 200), dataset(server)
    got = probe(server.url, "upload", to, 0, *paths, token=server.token, fail_at=70, parallel=2, timeout_ms=30000)
    assert (got["err"], got["message"]) == ("file", "made: no") and got["value"]["images"] == []
    there = names_in(server, to)
    assert 64 <= len(there) and there == [p.name for p in paths[:len(there)]]
    got = probe(server.url, "upload", to, 1, *paths, token=server.token, timeout_ms=30000)
    assert got["err"] == "ok" and names_in(server, to) == [p.name for p in paths]
    assert sorted(got["value"]["made"]) == [[i, p.name] for i, p in enumerate(paths)]


def test_an_upload_that_is_stopped_goes_on_where_it_ended(server, tmp_path):
    paths, to = image_files(tmp_path, 200), dataset(server)
    got = probe(server.url, "upload", to, 0, *paths, token=server.token, stop_after=60, parallel=3,
                timeout_ms=30000)
    assert got["err"] == "cancelled"
    there = names_in(server, to)
    assert 0 < len(there) < 200 and there == [p.name for p in paths[:len(there)]]
    got = probe(server.url, "upload", to, 1, *paths, token=server.token, timeout_ms=30000)
    assert got["err"] == "ok" and names_in(server, to) == [p.name for p in paths]
    assert [name for name, _ in got["value"]["images"]] == [p.name for p in paths]
    assert len({i for _, i in got["value"]["images"]}) == 200


def test_what_is_no_image_ends_the_upload_and_is_named(server, tmp_path):
    paths, to = image_files(tmp_path, 3), dataset(server)
    paths[1].write_text("no image at all")
    got = probe(server.url, "upload", to, 0, *paths, token=server.token)
    assert got["err"] == "refused input" and str(paths[1]) in got["message"] and names_in(server, to) == []


def test_a_file_that_cannot_be_read_is_named(server, tmp_path):
    paths, to = image_files(tmp_path, 2), dataset(server)
    got = probe(server.url, "upload", to, 0, *paths, tmp_path / "missing.png", token=server.token)
    assert got["err"] == "file" and "missing.png: No such file" in got["message"] and names_in(server, to) == []


def test_two_files_of_one_name_are_refused_before_anything_is_sent(server, tmp_path):
    here, there = image_files(tmp_path / "a", 1), image_files(tmp_path / "b", 1)
    got = probe(server.url, "upload", dataset(server), 0, *here, *there, token=server.token)
    assert got["err"] == "wrong argument" and "img_0000.png" in got["message"] and got["attempts"] == 0


FAIL, SKIP, RENAME, REPLACE = range(4)


@pytest.mark.parametrize("conflict", [FAIL, SKIP, RENAME, REPLACE])
def test_names_that_are_taken(server, tmp_path, conflict):
    paths, to = image_files(tmp_path, 4), dataset(server)
    first = probe(server.url, "upload", to, FAIL, *paths[1:3], token=server.token)["value"]["images"]
    got = probe(server.url, "upload", to, conflict, *paths, token=server.token)
    names, plain = names_in(server, to), [p.name for p in paths]
    if conflict == FAIL:
        assert got["err"] == "refused input" and got["field"] == "title" and len(names) == 2
        return
    assert got["err"] == "ok"
    images = got["value"]["images"]
    if conflict == SKIP:
        assert [n for n, _ in images] == plain and images[1:3] == first and sorted(names) == plain
    if conflict == RENAME:
        assert [n for n, _ in images] == [plain[0], "img_0001_001.png", "img_0002_001.png", plain[3]]
        assert len(names) == 6
    if conflict == REPLACE:
        assert [n for n, _ in images] == plain and len(names) == 4
        assert not {i for _, i in first} & {i for _, i in images}


def test_a_new_name_is_none_of_the_other_files(server, tmp_path):
    paths, to = image_files(tmp_path, 3), dataset(server)
    files = [p.rename(tmp_path / name) for p, name in zip(paths, ("a.png", "a_001.png", "a_002.png"))]
    probe(server.url, "upload", to, FAIL, files[0], token=server.token)
    got = probe(server.url, "upload", to, RENAME, *files, token=server.token)
    assert got["err"] == "ok" and [n for n, _ in got["value"]["images"]] == ["a_003.png", "a_001.png", "a_002.png"]


def test_a_download_that_is_cut_is_made_whole(server, tmp_path):
    images = server.ok("images.list", {"datasetId": server.dataset_id})["entities"]
    with Between(server, ["images.download"], times=3, lose=lambda data: data[:len(data) // 2]) as between:
        got = probe(between.url, "download", tmp_path, *(i["id"] for i in images), token=server.token, attempts=5)
    assert got["err"] == "ok", got
    for image in images:
        assert (tmp_path / str(image["id"])).read_bytes() == server.raw("images.download", {"id": image["id"]}).content
    assert sorted(os.listdir(tmp_path)) == sorted(str(i["id"]) for i in images)
    assert got["value"][-1][0] == len(images)


def test_a_download_that_fails_leaves_what_was_there(server, tmp_path):
    image = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][0]["id"]
    (tmp_path / str(image)).write_text("old")
    with Between(server, ["images.download"], times=99, lose=lambda data: data[:2000]) as between:
        got = probe(between.url, "download", tmp_path, image, token=server.token, attempts=2)
    assert got["err"] == "no connection" and got["attempts"] == 2
    assert os.listdir(tmp_path) == [str(image)] and (tmp_path / str(image)).read_text() == "old"


def test_a_download_of_nothing_leaves_no_file(server, tmp_path):
    got = probe(server.url, "download", tmp_path, 999999, token=server.token)
    assert got["err"] == "not found" and got["status"] == 404 and os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(server, tmp_path):
    got = probe(server.url, "download", tmp_path / "no", 1, token=server.token)
    assert got["err"] == "file" and "No such file" in got["message"] and got["attempts"] == 0


# ---- many in one answer ----

def test_a_bulk_download_that_is_cut_is_made_whole(server, tmp_path):
    """Twice only half of the bytes come; what is told is each image once."""
    to = dataset(server)
    sent = image_files(tmp_path / "sent", 70, (40, 40))
    made = probe(server.url, "upload", to, 0, *sent, token=server.token, timeout_ms=30000)["value"]["images"]
    folder = tmp_path / "down"
    folder.mkdir()
    with Between(server, ["images.bulk.download"], times=2, lose=lambda data: data[:len(data) // 2]) as between:
        got = probe(between.url, "download", folder, *(i for _, i in made), token=server.token, dataset=to,
                    attempts=5, timeout_ms=30000)
        assert between.count("images.bulk.download") == 2 + 2  # two batches, two repeats
    assert got["err"] == "ok", got
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        str(i): path.read_bytes() for path, (_, i) in zip(sent, made)}
    assert [done for done, _, _ in got["value"]] == list(range(1, 71))
    assert got["value"][-1][2] == sum(p.stat().st_size for p in sent)


def test_a_bulk_download_that_fails_leaves_what_was_there(server, tmp_path):
    ids = [i["id"] for i in server.ok("images.list", {"datasetId": server.dataset_id})["entities"]]
    (tmp_path / str(ids[0])).write_text("old")
    with Between(server, ["images.bulk.download"], times=99, lose=lambda data: data[:300]) as between:
        got = probe(between.url, "download", tmp_path, *ids, token=server.token, dataset=server.dataset_id, attempts=2)
    assert got["err"] == "no connection" and got["attempts"] == 2
    assert os.listdir(tmp_path) == [str(ids[0])] and (tmp_path / str(ids[0])).read_text() == "old"


LIKE_THE_END = b"\r\n--boun\r\n--bounc\r\r\n\r\n-" + bytes(range(256)) + b"\r\n--bound"[:-1]


def dribbled(data, step):
    def send(_request, conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(0, len(data), step):
            conn.sendall(data[i:i + step])
    return send


@pytest.mark.parametrize("step", [1, 7, 10000])
def test_parts_are_found_wherever_the_bytes_are_cut(tmp_path, step):
    wanted = {"1": LIKE_THE_END, "2": b"", "3": b"\r\n", "4": b"x" * 2000}
    with Misbehaving(dribbled(parts(*wanted.items()), step)) as fake:
        got = probe(fake.url, "download", tmp_path, *wanted, dataset=1)
    assert got["err"] == "ok", got
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == wanted


@pytest.mark.parametrize("data, says", [
    (answer(200, b"--b\r\n", kind="multipart/form-data"), "no boundary"), (answer(200, b"1", kind="image/png"), "no boundary"),
    (answer(200, b"1", kind=f"multipart/form-data; boundary={'b' * 71}"), "no boundary"),
    (answer(200, b"--b\r\nx: y\r\n\r\n1\r\n--b--", kind="multipart/form-data; boundary=b"), "no name"),
    (answer(200, b"--b\r\n" + b"x" * 5000, kind="multipart/form-data; boundary=b"), "too long"),
    (parts((1, b"a"), (7, b"b")), "'7' was not asked for"), (parts((1, b"a"), ("../../x", b"b")), "was not asked for"),
    (parts((1, b"a")), "image 2 did not come"), (parts((1, b"a"), (2, b"b"), end=False), "image 2 did not come"),
    (parts(), "image 1 did not come"), (answer(200, b"", kind="multipart/form-data; boundary=b"), "image 1 did not come")])
def test_parts_that_are_none_are_an_error(tmp_path, data, says):
    """And no file is there that is not whole."""
    with Misbehaving(data) as fake:
        got = probe(fake.url, "download", tmp_path, 1, 2, dataset=1, attempts=2)
    assert got["err"] == "bad answer" and says in got["message"], got
    assert not [p for p in tmp_path.iterdir() if p.read_bytes() != b"a"]


# ---- masks ----

MASK = {"origin": [1, 2], "data": "eJw="}


@pytest.fixture(scope="module")
def mask(server):
    """(image, figure) of an alpha mask that has its pixels."""
    api = server.sdk()
    project = api.project.create(server.workspace_id, unique("p"))
    meta = sly.ProjectMeta([sly.ObjClass("soft", sly.AlphaMask)])
    api.project.update_meta(project.id, meta)
    to = api.dataset.create(project.id, "ds")
    image = api.image.upload_np(to.id, "a.png", np.zeros((*annotations.SIZE, 3), np.uint8))
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project.id))
    api.annotation.upload_ann(image.id, sly.Annotation(annotations.SIZE, [
        sly.Label(annotations.geometries()["alpha_mask"], meta.get_obj_class("soft"))]))
    return image.id, api.annotation.download(image.id).annotation["objects"][0]["id"]


def test_pixels_come_over_a_bad_connection(server, mask):
    image, figure = mask
    (wanted,) = server.sdk().image.figure.download_geometries_batch([figure])
    with Between(server, ["figures.bulk.download.geometry"], times=2, lose=lambda data: data[:-40]) as between:
        got = probe(between.url, "masks", figure, token=server.token, attempts=5)
        assert got["err"] == "ok" and [json.loads(t) for t in got["value"]] == [wanted]
    with Between(server, ["figures.bulk.download.geometry"], times=2, lose=lambda data: data[:-40]) as between:
        got = probe(between.url, "annotation", image, token=server.token, attempts=5)
    assert got["err"] == "ok" and json.loads(got["value"])["objects"][0]["bitmap"] == wanted


def test_pixels_that_are_sent_twice_are_one_change(server, mask):
    """Both answers are lost; the figure's history knows one change."""
    _, figure = mask
    (geometry,) = server.sdk().image.figure.download_geometries_batch([figure])
    before = server.ok("figures.history", {"id": figure})
    with Between(server, ["figures.bulk.upload.geometry"], times=2) as between:
        got = probe(between.url, "set_mask", figure, json.dumps({**geometry, "origin": [3, 4]}), token=server.token, attempts=5)
        assert got["err"] == "ok" and between.count("figures.bulk.upload.geometry") == 3
        assert len(set(between.operations)) == 1
    assert len(server.ok("figures.history", {"id": figure})) == len(before) + 1
    assert server.sdk().image.figure.download_geometries_batch([figure])[0]["origin"] == [3, 4]


@pytest.mark.parametrize("data, says", [
    (parts(), "did not come"), (parts((5, b"{")), "no JSON"), (parts((5, b"")), "no JSON"),
    (parts((6, json.dumps(MASK).encode())), "was not asked for"), (answer(200, {}), "no boundary")])
def test_pixels_that_are_none_are_an_error(data, says):
    with Misbehaving(data) as fake:
        got = probe(fake.url, "masks", 5, attempts=2)
    assert got["err"] == "bad answer" and says in got["message"] and got["value"] == [], got


# ---- cancelling and waiting ----

@pytest.mark.parametrize("action", [hang(), answer(503, headers=["retry-after: 60"])], ids=["call", "wait"])
def test_a_call_is_cancelled_at_once(action):
    with Misbehaving(action) as fake:
        start = time.monotonic()
        got = probe(fake.url, "me", timeout_ms=60000, cancel_ms=200)
        assert got["err"] == "cancelled" and time.monotonic() - start < 20


def test_waiting_ends(server):
    job = server.job()
    got = probe(server.url, "job_wait", job["id"], "on_review", 3, 10, token=server.token)
    assert got["err"] == "waited in vain" and "pending, not on_review, after 3 looks" in got["message"]
    server.ok("jobs.set-status", {"id": job["id"], "status": "on_review"})
    assert probe(server.url, "job_wait", job["id"], "on_review", 3, 10, token=server.token)["err"] == "ok"


@pytest.mark.slow
def test_the_real_server_stops_in_the_middle(tmp_path):
    """kill -9 while uploads run, start again: what was begun is done, once."""
    server = labeld.Server().start()
    server.listen = f"127.0.0.1:{server.port}"
    try:
        paths, to = image_files(tmp_path, 300), dataset(server)
        import threading
        result = {}
        worker = threading.Thread(target=lambda: result.update(probe(
            server.url, "upload", to, 0, *paths, token=server.token, attempts=60, wait_ms=100, timeout_ms=30000)))
        worker.start()
        for _ in range(2):
            time.sleep(0.3)
            server.kill()
            server.start()
        worker.join()
        assert result["err"] == "ok", result
        assert names_in(server, to) == [p.name for p in paths]
    finally:
        server.close()
