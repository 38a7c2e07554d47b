"""Backups: one moment of a server that works on, complete, and found out when damaged."""

import os
import threading

import pytest

import labeld
from labeld import keys, run

pytestmark = pytest.mark.sqlite


def refuse(*args, text):
    done = run(*args, check=False)
    assert done.returncode == 1 and text in done.stderr, done
    return done


def picture(server, content):
    """Bytes that are an image of the demo with something behind it, so that they are new."""
    data = (labeld.ROOT / "demo/IMG_1836.jpeg").read_bytes() + content
    made = server.ok("images.bulk.upload", data, headers={"content-type": "image/jpeg"})[0]["hash"]
    return server.ok("images.bulk.add", {"datasetId": server.dataset_id, "images": [
        {"title": f"{os.urandom(6).hex()}.jpeg", "hash": made}]})[0]["id"], data


class Writers:
    """Create jobs from several threads; names of those that were answered."""

    def __init__(self, server, lanes=4):
        self.server, self.done, self.stop = server, [], threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(lanes)]

    def work(self, lane):
        n = 0
        while not self.stop.is_set():
            self.server.job(f"job {lane} {n}")
            self.done.append(f"job {lane} {n}")
            n += 1

    def __enter__(self):
        for t in self.threads:
            t.start()
        labeld.wait_until(lambda: len(self.done) > 20)
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join()


def names(server):
    return {name for (name,) in server.sql("SELECT name FROM job")}


def test_a_backup_is_one_moment_of_a_busy_server(fresh, tmp_path):
    image, data = picture(fresh, b"before")
    with Writers(fresh) as writers:
        before = set(writers.done)
        done = keys(run("backup", "--data", fresh.dir, "--to", tmp_path / "copy").stdout)
        count = len(writers.done)
        labeld.wait_until(lambda: len(writers.done) > count + 5)  # nobody was held up for good
    assert int(done["FILES"]) == int(done["COPIED"]) == 7
    run("verify", "--data", tmp_path / "copy")
    run("verify", "--data", fresh.dir)
    restored = labeld.Server(tmp_path / "copy").start()
    restored.token = fresh.token
    assert before <= names(restored) <= names(fresh)
    assert restored.raw("images.download", {"id": image}).content == data
    for name, jobs in restored.sql("SELECT name, COUNT(*) FROM job GROUP BY name"):
        assert jobs == 1, name
    assert restored.sql("SELECT COUNT(*) FROM event WHERE action = 'create_job'") == \
        restored.sql("SELECT COUNT(*) FROM job"), "changes and their events are of one moment"
    restored.close()


def test_a_second_backup_copies_what_is_new(fresh, tmp_path):
    to = tmp_path / "copy"
    run("backup", "--data", fresh.dir, "--to", to)
    assert keys(run("backup", "--data", fresh.dir, "--to", to).stdout)["COPIED"] == "0"
    image, data = picture(fresh, b"new")
    fresh.job("later")
    assert keys(run("backup", "--data", fresh.dir, "--to", to).stdout)["COPIED"] == "1"
    restored = labeld.Server(to).start()
    restored.token = fresh.token
    assert names(restored) == {"later"}
    assert restored.raw("images.download", {"id": image}).content == data
    restored.ok("workspaces.add", {"teamId": fresh.team_id, "name": "made on the copy"})
    refuse("backup", "--data", fresh.dir, "--to", to, text="another labeld is using")
    restored.close()
    run("backup", "--data", fresh.dir, "--to", to)
    run("verify", "--data", to)


def test_backups_refuse_what_would_lose_data(fresh, tmp_path):
    (tmp_path / "other").mkdir()
    other = labeld.Server(tmp_path / "other")
    before = sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "other").rglob("*.db"))
    refuse("backup", "--data", fresh.dir, "--to", tmp_path / "other", text="neither empty nor a backup")
    refuse("backup", "--data", fresh.dir, "--to", fresh.dir, text="neither empty nor a backup")
    refuse("backup", "--data", tmp_path / "none", "--to", tmp_path / "x", text="no labeld data")
    refuse("backup", "--data", fresh.dir, "--to", tmp_path / "no" / "such", text="cannot create")
    refuse("verify", "--data", tmp_path / "none", text="no labeld data")
    assert sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "other").rglob("*.db")) == before
    assert not (tmp_path / "x").exists()
    other.close()


def blobs(path):
    return sorted(p for p in (path / "blobs").rglob("*") if p.is_file())


@pytest.mark.parametrize("damage, text", [
    (lambda path, store: blobs(path)[0].unlink(), "is missing"),
    (lambda path, store: blobs(path)[1].write_bytes(b"x" * blobs(path)[1].stat().st_size), "other content"),
    (lambda path, store: blobs(path)[2].write_bytes(b"short"), "another size"),
    (lambda path, store: store.tamper("UPDATE job SET done_count = 5"), "counters differ"),
    (lambda path, store: store.tamper("UPDATE dataset SET images_count = 50"), "counts other images"),
    (lambda path, store: store.tamper("UPDATE job SET user_id = 999"), "job 1: refers to nothing"),
])
def test_damage_is_found(fresh, damage, text):
    fresh.job()
    fresh.stop()
    run("verify", "--data", fresh.dir)
    damage(fresh.dir, fresh.store)
    assert "1 things are wrong" in refuse("verify", "--data", fresh.dir, text=text).stderr


def test_a_damaged_file_is_not_backed_up_unnoticed(fresh, tmp_path):
    blobs(fresh.dir)[0].unlink()
    refuse("backup", "--data", fresh.dir, "--to", tmp_path / "copy", text="is missing")


def test_data_of_an_earlier_labeld_is_brought_up_to_date_first(fresh, tmp_path):
    fresh.stop()
    run("backup", "--data", fresh.dir, "--to", tmp_path / "copy")
    where = blobs(fresh.dir)
    for path in where:  # as the first layout had it
        old = fresh.dir / "blobs" / path.name[:2] / path.name[2:4]
        old.mkdir(parents=True)
        path.rename(old / path.name)
    last = fresh.sql("SELECT version, name, hash, applied_at FROM migration ORDER BY version DESC LIMIT 1")[0]
    fresh.store.tamper(f"DELETE FROM migration WHERE version = {last[0]}")
    for command in (["verify"], ["backup", "--to", tmp_path / "later"]):
        refuse(*command, "--data", fresh.dir, text="`labeld migrate` first")
    fresh.store.tamper("INSERT INTO migration VALUES ({}, '{}', '{}', {})".format(*last))
    refuse("verify", "--data", fresh.dir, text="is missing")
    run("migrate", "--data", fresh.dir)
    assert blobs(fresh.dir) == where and not (fresh.dir / "blobs" / where[0].name[:2]).exists()
    run("verify", "--data", fresh.dir)
