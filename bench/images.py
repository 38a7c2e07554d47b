#!/usr/bin/env python3
"""Images and annotations: bytes in and out, figures in and out, memory while much of it passes.

Usage: images.py [SECONDS]   prints; run.py also writes the results. BENCH_SMALL=1: small sizes, to see that
it runs."""

import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time

import numpy as np
import requests
from PIL import Image

from gear import ROUNDS, Pinned, labeld, median, nginx, record, wrk

SMALL = bool(os.environ.get("BENCH_SMALL"))
FILES = 40 if SMALL else 2000
FIGURES = 1000 if SMALL else 10_000          # of one annotations.bulk.add
MANY_IMAGES = 100 if SMALL else 10_000       # with 100 figures each
UPLOAD_BYTES = (20 if SMALL else 2048) << 20
HEAD = {"content-type": "application/json"}


def make_files(folder, seed):
    """Images of about 100 KB that nobody has seen before; their paths."""
    noise = np.random.RandomState(seed).randint(0, 255, (185, 180, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG", compress_level=0)
    folder.mkdir()
    paths = [folder / f"{n}.png" for n in range(FILES)]
    for n, path in enumerate(paths):
        path.write_bytes(out.getvalue() + f"{seed} {n}".encode())  # what follows the image counts for its hash
    return paths


def write_durably(contents, folder):
    folder.mkdir()
    for n, content in enumerate(contents):
        fd = os.open(folder / str(n), os.O_WRONLY | os.O_CREAT)
        os.write(fd, content)
        os.fsync(fd)
        os.close(fd)


def new_dataset(server):
    project = server.project()["id"]
    server.ok("projects.meta.update", {"id": project, "meta": {
        "classes": [{"title": "c", "shape": "polygon", "color": "#000000"}], "tags": []}})
    return server.ok("datasets.add", {"projectId": project, "name": "d"})["id"]


def bench_upload(server, work):
    """Through the SDK, hashes and all, against the same bytes written with fsync one after the other."""
    api = server.sdk()
    ratios, ours, bare = [], [], []
    for n in range(3):
        paths = make_files(work / f"up{n}", n)
        contents = [p.read_bytes() for p in paths]
        start = time.monotonic()
        write_durably(contents, work / f"bare{n}")
        bare.append(time.monotonic() - start)
        dataset = new_dataset(server)
        start = time.monotonic()
        api.image.upload_paths(dataset, [p.name for p in paths], [str(p) for p in paths])
        ours.append(time.monotonic() - start)
        ratios.append(bare[-1] / ours[-1])
        shutil.rmtree(work / f"bare{n}")
    ratio = statistics.median(ratios)
    record(f"upload of {FILES} images of 100 KB through the SDK, against writing the same files with fsync",
           f"{ratio:.2f} of that ({statistics.median(ours):.1f} s against {statistics.median(bare):.1f} s)",
           "0.25", ratio >= 0.25)
    return dataset, work / f"up{n}"


def bench_download(server, work, dataset, folder):
    """Whole images by id on one core, against nginx sending the same files."""
    first = server.ok("images.list", {"datasetId": dataset, "per_page": 1})["entities"][0]["id"]
    process, static = nginx(work, f"root {folder};")
    env = {"FIRST": str(first), "COUNT": str(FILES)}
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        theirs.append(wrk(static, "images.lua", {**env, "TOKEN": ""}, core=0))
        ours.append(wrk(server.url + labeld.PREFIX + "images.download", "images.lua",
                        {**env, "TOKEN": server.token}, core=0))
        ratios.append(ours[-1]["bytes"] / theirs[-1]["bytes"])
    process.terminate()
    process.wait()
    ratio = statistics.median(ratios)
    record("`images.download` of images of 100 KB, 64 connections, one core, against nginx with the same files",
           f"{ratio:.2f} of nginx ({median(ours, 'bytes') / 1e6:.0f} of {median(theirs, 'bytes') / 1e6:.0f} MB/s)",
           "0.7", ratio >= 0.7)


def polygons(count):
    return [{"classTitle": "c", "geometryType": "polygon", "description": "", "tags": [], "points": {
        "exterior": [[5 + 3 * k + n % 50, (7 * k * k + n) % 180] for k in range(12)], "interior": []}}
        for n in range(count)]


def annotate(server, dataset, per_image):
    """Give every image of a dataset that many figures, in one call for each 100 images; seconds of it all."""
    images = [i["id"] for i in server.ok("images.list", {"datasetId": dataset})["entities"]]
    took = 0
    for at in range(0, len(images), 100):
        body = json.dumps({"datasetId": dataset, "annotations": [{"imageId": i, "annotation": {
            "description": "", "tags": [], "size": {"height": 185, "width": 180}, "objects": polygons(per_image)}}
            for i in images[at:at + 100]]})
        start = time.monotonic()
        server.ok("annotations.bulk.add", body)
        took += time.monotonic() - start
    return images, took


def insert_bare(server, work, rows):
    """The same rows into an SQLite file of its own, in one transaction; seconds."""
    db = sqlite3.connect(work / "bare.db", isolation_level=None)
    schema = [r[0] for r in server.sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'figure' AND sql <> ''")]
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    for sql in schema:
        db.execute(sql)
    start = time.monotonic()
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO figure VALUES ({', '.join('?' * len(rows[0]))})", rows)
    db.execute("COMMIT")
    took = time.monotonic() - start
    db.close()
    (work / "bare.db").unlink()
    return took


def bench_figures_in(server, work):
    """Many figures in one call, against inserting the rows that become of them."""
    ratios, ours, bare = [], [], []
    for _ in range(ROUNDS):
        dataset = new_dataset(server)
        server.ok("images.bulk.add", {"datasetId": dataset, "images": [
            {"title": f"{n}.png", "link": "http://example.org/x"} for n in range(100)]})
        _, took = annotate(server, dataset, FIGURES // 100)
        ours.append(took)
        bare.append(insert_bare(server, work, server.sql("SELECT * FROM figure WHERE dataset_id = ?", dataset)))
        ratios.append(bare[-1] / ours[-1])
    ratio = statistics.median(ratios)
    record(f"`annotations.bulk.add` of {FIGURES} figures of 12 points, against inserting the same rows in one"
           " transaction", f"{ratio:.2f} of that ({FIGURES / statistics.median(ours):.0f} against"
           f" {FIGURES / statistics.median(bare):.0f} figures/s)", "0.25", ratio >= 0.25)


def drain(response):
    """Read an answer to its end; its bytes."""
    assert response.status_code == 200, response.text
    return sum(len(piece) for piece in response.iter_content(1 << 20))


def rate(call):
    """Bytes per second of a call, the best of three."""
    best = 0
    for _ in range(3):
        start = time.monotonic()
        best = max(best, drain(call()) / (time.monotonic() - start))
    return best


def bench_figures_out(server, work, dataset):
    """Annotations of 1000 images, streamed, against nginx sending the same bytes from a file."""
    images, _ = annotate(server, dataset, 20)
    body = json.dumps({"datasetId": dataset, "imageIds": images[:1000]})
    answer = server.raw("annotations.bulk.info", body).content
    (work / "static").mkdir()
    (work / "static" / "answer").write_bytes(answer)
    process, static = nginx(work, f"root {work}/static;")
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        theirs.append(rate(lambda: requests.get(static + "answer", stream=True, timeout=60)))
        ours.append(rate(lambda: requests.post(server.url + labeld.PREFIX + "annotations.bulk.info", data=body,
                                               headers={**HEAD, "x-api-key": server.token}, stream=True, timeout=60)))
        ratios.append(ours[-1] / theirs[-1])
    process.terminate()
    process.wait()
    ratio = statistics.median(ratios)
    record(f"`annotations.bulk.info` of {min(1000, len(images))} images ({len(answer) / 1e6:.0f} MB), one client, one"
           " core, against nginx with the same bytes in a file",
           f"{statistics.median(ours) / 1e6:.0f} MB/s, {ratio:.3f} of nginx", "100 MB/s",
           statistics.median(ours) >= 100e6)


class Memory:
    """The largest memory of a server's own while the block runs, in MB above where it began: heap and stacks.
    Pages of the database file, which it maps, are the system's to take back."""

    def __init__(self, server):
        self.status = pathlib.Path(f"/proc/{server.process.pid}/status")

    def now(self):
        return int(re.search(r"RssAnon:\s+(\d+)", self.status.read_text())[1]) / 1024

    def watch(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, self.now())

    def __enter__(self):
        self.start = self.most = self.now()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.grown = self.most - self.start


def fill_figures(server, dataset):
    """Copies of an annotated image until there are MANY_IMAGES with 100 figures each, straight into SQLite."""
    db = sqlite3.connect(server.dir / "labeld.db", isolation_level=None)
    db.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000; BEGIN")
    image, = db.execute("SELECT MIN(id) FROM image WHERE dataset_id = ?", (dataset,)).fetchone()
    for table, owner in (("image", "id"), ("figure", "image_id")):
        columns = [r[1] for r in db.execute(f"PRAGMA table_info({table})")][1:]
        new = {"name": "n.n || '.png'", "image_id": "(SELECT i.id FROM image i WHERE i.dataset_id = t.dataset_id"
               " AND i.name = n.n || '.png' AND i.removed_at IS NULL)"}
        db.execute(f"WITH RECURSIVE n (n) AS (SELECT 10000 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
                   f" INSERT INTO {table} ({', '.join(columns)}) SELECT"
                   f" {', '.join(new.get(c, 't.' + c) for c in columns)} FROM n, {table} t WHERE t.{owner} = ?",
                   (10000 + MANY_IMAGES - 2, image))
    db.execute("COMMIT")
    db.close()


def pieces(size):
    block = os.urandom(1 << 20)
    for _ in range(size >> 20):
        yield block


def bench_memory(server):
    """What a long upload and a long answer cost while they pass through."""
    with Memory(server) as memory:
        done = requests.post(f"{server.url}{labeld.PREFIX}file-storage.upload?teamId={server.team_id}&path=/big",
                             data=pieces(UPLOAD_BYTES), timeout=3600,
                             headers={"x-api-key": server.token, "content-type": "application/octet-stream"})
    assert done.status_code == 200, done.text
    record(f"memory while {UPLOAD_BYTES / (1 << 30):.1f} GB are uploaded", f"{memory.grown:.1f} MB more", "64 MB",
           memory.grown < 64)
    dataset = new_dataset(server)
    server.ok("images.bulk.add", {"datasetId": dataset, "images": [{"title": "a.png", "link": "http://example.org/x"}]})
    annotate(server, dataset, 100)
    server.stop()
    fill_figures(server, dataset)
    server.start()
    server.ok("datasets.info", {"id": dataset})  # connections and caches are warm
    with Memory(server) as memory:
        size = drain(requests.post(server.url + labeld.PREFIX + "annotations.list", stream=True, timeout=3600,
                                   data=json.dumps({"datasetId": dataset, "per_page": 20000}),
                                   headers={**HEAD, "x-api-key": server.token}))
    assert size > 200 * 100 * MANY_IMAGES
    record(f"memory while {100 * MANY_IMAGES} figures are downloaded ({size / 1e6:.0f} MB)",
           f"{memory.grown:.1f} MB more", "64 MB", memory.grown < 64)


def bench_all(work):
    server = labeld.Server(args=["--threads", "1"], env={}).start()
    dataset, folder = bench_upload(server, work)
    Pinned(server.process.pid)
    bench_download(server, work, dataset, folder)
    bench_figures_out(server, work, dataset)
    bench_figures_in(server, work)
    server.close()
    server = labeld.Server(env={}).start()
    bench_memory(server)
    server.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="labeld-bench-") as made:
        bench_all(pathlib.Path(made))
