"""Every row of the two tables of states, and every change that has none, by everybody. What is
expected comes from the tables in the source and from who the caller is to the job."""

import re

import pytest

import labeld

STATUSES = ["pending", "in_progress", "on_review", "review_completed", "completed", "stopped"]
VISITORS = ("another", "viewer", "stranger")  # the job does not exist for them
BOSSES = ("creator", "manager", "developer", "admin", "root")


def rows(table, kind):
    text = (labeld.ROOT / "src/domain" / table).read_text()
    return [[part.strip().strip('"') for part in row.split(",")]
            for row in re.findall(kind + r"\(([^)]*)\)(?=\s*(?:/\*|\n|$))", text.split("*/", 1)[1])]


def bits(text):
    return {bit.strip().removeprefix("PERM_JOB_") for bit in text.split("|")}


MOVES = {(start, end): bits(who) for start, end, who in rows("job_status.tbl", "TRANSITION")}
REVIEWS = {status: (bits(who), [int(n) for n in counts])
           for status, who, *counts in rows("job_entity.tbl", "REVIEW")}


def test_the_tables_are_read():
    assert len(MOVES) >= 7 and set(REVIEWS) == {
        "none", "done", "accepted", "rejected", "quality_check_accepted"}
    assert {status for move in MOVES for status in move} == set(STATUSES)


@pytest.fixture(scope="module")
def people(server):
    made = {name: server.user(role=getattr(labeld, role)) for name, role in (
        ("labeler", "ANNOTATOR"), ("another", "ANNOTATOR"), ("viewer", "VIEWER"),
        ("reviewer", "REVIEWER"), ("creator", "REVIEWER"), ("manager", "MANAGER"),
        ("developer", "DEVELOPER"), ("admin", "ADMIN"))}
    made["stranger"] = server.user(restricted=False)
    tokens = {name: user.token for name, user in made.items()}
    return {"ids": {name: user.id for name, user in made.items()},
            "tokens": {**tokens, "root": server.token}}


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "checked"])
def job(request, server, people):
    made = server.job(user_ids=[people["ids"]["labeler"]], reviewerId=people["ids"]["reviewer"],
                      token=people["tokens"]["creator"],
                      meta={"enableIntermediateReview": request.param})
    return {**made, "checked": request.param}


def held(actor, status):
    """The bits that a person holds on a job with this status."""
    if actor in BOSSES:
        return {"VIEW", "REVIEW", "MANAGE"}
    if actor == "reviewer":
        return {"VIEW", "REVIEW"}
    return {"VIEW", "LABEL"} if actor == "labeler" and status in STATUSES[:2] else set()


def move_expected(actor, start, end, checked):
    mine = held(actor, start)
    if not mine:
        return 404
    if start == end:
        return 200
    if end == "review_completed" and not checked:
        return 400
    if "MANAGE" in mine:
        return 200
    if not mine & MOVES.get((start, end), set()):
        return 403
    return 403 if checked and end == "completed" else 200


def events_of(server, job):
    answer = server.ok("teams.activity", {"teamId": server.team_id, "per_page": 5, "filter": [
        {"field": "jobId", "operator": "=", "value": job["id"]}]})
    return answer["total"], answer["entities"]


def try_all(people, send, expected, reset, look, check):
    """Everybody tries one change: those who may not first, in a row, and nothing changes; then each
    of the others, from the start again. The statuses that were answered."""
    answers = {actor: expected(actor) for actor in people["tokens"]}
    reset()
    before = look()
    refused = {a: send(people["tokens"][a]) for a, status in answers.items() if status != 200}
    assert refused == {a: status for a, status in answers.items() if status != 200}
    assert look() == before
    for actor in (a for a, status in answers.items() if status == 200):
        reset()
        before = look()
        assert send(people["tokens"][actor]) == 200, actor
        check(before, look())
    return set(answers.values())


