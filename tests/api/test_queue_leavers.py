"""Who leaves the team, or whose account is disabled, leaves its queues; other jobs stay theirs."""

import pytest

import labeld
from queue_team import Team


def remove(server, user, team=None):
    server.ok("members.remove", {"teamId": team or server.team_id, "id": user.id})


def disable(server, user):
    server.ok("users.disable", {"id": user.id, "disable": True})


def disable_beside_it(server, user):
    """By the command, while the server runs."""
    labeld.run("user", "disable", "--data", server.dir, "--login", user.login)


@pytest.mark.parametrize("leave", [remove, disable, disable_beside_it])
def test_a_labeler_is_gone(server, leave):
    team = Team(server, leaseSeconds=3600)
    labeler, other = team.labelers
    done = team.confirm(labeler)
    held = team.pull(labeler)
    assert team.counts() == [6, 4, 1, 1, 0]
    leave(server, labeler)
    assert team.counts() == [6, 5, 0, 1, 0], "what they held is in the pool at once, what they have done stays"
    assert [u["id"] for u in team.info()["labelers"]] == [other.id]
    assert team.statuses(labeler) == {done: "done"}
    job = team.job(labeler)
    assert (job["status"], job["userId"]) == ("stopped", labeler.id)
    assert team.events("release_image", "update_job_status")[-2:] == [
        ("release_image", held, job["id"]), ("update_job_status", None, job["id"])]
    changed = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "type", "operator": "in", "value": ["update_queue"]}]})["entities"]
    assert [e["meta"]["queueId"] for e in changed].count(team.id) == 1
    assert server.ok("labeling-queues.list", {
        "teamId": server.team_id, "participantUserIds": [labeler.id]})["entities"] == []
    assert held in [team.confirm(other) for _ in range(5)]
    reviewer = team.reviewers[0]
    for _ in range(6):
        team.verdict(reviewer, team.pull(reviewer), "accepted")
    assert team.info()["status"] == "completed", "verdicts on what they did still count"
    assert team.statuses(labeler) == {done: "accepted"}


@pytest.mark.parametrize("leave", [remove, disable])
def test_a_reviewer_and_a_checker_are_gone(server, leave):
    team = Team(server, checked=True)
    gone, other = team.reviewers
    a, b = team.confirm(team.labelers[0]), team.confirm(team.labelers[0])
    team.verdict(gone, team.pull(gone), "accepted")
    assert team.pull(gone) == b and team.pull(team.checker) == a
    leave(server, gone)
    assert [u["id"] for u in team.info()["reviewers"]] == [other.id]
    assert team.job(gone)["reviewerId"] is None
    assert team.pull(other) == b, "what they held is for others"
    assert team.statuses(team.labelers[0]) == {a: "accepted", b: "done"}, "what they decided stays"
    leave(server, team.checker)
    assert team.info()["qualityCheckUsers"] == [], "nobody is left, which keeps nobody from leaving"
    heir = server.user(role=labeld.REVIEWER)
    server.ok("labeling-queues.users.add", {"id": team.id, "qualityCheckUserIds": [heir.id]})
    job = max(j["id"] for j in team.info()["jobs"])
    assert server.ok("labeling-queues.entities.get-next", {"id": job}, token=heir.token) == {"id": a}


def test_a_queue_waits_when_all_labelers_are_gone(server):
    team = Team(server)
    held = [team.pull(user) for user in team.labelers]
    for user in team.labelers:
        remove(server, user)
    assert team.info()["labelers"] == [] and team.counts() == [6, 6, 0, 0, 0]
    assert team.info()["status"] == "in_progress"
    server.ok("members.add", {"login": team.labelers[0].login, "teamId": server.team_id, "roleId": labeld.ANNOTATOR})
    server.refused(404, "labeling-queues.info", {"id": team.id}, token=team.labelers[0].token)
    server.ok("labeling-queues.users.add", {"id": team.id, "userIds": [team.labelers[0].id]})
    job = max(j["id"] for j in team.info()["jobs"])
    next_one = server.ok("labeling-queues.entities.get-next", {"id": job}, token=team.labelers[0].token)["id"]
    assert next_one == min(held), "a place in the queue is a new one, with a new job"


