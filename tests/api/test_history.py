"""What was before: the history of a figure, and what a round of a job has changed."""

import pytest

import labeld
from sdk_helpers import unique
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)


def edges(left, top, right, bottom):
    return {"points": {"exterior": [[left, top], [right, bottom]], "interior": []}}


@pytest.fixture
def figure(server, place):  # noqa: F811
    put(place, annotation(box()))
    return read(place)["objects"][0]["id"]


def history(server, figure, **kw):
    return server.ok("figures.history", {"id": figure}, **kw)


def test_the_history_of_a_figure_says_who_when_from_and_to(server, place, figure):  # noqa: F811
    manager = server.user(role=labeld.MANAGER)
    server.ok("figures.editInfo", {"id": figure, "geometry": edges(2, 2, 8, 8)}, token=manager.token)
    server.ok("object-tags.add-to-object", {"figureId": figure, "tagId": place.tags["flag"]})
    server.ok("figures.bulk.remove", {"figureIds": [figure]}, token=manager.token)
    server.ok("figures.bulk.restore", {"figureIds": [figure]})
    made, moved, tagged, removed, back = history(server, figure)
    assert [c["action"] for c in (made, moved, tagged, removed, back)] == [
        "create_figure", "update_figure", "update_figure", "disable_figure", "restore_figure"]
    assert [c["user"] for c in (made, moved, tagged, removed, back)] == [
        "admin", manager.login, "admin", manager.login, "admin"]
    assert made["from"] is None and made["versionId"] is None
    assert made["to"]["geometry"] == moved["from"]["geometry"] == edges(1, 1, 9, 9)
    assert moved["to"]["geometry"] == edges(2, 2, 8, 8)
    assert (tagged["from"]["tags"], tagged["to"]["tags"]) == (
        [], [{"tagId": place.tags["flag"], "value": None}])
    assert removed["to"] is None and removed["from"] == back["to"] and back["from"] is None
    dates = [c["date"] for c in history(server, figure)]
    assert dates == sorted(dates)


def test_a_figure_becomes_again_what_it_was(server, place, figure):  # noqa: F811
    server.ok("figures.editInfo", {"id": figure, "tags": [
        {"tagId": place.tags["text"], "value": "x"}], "description": "first"})
    server.ok("figures.editInfo", {"id": figure, "geometry": edges(3, 3, 7, 7), "tags": [],
                                   "classId": place.classes["anything"], "description": "second"})
    server.ok("figures.bulk.remove", {"figureIds": [figure]})
    wanted = history(server, figure)[2]  # the change to "second"
    back = {"id": figure, "versionId": wanted["versionId"]}
    server.ok("figures.history.restore", back)
    now = read(place)["objects"]
    assert [(o["id"], o["classTitle"], o["description"], o["points"]) for o in now] == [
        (figure, "a rectangle", "first", edges(1, 1, 9, 9)["points"])]
    assert [(t["name"], t["value"]) for t in now[0]["tags"]] == [("text", "x")]
    assert server.ok("images.info", {"id": place.image})["labelsCount"] == 1
    length = len(history(server, figure))
    server.ok("figures.history.restore", back)
    assert len(history(server, figure)) == length, "again changes nothing"
    assert [c["action"] for c in history(server, figure)][3:] == [
        "disable_figure", "restore_figure", "update_figure"]


def test_a_class_that_is_gone_cannot_come_back(server, place, figure):  # noqa: F811
    name = unique("class")
    place.api.project.update_meta(place.project, {"tags": [], "classes": [
        {"title": name, "shape": "any", "color": "#010203"}]})
    other = next(c["id"] for c in server.ok("projects.meta", {"id": place.project})["classes"]
                 if c["title"] == name)
    server.ok("figures.editInfo", {"id": figure, "classId": other})
    server.ok("figures.editInfo", {"id": figure, "classId": place.classes["a rectangle"]})
    version = history(server, figure)[-1]["versionId"]
    server.ok("projects.classes.remove", {"projectId": place.project, "id": other})
    before = server.state()
    server.refused(400, "figures.history.restore", {"id": figure, "versionId": version},
                   field="classId")
    assert server.state() == before