@pytest.mark.long
def test_changes_of_a_job(server, people, job):
    def send(token):
        return server.raw("jobs.set-status", {"id": job["id"], "status": end}, token=token).status_code

    def look():
        return server.ok("jobs.info", {"id": job["id"]}), events_of(server, job)

    def check(before, now):
        if start == end:
            assert now == before
            return
        after, (count, events) = now
        assert (after["status"], count) == (end, before[1][0] + 1), (start, end)
        assert events[0]["meta"] == {"from": start, "to": end}
        assert (after["finishedAt"] is not None) is (end == "completed")
        assert end not in ("pending", "in_progress") or after["annotationFinishedAt"] is None
        assert end != "pending" or after["startedAt"] is None
        assert end not in ("in_progress", "on_review") or after["startedAt"] is not None
        assert end != "on_review" or (after["annotationFinishedAt"] and not after["reviewFinishedAt"])
        assert end != "review_completed" or after["reviewFinishedAt"] is not None

    seen = set()
    for start in STATUSES if job["checked"] else [s for s in STATUSES if s != "review_completed"]:
        for end in STATUSES:
            seen |= try_all(people, send, lambda a: move_expected(a, start, end, job["checked"]),
                            lambda: server.ok("jobs.set-status", {"id": job["id"], "status": start}),
                            look, check)
    assert seen == ({200, 403, 404} if job["checked"] else {200, 400, 403, 404})


def review_expected(actor, start, end, job_status, checked):
    mine = held(actor, job_status)
    if not mine:
        return 404
    if start == end:
        return 200
    if not mine & REVIEWS[end][0]:
        return 403
    if end == "quality_check_accepted" and not checked:
        return 400
    if end == "quality_check_accepted" and "MANAGE" not in mine:
        return 403
    if "REVIEW" in mine:
        return 200
    return 403 if start in ("accepted", "quality_check_accepted") else 200


COUNTERS = ("finishedImagesCount", "acceptedImagesCount", "rejectedImagesCount")


@pytest.mark.long
@pytest.mark.parametrize("job_status", ["in_progress", "on_review", "stopped", "completed"])
def test_changes_of_an_image(server, people, job, job_status):
    method = "jobs.entities.update-review-status"
    server.ok("jobs.set-status", {"id": job["id"], "status": job_status})
    image = job["entities"][2]["id"]
    body = {"jobId": job["id"], "entityId": image}

    def send(token):
        return server.raw(method, {**body, "status": end}, token=token).status_code

    def check(before, after):
        shown = {e["id"]: e["reviewStatus"] for e in after["entities"]}
        assert shown[image] == end and (start != end or after == before)
        assert [after[key] for key in COUNTERS] == REVIEWS[end][1], (start, end)
        assert after["progressImagesCount"] == sum(REVIEWS[end][1][:2])

    for start in [s for s in REVIEWS if job["checked"] or s != "quality_check_accepted"]:
        for end in REVIEWS:
            try_all(people, send, lambda a: review_expected(a, start, end, job_status, job["checked"]),
                    lambda: server.ok(method, {**body, "status": start}),
                    lambda: server.ok("jobs.info", {"id": job["id"]}), check)
    server.ok(method, {**body, "status": "none"})


def test_confirming_opens_a_pending_job(server, people, job):
    server.ok("jobs.set-status", {"id": job["id"], "status": "pending"})
    body = {"jobId": job["id"], "entityId": job["entities"][0]["id"]}
    server.ok("jobs.entities.update-review-status", {**body, "status": "rejected"},
              token=people["tokens"]["reviewer"])
    assert server.ok("jobs.info", {"id": job["id"]})["status"] == "pending"
    server.ok("jobs.entities.update-review-status", {**body, "status": "done"},
              token=people["tokens"]["labeler"])
    assert server.ok("jobs.info", {"id": job["id"]})["status"] == "in_progress"


@pytest.mark.parametrize("method, body, status, field", [
    ("jobs.set-status", {"status": "done"}, 400, "status"), ("jobs.set-status", {}, 400, "status"),
    ("jobs.set-status", {"id": 10**9, "status": "pending"}, 404, "id"),
    ("jobs.entities.update-review-status", {"status": "finished"}, 400, "status"),
    ("jobs.entities.update-review-status", {"status": "done", "entityId": 10**9}, 404, "entityId"),
    ("jobs.entities.update-review-status", {}, 400, "status")])
def test_unknown_states(server, job, method, body, status, field):
    server.refused(status, method, {"id": job["id"], "jobId": job["id"],
                                    "entityId": job["entities"][0]["id"], **body}, field=field)
