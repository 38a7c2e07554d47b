"""Server-sent events: who sees what, resuming, ends."""

import itertools
import threading
import time

import pytest
import requests

import labeld
from events import Stream
from labeld import PREFIX

KEYS = {"id", "action", "date", "userId", "projectId", "datasetId", "imageId", "classId", "figureId", "jobId",
        "tagId", "job", "meta"}


def set_status(server, job, status, **kw):
    server.ok("jobs.set-status", {"id": job["id"], "status": status}, **kw)


def review(server, job, n, status, **kw):
    server.ok("jobs.entities.update-review-status",
              {"jobId": job["id"], "entityId": job["entities"][n]["id"], "status": status}, **kw)


def missed(server, token, after, **where):
    """What a viewer who comes back finds."""
    with Stream(server, token, last_id=after, once="true", **where) as stream:
        return list(stream)


@pytest.fixture
def labeler(server):
    return server.user(role=labeld.ANNOTATOR)


def test_what_an_event_says(server):
    job = server.job()
    with Stream(server, server.token, team=server.team_id) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        review(server, job, 0, "done")
        news = stream.until("image_review_status_updated")
        assert set(news) == KEYS
        assert news["jobId"] == job["id"] and news["imageId"] == job["entities"][0]["id"]
        assert news["meta"] == {"reviewStatus": "done"} and news["userId"] == server.user_id
        assert news["job"] == {"status": "in_progress", "imagesCount": 6, "finishedImagesCount": 1,
                               "acceptedImagesCount": 0, "rejectedImagesCount": 0}
        server.project()
        assert stream.until("create_project")["job"] is None


def test_job_stream_has_only_its_job(server):
    mine, other = server.job(), server.job()
    with Stream(server, server.token, job=mine["id"]) as stream:
        set_status(server, other, "in_progress")
        set_status(server, mine, "in_progress")
        assert next(stream)["jobId"] == mine["id"]


def test_reconnecting_misses_and_doubles_nothing(server):
    """A viewer that comes and goes while others write sees what the log holds, in order."""
    start = missed_position = Stream(server, server.token, team=server.team_id).position
    jobs, writers, per_writer = [server.job() for _ in range(4)], [], 40

    def write(job):
        for i in range(per_writer):
            set_status(server, job, ("in_progress", "stopped")[i % 2])

    writers = [threading.Thread(target=write, args=(job,)) for job in jobs]
    for w in writers:
        w.start()
    seen, position = [], missed_position
    while len(seen) < len(jobs) * (per_writer + 1):
        with Stream(server, server.token, team=server.team_id, last_id=position) as stream:
            for news in stream:
                seen.append(news["id"])
                if len(seen) % 7 == 0 or len(seen) == len(jobs) * (per_writer + 1):
                    break
            position = seen[-1]
    for w in writers:
        w.join()
    assert seen == [i for (i,) in server.sql("SELECT id FROM event WHERE team_id = ? AND id > ? ORDER BY id",
                                             server.team_id, start)]


