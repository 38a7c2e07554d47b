#!/usr/bin/env python3
"""Upload and download of a project folder by labelctl against the stock SDK doing the same, as ratios.

Usage: transfer.py [IMAGES]   (default 5000; results go to bench/RESULTS-transfer.md when it is that)

Each tool gets a server of its own, because a server does not take the same bytes twice. The SDK's own
start (its imports take seconds) does not count; that of labelctl does. Both download into an empty
folder, and what they have downloaded is compared. Nothing is deleted before the end: some filesystems
make new files slowly for minutes after that.
"""

import io
import json
import os
import pathlib
import random
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


def labelctl(server, *args):
    env = {**os.environ, "SERVER_ADDRESS": server.url, "API_TOKEN": server.token}
    start = time.monotonic()
    done = subprocess.run([ROOT / "build/labelctl", *map(str, args), "--json", "--quiet"], env=env,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start, json.loads(done.stdout)


def timed(call):
    start = time.monotonic()
    result = call()
    return time.monotonic() - start, result


def serve(folder):
    folder.mkdir()
    return labeld.Server(folder, env={}).start()


def by_labelctl(source, work):
    server = serve(work / "one")
    up, done = labelctl(server, "project", "upload", source, "--workspace", server.workspace_id)
    down, _ = labelctl(server, "project", "download", done[0]["id"], work / "ctl")
    server.close()
    return {"upload": up, "download": down}


def by_sdk(source, work):
    server = serve(work / "two")
    api = server.sdk()
    up, (project_id, _) = timed(lambda: sly.upload_project(str(source), api, server.workspace_id,
                                                           log_progress=False))
    down, _ = timed(lambda: sly.download_project(api, project_id, str(work / "sdk"), log_progress=False))
    quick, _ = timed(lambda: sly.download_async(api, project_id, str(work / "async"), log_progress=False))
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


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STANDARD
    work = pathlib.Path(tempfile.mkdtemp(prefix="labeld-bench-"))
    try:
        total = make_folder(work / "source", count)
        ours, theirs = by_labelctl(work / "source", work), by_sdk(work / "source", work)
        compare(work / "ctl", work / "sdk")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    rows = []
    for what, yardstick in (("upload", "upload"), ("download", "download"), ("download", "download_async")):
        ratio = theirs[yardstick] / ours[what]
        rows.append(f"| `labelctl project {what}` against the SDK's `{yardstick}` | {ratio:.1f} times"
                    f" ({ours[what]:.2f} s, {count / ours[what]:.0f} images/s; {theirs[yardstick]:.2f} s,"
                    f" {count / theirs[yardstick]:.0f} images/s) | {GOAL} | {'yes' if ratio >= GOAL else '**no**'} |")
    print("\n".join(rows))
    if count == STANDARD:
        from run import machine
        (ROOT / "bench/RESULTS-transfer.md").write_text("\n".join([
            "# Results of transfers", "",
            f"Made by `make bench-transfer`: {count} images ({total / 1e6:.0f} MB) with three objects each, up and"
            " down; client and server share the machine.", "", f"Machine: {machine()}", "",
            "| what | measured | goal | reached |", "|---|---|---|---|", *rows]) + "\n")


if __name__ == "__main__":
    main()