def test_only_the_queues_of_that_team(server):
    """Two teams, one labeler: leaving one team is not leaving the other; disabling the account is."""
    team, user = Team(server), server.user(restricted=False, role=labeld.ANNOTATOR)
    elsewhere = server.ok("teams.list", token=user.token)["entities"]
    own = next(t["id"] for t in elsewhere if t["id"] != server.team_id)
    workspace = server.ok("workspaces.list", {"teamId": own}, token=user.token)["entities"][0]["id"]
    project = server.ok("projects.add", {"name": "p", "workspaceId": workspace}, token=user.token)["id"]
    dataset = server.ok("datasets.add", {"projectId": project, "name": "d"}, token=user.token)["id"]
    server.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": "a.jpg", "link": "http://example.org/x"}]}, token=user.token)
    queue = server.ok("labeling-queues.add", {"name": "q", "datasetId": dataset, "userIds": [user.id],
                                              "reviewerIds": [user.id]}, token=user.token)["id"]
    server.ok("labeling-queues.users.add", {"id": team.id, "userIds": [user.id], "reviewerIds": [user.id]})

    def places():
        there, here = (server.ok("labeling-queues.info", {"id": q}) for q in (queue, team.id))
        return [len(q[k]) for q in (there, here) for k in ("labelers", "reviewers")]

    assert places() == [1, 1, 3, 3]
    remove(server, user)
    assert places() == [1, 1, 2, 2]
    before = server.state()
    remove(server, user)
    assert server.state() == before, "again is fine"
    disable(server, user)
    assert places() == [0, 0, 2, 2]
    server.ok("users.disable", {"id": user.id, "disable": False})
    assert places() == [0, 0, 2, 2], "who comes back is added by hand"


def test_other_jobs_stay_assigned(server):
    """They wait: for their labeler to come back, or for a manager to give them to somebody else."""
    user, heir = server.user(role=labeld.ANNOTATOR), server.user(role=labeld.ANNOTATOR)
    job = server.job(user_ids=[user.id])
    image = job["entities"][0]["id"]
    verdict = {"jobId": job["id"], "entityId": image, "status": "done"}
    server.ok("jobs.set-status", {"id": job["id"], "status": "in_progress"}, token=user.token)
    remove(server, user)
    left = server.ok("jobs.info", {"id": job["id"]})
    assert (left["userId"], left["status"]) == (user.id, "in_progress")
    before = server.state()
    server.refused(404, "jobs.info", {"id": job["id"]}, token=user.token)
    server.refused(404, "jobs.entities.update-review-status", verdict, token=user.token)
    server.refused(404, "jobs.set-status", {"id": job["id"], "status": "on_review"}, token=user.token)
    server.refused(400, "jobs.editInfo", {"id": job["id"], "userId": user.id + 10**6}, field="userId")
    assert server.state() == before
    server.ok("members.add", {"login": user.login, "teamId": server.team_id, "roleId": labeld.ANNOTATOR})
    server.ok("jobs.entities.update-review-status", verdict, token=user.token)
    disable(server, user)
    server.refused(403, "jobs.info", {"id": job["id"]}, token=user.token)
    server.ok("jobs.editInfo", {"id": job["id"], "userId": heir.id})
    assert server.ok("jobs.info", {"id": job["id"]}, token=heir.token)["entities"][0]["reviewStatus"] == "done"


def test_refused(server, roles):
    """A departure that is refused takes nobody out of anything."""
    team = Team(server)
    labeler, image = team.labelers[0], team.pull(team.labelers[0])
    before = server.state()
    for user, status in ((team.labelers[1], 403), (roles["annotator"], 403), (roles["viewer"], 403),
                         (roles["stranger"], 404)):
        server.refused(status, "members.remove", {"teamId": server.team_id, "id": labeler.id}, token=user.token)
        server.refused(403, "users.disable", {"id": labeler.id, "disable": True}, token=user.token)
    server.refused(404, "members.remove", {"teamId": 10**9, "id": labeler.id})
    server.refused(404, "users.disable", {"id": 10**9, "disable": True})
    server.refused(400, "users.disable", {"id": labeler.id}, field="disable")
    server.ok("members.remove", {"teamId": server.team_id, "id": 10**9})
    assert server.state() == before and team.pull(labeler) == image
    stranger = roles["stranger"]
    own = server.ok("teams.list", token=stranger.token)["entities"][0]["id"]
    server.refused(400, "members.remove", {"teamId": own, "id": stranger.id}, token=stranger.token, text="last admin")