def test_who_reads_and_restores(server, place, figure):  # noqa: F811
    labeler, other = (server.user(role=labeld.ANNOTATOR) for _ in range(2))
    viewer = server.user(role=labeld.VIEWER)
    server.ok("figures.editInfo", {"id": figure, "description": "later"})
    version = history(server, figure)[-1]["versionId"]
    back = {"id": figure, "versionId": version}
    job = server.job(user_ids=[labeler.id], dataset_id=place.dataset,
                     meta={"entityIds": [place.image], "classes": ["a line"]})
    head = {"x-job-id": str(job["id"])}
    assert history(server, figure, token=labeler.token, headers=head)
    assert history(server, figure, token=viewer.token)
    before = server.state()
    server.refused(404, "figures.history", {"id": figure}, token=labeler.token)
    server.refused(404, "figures.history", {"id": figure}, token=other.token, headers=head)
    server.refused(404, "figures.history", {"id": 10**9}, field="id")
    server.refused(403, "figures.history.restore", back, token=viewer.token)
    server.refused(400, "figures.history.restore", back, token=labeler.token, headers=head,
                   text="not one of this job")
    server.refused(404, "figures.history.restore", {**back, "versionId": 10**9}, field="versionId")
    server.refused(404, "figures.history.restore", {**back, "id": 10**9}, field="id")
    server.refused(400, "figures.history.restore", {"id": figure}, field="versionId")
    assert server.state() == before


# ---- rounds ----

@pytest.fixture
def chain(server, place):  # noqa: F811
    """A labeler whose images were all rejected once, and the second round of their job."""
    class Chain:
        labeler = server.user(role=labeld.ANNOTATOR)
        reviewer = server.user(role=labeld.REVIEWER)

        def restart(self, job):
            server.ok("jobs.reject", {"id": job}, token=self.reviewer.token)
            return server.ok("jobs.restart", {"id": job, "reviewerId": self.reviewer.id},
                             token=self.reviewer.token)[0]["id"]

        def work(self, job, method, body):
            return server.ok(method, body, token=self.labeler.token, headers={"x-job-id": str(job)})

    c = Chain()
    put(place, annotation(box(), box(1, 1, 20, 20), box(1, 1, 30, 30), box(1, 1, 40, 40)))
    c.first = server.job(user_ids=[c.labeler.id], dataset_id=place.dataset,
                         reviewerId=c.reviewer.id)["id"]
    c.kept, c.moved, c.gone, c.tagged = [o["id"] for o in read(place)["objects"]]
    c.second = c.restart(c.first)
    c.work(c.second, "figures.editInfo", {"id": c.moved, "geometry": edges(5, 5, 20, 20)})
    c.work(c.second, "figures.editInfo", {"id": c.moved, "geometry": edges(6, 6, 20, 20)})
    c.work(c.second, "figures.bulk.remove", {"figureIds": [c.gone]})
    c.work(c.second, "object-tags.add-to-object", {"figureId": c.tagged, "tagId": place.tags["flag"]})
    c.new, c.brief = (n["id"] for n in c.work(c.second, "figures.bulk.add", {
        "entityId": place.image, "figures": [
            {"classId": place.classes["a rectangle"], "geometryType": "rectangle",
             "geometry": edges(50, 50, 60, 60)}] * 2}))
    c.work(c.second, "figures.bulk.remove", {"figureIds": [c.brief]})
    return c


def test_what_a_round_has_changed(server, place, chain):  # noqa: F811
    diff = server.ok("jobs.rounds.diff", {"jobId": chain.second, "entityId": place.image},
                     token=chain.reviewer.token)
    assert [f["id"] for f in diff["added"]] == [chain.new], "what came and went is not there"
    assert [f["id"] for f in diff["removed"]] == [chain.gone]
    assert diff["removed"][0]["geometry"] == edges(1, 1, 30, 30)
    moved, tagged = diff["changed"]
    assert (moved["id"], moved["fields"]) == (chain.moved, ["geometry"])
    assert moved["before"]["geometry"] == edges(1, 1, 20, 20)
    assert moved["after"]["geometry"] == edges(6, 6, 20, 20)
    assert (tagged["id"], tagged["fields"]) == (chain.tagged, ["tags"])
    assert (diff["round"], diff["sinceRound"], diff["to"]) == (2, 2, None)
    info = server.ok("jobs.info", {"id": chain.second})
    assert diff["from"] == info["createdAt"]


