"""kill -9 at random moments while 32 clients write. Each client keeps what it was told is done; after
every kill and at the end that must be there, once, and nothing half-done beside it.

LABELD_KILLS sets how often (20 in the tests; hundreds before a release)."""

import http.client
import json
import os
import random
import threading
import time

import pytest

import labeld

KILLS = int(os.environ.get("LABELD_KILLS", "20"))
WRITERS = 32
STATUSES = ["pending", "in_progress", "on_review", "stopped", "completed"]
REVIEWS = ["none", "done", "accepted", "rejected"]


class Writer(threading.Thread):
    """A client with jobs of its own, so that it knows what each of them must look like."""

    def __init__(self, server, number, stop):
        super().__init__(daemon=True)
        self.server, self.number, self.stop = server, number, stop
        self.random = random.Random(number)
        self.connection = None
        self.names = {}     # name of each job that was asked for: id, or None while unanswered
        self.status = {}    # id: set of statuses it may have (two while a change is unanswered)
        self.review = {}    # (job, image): set of review statuses it may have
        self.acknowledged = 0
        self.failure = None

    def call(self, method, body):
        """Until it is answered, as the SDK does: repeat on any connection error and on 503."""
        data = json.dumps(body)
        while True:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
                self.connection.request("POST", labeld.PREFIX + method, data, {
                    "x-api-key": self.server.token, "content-type": "application/json"})
                response = self.connection.getresponse()
                text = response.read()
                if response.status == 503:
                    time.sleep(0.05)
                    continue
                assert response.status == 200, (method, body, response.status, text)
                self.acknowledged += 1
                return json.loads(text)
            except (OSError, http.client.HTTPException):
                self.connection = None
                if self.stop.is_set() and not self.server_is_up():
                    raise TimeoutError from None
                time.sleep(0.02)

    def server_is_up(self):
        return self.server.process is not None and self.server.process.poll() is None

    def run(self):
        try:
            while not self.stop.is_set():
                self.random.choice([self.create, self.set_status, self.set_review])()
        except TimeoutError:
            pass
        except BaseException as e:  # reported by the test
            self.failure = e

    def create(self):
        name = f"job {self.number} {len(self.names)}"
        self.names[name] = None
        made = self.call("jobs.add", {"name": name, "datasetId": self.server.dataset_id,
                                      "userIds": [self.server.labeler]})
        self.names[name] = made[0]["id"]
        self.status[made[0]["id"]] = {"pending"}

    def pick(self):
        known = [i for i in self.names.values() if i is not None]
        return self.random.choice(known) if known else None

    def set_status(self):
        job = self.pick()
        if job is None:
            return
        new = self.random.choice(STATUSES)
        self.status[job].add(new)
        self.call("jobs.set-status", {"id": job, "status": new})
        self.status[job] = {new}

    def set_review(self):
        job = self.pick()
        if job is None:
            return
        image, new = self.random.choice(self.server.images), self.random.choice(REVIEWS)
        self.review.setdefault((job, image), {"none"}).add(new)
        self.call("jobs.entities.update-review-status", {"jobId": job, "entityId": image, "status": new})
        self.review[job, image] = {new}


def check_store(server, writers):
    """Everything acknowledged is there once; counters equal recounts; events match changes."""
    jobs = {}
    for job, name in server.sql("SELECT id, name FROM job"):
        assert name not in jobs, f"{name} was created twice"
        jobs[name] = job
    statuses = dict(server.sql("SELECT id, status FROM job"))
    reviews = {(j, e): s for j, e, s in server.sql("SELECT job_id, entity_id, status FROM job_entity")}
    asked = set()
    for w in writers:
        asked |= set(w.names)
        for name, job in w.names.items():
            assert job is None or jobs.get(name) == job, f"{name} was acknowledged as {job} and is lost"
        for job, allowed in w.status.items():
            assert statuses[job] in allowed, (job, statuses[job], allowed)
        for key, allowed in w.review.items():
            assert reviews[key] in allowed, (key, reviews[key], allowed)
    assert set(jobs) <= asked
    assert server.sql("PRAGMA integrity_check") == [("ok",)]
    assert server.sql("PRAGMA foreign_key_check") == []
    assert server.sql("""SELECT j.id FROM job j WHERE
        j.images_count <> (SELECT COUNT(*) FROM job_entity e WHERE e.job_id = j.id) OR
        j.done_count <> (SELECT COUNT(*) FROM job_entity e WHERE e.job_id = j.id AND e.status = 'done') OR
        j.accepted_count <> (SELECT COUNT(*) FROM job_entity e WHERE e.job_id = j.id AND e.status = 'accepted') OR
        j.rejected_count <> (SELECT COUNT(*) FROM job_entity e WHERE e.job_id = j.id AND e.status = 'rejected')
        """) == []
    assert server.sql("SELECT COUNT(*) FROM event WHERE action = 'create_job'")[0][0] == len(jobs)
    assert server.sql("""SELECT j.id FROM job j WHERE 1 <>
        (SELECT COUNT(*) FROM event e WHERE e.job_id = j.id AND e.action = 'create_job')""") == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_servers_lose_nothing_and_repeat_nothing():
    server = labeld.Server().start()
    server.listen = f"127.0.0.1:{server.port}"  # the clients' address stays
    server.labeler = server.user(role=labeld.ANNOTATOR).id
    server.images = [i["id"] for i in server.ok("images.list", {"datasetId": server.dataset_id})["entities"]]
    stop = threading.Event()
    writers = [Writer(server, n, stop) for n in range(WRITERS)]
    for w in writers:
        w.start()
    rng = random.Random(1)
    slowest = 0
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.05, 0.5))
        server.kill()
        start = time.monotonic()
        server.start()
        server.ok("instance.version", token=False)
        slowest = max(slowest, time.monotonic() - start)
    time.sleep(0.5)
    stop.set()
    for w in writers:
        w.join(timeout=60)
        assert w.failure is None, w.failure
    check_store(server, writers)
    server.close()
    acknowledged = sum(w.acknowledged for w in writers)
    print(f"{KILLS} kills, {acknowledged} acknowledged changes, slowest restart {slowest:.2f} s")
    assert acknowledged > 20 * KILLS


@pytest.mark.slow
def test_the_check_bites():
    """A store that forgets one acknowledged change is noticed."""
    server = labeld.Server().start()
    server.images, server.labeler = [], server.user_id
    w = Writer(server, 0, threading.Event())
    w.create()
    server.stop()
    import sqlite3
    db = sqlite3.connect(server.dir / "labeld.db")
    db.execute("UPDATE job SET status = 'stopped'")
    db.commit()
    db.close()
    with pytest.raises(AssertionError):
        check_store(server, [w])
    server.close()
