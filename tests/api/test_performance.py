"""Numbers of people: counted again from the event log, adding up in every table, and seen only by those
who may."""

import csv
import io

import pytest

import labeld
from sdk_helpers import unique

COUNTS = ("labelingTime", "reviewTime", "objects", "tags", "actions", "submitted", "accepted", "rejected",
          "firstReviewed", "firstAccepted", "reviews", "completedJobs")
BOX = {"points": {"exterior": [[1, 1], [9, 9]], "interior": []}}
ACTIONS = {"create_figure", "update_figure", "disable_figure", "restore_figure", "attach_tag",
           "update_tag_value", "detach_tag"}


def from_the_log(server):
    """What teams.activity says each person did, by login."""
    team = {"teamId": server.team_id}
    log = server.ok("teams.activity", team)
    assert log["pagesCount"] == 1
    jobs = {j["id"]: j for j in server.ok("jobs.list", {**team, "showDisabled": True})["entities"]}
    logins = {m["id"]: m["login"] for m in server.ok("members.list", team)["entities"]}
    people, confirmed, seen, given = {}, {}, set(), set()

    def add(user, name, n=1):
        people.setdefault(logins[user], dict.fromkeys(COUNTS, 0))[name] += n

    for e in reversed(log["entities"]):
        user, action, meta, job = e["userId"], e["action"], e["meta"], jobs.get(e["jobId"])
        labelers = not (job and job["labelingQueueId"] and "(review)" in job["name"])
        status, place = meta.get("reviewStatus"), (e["jobId"], e["imageId"])
        if action == "annotation_duration":
            add(user, "reviewTime" if meta.get("review") else "labelingTime", meta["duration"])
        if action in ACTIONS:
            add(user, "actions")
        if action in ("create_figure", "attach_tag"):
            add(user, "objects" if action == "create_figure" else "tags")
        if action == "update_job_status" and meta["to"] == "completed" and labelers:
            add(job["userId"], "completedJobs")
        if action != "image_review_status_updated":
            continue
        if status == "done" and labelers:
            confirmed[place] = user
            add(user, "submitted")
        if status in ("accepted", "rejected") and labelers:
            labeler = confirmed.get(place, job["userId"])
            add(labeler, status)
            if place not in seen:
                seen.add(place)
                add(labeler, "firstReviewed")
                add(labeler, "firstAccepted", status == "accepted")
        if status in ("accepted", "rejected") and (user, e["imageId"], e["date"]) not in given:
            given.add((user, e["imageId"], e["date"]))
            add(user, "reviews")
    return people


class Story:
    """Two labelers and a reviewer at work, in a job and in a queue."""

    def __init__(self, server):
        self.server = server
        self.project = server.project()["id"]
        meta = server.ok("projects.meta.update", {"id": self.project, "meta": {
            "classes": [{"title": "=box", "shape": "rectangle", "color": "#000000"},
                        {"title": "other", "shape": "rectangle", "color": "#000000"}],
            "tags": [{"name": "@tag", "value_type": "none", "color": "#000000"}]}})
        self.classes, self.tag = {c["title"]: c["id"] for c in meta["classes"]}, meta["tags"][0]["id"]
        self.dataset = server.ok("datasets.add", {"projectId": self.project, "name": "d"})["id"]
        self.images = [i["id"] for i in server.ok("images.bulk.add", {"datasetId": self.dataset, "images": [
            {"title": f"{i}.jpg", "link": "http://example.org/x", "meta": {}} for i in range(6)]})]
        self.one, self.two = (server.user(role=labeld.ANNOTATOR) for _ in range(2))
        self.reviewer = server.user(role=labeld.REVIEWER)
        self.job = server.job(unique("perf"), user_ids=[self.one.id], dataset_id=self.dataset,
                              reviewerId=self.reviewer.id)["id"]
        self.in_the_job()
        self.in_a_queue()

    def draw(self, user, job, image, name, seconds):
        head = {"x-job-id": str(job)}
        figure = self.server.ok("figures.bulk.add", {"entityId": image, "figures": [
            {"classId": self.classes[name], "geometryType": "rectangle", "geometry": BOX}]},
            token=user.token, headers=head)[0]["id"]
        self.server.ok("figures.add-annotation-duration", {"figureId": figure, "duration": seconds},
                       token=user.token, headers=head)
        return figure

    def look(self, user, job, image, seconds):
        self.server.ok("jobs.entities.add-annotation-duration", {
            "jobId": job, "entityId": image, "duration": seconds}, token=user.token)

    def verdict(self, user, job, image, status):
        self.server.ok("jobs.entities.update-review-status", {"jobId": job, "entityId": image,
                                                              "status": status}, token=user.token)

    def in_the_job(self):
        server, one, reviewer = self.server, self.one, self.reviewer
        for n, image in enumerate(self.images[:3]):
            figure = self.draw(one, self.job, image, "=box", 10 + n)
            self.verdict(one, self.job, image, "done")
        self.draw(one, self.job, self.images[0], "other", 4000)
        server.ok("object-tags.add-to-object", {"tagId": self.tag, "figureId": figure}, token=one.token,
                  headers={"x-job-id": str(self.job)})
        server.ok("figures.bulk.remove", {"figureIds": [figure]}, token=one.token,
                  headers={"x-job-id": str(self.job)})
        for image, status in zip(self.images, ("accepted", "rejected", "accepted")):
            self.look(reviewer, self.job, image, 7)
            self.verdict(reviewer, self.job, image, status)
        self.verdict(one, self.job, self.images[1], "done")
        self.verdict(reviewer, self.job, self.images[1], "accepted")
        server.ok("jobs.editInfo", {"id": self.job, "userId": self.two.id})  # what was done stays with `one`
        self.verdict(reviewer, self.job, self.images[2], "rejected")
        server.ok("jobs.set-status", {"id": self.job, "status": "completed"})

    def in_a_queue(self):
        server = self.server
        queue = server.ok("labeling-queues.add", {
            "name": unique("perf"), "datasetId": self.dataset, "userIds": [self.one.id, self.two.id],
            "reviewerIds": [self.reviewer.id]})["id"]
        jobs = {}
        for job in server.ok("labeling-queues.info", {"id": queue})["jobs"]:
            jobs[server.ok("jobs.info", {"id": job["id"]})["userId"]] = job["id"]
        for user in (self.two, self.one, self.two):
            image = server.ok("labeling-queues.entities.get-next", {"id": jobs[user.id]}, token=user.token)["id"]
            self.draw(user, jobs[user.id], image, "other", 33)
            self.verdict(user, jobs[user.id], image, "done")
        for status in ("accepted", "rejected"):
            mine = jobs[self.reviewer.id]
            image = server.ok("labeling-queues.entities.get-next", {"id": mine}, token=self.reviewer.token)["id"]
            self.look(self.reviewer, mine, image, 21)
            self.verdict(self.reviewer, mine, image, status)


