"""What the tests of the stock SDK share."""

import contextlib
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests


def unique(prefix):
    """A name that nothing else has."""
    return f"{prefix}_{secrets.token_hex(4)}"


def ids(infos):
    return [info.id for info in infos]


def names(infos):
    return [info.name for info in infos]


def is_time(text):
    """Is it a time as the SDK's own parser wants it?"""
    return len(text) == 24 and text[19] == "." and text.endswith("Z")


def cells(printed, columns):
    """The rows of printed tables, cut to a number of columns: newer SDKs print more."""
    rows = [line.split("|")[1:-1] for line in printed.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row[:columns]] for row in rows]


def refused(status, call, *args, **kwargs):
    """Make an SDK call that the server must refuse with this status; returns the error's JSON."""
    with pytest.raises(requests.HTTPError) as caught:
        call(*args, **kwargs)
    response = caught.value.response
    assert response.status_code == status, response.text
    return response.json()


@contextlib.contextmanager
def recorded(api):
    """The (method, body) pairs that an Api object posts meanwhile."""
    calls, post = [], api.post

    def recording_post(method, data, *args, **kwargs):
        calls.append((method, data))
        return post(method, data, *args, **kwargs)

    api.post = recording_post
    try:
        yield calls
    finally:
        del api.post


def tag_image(server, image_id, tag_id):
    """Put a tag on an image; the demo's tags are for objects, so this one is opened up first."""
    meta = server.ok("projects.meta", {"id": server.project_id})
    tag = next(t for t in meta["tags"] if t["id"] == tag_id)
    value = {"oneof_string": (tag.get("values") or [None])[0], "none": None}.get(
        tag["value_type"], "x")
    server.ok("projects.meta.update", {"id": server.project_id, "meta": {
        "classes": [], "tags": [{**tag, "applicable_type": "all"}]}})
    server.ok("image-tags.bulk.add-to-image", {"tagId": tag_id, "ids": [image_id], "value": value})


def label(api, job):
    """What a labeler does: open the job, confirm every image, submit."""
    api.labeling_job.set_status(job.id, "in_progress")
    for entity in job.entities:
        api.labeling_job.set_entity_review_status(job.id, entity["id"], "done")
    api.labeling_job.set_status(job.id, "on_review")


def review(api, job):
    """What a reviewer does: reject the first image, accept the others, complete."""
    for entity in job.entities:
        verdict = "rejected" if entity is job.entities[0] else "accepted"
        api.labeling_job.set_entity_review_status(job.id, entity["id"], verdict)
    api.labeling_job.set_status(job.id, "completed")


@contextlib.contextmanager
def polled(api):
    """The statuses that get_status sees meanwhile, and an event set by the first of them."""
    seen, begun, get_status = [], threading.Event(), api.labeling_job.get_status

    def look(job_id):
        seen.append(get_status(job_id))
        begun.set()
        return seen[-1]

    api.labeling_job.get_status = look
    try:
        yield seen, begun
    finally:
        del api.labeling_job.get_status


def wait_while(api, job_id, target, act):
    """wait() in this thread; `act` in another one, from the first poll on. The statuses seen."""
    with polled(api) as (seen, begun), ThreadPoolExecutor(1) as pool:
        acting = pool.submit(lambda: begun.wait(10) and act())
        api.labeling_job.wait(job_id, target_status=target)
        acting.result()
    return seen