def test_a_labeler_who_reconnects_misses_and_doubles_nothing(server, labeler):
    """Half of what happens is not for this viewer: wherever they stop, they go on right behind."""
    mine, theirs = server.job(user_ids=[labeler.id]), server.job()
    position = Stream(server, labeler.token, team=server.team_id).position

    def write():
        for i in range(60):
            review(server, theirs, i % 6, ("done", "rejected")[i % 2])
            review(server, mine, i % 6, ("done", "none")[i // 6 % 2], token=labeler.token)
    writer = threading.Thread(target=write)
    writer.start()
    seen, taken = [], itertools.cycle((1, 3, 2))
    while len(seen) < 61:  # the first confirmed image also starts the job
        with Stream(server, labeler.token, team=server.team_id, last_id=position, once="true") as stream:
            seen += [news["id"] for news in itertools.islice(stream, next(taken))]
            position = stream.position
    writer.join()
    assert missed(server, labeler.token, position, team=server.team_id) == []
    assert seen == [i for (i,) in server.sql("SELECT id FROM event WHERE job_id = ? AND action <> 'create_job'"
                                             " ORDER BY id", mine["id"])]


def test_many_events_for_a_viewer_who_reads_late(server):
    job = server.job()
    with Stream(server, server.token, job=job["id"]) as stream:
        for i in range(150):
            set_status(server, job, ("in_progress", "stopped")[i % 2])
        got = [next(stream)["meta"]["to"] for _ in range(150)]
    assert got == ["in_progress", "stopped"] * 75


def test_labeler_sees_only_own_open_jobs(server, labeler):
    other = server.user(role=labeld.ANNOTATOR)
    mine, theirs = server.job(user_ids=[labeler.id]), server.job(user_ids=[other.id])
    with Stream(server, labeler.token, team=server.team_id) as stream:
        review(server, theirs, 0, "done")
        server.project()
        server.ok("jobs.editInfo", {"id": mine["id"], "customData": {"a": 1}})
        review(server, mine, 1, "done", token=labeler.token)
        got = [next(stream) for _ in range(3)]
    assert [e["action"] for e in got] == ["update_job", "update_job_status", "image_review_status_updated"]
    assert {e["jobId"] for e in got} == {mine["id"]}
    assert [e["userId"] for e in got] == [None, labeler.id, labeler.id]
    assert got[2]["job"]["finishedImagesCount"] == 1


def test_labeler_learns_that_a_job_closed_and_nothing_after(server, labeler):
    job = server.job(user_ids=[labeler.id])
    team, one = (Stream(server, labeler.token, team=server.team_id),
                 Stream(server, labeler.token, job=job["id"]))
    set_status(server, job, "in_progress", token=labeler.token)
    set_status(server, job, "on_review", token=labeler.token)
    review(server, job, 0, "rejected")
    set_status(server, job, "completed")
    server.ok("jobs.editInfo", {"id": job["id"], "customData": {"secret": 1}})
    again = server.job(user_ids=[labeler.id])
    seen = []
    while not seen or seen[-1]["jobId"] != again["id"]:
        seen.append(next(team))
    assert [e["meta"].get("to") for e in seen] == ["in_progress", "on_review", None]
    assert seen[1]["job"] is None and seen[2]["job"]["status"] == "pending"
    assert [e["meta"]["to"] for e in one] == ["in_progress", "on_review"]
    assert one.end == 404
    server.refused(404, "jobs.events", {"jobId": job["id"], "once": True}, token=labeler.token)
    team.close()


def test_who_is_replaced_in_a_job_is_told_that_and_nothing_else(server, labeler):
    heir, reviewer, other = (server.user(role=r) for r in (labeld.ANNOTATOR, labeld.REVIEWER, labeld.REVIEWER))
    job = server.job(user_ids=[labeler.id], reviewerId=reviewer.id)
    open_streams = [(u, Stream(server, u.token, team=server.team_id), Stream(server, u.token, job=job["id"]))
                    for u in (labeler, reviewer)]
    with Stream(server, heir.token, team=server.team_id) as heirs:
        server.ok("jobs.editInfo", {"id": job["id"], "userId": heir.id, "reviewerId": other.id})
        server.ok("jobs.editInfo", {"id": job["id"], "userId": heir.id, "customData": {"secret": 1}})
        review(server, job, 0, "done", token=heir.token)
        after = [server.job(user_ids=[labeler.id], reviewerId=reviewer.id) for _ in range(1)][0]
        assert [next(heirs)["action"] for _ in range(2)] == ["update_job", "update_job"]
    for user, team, one in open_streams:
        gone, new = next(team), next(team)
        assert (gone["action"], gone["jobId"], gone["job"], gone["userId"], gone["meta"]) == (
            "unassign_job", job["id"], None, None, {"userId": user.id})
        assert (new["action"], new["jobId"]) == ("create_job", after["id"]), "nothing of the job after that"
        assert [e["id"] for e in one] == [gone["id"]] and one.end == 404
        assert [e["action"] for e in missed(server, user.token, gone["id"] - 1, team=server.team_id)] == [
            "unassign_job", "create_job"], "who comes back finds the same"
        team.close()
    with Stream(server, heir.token, team=server.team_id, after=gone["id"] - 2, once="true") as heirs:
        assert "unassign_job" not in [e["action"] for e in heirs], "others are not told who was there"
    said = [e for e in server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": job["id"]}]})["entities"] if e["action"] == "unassign_job"]
    assert [e["meta"]["userId"] for e in said] == [reviewer.id, labeler.id], "once for each"


def test_labeler_does_not_see_what_others_draw(server, labeler):
    job = server.job(user_ids=[labeler.id])
    meta = server.ok("projects.meta", {"id": server.project_id})
    klass = server.ok("projects.meta.update", {"id": server.project_id, "meta": {
        "classes": [{"title": "drawn", "shape": "rectangle", "color": "#000000"}], "tags": []}})
    klass = next(c["id"] for c in klass["classes"] if c["title"] == "drawn")
    assert meta
    start = Stream(server, server.token, team=server.team_id).position

    def draw(token):
        box = {"points": {"exterior": [[1, 1], [9, 9]], "interior": []}}
        return server.ok("figures.bulk.add", {"entityId": job["entities"][0]["id"], "figures": [
            {"classId": klass, "geometryType": "rectangle", "geometry": box}]}, token=token,
            headers={"x-job-id": str(job["id"])})[0]["id"]

    theirs, mine = draw(server.token), draw(labeler.token)

    def seen(token):
        return {e["figureId"] for e in missed(server, token, start, team=server.team_id)}

    labeld.wait_until(lambda: {mine, theirs} <= seen(server.token))  # PostgreSQL: not before older transactions end
    assert mine in seen(labeler.token) and theirs not in seen(labeler.token)


def test_reviewer_sees_reviewed_and_created_jobs(server):
    reviewer = server.user(role=labeld.REVIEWER)
    reviewed, created, other = (server.job(reviewerId=reviewer.id), server.job(token=reviewer.token),
                                server.job())
    start = Stream(server, reviewer.token, team=server.team_id).position
    for job in (other, reviewed, created):
        set_status(server, job, "on_review")
    got = missed(server, reviewer.token, start, team=server.team_id)
    assert [e["jobId"] for e in got] == [reviewed["id"], created["id"]]
    assert [e["job"]["status"] for e in got] == ["on_review"] * 2


def test_others_see_nothing(server, roles):
    start = Stream(server, server.token, team=server.team_id).position
    set_status(server, server.job(), "in_progress")
    for name in ("viewer", "annotator", "reviewer"):
        assert missed(server, roles[name].token, start, team=server.team_id) == [], name
    for name in ("manager", "developer", "admin"):
        assert len(missed(server, roles[name].token, start, team=server.team_id)) == 2, name


def test_another_teams_events_do_not_come(server):
    boss = server.user(restricted=False)
    team = server.ok("users.me", token=boss.token)["teams"][0]["id"]
    with Stream(server, boss.token, team=team) as stream:
        set_status(server, server.job(), "in_progress")
        server.ok("teams.editInfo", {"id": team, "description": "x"}, token=boss.token)
        assert next(stream)["action"] == "update_team"


def ends_with(stream, status):
    for _ in stream:
        pass
    return stream.ended and stream.end == status


def test_ends_when_the_viewer_may_not_look_any_more(server):
    users = [server.user(role=labeld.MANAGER) for _ in range(3)]
    disabled, removed, demoted = (Stream(server, u.token, team=server.team_id) for u in users)
    job = Stream(server, users[2].token, job=server.job()["id"])
    server.ok("users.disable", {"id": users[0].id, "disable": True})
    assert ends_with(disabled, 403)
    server.ok("members.remove", {"id": users[1].id, "teamId": server.team_id})
    assert ends_with(removed, 404)
    server.ok("members.editInfo", {"id": users[2].id, "teamId": server.team_id, "roleId": labeld.VIEWER})
    assert ends_with(job, 404)
    start = demoted.position
    set_status(server, server.job(), "in_progress")
    assert all(e["jobId"] is None for e in missed(server, users[2].token, start, team=server.team_id))
    demoted.close()


def test_session_of_a_browser(server):
    b = requests.Session()
    b.post(server.url + "/api/session", json={"login": "admin", "password": "admin-password"},
           headers={"x-csrf-token": "x"}, timeout=30)
    csrf = b.get(server.url + "/api/session", timeout=30).json()["csrf"]
    stream = Stream(server, None, team=server.team_id, cookie=b.cookies["labeld_session"])
    set_status(server, server.job(), "in_progress")
    assert stream.until("update_job_status")
    b.delete(server.url + "/api/session", headers={"x-csrf-token": csrf}, timeout=30)
    assert ends_with(stream, 401)
    assert missed(server, server.token, stream.position - 2, team=server.team_id)[-1]["action"] == "logout"


def test_restart_in_the_middle(fresh):
    job = fresh.job()
    stream = Stream(fresh, fresh.token, team=fresh.team_id)
    set_status(fresh, job, "in_progress")
    first = next(stream)
    began = time.time()
    assert fresh.stop() == 0 and time.time() - began < 9  # open streams do not hold it up
    assert list(stream) == [] and stream.ended and stream.end is None
    fresh.start()
    set_status(fresh, job, "stopped")
    with Stream(fresh, fresh.token, team=fresh.team_id, last_id=first["id"]) as again:
        assert next(again)["meta"] == {"from": "in_progress", "to": "stopped"}


def test_resume_by_query_and_header(server):
    job = server.job()
    start = Stream(server, server.token, team=server.team_id).position
    set_status(server, job, "in_progress")
    set_status(server, job, "stopped")
    with Stream(server, server.token, team=server.team_id, after=start, once="true") as stream:
        first, second = list(stream)
    with Stream(server, server.token, team=server.team_id, after=start, last_id=first["id"],
                once="true") as stream:  # what EventSource sends when it comes back
        assert list(stream) == [second]
    with Stream(server, server.token, team=server.team_id, after=10**15) as stream:  # of another database
        set_status(server, job, "in_progress")
        assert next(stream)["meta"]["to"] == "in_progress"


@pytest.mark.parametrize("body, field", [
    ({"after": -1}, "after"), ({"after": "x"}, "after"), ({"once": 3}, "once"), ({"teamId": None}, "teamId")])
def test_refused_fields(server, body, field):
    server.refused(400, "teams.events", {"teamId": server.team_id, "once": True, **body}, field=field)


@pytest.mark.parametrize("value", ["x", "-1", "1e3", "99999999999999999999"])
def test_refused_position(server, value):
    server.refused(400, "teams.events", {"teamId": server.team_id, "once": True}, field="Last-Event-ID",
                   headers={"Last-Event-ID": value})


def test_refused_callers(server, roles):
    job = server.job()
    once = {"once": True}
    server.refused(401, "teams.events", {"teamId": server.team_id, **once}, token=False)
    server.refused(404, "teams.events", {"teamId": server.team_id, **once}, token=roles["stranger"].token)
    server.refused(404, "teams.events", {"teamId": 10**6, **once})
    for name in ("annotator", "viewer", "reviewer", "stranger"):
        server.refused(404, "jobs.events", {"jobId": job["id"], **once}, token=roles[name].token)
    server.refused(404, "jobs.events", {"jobId": 10**6, **once})


def test_no_more_than_64_of_an_account(server):
    user = server.user(role=labeld.MANAGER)
    streams = [Stream(server, user.token, team=server.team_id) for _ in range(64)]
    server.refused(503, "teams.events", {"teamId": server.team_id}, token=user.token, text="too many")
    streams.pop().close()
    deadline = time.time() + 20
    while time.time() < deadline:  # its place is free as soon as the server has seen it go
        last = Stream(server, user.token, team=server.team_id)
        if last.status == 200:
            break
    assert last.status == 200
    for s in [*streams, last]:
        s.close()


def test_other_requests_are_answered_meanwhile(server):
    streams = [Stream(server, server.token, team=server.team_id) for _ in range(20)]
    job = server.job()
    for i in range(20):
        set_status(server, job, ("in_progress", "stopped")[i % 2])
    for stream in streams:
        assert [stream.until("update_job_status", jobId=job["id"])["meta"]["to"] for _ in range(20)] == \
            ["in_progress", "stopped"] * 10
        stream.close()


@pytest.mark.slow
def test_a_silent_stream_gives_signs_of_life(server):
    with Stream(server, server.token, job=server.job()["id"]) as stream:
        began = time.time()
        assert set(stream.block()) == {"id"} and time.time() - began > 5


@pytest.mark.slow
def test_what_the_command_line_does_counts_with_the_next_beat(server):
    user = server.user(role=labeld.MANAGER)
    stream = Stream(server, user.token, team=server.team_id)
    labeld.run("user", "disable", "--data", server.dir, "--login", user.login)
    assert ends_with(stream, 403)


def test_head_and_post(server):
    head = requests.head(server.url + PREFIX + f"teams.events?teamId={server.team_id}",
                         headers={"x-api-key": server.token}, timeout=30)
    assert head.status_code == 200 and head.headers["content-type"] == "text/event-stream"
    post = server.raw("teams.events", {"teamId": server.team_id, "once": True})
    assert post.text.startswith("retry: ") and "event: ready\n" in post.text
