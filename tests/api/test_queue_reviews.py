"""Reviewers and quality checkers of queues: what each of them holds, for how long, and what comes back."""

import time

import pytest

from queue_team import Team


@pytest.fixture
def checked(server):
    return Team(server, checked=True)


def test_a_quality_check_follows_the_review(checked):
    team = checked
    labeler, reviewer, checker = team.labelers[0], team.reviewers[0], team.checker
    assert team.info()["qualityCheckUsers"] == [{"id": checker.id}]
    a = team.confirm(labeler)
    assert team.pull(checker) is None, "nothing is accepted yet"
    team.verdict(reviewer, team.pull(reviewer), "accepted")
    assert team.counts() == [6, 5, 0, 1, 1] and team.info()["checkedCount"] == 0
    assert team.pull(checker) == team.pull(checker) == a
    assert team.statuses(checker) == {a: "accepted"}
    team.verdict(checker, a, "quality_check_accepted")
    assert team.counts() == [6, 5, 0, 1, 1] and team.info()["checkedCount"] == 1
    for person in (labeler, reviewer, checker):
        assert team.statuses(person) == {a: "quality_check_accepted"}
        assert team.job(person)["acceptedImagesCount"] == 1


def test_what_the_quality_check_rejects_goes_all_the_way_back(checked):
    team = checked
    labeler, reviewer, checker = team.labelers[0], team.reviewers[0], team.checker
    a = team.confirm(labeler)
    team.verdict(reviewer, team.pull(reviewer), "accepted")
    team.verdict(checker, team.pull(checker), "rejected")
    assert team.statuses(labeler) == {a: "rejected"}
    assert team.statuses(reviewer) == team.statuses(checker) == {}
    assert team.job(reviewer)["acceptedImagesCount"] == team.job(checker)["imagesCount"] == 0
    assert team.counts() == [6, 5, 1, 0, 0]
    team.verdict(labeler, a, "done")
    assert team.pull(reviewer) == a


def test_a_checked_queue_ends_when_all_is_checked(checked):
    team = checked
    labeler, reviewer, checker = team.labelers[0], team.reviewers[0], team.checker
    for _ in range(6):
        team.confirm(labeler)
        team.verdict(reviewer, team.pull(reviewer), "accepted")
    assert team.info()["status"] == "in_progress", "accepted is not enough"
    while (image := team.pull(checker)) is not None:
        team.verdict(checker, image, "quality_check_accepted")
        if team.info()["status"] == "completed":
            break
    info = team.info()
    assert (info["status"], info["checkedCount"], info["acceptedCount"]) == ("completed", 6, 6)
    assert team.job(checker)["status"] == team.job(labeler)["status"] == "completed"


def test_signs_of_life_extend_a_lease(server):
    team = Team(server)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    a, b = team.confirm(labeler), team.pull(labeler)
    assert team.pull(reviewer) == a
    for user, image in ((labeler, b), (reviewer, a)):
        leases = [team.lease(image)]
        for call in (lambda: team.call(user, "labeling-queues.entities.heartbeat", entityId=image),
                     lambda: team.call(user, "labeling-queues.entities.get-next"),
                     lambda: server.raw("jobs.entities.add-annotation-duration", {
                         "jobId": team.jobs[user.id], "entityId": image, "duration": 1}, token=user.token)):
            time.sleep(0.01)
            assert call().ok
            leases.append(team.lease(image))
        assert leases == sorted(set(leases)), "each of them does"
    team.verdict(reviewer, a, "accepted")
    assert team.lease(a) is None


def test_reviewers_have_a_lease_too(fresh):
    team = Team(fresh, leaseSeconds=1)
    labeler, (first, second) = team.labelers[0], team.reviewers
    a = team.confirm(labeler)
    assert team.pull(first) == a
    assert team.pulled_at_last(second) == a, "given back when there is no sign of life"
    assert team.statuses(first) == {} and team.statuses(second) == {a: "done"}
    assert team.counts() == [6, 5, 0, 1, 0], "to be reviewed, not labeled again"
    assert team.call(first, "labeling-queues.entities.heartbeat", entityId=a).status_code == 404
    assert ("release_image", a, team.jobs[first.id]) in team.events("release_image")


def test_a_reviewer_skips(server):
    team = Team(server)
    labeler, (first, second) = team.labelers[0], team.reviewers
    a, b = team.confirm(labeler), team.confirm(labeler)
    assert team.pull(first) == a
    assert team.call(first, "labeling-queues.entities.skip", entityId=a).ok
    assert team.statuses(labeler)[a] == "done", "the labeler is not bothered"
    assert (team.pull(first), team.pull(second)) == (b, a)
    assert [e[0] for e in team.events("pull_image", "skip_image")][-4:] == [
        "pull_image", "skip_image", "pull_image", "pull_image"]


def test_taking_a_confirmation_back(server):
    team = Team(server)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    a = team.confirm(labeler)
    assert team.pull(reviewer) == a
    team.verdict(labeler, a, "none")
    assert team.statuses(reviewer) == {} and team.counts() == [6, 5, 1, 0, 0]
    assert team.pull(labeler) == a and team.lease(a), "it is theirs to finish, while they are there"