def test_rounds_end_where_the_next_begins(server, place, chain):  # noqa: F811
    ask = {"jobId": chain.second, "entityId": place.image}
    before = server.ok("jobs.rounds.diff", ask)
    third = chain.restart(chain.second)
    chain.work(third, "figures.bulk.remove", {"figureIds": [chain.new]})
    chain.work(third, "figures.history.restore", {
        "id": chain.moved, "versionId": history(server, chain.moved)[1]["versionId"]})
    after = server.ok("jobs.rounds.diff", ask)
    assert after["to"] == server.ok("jobs.info", {"id": third})["createdAt"]
    assert {**after, "to": None} == before
    diff = server.ok("jobs.rounds.diff", {**ask, "jobId": third})
    assert [f["id"] for f in diff["removed"]] == [chain.new] and diff["added"] == []
    assert [f["id"] for f in diff["changed"]] == [chain.moved]
    whole = server.ok("jobs.rounds.diff", {**ask, "jobId": third, "sinceJobId": chain.first})
    assert (whole["round"], whole["sinceRound"]) == (3, 1)
    assert [f["id"] for f in whole["removed"]] == [chain.gone], "the new one came and went"
    assert [f["id"] for f in whole["changed"]] == [chain.tagged], "the moved one is back"
    first = server.ok("jobs.rounds.diff", {**ask, "jobId": chain.first})
    assert first["added"] == first["changed"] == first["removed"] == []


def test_copies_with_old_dates_were_added_when_they_came(server, place, chain):  # noqa: F811
    put(place, annotation(box(2, 2, 33, 33)), place.other)
    old = read(place, place.other)["objects"][0]["createdAt"]
    third = chain.restart(chain.second)
    server.ok("annotations.bulk.copy", {"srcImageIds": [place.other], "destImageIds": [place.image],
                                        "preserveSourceDate": True})
    copy = read(place)["objects"][-1]
    assert copy["createdAt"] == old, "it looks as old as its source"
    diff = server.ok("jobs.rounds.diff", {"jobId": third, "entityId": place.image})
    assert [f["id"] for f in diff["added"]] == [copy["id"]]
    assert {f["id"] for f in diff["removed"]} == {chain.kept, chain.moved, chain.tagged, chain.new}
    earlier = server.ok("jobs.rounds.diff", {"jobId": chain.second, "entityId": place.image})
    assert [f["id"] for f in earlier["added"]] == [chain.new]


def test_refused_diffs(server, place, chain):  # noqa: F811
    ask = {"jobId": chain.second, "entityId": place.image}
    other = server.job(user_ids=[chain.labeler.id])
    clone = server.job(user_ids=[chain.labeler.id], dataset_id=place.dataset, srcJobId=chain.second)
    assert server.raw("jobs.rounds.diff", ask, token=chain.labeler.token).ok
    for body, status, field in (
            ({**ask, "entityId": other["entities"][0]["id"]}, 404, "entityId"),
            ({**ask, "sinceJobId": other["id"]}, 400, "sinceJobId"),
            ({**ask, "jobId": clone["id"], "sinceJobId": chain.second}, 400, "sinceJobId"),
            ({**ask, "jobId": chain.first, "sinceJobId": chain.second}, 400, "sinceJobId"),
            ({"jobId": chain.second}, 400, "entityId"), ({**ask, "jobId": 10**9}, 404, "jobId")):
        server.refused(status, "jobs.rounds.diff", body, field=field)
    stranger = server.user(role=labeld.ANNOTATOR)
    server.refused(404, "jobs.rounds.diff", ask, token=stranger.token)
    server.refused(404, "jobs.rounds.diff", {**ask, "jobId": chain.first}, token=chain.labeler.token)


def seen(place):
    """When the figure was changed last, as its reader knows it: milliseconds."""
    from datetime import datetime
    at = datetime.fromisoformat(read(place)["objects"][0]["updatedAt"].replace("Z", "+00:00"))
    return round(at.timestamp() * 1000)


def test_a_change_over_what_somebody_else_has_changed_is_refused(server, place, figure):  # noqa: F811
    manager = server.user(role=labeld.MANAGER)
    at = seen(place)
    change = {"id": figure, "geometry": edges(2, 2, 8, 8), "seenAt": at}
    for _ in range(2):
        server.ok("figures.editInfo", change)  # one's own changes are in nobody's way
    assert seen(place) > at
    server.refused(409, "figures.editInfo", change, field="seenAt", text="admin", token=manager.token)
    server.ok("figures.editInfo", {"id": figure, "classId": place.classes["anything"]}, token=manager.token)
    server.refused(409, "figures.editInfo", change, field="seenAt", text=manager.login)
    assert read(place)["objects"][0]["points"] == edges(2, 2, 8, 8)["points"]
    server.ok("figures.editInfo", change | {"seenAt": seen(place)})
    for wrong in (0, -1, "today"):
        server.refused(400, "figures.editInfo", change | {"seenAt": wrong}, field="seenAt")
