"""A queue with people in it, for the tests of queues."""

import time

import labeld
from sdk_helpers import unique


class Team:
    """A queue over the demo's six images with two labelers, two reviewers, and a quality checker if
    `checked`."""

    def __init__(self, server, checked=False, **queue_meta):
        self.server, self.api = server, server.sdk()
        self.labelers = [server.user(role=labeld.ANNOTATOR) for _ in range(2)]
        self.reviewers = [server.user(role=labeld.REVIEWER) for _ in range(2)]
        self.checker = server.user(role=labeld.REVIEWER) if checked else None
        extra = {"qualityCheckUserIds": [self.checker.id]} if checked else {}
        self.id = server.ok("labeling-queues.add", {
            "name": unique("queue"), "datasetId": server.dataset_id,
            "userIds": [u.id for u in self.labelers], "reviewerIds": [u.id for u in self.reviewers],
            "meta": {"classes": [], "imageFiguresLimit": 0, "enableIntermediateReview": checked},
            "queueMeta": queue_meta, **extra})["id"]
        self.jobs = {}
        for job in self.info()["jobs"]:
            job = server.ok("jobs.info", {"id": job["id"]})
            self.jobs[job["userId"]] = job["id"]

    def info(self):
        return self.server.ok("labeling-queues.info", {"id": self.id})

    def counts(self):
        info = self.info()
        return [info[k] for k in ("entitiesCount", "pendingCount", "inProgressCount",
                                  "annotatedCount", "acceptedCount")]

    def call(self, user, method, **body):
        return self.server.raw(method, {"id": self.jobs[user.id], **body}, token=user.token)

    def pull(self, user):
        answer = self.call(user, "labeling-queues.entities.get-next")
        assert answer.ok, answer.text
        return answer.json()["id"]

    def verdict(self, user, image, status):
        return self.server.ok("jobs.entities.update-review-status", {
            "jobId": self.jobs[user.id], "entityId": image, "status": status}, token=user.token)

    def job(self, user):
        return self.server.ok("jobs.info", {"id": self.jobs[user.id]})

    def statuses(self, user):
        """Review status of each image in this user's job."""
        return {e["id"]: e["reviewStatus"] for e in self.job(user)["entities"]}

    def confirm(self, user):
        """Pull and confirm one image."""
        image = self.pull(user)
        self.verdict(user, image, "done")
        return image

    def events(self, *actions):
        """(action, image, job) of this queue's jobs, oldest first."""
        found = self.server.ok("teams.activity", {"teamId": self.server.team_id, "filter": [
            {"field": "type", "operator": "in", "value": list(actions)},
            {"field": "jobId", "operator": "in", "value": list(self.jobs.values())}]})["entities"]
        return [(e["action"], e["imageId"], e["jobId"]) for e in reversed(found)]

    def lease(self, image):
        """Until when its holder keeps an image; None: nobody holds it."""
        rows = self.server.ok("labeling-queues.stats.entities", {"id": self.id})["images"]
        return next(row["leaseUntil"] for row in rows if row["id"] == image)

    def pulled_at_last(self, user):
        """Ask until there is something."""
        deadline = time.monotonic() + 60
        while (image := self.pull(user)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        return image