@pytest.fixture(scope="module")
def place():
    server = labeld.Server().start()
    yield server, Story(server)
    server.close()


def table(server, what, token=True, **body):
    return server.ok(f"labeling-performance.{what}", {"teamId": server.team_id, **body}, token=token)


def counts(row):
    return {name: row[name] for name in COUNTS}


def test_every_number_again_from_the_log(place):
    server, story = place
    log = from_the_log(server)
    shown = {row["login"]: counts(row) for row in table(server, "members")["entities"]}
    assert shown == {login: n for login, n in log.items() if any(n.values())}
    one, two, reviewer = (shown[u.login] for u in (story.one, story.two, story.reviewer))
    assert (one["labelingTime"], two["labelingTime"], reviewer["reviewTime"]) == (
        10 + 11 + 12 + 300 + 33, 66, 7 * 3 + 21 * 2), "of a long pause five minutes count"
    assert (one["objects"], two["objects"], one["tags"], one["actions"]) == (5, 2, 1, 7)
    assert reviewer["reviews"] == 4 + 1 + 2, "a verdict in a queue counts once"
    assert (one["firstReviewed"] + two["firstReviewed"], one["rejected"] + two["rejected"]) == (5, 3)
    assert two["completedJobs"] == 1, "whose job it was then"


def test_a_reviewer_who_leaves_takes_no_verdict_to_anybody(place):
    """Verdicts are logged in the jobs of reviewers, too; those count for no labeler, also when the job or
    the place in the queue is gone."""
    server, story = place
    mine = next(j for j in server.ok("jobs.list", {"teamId": server.team_id})["entities"]
                if j["labelingQueueId"] and j["userId"] == story.reviewer.id)
    before = {what: table(server, what) for what in ("members", "summary")}
    server.ok("labeling-queues.users.remove", {"id": mine["labelingQueueId"], "reviewerIds": [story.reviewer.id]})
    assert {what: table(server, what) for what in before} == before
    server.ok("jobs.bulk.remove", {"ids": [mine["id"]]})
    assert table(server, "members") == before["members"]


def test_ratios_follow_from_the_counts(place):
    server, story = place
    rows = table(server, "members")["entities"]
    for row in [*rows, table(server, "summary")["total"]]:
        def ratio(over, under, factor=1):
            return round(factor * over / under + 1e-9, 2) if under else None
        assert row["objectsPerHour"] == ratio(row["objects"], row["labelingTime"], 3600)
        assert row["timePerObject"] == ratio(row["labelingTime"], row["objects"])
        assert row["acceptanceRate"] == ratio(row["accepted"], row["accepted"] + row["rejected"], 100)
        assert row["firstTimeThrough"] == ratio(row["firstAccepted"], row["firstReviewed"], 100)
        assert row["timePerReview"] == ratio(row["reviewTime"], row["reviews"])
    assert any(row["firstTimeThrough"] is None for row in rows)


