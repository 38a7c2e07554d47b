"""Team files: every method of the SDK's api.file and api.storage that speaks to the server."""

import asyncio
import hashlib
import base64
import io
import json
import os
import secrets
import tarfile
import time

import pytest
import requests

import labeld
from sdk_helpers import is_time, refused

ODD = "\u0416\u00fc \U0001f34b 'q' %_&+#"


def run(work):
    return asyncio.new_event_loop().run_until_complete(work)


def digest(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.fixture(scope="module")
def api(server):
    return server.sdk()


@pytest.fixture
def team(api):
    """A team without files."""
    return api.team.create("team_" + secrets.token_hex(4)).id


@pytest.fixture
def local(tmp_path):
    """Makes a local file; returns its path."""
    def make(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)
    return make


def put(server, team, path, content=b"content", token=True):
    """Raw upload of one file; the response."""
    return server.raw("file-storage.upload", content, token=token, params={"teamId": team, "path": path},
                      headers={"content-type": "application/octet-stream"})


def paths(server, team):
    return [f["path"] for f in server.ok("file-storage.list", {"teamId": team, "path": "/",
                                                               "recursive": True})]


# ---- the SDK ----

def test_upload_and_look(server, api, team, local, tmp_path):
    content = os.urandom(300000)
    info = api.file.upload(team, local("a.bin", content), "/folder/b.json")
    assert (info.team_id, info.user_id, info.name, info.path) == (team, server.user_id, "b.json", "/folder/b.json")
    assert (info.hash, info.mime, info.ext, info.sizeb) == (digest(content), "application/json", "json", len(content))
    assert is_time(info.created_at) and is_time(info.updated_at) and info.is_dir is False
    assert api.file.get_info_by_id(info.id) == api.file.get_info_by_path(team, info.path) == info
    assert api.file.exists(team, info.path) and api.file.exists(team, info.path, recursive=True)
    assert api.file.dir_exists(team, "/folder/") and not api.file.dir_exists(team, "/fold/")
    assert not api.file.exists(team, "/folder/c.json") and api.file.get_info_by_path(team, "/x") is None
    api.file.download(team, info.path, str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == content
    cache = labeld.sly.FileCache("cache", str(tmp_path / "cache"))
    for _ in range(2):
        api.file.download(team, info.path, str(tmp_path / "cached.json"), cache=cache)
        assert (tmp_path / "cached.json").read_bytes() == content


def test_lists(api, team, local):
    file = local("f", b"12345")
    names = ["/a/1.txt", "/a/b/2.txt", "/a/b/c/3.txt", "/a-b/4.txt", "/a0", "/z.txt"]
    api.file.upload_bulk(team, [file] * len(names), names)
    assert sorted(f.path for f in api.file.list2(team, "/")) == sorted(names)
    assert api.file.listdir(team, "/") == ["/a-b", "/a", "/a0", "/z.txt"]
    assert sorted(api.file.listdir(team, "/a/", recursive=True)) == names[:3]
    assert sorted(api.file.listdir(team, "/a", recursive=True)) == names[:3]
    assert [(f.path, f.is_dir) for f in api.file.list(team, "/a", recursive=False, return_type="fileinfo")] == [
        ("/a/1.txt", False), ("/a/b", True)]
    assert api.file.list(team, "/nothing/") == [] and api.file.list(team, "/a/b/2") == []
    assert api.file.get_directory_size(team, "/a/") == 15
    assert api.file.get_directory_size(team, "/") == 30


def test_storage_list(server, api, team, local):
    file = local("f", b"12345")
    names = sorted(f"/d/{i}.txt" for i in range(20)) + ["/d/x/1.txt", "/d/x/2.txt", "/d/y/1.txt"]
    api.file.upload_bulk(team, [file] * len(names), names)
    assert [f.path for f in api.storage.list(team, "/d")] == names
    assert [f.path for f in api.storage.list(team, "/d", limit=3)] == names[:3]
    flat = api.storage.list(team, "/d", recursive=False, return_type="dict")
    assert [(f["type"], f["path"]) for f in flat[-2:]] == [("folder", "/d/x"), ("folder", "/d/y")]
    assert [f.path for f in api.storage.list(team, "/d", recursive=False, include_files=False)] == ["/d/x", "/d/y"]
    assert len(api.storage.list(team, "/d", recursive=False, include_folders=False)) == 20
    assert api.storage.exists(team, "/d/1.txt") and not api.storage.exists(team, "/d/77.txt")
    assert api.storage.dir_exists(team, "/d/x") and not api.storage.dir_exists(team, "/d/w")
    for recursive, count in ((True, 23), (False, 22)):
        got, token = [], None
        while True:
            page = server.ok("file-storage.v2.list", {"teamId": team, "path": "/d/", "limit": 4,
                                                      "recursive": recursive, "continuationToken": token})
            assert len(page["entities"]) <= 4
            got += [f["path"] for f in page["entities"]]
            token = page["continuationToken"]
            if token is None:
                break
        assert len(got) == len(set(got)) == count


def test_odd_names(api, team, local, tmp_path):
    name = f"/{ODD}/{ODD}.txt"
    info = api.file.upload(team, local("f", b"odd"), name)
    assert info.path == name and api.file.exists(team, name)
    api.file.download(team, name, str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == b"odd"
    run(api.file.upload_async(team, local("g", b"odd too"), name + "2"))
    assert api.file.get_info_by_path(team, name + "2").sizeb == 7


def test_directories_there_and_back(api, team, local, tmp_path):
    files = {"1.txt": b"", "2.bin": os.urandom(512), "x/3.bin": os.urandom(70000),
             "x/" + "long" * 40 + "/" + "n" * 150 + ".txt": b"long", "x/y/\u0416.txt": b"z"}
    for name, content in files.items():
        local("up/" + name, content)
    where = api.file.upload_directory(team, str(tmp_path / "up"), "/dir/up")
    assert where == "/dir/up"
    api.file.download_directory(team, "/dir/up", str(tmp_path / "down"))
    run(api.file.download_directory_async(team, "/dir/up", str(tmp_path / "async"), show_progress=False))
    for name, content in files.items():
        assert (tmp_path / "down" / name).read_bytes() == content
        assert (tmp_path / "async" / name).read_bytes() == content
    assert api.file.upload_directory(team, str(tmp_path / "up"), "/dir/up") == "/dir/up_000"
    assert api.file.get_free_dir_name(team, "/dir/up") == "/dir/up_001"
    assert api.file.get_free_dir_name(team, "/dir/new") == "/dir/new"
    with pytest.raises(FileExistsError):
        api.file.upload_directory(team, str(tmp_path / "up"), "/dir/up", change_name_if_conflict=False)
    api.file.upload_directory(team, str(tmp_path / "up"), "/dir/up", replace_if_conflict=True)
    run(api.file.upload_directory_async(team, str(tmp_path / "up"), "/dir/a"))
    api.file.upload_directory_fast(team, str(tmp_path / "up"), "/dir/f")
    assert len(api.file.list2(team, "/dir/a/")) == len(api.file.list2(team, "/dir/f/")) == len(files)


def test_tar_has_one_top_folder(server, api, team, local):
    api.file.upload_bulk(team, [local("f", b"12345")] * 2, ["/a/b/1", "/a/b/c/2"])
    response = server.raw("file-storage.download", {"teamId": team, "path": "/a/b/"})
    assert int(response.headers["content-length"]) == len(response.content)
    with tarfile.open(fileobj=io.BytesIO(response.content)) as tar:
        assert tar.getnames() == ["b/1", "b/c/2"] and tar.extractfile("b/1").read() == b"12345"


def test_free_names(api, team, local):
    assert api.file.get_free_name(team, "/d/a.txt") == "/d/a.txt"
    api.file.upload(team, local("f", b"1"), "/d/a.txt")
    assert api.file.get_free_name(team, "/d/a.txt") == "/d/a_000.txt"


def test_async_downloads_and_ranges(api, team, local, tmp_path):
    content = os.urandom(100000)
    src = local("f", content)
    run(api.file.upload_bulk_async(team, [src, src], ["/r/1", "/r/2"], enable_fallback=False))
    api.file.upload_bulk_fast(team, [src], ["/r/3"], enable_fallback=False)
    run(api.file.download_bulk_async(team, ["/r/1", "/r/3"], [str(tmp_path / "1"), str(tmp_path / "3")]))
    assert (tmp_path / "1").read_bytes() == (tmp_path / "3").read_bytes() == content
    run(api.file._download_async(team, "/r/1", str(tmp_path / "part"), range_start=10, range_end=19))
    assert (tmp_path / "part").read_bytes() == content[10:20]


def test_replace_keeps_the_file_and_skips_what_is_equal(api, team, local):
    first = api.file.upload(team, local("f", b"one"), "/a.txt")
    again = api.file.upload(team, local("f", b"one"), "/a.txt")
    assert again == first
    other = api.file.upload(team, local("g", b"two!"), "/a.txt")
    assert (other.id, other.sizeb, other.hash) == (first.id, 4, digest(b"two!"))
    run(api.file.upload_bulk_async(team, [local("g", b"two!")], ["/a.txt"], skip_existing_by_hash=True))
    assert api.file.get_info_by_path(team, "/a.txt") == other


def test_json_content(api, team, local):
    api.file.upload(team, local("f", json.dumps({"a": [1]}).encode()), "/a.json")
    assert api.file.get_json_file_content(team, "/a.json") == {"a": [1]}
    assert api.file.get_json_file_content(team, "/a.json", download=True) == {"a": [1]}


def test_remove(api, team, local):
    names = ["/d/1", "/d/2", "/d/x/3", "/dd", "/e/4", "/e/5"]
    api.file.upload_bulk(team, [local("f", b"1")] * 6, names)
    api.file.remove(team, "/d/1")
    api.file.remove_file(team, "/d/2")
    assert sorted(api.file.listdir(team, "/", recursive=True)) == ["/d/x/3", "/dd", "/e/4", "/e/5"]
    api.file.remove_dir(team, "/d/")
    api.file.remove(team, "/d/")  # a second time is fine
    api.file.remove_batch(team, ["/e/4", "/e/5", "/nothing"])
    assert api.file.listdir(team, "/", recursive=True) == ["/dd"]
    with pytest.raises(ValueError):
        api.file.remove_dir(team, "/d/")
    api.file.upload(team, local("g", b"2"), "/d/1")  # the name is free again
    assert api.file.get_info_by_path(team, "/d/1").sizeb == 1


def test_one_content_is_kept_once_and_events_are_written(server, api, team, local):
    api.file.upload_bulk(team, [local("f", b"same bytes")] * 2, ["/1", "/2"])
    api.file.remove(team, "/1")
    events = [(e["action"]) for e in server.ok("teams.activity", {"teamId": team})["entities"]]
    assert events[:3] == ["remove_file", "upload_file", "upload_file"]
    assert server.sql("SELECT size FROM team_storage WHERE team_id = ?", team) == [(10,)]
    used = digest(b"same bytes")
    assert server.ok("images.internal.hashes.list", [used]) == []  # a file is no image


def test_large_files_stream(server, team):
    def chunks():
        for _ in range(64):
            yield b"x" * (1 << 20)
    response = requests.post(server.url + labeld.PREFIX + "file-storage.upload", data=chunks(), timeout=60,
                             params={"teamId": team, "path": "/large"},
                             headers={"x-api-key": server.token, "content-type": "application/octet-stream"})
    assert response.status_code == 200 and response.json()["meta"]["size"] == 64 << 20
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
    assert peak < 1 << 20  # kilobytes


def test_legacy_upload(server, team):
    done = requests.post(server.url + labeld.PREFIX + f"file-storage.upload?teamId={team}", timeout=60,
                         headers={"x-api-key": server.token}, data=[("name", "a.txt"), ("path", "/d/")],
                         files=[("file", ("a.txt", b"abc"))])
    assert done.status_code == 200 and done.json()["path"] == "/d/a.txt"


# ---- refusals ----

BAD_PATHS = ["/../a", "/a/../../b", "../a", "/a/./b", "..", ".", "/a\nb", "/a\x00b", "/a\x7fb", "", "/" + "n" * 256,
             "/" + "a/" * 600 + "x", "s3://bucket/a", "agent://1/a", "/a/.."]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_paths_that_are_refused(server, team, path):
    assert put(server, team, path).status_code == 400
    server.refused(400, "file-storage.list", {"teamId": team, "path": path}, field="path")
    server.refused(400, "file-storage.v2.list", {"teamId": team, "path": path or "/../"}, field="path")
    server.refused(400, "file-storage.download", {"teamId": team, "path": path}, field="path")
    server.refused(400, "file-storage.remove", {"teamId": team, "path": path}, field="path")
    server.refused(400, "file-storage.bulk.remove", {"teamId": team, "paths": ["/a", path]}, field="paths")
    assert paths(server, team) == []


@pytest.mark.parametrize("name", ["a/b", "..", ".", "", "a\nb", "../../etc/passwd"])
def test_names_that_are_refused(server, team, name):
    body = (f'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n{name}\r\n'
            '--x\r\nContent-Disposition: form-data; name="path"\r\n\r\n/d/\r\n'
            '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncontent\r\n--x--\r\n')
    server.refused(400, "file-storage.bulk.upload", body.encode(), params={"teamId": team},
                   headers={"content-type": "multipart/form-data; boundary=x"})
    assert paths(server, team) == []


@pytest.mark.parametrize("parts", [
    [("file", "f")], [("name", None), ("file", "f")], [("path", None), ("file", "f")],
    [("name", None), ("path", None), ("file", None)],
    [("name", None), ("path", None), ("file", "f"), ("file", "f")]])
def test_bodies_that_are_refused(server, team, parts):
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="{k}"'
                   + (f'; filename="{v}"' if v else "") + "\r\n\r\n/a\r\n" for k, v in parts) + "--x--\r\n"
    head = {"content-type": "multipart/form-data; boundary=x"}
    before = server.state()
    server.refused(400, "file-storage.bulk.upload", body.replace("/a\r\n", "a\r\n", 1).encode(),
                   params={"teamId": team}, headers=head)
    server.refused(400, "file-storage.bulk.upload", body[:-10].encode(), params={"teamId": team}, headers=head)
    server.refused(400, "file-storage.bulk.upload", b"raw", params={"teamId": team},
                   headers={"content-type": "application/octet-stream"})
    assert server.state() == before


def test_a_file_is_no_folder(server, team):
    assert put(server, team, "/a/b").status_code == 200
    for path in ("/a", "/a/b/c", "/a/b/c/d", "/x/", "/"):
        assert put(server, team, path).status_code == 400
    assert paths(server, team) == ["/a/b"]
    server.refused(400, "file-storage.remove", {"teamId": team, "path": "/"}, field="path")
    server.refused(400, "file-storage.remove", {"teamId": team, "path": "//"}, field="path")
    server.refused(404, "file-storage.download", {"teamId": team, "path": "/a/c"}, field="path")
    server.refused(404, "file-storage.download", {"teamId": team, "path": "/c/"}, field="path")
    assert paths(server, team) == ["/a/b"]


def test_rights(server, roles):
    team = server.team_id
    mine = put(server, team, "/rights/mine").json()
    url = mine["fullStorageUrl"]
    for role in ("viewer", "reviewer"):
        token = roles[role].token
        assert server.ok("file-storage.info", {"id": mine["id"]}, token=token)["path"] == "/rights/mine"
        assert put(server, team, "/rights/x", token=token).status_code == 403
        server.refused(403, "file-storage.remove", {"teamId": team, "path": "/rights/mine"}, token=token)
        assert requests.get(url, headers={"x-api-key": token}, timeout=9).content == b"content"
    for who, status in (("annotator", 403), ("stranger", 404)):
        token = roles[who].token
        server.refused(status, "file-storage.list", {"teamId": team, "path": "/"}, token=token)
        server.refused(status, "file-storage.v2.list", {"teamId": team, "path": "/"}, token=token)
        server.refused(status, "file-storage.download", {"teamId": team, "path": "/rights/mine"}, token=token)
        hidden = server.refused(404, "file-storage.info", {"id": mine["id"]}, token=token)
        missing = server.refused(404, "file-storage.info", {"id": 987654}, token=token)
        assert str(hidden).replace(str(mine["id"]), "N") == str(missing).replace("987654", "N")
        assert put(server, team, "/rights/x", token=token).status_code == status
        assert requests.get(url, headers={"x-api-key": token}, timeout=9).status_code == 404
    assert requests.get(url, timeout=9).status_code == 401


def test_who_may_not_remove_what_others_made(server, roles):
    team, dev = server.team_id, roles["developer"].token
    put(server, team, "/own/admin")
    assert put(server, team, "/own/dev/1", token=dev).status_code == 200
    server.refused(403, "file-storage.remove", {"teamId": team, "path": "/own/admin"}, token=dev)
    server.refused(403, "file-storage.remove", {"teamId": team, "path": "/own/"}, token=dev)
    server.refused(403, "file-storage.bulk.remove", {"teamId": team, "paths": ["/own/dev/1", "/own/admin"]}, token=dev)
    assert put(server, team, "/own/admin", b"other", token=dev).status_code == 403
    server.ok("file-storage.remove", {"teamId": team, "path": "/own/dev/"}, token=dev)
    server.ok("file-storage.remove", {"teamId": team, "path": "/own/"}, token=roles["manager"].token)


def test_teams_do_not_see_each_other(server, api, team):
    other = api.team.create("team_" + secrets.token_hex(4)).id
    put(server, team, "/a")
    assert paths(server, other) == []
    server.ok("file-storage.remove", {"teamId": other, "path": "/a"})
    assert paths(server, team) == ["/a"]


def test_files_never_run_as_pages(server, team):
    made = put(server, team, "/a.html", b"<script>alert(1)</script>").json()
    got = requests.get(made["fullStorageUrl"], headers={"x-api-key": server.token}, timeout=9)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"


def test_sdk_refusals(server, api, team, local):
    refused(404, api.file.list, 999999, "/a/")
    refused(404, api.file.upload, 999999, local("f", b"1"), "/a")
    refused(404, api.file.get_info_by_id, 999999)
    refused(404, api.file.remove, 999999, "/a")
    with pytest.raises(ValueError):
        api.file.remove_file(team, "/nothing")


def test_the_quota_of_a_team(fresh):
    fresh.setting("team_files_bytes_max", 100)
    team = fresh.team_id
    assert put(fresh, team, "/a", b"x" * 60).status_code == 200
    before = fresh.state()
    full = put(fresh, team, "/b", b"x" * 41)
    assert full.status_code == 507 and "40 are left" in full.text
    assert fresh.state() == before
    assert put(fresh, team, "/a", b"y" * 100).status_code == 200  # in its place
    fresh.ok("file-storage.remove", {"teamId": team, "path": "/a"})
    assert put(fresh, team, "/b", b"x" * 100).status_code == 200


def test_content_goes_only_when_no_file_needs_it(fresh):
    team = fresh.team_id
    put(fresh, team, "/kept", b"kept")
    put(fresh, team, "/twice/1", b"twice")
    put(fresh, team, "/twice/2", b"twice")
    put(fresh, team, "/gone", b"gone")
    fresh.ok("file-storage.bulk.remove", {"teamId": team, "paths": ["/gone", "/twice/1"]})
    fresh.stop()
    time.sleep(1.1)  # files know whole seconds
    assert labeld.run("sweep", "--data", fresh.dir, "--hours", "0").stdout.split() == ["REMOVED=1"]
    fresh.start()
    for path, content in (("/kept", b"kept"), ("/twice/2", b"twice")):
        assert fresh.raw("file-storage.download", {"teamId": team, "path": path}).content == content
