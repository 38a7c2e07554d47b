#!/usr/bin/env python3
"""Upload and download of a project folder by labelctl against the stock SDK doing the same, as ratios.

Usage: transfer.py [IMAGES]   (default 5000; results go to bench/RESULTS-transfer.md when it is that)

Each tool gets a server of its own, because a server does not take the same bytes twice; it has taken an
image before, as a server in use has. The SDK's own start (its imports take seconds) does not count; that
of labelctl does. Both download into an empty folder, and what they have downloaded is compared. Nothing
is deleted before the end: some filesystems make new files slowly for minutes after that.

The tool and the server share the machine, so that the work of the server, which is the same for both,
limits the ratio. Beside the time stands therefore what the tool itself has used of the processors.
"""

import io
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
os.environ["LABELD"] = str(ROOT / "build/release/labeld")

import labeld  # noqa: E402
import numpy as np  # noqa: E402
import supervisely as sly  # noqa: E402
from PIL import Image  # noqa: E402

GOAL = 5
STANDARD = 5000
SIZE = (640, 480)


def photo(rng, n):
    """A JPEG that looks like one to a codec: smooth shapes with grain, each different."""
    coarse = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    image = np.asarray(Image.fromarray(coarse).resize(SIZE, Image.BICUBIC), dtype=np.int16)
    grain = np.roll(photo.grain, n * 7919)
    out = io.BytesIO()
    Image.fromarray(np.clip(image + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=88)
    return out.getvalue()


photo.grain = np.random.default_rng(1).integers(-9, 10, (SIZE[1], SIZE[0], 3), dtype=np.int16)


def annotation(rng):
    """Two boxes and a polygon."""
    labels = []
    for _ in range(2):
        left, top = rng.randrange(0, 400), rng.randrange(0, 300)
        labels.append(sly.Label(sly.Rectangle(top, left, top + 100, left + 150), META.get_obj_class("box")))
    points = [(rng.randrange(0, 480), rng.randrange(0, 640)) for _ in range(12)]
    labels.append(sly.Label(sly.Polygon(points), META.get_obj_class("area")))
    return sly.Annotation((SIZE[1], SIZE[0]), labels).to_json()


META = sly.ProjectMeta([sly.ObjClass("box", sly.Rectangle), sly.ObjClass("area", sly.Polygon)])


def make_folder(path, count):
    """A project folder with two datasets; its bytes."""
    (path / "meta.json").parent.mkdir()
    (path / "meta.json").write_text(json.dumps(META.to_json()))
    rng, words, total = np.random.default_rng(7), random.Random(7), 0
    for n in range(count):
        dataset = path / f"ds{n % 2}"
        for folder in ("img", "ann"):
            (dataset / folder).mkdir(parents=True, exist_ok=True)
        name = f"photo_{n:06}.jpg"
        data = photo(rng, n)
        (dataset / "img" / name).write_bytes(data)
        (dataset / "ann" / f"{name}.json").write_text(json.dumps(annotation(words)))
        total += len(data)
    return total


class Took:
    """Seconds, and those of them that processors worked for the tool: this process, or those it waited for."""

    def __init__(self, whose):
        self.whose = whose

    def used(self):
        usage = resource.getrusage(self.whose)
        return usage.ru_utime + usage.ru_stime

    def __enter__(self):
        self.wall, self.cpu = time.monotonic(), self.used()
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.monotonic() - self.wall, self.used() - self.cpu


def labelctl(server, *args):
    env = {**os.environ, "SERVER_ADDRESS": server.url, "API_TOKEN": server.token}
    with Took(resource.RUSAGE_CHILDREN) as took:
        done = subprocess.run([ROOT / "build/labelctl", *map(str, args), "--json", "--quiet"], env=env,
                              capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return took, json.loads(done.stdout)


def sdk(call):
    with Took(resource.RUSAGE_SELF) as took:
        result = call()
    return took, result


def serve(folder):
    folder.mkdir()
    os.sync()  # what was written before is none of this tool's work
    server = labeld.Server(folder, env={}).start()
    server.ok("images.bulk.upload", photo(np.random.default_rng(8), 0), headers={"content-type": "image/jpeg"})
    return server


def by_labelctl(source, work):
    server = serve(work / "one")
    up, done = labelctl(server, "project", "upload", source, "--workspace", server.workspace_id)
    down, _ = labelctl(server, "project", "download", done[0]["id"], work / "ctl")
    server.close()
    return {"upload": up, "download": down}


def by_sdk(source, work):
    server = serve(work / "two")
    api = server.sdk()
    up, (project_id, _) = sdk(lambda: sly.upload_project(str(source), api, server.workspace_id,
                                                         log_progress=False))
    down, _ = sdk(lambda: sly.download_project(api, project_id, str(work / "sdk"), log_progress=False))
    quick, _ = sdk(lambda: sly.download_async(api, project_id, str(work / "async"), log_progress=False))
    server.close()
    return {"upload": up, "download": down, "download_async": quick}


def compare(a, b):
    """Both have fetched the same."""
    names = sorted(p.relative_to(a) for p in a.rglob("img/*"))
    assert names == sorted(p.relative_to(b) for p in b.rglob("img/*")) and names
    for name in names:
        assert (a / name).read_bytes() == (b / name).read_bytes(), name
    for name in names[::50]:
        path = name.parent.parent / "ann" / f"{name.name}.json"
        one, two = (sorted(str(o["points"]) for o in json.loads((x / path).read_text())["objects"])
                    for x in (a, b))
        assert one == two and len(one) == 3, path


def row(what, yardstick, ours, theirs, count):
    def one(took):
        return f"{took.wall:.2f} s, {count / took.wall:.0f} images/s"
    ratio = theirs.wall / ours.wall
    return (f"| `labelctl project {what}` against the SDK's `{yardstick}` | {ratio:.1f} times ({one(ours)}; {one(theirs)})"
            f" | {theirs.cpu / ours.cpu:.1f} times ({ours.cpu:.2f} s; {theirs.cpu:.2f} s)"
            f" | {GOAL} | {'yes' if ratio >= GOAL else '**no**'} |")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STANDARD
    work = pathlib.Path(tempfile.mkdtemp(prefix="labeld-bench-"))
    try:
        total = make_folder(work / "source", count)
        ours, theirs = by_labelctl(work / "source", work), by_sdk(work / "source", work)
        compare(work / "ctl", work / "sdk")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    rows = [row(what, yardstick, ours[what], theirs[yardstick], count) for what, yardstick in (
        ("upload", "upload"), ("download", "download"), ("download", "download_async"))]
    print("\n".join(rows))
    if count == STANDARD:
        from run import machine
        (ROOT / "bench/RESULTS-transfer.md").write_text("\n".join([
            "# Results of transfers", "",
            f"Made by `make bench-transfer`: {count} images ({total / 1e6:.0f} MB) with three objects each, up and"
            " down. Tool and server share the machine: what the server does is the same for both tools, and is most of"
            " an upload.", "", f"Machine: {machine()}", "",
            "| what | time | processor time of the tool alone | goal | reached |", "|---|---|---|---|---|",
            *rows]) + "\n")


if __name__ == "__main__":
    main()
