"""People who leave a queue: what they held, what they have done, what they may no more."""

import labeld
from events import Stream
from queue_team import Team


def leave(team, **people):
    return team.server.ok("labeling-queues.users.remove", {"id": team.id, **people})


def test_a_labeler_leaves(server):
    team = Team(server)
    labeler, other = team.labelers
    reviewer = team.reviewers[0]
    done, bad = team.confirm(labeler), team.confirm(labeler)
    for image in (team.pull(reviewer), team.pull(team.reviewers[1])):
        assert image in (done, bad)
    team.verdict(team.reviewers[1], bad, "rejected")
    held = team.pull(labeler)
    assert team.counts() == [6, 3, 2, 1, 0]
    with Stream(server, labeler.token, team=server.team_id) as stream:
        leave(team, userIds=[labeler.id])
        gone = stream.until("update_job_status")
        assert (gone["jobId"], gone["job"], gone["meta"]["to"]) == (team.jobs[labeler.id], None, "stopped")
    assert team.counts() == [6, 5, 0, 1, 0], "what is to be done goes back, what is done stays"
    assert [u["id"] for u in team.info()["labelers"]] == [other.id]
    assert team.jobs[labeler.id] not in [j["id"] for j in team.info()["jobs"]]
    assert team.statuses(labeler) == {done: "done"}
    for method, body in (("labeling-queues.entities.get-next", {}), ("labeling-queues.entities.skip", {"entityId": held}),
                         ("labeling-queues.entities.heartbeat", {"entityId": held}), ("jobs.info", {})):
        server.refused(404, method, {"id": team.jobs[labeler.id], **body}, token=labeler.token)
    server.refused(404, "labeling-queues.info", {"id": team.id}, token=labeler.token)
    assert [team.confirm(other), team.confirm(other)] == sorted([held, bad])
    team.verdict(reviewer, done, "accepted")
    assert team.statuses(labeler) == {done: "accepted"}, "verdicts still count for who did the work"
    server.ok("jobs.entities.update-review-status", {"jobId": team.jobs[labeler.id], "entityId": done,
                                                     "status": "rejected"})
    assert team.counts()[:2] == [6, 4], "rejected, and nobody's: into the pool"
    assert server.ok("jobs.info", {"id": team.jobs[labeler.id]})["status"] == "stopped"
    before = server.state()
    leave(team, userIds=[labeler.id])
    assert server.state() == before, "again is fine"
    server.ok("labeling-queues.users.add", {"id": team.id, "userIds": [labeler.id]})
    assert labeler.id in [u["id"] for u in team.info()["labelers"]]
    new = max(j["id"] for j in team.info()["jobs"])
    assert new != team.jobs[labeler.id]
    assert server.ok("labeling-queues.entities.get-next", {"id": new}, token=labeler.token)["id"]


def test_a_reviewer_leaves(server):
    team = Team(server)
    labeler = team.labelers[0]
    leaver, other = team.reviewers
    a, b = team.confirm(labeler), team.confirm(labeler)
    team.verdict(leaver, team.pull(leaver), "accepted")
    assert team.pull(leaver) == b and team.pull(other) is None
    leave(team, reviewerIds=[leaver.id])
    assert [u["id"] for u in team.info()["reviewers"]] == [other.id]
    assert team.pull(other) == b, "what they held is for others"
    assert team.statuses(labeler)[a] == "accepted", "what they decided stays"
    before = server.state()
    for image in (a, b):
        server.refused(404, "jobs.entities.update-review-status", {
            "jobId": team.jobs[leaver.id], "entityId": image, "status": "rejected"}, token=leaver.token)
    server.refused(404, "jobs.info", {"id": team.jobs[leaver.id]}, token=leaver.token)
    assert server.state() == before
    leave(team, reviewerIds=[other.id])
    assert team.info()["reviewers"] == [] and team.counts() == [6, 4, 0, 2, 1], "managers go on reviewing"
    server.ok("jobs.entities.update-review-status", {"jobId": team.jobs[labeler.id], "entityId": b, "status": "accepted"})
    assert team.counts() == [6, 4, 0, 2, 2]


def test_a_checker_leaves(server):
    team = Team(server, checked=True)
    server.refused(400, "labeling-queues.users.remove", {"id": team.id, "qualityCheckUserIds": [team.checker.id]},
                   field="qualityCheckUserIds", text="nobody")
    other = server.user(role=labeld.REVIEWER)
    server.ok("labeling-queues.users.add", {"id": team.id, "qualityCheckUserIds": [other.id]})
    a = team.confirm(team.labelers[0])
    team.verdict(team.reviewers[0], team.pull(team.reviewers[0]), "accepted")
    assert team.pull(team.checker) == a
    leave(team, qualityCheckUserIds=[team.checker.id])
    job = max(j["id"] for j in team.info()["jobs"])
    assert server.ok("labeling-queues.entities.get-next", {"id": job}, token=other.token) == {"id": a}


def test_a_queue_completes_without_who_has_left(server):
    team = Team(server)
    labeler, other = team.labelers
    images = [team.confirm(labeler) for _ in range(3)]
    leave(team, userIds=[labeler.id], reviewerIds=[team.reviewers[1].id])
    images += [team.confirm(other) for _ in range(3)]
    for _ in images:
        team.verdict(team.reviewers[0], team.pull(team.reviewers[0]), "accepted")
    assert (team.info()["status"], team.job(labeler)["status"], team.job(other)["status"]) == (
        "completed", "stopped", "completed")
    stats = server.ok("labeling-queues.stats", {"id": team.id})
    assert [u["id"] for u in stats["users"]] == [other.id, team.reviewers[0].id]


def test_another_reviewer_in_a_queue_reviews(server):
    """jobs.editInfo gives a place away: the review with it."""
    team = Team(server)
    old, heir = team.reviewers[0], server.user(role=labeld.ANNOTATOR)
    image, job = team.confirm(team.labelers[0]), team.jobs[team.reviewers[0].id]
    server.ok("jobs.editInfo", {"id": job, "userId": heir.id})
    assert server.ok("labeling-queues.entities.get-next", {"id": job}, token=heir.token) == {"id": image}
    body = {"jobId": job, "entityId": image, "status": "accepted"}
    server.refused(404, "jobs.entities.update-review-status", body, token=old.token)
    server.ok("jobs.entities.update-review-status", body, token=heir.token)
    assert team.counts() == [6, 5, 0, 1, 1]


def test_refused(server, roles):
    team = Team(server)
    labeler = team.labelers[0]
    body = {"id": team.id, "userIds": [labeler.id]}
    before = server.state()
    server.refused(400, "labeling-queues.users.remove", {"id": team.id}, field="userIds")
    for field, user in (("userIds", team.reviewers[0].id), ("reviewerIds", labeler.id),
                        ("qualityCheckUserIds", labeler.id), ("userIds", 10**9)):
        server.refused(400, "labeling-queues.users.remove", {**body, field: [user]}, field=field)
    server.refused(400, "labeling-queues.users.remove", {**body, "userIds": [u.id for u in team.labelers]},
                   field="userIds", text="nobody would be left")
    for user, status in ((labeler, 403), (team.reviewers[0], 403), (roles["annotator"], 404), (roles["viewer"], 404),
                         (roles["stranger"], 404)):
        server.refused(status, "labeling-queues.users.remove", body, token=user.token)
    server.refused(404, "labeling-queues.users.remove", {**body, "id": 10**9})
    assert server.state() == before
    server.ok("labeling-queues.users.remove", body, token=roles["manager"].token)
