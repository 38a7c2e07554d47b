"""Disks that fill up or fail to sync: a clear answer, nothing acknowledged is lost,
and work goes on when the disk does."""

import hashlib
import os
import pathlib
import subprocess
import threading

import pytest
import requests

import labeld
from pictures import hash_of, multipart

pytestmark = pytest.mark.sqlite
HERE = pathlib.Path(__file__).parent
TEXT = "x" * 20000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB; only root can mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    path = tmp_path / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", "-l", path], check=True)


@pytest.fixture
def served(small_disk):
    server = labeld.Server(small_disk).start()
    yield server
    server.close()


def create(server, number):
    return server.raw("jobs.add", {"name": f"job {number}", "datasetId": server.dataset_id,
                                   "userIds": [server.user_id], "readme": TEXT})


def names(server):
    listed = server.ok("jobs.list", {"teamId": server.team_id, "fields": ["id", "name"]})
    return sorted(job["name"] for job in listed["entities"])


def until_full(server, first):
    """Create jobs from several threads until each was told that the disk is full; what was done."""
    done, refused = [], []

    def work(lane):
        for n in range(2000):
            answer = create(server, f"{first} {lane} {n}")
            if answer.status_code != 200:
                refused.append(answer)
                return
            done.append(f"job {first} {lane} {n}")

    lanes = [threading.Thread(target=work, args=(lane,)) for lane in range(4)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    assert len(refused) == 4, "the disk never filled up"
    return done, refused


def test_a_full_disk(served, small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (3 << 20))
    done, refused = until_full(served, "full")
    for answer in refused:
        assert answer.status_code == 507, answer.text  # which the SDK does not repeat
        assert "space" in answer.json()["error"].lower()
    assert len(done) > 4
    assert names(served) == sorted(done), "reads go on; what was refused is not there"
    put = served.raw("images.bulk.upload", os.urandom(5 << 20), headers={"content-type": "image/png"})
    assert put.status_code in (400, 507) or "errors" in put.json()[0], put.text
    ballast.unlink()
    assert create(served, "after").status_code == 200, "no restart is needed"
    served.kill()
    served.start()
    assert names(served) == sorted([*done, "job after"])
    assert served.sql("PRAGMA integrity_check") == [("ok",)]


@pytest.fixture
def shim(tmp_path):
    path = tmp_path / "failing_sync.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", path, HERE / "failing_sync.c", "-ldl"], check=True)
    return {"LD_PRELOAD": str(path), "FAILING_SYNC": str(tmp_path / "fail"),
            "ASAN_OPTIONS": "verify_asan_link_order=0"}


def test_a_failed_sync_stops_the_server_before_it_answers(shim, tmp_path):
    """What reached the disk is unknown then: only a restart, which reads it back, can tell."""
    server = labeld.Server(tmp_path, env=shim).start()
    assert create(server, "before").status_code == 200
    trigger = pathlib.Path(shim["FAILING_SYNC"])
    trigger.touch()
    with pytest.raises(requests.ConnectionError):
        create(server, "lost")
    assert server.process.wait(timeout=30) == 70
    server.process = None
    assert "fsync failed" in server.log_text()
    trigger.unlink()
    server.start()
    assert "job before" in names(server)
    assert create(server, "lost").status_code in (200, 400)
    assert names(server) == ["job before", "job lost"], "once, whatever became of the first try"
    server.close()


def test_bytes_that_cannot_be_synced_are_not_there(shim, tmp_path):
    server = labeld.Server(tmp_path, env=shim).start()
    trigger = pathlib.Path(shim["FAILING_SYNC"])
    data = (labeld.ROOT / "demo/IMG_1836.jpeg").read_bytes() + b"other"
    trigger.touch()
    answer = server.raw("images.bulk.upload", data, headers={"content-type": "image/jpeg"})
    assert answer.status_code != 200 or "errors" in answer.json()[0], answer.text
    trigger.unlink()
    left = [p for p in (server.dir / "blobs").rglob("*") if p.is_file() and p.stat().st_size == len(data)]
    assert left == []
    again = server.ok("images.bulk.upload", data, headers={"content-type": "image/jpeg"})
    assert again[0]["hash"]
    server.close()