def test_a_reviewer_changes_their_mind(server):
    team = Team(server)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    a = team.confirm(labeler)
    team.pull(reviewer)
    team.verdict(reviewer, a, "accepted")
    team.verdict(reviewer, a, "done")
    assert team.statuses(labeler) == team.statuses(reviewer) == {a: "done"}
    assert team.pull(reviewer) == a and team.pull(team.reviewers[1]) is None
    assert team.job(reviewer)["acceptedImagesCount"] == team.job(labeler)["acceptedImagesCount"] == 0


def test_a_manager_decides_in_the_labelers_job(server):
    team = Team(server)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    a = team.confirm(labeler)
    team.pull(reviewer)
    server.ok("jobs.entities.update-review-status", {
        "jobId": team.jobs[labeler.id], "entityId": a, "status": "accepted"})
    assert team.statuses(reviewer) == {a: "accepted"}, "every job that has it says the same"
    assert team.counts() == [6, 5, 0, 1, 1]


def test_what_came_back_is_handed_out_when_the_pool_is_empty(server):
    team = Team(server)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    images = [team.confirm(labeler) for _ in range(6)]
    server.ok("jobs.set-status", {"id": team.jobs[labeler.id], "status": "on_review"},
              token=labeler.token)
    assert team.pull(reviewer) == images[0]
    team.verdict(reviewer, images[0], "rejected")
    assert team.job(labeler)["status"] == "in_progress", "a submitted job opens again"
    assert team.pull(team.labelers[1]) is None, "not for anybody else"
    assert team.pull(labeler) == team.pull(labeler) == images[0]


def test_a_removed_job_gives_back_what_is_to_be_done(server):
    team = Team(server)
    labeler, other = team.labelers
    a, b = team.confirm(labeler), team.confirm(labeler)
    c = team.pull(labeler)
    reviewer = team.reviewers[0]
    team.verdict(reviewer, team.pull(reviewer), "rejected")
    server.ok("jobs.bulk.remove", {"ids": [team.jobs[labeler.id]]})
    assert team.counts() == [6, 5, 0, 1, 0]
    assert labeler.id not in [u["id"] for u in team.info()["labelers"]]
    assert [team.pull(other)] == [min(a, c)]
    assert team.pull(reviewer) == b, "what is confirmed is still reviewed"
    team.verdict(reviewer, b, "rejected")
    assert team.counts() == [6, 5, 1, 0, 0], "rejected, and nobody's: back into the pool"
    server.ok("labeling-queues.users.add", {"id": team.id, "userIds": [labeler.id]})
    assert labeler.id in [u["id"] for u in team.info()["labelers"]]


def test_somebody_takes_over_a_place(server):
    team = Team(server)
    labeler, other = team.labelers
    heir = server.user(role=3)
    a = team.pull(labeler)
    job = team.jobs[labeler.id]
    server.ok("jobs.editInfo", {"id": job, "userId": heir.id})
    assert server.ok("labeling-queues.entities.get-next", {"id": job}, token=heir.token) == {"id": a}
    assert heir.id in [u["id"] for u in team.info()["labelers"]]
    server.refused(400, "jobs.editInfo", {"id": job, "userId": other.id}, field="userId")


def test_restarting_leaves_the_queue_alone(server):
    team = Team(server)
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    a = team.confirm(labeler)
    team.verdict(reviewer, team.pull(reviewer), "rejected")
    made = server.ok("jobs.restart", {"id": team.jobs[labeler.id], "completeJob": False,
                                      "restartEntitiesMode": "rejected"})
    job = server.ok("jobs.info", {"id": made[0]["id"]})
    assert job["labelingQueueId"] is None
    server.ok("jobs.entities.update-review-status", {"jobId": job["id"], "entityId": a,
                                                     "status": "accepted"})
    assert team.counts() == [6, 5, 1, 0, 0]


@pytest.mark.parametrize("status", ["stopped", "completed"])
def test_closed_queues_refuse_work(server, status):
    team = Team(server)
    labeler = team.labelers[0]
    a = team.pull(labeler)
    server.ok("labeling-queues.set-status", {"id": team.id, "status": status})
    expected = 403 if status == "stopped" else 404  # completed jobs are gone for their labelers
    for step in ("get-next", "skip", "heartbeat"):
        assert team.call(labeler, f"labeling-queues.entities.{step}", entityId=a).status_code == expected
    server.ok("labeling-queues.set-status", {"id": team.id, "status": "in_progress"})
    assert team.pull(labeler) == a, "jobs of a completed queue open with it"


def test_checkers_need_a_quality_check(server):
    team = Team(server)
    server.refused(400, "labeling-queues.users.add", {
        "id": team.id, "qualityCheckUserIds": [server.user_id]}, field="qualityCheckUserIds")
    server.refused(400, "labeling-queues.users.add", {
        "id": team.id, "reviewerIds": [10**9]}, field="reviewerIds")
