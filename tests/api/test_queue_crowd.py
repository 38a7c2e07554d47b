"""Many labelers pull at once and some of them are killed: no image is issued to two, none gets stuck.

The full size, 200 clients and 100 000 images, is bench/queue.py."""

import json
import random
import re
import subprocess
import sys
import time

import pytest

import labeld

CLIENT = labeld.ROOT / "tests/queue_client.py"


class Crowd:
    """A queue of some images for labelers in groups, each group a process."""

    def __init__(self, server, images, groups, in_group):
        self.server, self.images = server, images
        dataset = server.ok("datasets.add", {"projectId": server.project()["id"], "name": "d"})["id"]
        server.ok("images.bulk.add", {"datasetId": dataset, "images": [
            {"title": f"{i}.jpg", "link": "http://example.org/x"} for i in range(images)]})
        users = {u.id: u for u in (server.user(role=labeld.ANNOTATOR) for _ in range(groups * in_group))}
        self.queue = server.ok("labeling-queues.add", {
            "name": "crowd", "datasetId": dataset, "reviewerIds": [], "userIds": list(users),
            "queueMeta": {"leaseSeconds": 1}})["id"]
        jobs = [server.ok("jobs.info", {"id": j["id"]})
                for j in server.ok("labeling-queues.info", {"id": self.queue})["jobs"]]
        clients = [(users[j["userId"]].token, j["id"]) for j in jobs]
        self.groups = [clients[i::groups] for i in range(groups)]

    def start(self, group, log):
        process = subprocess.Popen([sys.executable, CLIENT, self.server.url, log], stdin=subprocess.PIPE,
                                   text=True)
        process.stdin.write(json.dumps(group))
        process.stdin.close()
        return process

    def info(self):
        return self.server.ok("labeling-queues.info", {"id": self.queue})

    def stories(self):
        """For each image what the event log says, as letters: p ull, r elease, d one."""
        events = self.server.ok("teams.activity", {"teamId": self.server.team_id, "filter": [
            {"field": "jobId", "operator": "in", "value": [job for g in self.groups for _, job in g]},
            {"field": "type", "operator": "in", "value": [
                "pull_image", "release_image", "image_review_status_updated"]}]})
        assert events["pagesCount"] == 1
        told = {}
        for event in reversed(events["entities"]):
            told.setdefault(event["imageId"], []).append((event["action"][0].replace("i", "d"), event["jobId"]))
        return told


def notes(path):
    return [tuple(line.split()) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.long
def test_killed_clients_hold_nothing_up(fresh, tmp_path):
    crowd = Crowd(fresh, images=300, groups=4, in_group=3)
    logs = [tmp_path / f"{n}.log" for n in range(4)]
    processes = [crowd.start(group, log) for group, log in zip(crowd.groups, logs)]
    rng = random.Random(7)
    for n in (0, 1):  # some of them are in the middle of something, whenever that is
        least, deadline = rng.randint(5, 40), time.monotonic() + 30
        while len(notes(logs[n])) < least and time.monotonic() < deadline:
            time.sleep(0.005)
        processes[n].kill()
        processes[n].wait()
    assert crowd.info()["annotatedCount"] < 300, "they were killed too late to prove anything"
    assert [p.wait(timeout=60) for p in processes[2:]] == [0, 0]
    info = crowd.info()
    assert (info["pendingCount"], info["inProgressCount"], info["annotatedCount"]) == (0, 0, 300)
    stories = crowd.stories()
    assert len(stories) == 300
    for image, story in stories.items():
        letters = "".join(letter for letter, _ in story)
        assert re.fullmatch("(pr)*pd", letters), (image, story)
        for (_, job), (_, next_job) in zip(story[::2], story[1::2]):
            assert job == next_job, (image, story)
    done = [(image, job) for log in logs for what, job, image in notes(log) if what == "done"]
    assert len(done) == len(set(image for image, _ in done)), "nobody was told twice"
    by_log = {image: str(story[-1][1]) for image, story in stories.items()}
    assert all(by_log[int(image)] == job for image, job in done)


def test_a_client_that_comes_back_goes_on(fresh, tmp_path):
    """Killed and started again within the lease: the same image, not another one."""
    crowd = Crowd(fresh, images=4, groups=1, in_group=1)
    (token, job), = crowd.groups[0]
    first = fresh.ok("labeling-queues.entities.get-next", {"id": job}, token=token)
    assert fresh.ok("labeling-queues.entities.get-next", {"id": job}, token=token) == first
    log = tmp_path / "log"
    assert crowd.start(crowd.groups[0], log).wait(timeout=60) == 0
    pulled = [int(image) for what, _, image in notes(log) if what == "pull"]
    assert pulled[0] == first["id"] and len(pulled) == len(set(pulled)) == 4