def images(n):
    data = (labeld.ROOT / "demo/IMG_1836.jpeg").read_bytes()
    return [data + b"%d" % i for i in range(n)]


def stored(server, contents):
    """Files that hold one of these, or a part of one, under whatever name."""
    return [p for p in (server.dir / "blobs").rglob("*") if p.is_file() and p.read_bytes() in contents]


@pytest.mark.parametrize("count, spared", [(2, 0), (2, 1), (2, 2), (2, 3), (9, 0)])
def test_an_upload_of_several_is_kept_when_all_of_it_is_on_disk(shim, tmp_path, count, spared):
    """Syncs fail before the files have names, or after; few files are synced one by one, many together."""
    server, contents = labeld.Server(tmp_path, env=shim).start(), images(count)
    trigger, hashes = pathlib.Path(shim["FAILING_SYNC"]), [hash_of(c) for c in contents]
    body, kind = multipart([(f"{n}-file", str(n), c) for n, c in enumerate(contents)])
    head = {"content-type": kind}
    trigger.write_text(str(spared))
    answer = server.raw("images.bulk.upload", body, headers=head)
    assert answer.status_code == 500 and answer.json()["error"], answer.text
    trigger.unlink()
    assert stored(server, contents) == [], "what may not be on disk must not be taken for it later"
    assert server.sql("SELECT hash FROM blob WHERE hash IN (%s)" % ",".join(map(repr, hashes))) == []
    assert server.ok("images.internal.hashes.list", hashes) == []
    wanted = {"datasetId": server.dataset_id, "images": [
        {"title": f"{n}", "hash": h} for n, h in enumerate(hashes)]}
    server.refused(400, "images.bulk.add", wanted, field="hash")
    assert [part["hash"] for part in server.ok("images.bulk.upload", body, headers=head)] == hashes
    made = server.ok("images.bulk.add", wanted)
    assert server.sdk().image.download_bytes(server.dataset_id, [i["id"] for i in made]) == contents
    server.close()
    assert labeld.run("verify", "--data", server.dir).returncode == 0


@pytest.mark.parametrize("count", [1, 9])
@pytest.mark.parametrize("damage", [lambda data: b"\0" * len(data), lambda data: data[:len(data) // 2], lambda data: b""],
                         ids=["zeros", "half", "empty"])
def test_a_name_without_its_bytes_is_not_believed(tmp_path, count, damage):
    """What a power cut leaves: names are on disk, not what they stand for. Nothing refers to them yet."""
    server, contents = labeld.Server(tmp_path, env={}).start(), images(count)
    for content in contents:
        name = hashlib.sha256(content).hexdigest()
        folder = server.dir / "blobs/sha256" / name[:2]
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(damage(content))
    body, kind = multipart([(f"{n}-file", str(n), c) for n, c in enumerate(contents)])
    hashes = [p["hash"] for p in server.ok("images.bulk.upload", body, headers={"content-type": kind})]
    made = server.ok("images.bulk.add", {"datasetId": server.dataset_id, "images": [
        {"title": f"{n}", "hash": h} for n, h in enumerate(hashes)]})
    assert server.sdk().image.download_bytes(server.dataset_id, [i["id"] for i in made]) == contents
    server.close()
    assert labeld.run("verify", "--data", server.dir).returncode == 0


def test_the_sdk_uploads_again_what_was_not_synced(shim, tmp_path):
    server, contents = labeld.Server(tmp_path, env=shim).start(), images(9)
    trigger, api = pathlib.Path(shim["FAILING_SYNC"]), server.sdk()
    names = [f"{n}.jpeg" for n in range(9)]
    paths = [str(tmp_path / name) for name in names]
    for path, content in zip(paths, contents):
        pathlib.Path(path).write_bytes(content)
    before = {i.id for i in api.image.get_list(server.dataset_id)}
    trigger.touch()
    with pytest.raises(Exception):
        api.image.upload_paths(server.dataset_id, names, paths)
    trigger.unlink()
    assert {i.id for i in api.image.get_list(server.dataset_id)} == before
    made = api.image.upload_paths(server.dataset_id, names, paths)
    assert api.image.download_bytes(server.dataset_id, [i.id for i in made]) == contents
    server.close()
