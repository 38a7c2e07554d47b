"""Random calls by random people against a model of jobs (job_model.py): answers, statuses, counters,
what everybody sees and the activity log are the same after every step.

LABELD_MODEL_SEED repeats a run; a failure names its seed and its last calls."""

import os
import random
import secrets

import pytest
import requests

import labeld
from job_model import REVIEWS, STATUSES, Model

JOBS_MAX = 14  # older ones are removed: the lists stay short
BOX = {"points": {"exterior": [[1, 1], [5, 5]], "interior": []}}


class Run:
    def __init__(self, server, seed):
        self.server, self.random = server, random.Random(seed)
        self.http = requests.Session()  # one connection: ten thousand steps are many calls
        people = {name: server.user(role=getattr(labeld, role)) for name, role in (
            ("manager", "MANAGER"), ("boss", "REVIEWER"), ("reviewer", "REVIEWER"),
            ("first", "ANNOTATOR"), ("second", "ANNOTATOR"), ("viewer", "VIEWER"))}
        self.tokens = {u.id: u.token for u in people.values()}
        self.labelers = [people["first"].id, people["second"].id]
        self.reviewers = [people["boss"].id, people["reviewer"].id, people["second"].id]
        images = server.ok("images.list", {"datasetId": server.dataset_id})["entities"]
        self.klass = server.ok("projects.meta.update", {"id": server.project_id, "meta": {
            "tags": [], "classes": [{"title": "model", "shape": "rectangle", "color": "#000000"}]}})
        self.klass = next(c["id"] for c in self.klass["classes"] if c["title"] == "model")
        roles = {people[n].id: r for n, r in (
            ("manager", "manager"), ("boss", "reviewer"), ("reviewer", "reviewer"),
            ("first", "annotator"), ("second", "annotator"), ("viewer", "viewer"))}
        self.model = Model(roles, sorted(i["id"] for i in images))
        self.log, self.number = [], 0

    # ---- one call ----

    def raw(self, method, body, token, headers=()):
        return self.http.post(self.server.url + labeld.PREFIX + method, json=body, timeout=60,
                              headers={"x-api-key": token, **dict(headers)})

    def call(self, who, method, body, expected, **kw):
        self.log.append((who, method, body, expected))
        answer = self.raw(method, body, self.tokens[who], **kw)
        assert answer.status_code == expected, answer.text
        return answer.json()

    def step(self):
        pick, model = self.random, self.model
        who = pick.choice(list(self.tokens))
        live = [i for i, j in model.jobs.items() if not j.removed]
        if not live or pick.random() < 0.06:
            return self.add(who)
        if len(live) > JOBS_MAX:
            return self.remove(next(u for u, r in model.roles.items() if r == "manager"), live[0])
        # mostly somebody who has to do with a job that is there
        job_id = pick.choice(live if pick.random() < 0.97 else list(model.jobs))
        job = model.jobs[job_id]
        if pick.random() < 0.6:
            who = pick.choice([job.labeler, job.reviewer or job.creator, job.creator])
        kinds = (self.set_status, self.review, self.reject, self.restart, self.archive, self.remove,
                 self.edit, self.priority, self.draw)
        act = pick.choices(kinds, (10, 22, 2, 4, 4, 1, 4, 2, 5))[0]
        return act(who, job_id)

    def add(self, who):
        labelers = self.random.sample(self.labelers, self.random.choice((1, 1, 2)))
        args = (labelers, self.random.choice([None, *self.reviewers]), self.random.random() < 0.3)
        self.number += 1
        made = self.call(who, "jobs.add", {
            "name": f"job {self.number}", "datasetId": self.server.dataset_id, "userIds": labelers,
            "reviewerId": args[1], "meta": {"enableIntermediateReview": args[2]}},
            code := self.model.add(who, *args))
        if code == 200:
            self.model.made([m["id"] for m in made], who, *args)
            return [m["id"] for m in made]
        return []

    def set_status(self, who, job_id):
        status = self.random.choices(STATUSES, (2, 6, 4, 1, 2, 1))[0]
        self.call(who, "jobs.set-status", {"id": job_id, "status": status},
                  self.model.set_status(who, job_id, status))
        return [job_id]

    def review(self, who, job_id):
        job = self.model.jobs[job_id]
        image = self.random.choice([*job.entities, self.random.choice(self.model.images)])
        status = self.random.choices(REVIEWS, (2, 6, 4, 4, 1))[0]
        comment = secrets.token_hex(4) if self.random.random() < 0.2 else None
        self.call(who, "jobs.entities.update-review-status", {
            "jobId": job_id, "entityId": image, "status": status, "comment": comment},
            self.model.review(who, job_id, image, status, comment))
        return [job_id]

    def reject(self, who, job_id):
        unmarked = self.random.random() < 0.7
        self.call(who, "jobs.reject", {"id": job_id, "mode": "unmarked" if unmarked else "all"},
                  self.model.reject(who, job_id, unmarked))
        return [job_id]

    def restart(self, who, job_id):
        labelers = self.random.sample(self.labelers, self.random.choice((1, 2)))
        args = (labelers, self.random.choice([None, *self.reviewers]), self.random.random() < 0.4,
                self.random.random() < 0.7)
        code = self.model.restart(who, job_id, *args)
        made = self.call(who, "jobs.restart", {
            "id": job_id, "userIds": labelers, "reviewerId": args[1], "completeExisting": args[3],
            "restartEntitiesMode": "not_accepted" if args[2] else "rejected"}, code)
        if code != 200:
            return [job_id]
        self.model.restarted([m["id"] for m in made], who, job_id, *args)
        return [job_id, *(m["id"] for m in made)]

    def archive(self, who, job_id):
        disabled = self.random.random() < 0.4
        one = {"id": job_id} if disabled else {"ids": [job_id]}
        self.call(who, "jobs.archive" if disabled else "jobs.bulk.unarchive", one,
                  self.model.archive(who, job_id, disabled))
        return [job_id]

    def remove(self, who, job_id):
        self.call(who, "jobs.bulk.remove", {"ids": [job_id]}, self.model.remove(who, job_id))
        return [job_id]

    def edit(self, who, job_id):
        change = self.random.choice([{"userId": self.random.choice(self.labelers)},
                                     {"reviewerId": self.random.choice(self.reviewers)}])
        self.call(who, "jobs.editInfo", {"id": job_id, **change}, self.model.edit(who, job_id, change))
        return [job_id]

    def priority(self, who, job_id):
        priority = self.random.randint(1, 5)
        self.call(who, "jobs.bulk.set-priority", {"jobs": [{"id": job_id, "priority": priority}]},
                  self.model.set_priority(who, job_id, priority))
        return [job_id]

    def draw(self, who, job_id):
        image = self.random.choice(list(self.model.jobs[job_id].entities))
        self.call(who, "figures.bulk.add", {"entityId": image, "figures": [
            {"classId": self.klass, "geometryType": "rectangle", "geometry": BOX}]},
            self.model.draw(who, job_id), headers={"x-job-id": str(job_id)})
        return [job_id]

    # ---- is the server where the model is? ----

    def compare(self, touched):
        for job_id in touched:
            job = self.model.jobs[job_id]
            answer = self.raw("jobs.info", {"id": job_id}, self.server.token)
            assert answer.status_code == (404 if job.removed else 200)
            if not job.removed:
                info = answer.json()
                assert {e["id"]: e["reviewStatus"] for e in info["entities"]} == job.entities
            self.compare_events(job_id, job)
        for who in self.tokens:
            archived = self.random.random() < 0.5
            listed = self.raw("jobs.list", {
                "teamId": self.server.team_id, "showDisabled": archived, "fields": ["id"]},
                self.tokens[who]).json()["entities"]
            assert {j["id"] for j in listed} == self.model.sees(who, archived), who
            for info in listed:
                expected = self.model.jobs[info["id"]].shown()
                assert {key: info[key] for key in expected} == expected, (who, info["id"])

    def compare_events(self, job_id, job):
        answer = self.raw("teams.activity", {"teamId": self.server.team_id, "per_page": 20, "filter": [
            {"field": "jobId", "operator": "=", "value": job_id}]}, self.server.token).json()
        assert answer["total"] == len(job.events), (answer["entities"], job.events)
        newest = [(e["action"], e["meta"]) for e in answer["entities"]]
        for (action, meta), (wanted, wanted_meta) in zip(newest, job.events[::-1]):
            assert action == wanted and (wanted_meta is None or meta == wanted_meta)


@pytest.mark.parametrize("steps", [
    pytest.param(300, id="short"),
    pytest.param(10_000, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(3000)])])
def test_the_server_does_what_the_model_does(fresh, steps):
    seed = int(os.environ.get("LABELD_MODEL_SEED") or random.randrange(10**9))
    run = Run(fresh, seed)
    codes = set()
    for number in range(steps):
        try:
            run.compare(run.step())
        except AssertionError as e:
            raise AssertionError(f"seed {seed}, step {number}, last calls {run.log[-6:]}") from e
        codes.add(run.log[-1][3])
    assert codes >= {200, 403, 404}