def test_all_tables_add_up(place):
    server, _ = place
    total = counts(table(server, "summary")["total"])
    for what in ("members", "timeline", "review-time"):
        for split in ("year", "month", "day", "hour"):
            answer = table(server, what, **({} if what == "members" else {"splitBy": split}))
            assert counts(answer["total"]) == total
            for name in COUNTS:
                assert sum(row[name] for row in answer["entities"]) == total[name]
    classes = table(server, "classes")["entities"]
    assert sum(c["objects"] for c in classes) == total["objects"]
    assert sum(c["labelingTime"] for c in classes) == total["labelingTime"], "all of it was drawing"
    assert sum(t["tags"] for t in table(server, "tags")["entities"]) == total["tags"]


@pytest.mark.parametrize("what", ["members", "timeline", "classes", "tags"])
def test_the_csv_says_the_same(place, what):
    server, _ = place
    answer = server.raw("labeling-performance.export", {"teamId": server.team_id, "table": what})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    shown = table(server, what)["entities"]
    assert len(rows) == len(shown) > 0
    for row, entity in zip(rows, shown):
        for key, text in row.items():
            value = entity[key]
            if isinstance(value, str):
                assert text == ("'" + value if value[0] in "=+-@" else value), "no formulas"
            else:
                assert (float(text) if text else None) == value
    if what == "classes":
        assert "'=box" in answer.text


def test_get_serves_a_link(place):
    server, _ = place
    answer = server.raw("labeling-performance.export", verb="GET", params={"teamId": server.team_id})
    assert answer.status_code == 200 and answer.text.startswith("login,labelingTime,")


def test_filters(place):
    server, story = place
    def objects(**filters):
        return table(server, "summary", filters=filters)["total"]["objects"]
    job = server.ok("jobs.info", {"id": story.job})
    assert objects(userIds=[story.two.id]) == 2 and objects(userIds=[story.one.id, story.two.id]) == 7
    assert objects(jobIds=[story.job]) == 4 == objects(jobTitle=job["name"][2:].upper())
    assert objects(jobTitle="%") == 0, "a part of the name, no pattern"
    assert objects(projectId=story.project) == 7 == objects(workspaceId=server.workspace_id)
    assert objects(projectId=10**6) == 0 == objects(workspaceId=10**6)
    assert objects(date={"end": "2020-01-01"}) == 0 and objects(date={"start": "2020-01-01"}) == 7
    assert objects(date={"start": None, "end": None}, timezoneOffset=-120, dataType="images") == 7


def test_local_days(place):
    server, _ = place
    shown = {}
    for offset in (-720, 0, 720):
        rows = table(server, "timeline", splitBy="hour", filters={"timezoneOffset": offset})["entities"]
        shown[offset] = rows[0]["date"]
    assert shown[-720][11:13] == shown[720][11:13] and shown[-720][:10] > shown[720][:10]


def test_where_images_stand(place):
    server, story = place
    assets = table(server, "summary", filters={"jobIds": [story.job]})["assets"]
    assert assets == {"total": 6, "pending": 3, "submitted": 0, "rejected": 1, "accepted": 2}


def test_people_see_themselves(place):
    server, story = place
    for user in (story.one, story.reviewer):
        rows = table(server, "members", token=user.token)["entities"]
        assert [r["login"] for r in rows] == [user.login]
        everybody = {r["login"]: r for r in table(server, "members")["entities"]}
        assert counts(rows[0]) == counts(everybody[user.login])
        assert table(server, "members", token=user.token, filters={"userIds": [story.two.id]})["entities"] == []
        text = server.raw("labeling-performance.export", {"teamId": server.team_id}, token=user.token).text
        assert story.two.login not in text
    manager = server.user(role=labeld.MANAGER)
    assert len(table(server, "members", token=manager.token)["entities"]) >= 3
    assets = table(server, "summary", token=story.one.token)["assets"]
    assert assets["total"] < table(server, "summary")["assets"]["total"]
    stranger = server.user(restricted=False)
    for what in ("summary", "members", "timeline", "review-time", "classes", "tags", "export"):
        server.refused(404, f"labeling-performance.{what}", {"teamId": server.team_id}, token=stranger.token)


@pytest.mark.parametrize("body, field", [
    ({"splitBy": "week"}, "splitBy"), ({"filters": {"date": {"start": "x"}}}, "filters.date.start"),
    ({"filters": {"date": {"start": "2021-01-01", "end": "2020-01-01"}}}, "filters.date.end"),
    ({"filters": {"date": 1}}, "filters.date"), ({"filters": {"userIds": [0]}}, "filters.userIds"),
    ({"filters": {"jobIds": 1}}, "filters.jobIds"), ({"filters": {"projectId": "x"}}, "filters.projectId"),
    ({"filters": {"workspaceId": 0}}, "filters.workspaceId"), ({"filters": []}, "filters"),
    ({"filters": {"timezoneOffset": 9999}}, "filters.timezoneOffset"),
    ({"filters": {"dataType": "videos"}}, "filters.dataType"), ({"filters": {"jobTitle": 1}}, "filters.jobTitle"),
    ({"table": "x"}, "table"), ({"teamId": None}, "teamId")])
def test_what_is_refused(place, body, field):
    server, _ = place
    server.refused(400, "labeling-performance.export", {"teamId": server.team_id, "table": "timeline", **body},
                   field=field)
