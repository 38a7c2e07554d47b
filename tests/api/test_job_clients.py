"""Public clients of labeling jobs, replayed call by call: each sends what it is known to send."""

import datetime

import pytest

import labeld
from sdk_helpers import ids, label, review, unique
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)


@pytest.fixture
def team(server):
    class Team:
        labeler = server.user(role=labeld.ANNOTATOR)
        reviewer = server.user(role=labeld.REVIEWER)
        manager = server.user(role=labeld.MANAGER)
    Team.api = server.sdk(Team.manager.token)
    return Team


def test_review_image_annotations_in_batches(server, place, team):  # noqa: F811
    """The reviewer's open jobs outside of queues; images by status; tags and verdicts; completed."""
    put(place, annotation(box(), tags=[{"name": "text", "value": "old"}]))
    job = server.job(user_ids=[team.labeler.id], dataset_id=place.dataset, reviewerId=team.reviewer.id)
    server.ok("jobs.set-status", {"id": job["id"], "status": "on_review"})
    token = team.reviewer.token

    def ask(method, body, **kw):
        return server.ok(method, body, token=token, **kw)

    found = ask("jobs.list", {"teamId": server.team_id, "showDisabled": False, "filter": [
        {"field": "reviewerId", "operator": "=", "value": team.reviewer.id},
        {"field": "labelingQueueId", "operator": "=", "value": None},
        {"field": "status", "operator": "!in", "value": ["pending", "completed"]}],
        "sort": "id", "sort_order": "asc"})
    assert [j["id"] for j in found["entities"]] == [job["id"]]
    projects = ask("projects.list", {"workspaceId": server.workspace_id, "filter": [
        {"field": "id", "operator": "in", "value": [place.project]}]})
    assert [p["id"] for p in projects["entities"]] == [place.project]
    assert ask("jobs.info", {"id": job["id"]})["entities"]
    assert ask("projects.meta", {"id": place.project})["classes"]
    assert ask("datasets.info", {"id": place.dataset})["id"] == place.dataset
    waiting = {"type": "job", "data": {"jobId": job["id"], "status": ["done", "none"],
                                       "showEntitiesInQueuePool": False}}
    tagged = {"type": "images_tag", "data": {"tags": [{"tagId": place.tags["text"]}], "include": True}}
    untagged = {"type": "images_tag", "data": {"tagId": None, "include": False, "value": None}}
    images = ask("images.list", {"datasetId": place.dataset, "filters": [waiting]})["entities"]
    assert sorted(i["id"] for i in images) == [place.image, place.other]
    one = ask("images.list", {"datasetId": place.dataset, "filters": [waiting, tagged]})["entities"]
    assert [i["id"] for i in one] == [place.image]
    assert place.image not in [i["id"] for i in ask(
        "images.list", {"datasetId": place.dataset, "filters": [waiting, untagged]})["entities"]]
    figures = ask("figures.list", {"datasetId": place.dataset, "fields": ["id", "imageId", "classId", "tags"],
                                   "filter": [{"field": "entityId", "operator": "in", "value": [place.image]}]},
                  headers={"x-job-id": "<built-in function id>"})["entities"]
    assert [f["entityId"] for f in figures] == [place.image] and isinstance(figures[0]["tags"], list)
    changed = ask("image-tags.update-tag-value", {"id": one[0]["tags"][0]["id"], "value": "new"},
                  headers={"x-job-id": str(job["id"])})
    assert changed["success"] is True
    for image, status in ((place.image, "accepted"), (place.other, "rejected")):
        ask("jobs.entities.update-review-status", {"jobId": job["id"], "entityId": image, "status": status})
    assert ask("images.list", {"datasetId": place.dataset, "filters": [waiting]})["total"] == 0
    ask("jobs.set-status", {"id": job["id"], "status": "completed"})
    assert ask("jobs.list", {"teamId": server.team_id, "filter": [
        {"field": "reviewerId", "operator": "=", "value": team.reviewer.id},
        {"field": "status", "operator": "!in", "value": ["pending", "completed"]}]})["total"] == 0


def test_nightjar(server, place, team):  # noqa: F811
    """Releases a job, finds it by name, labeler and images, and follows it."""
    api, name = team.api, unique("release")
    images = ids(api.image.get_list(place.dataset))
    made = api.labeling_job.create(name, place.dataset, [team.labeler.id], images_ids=images,
                                   reviewer_id=team.reviewer.id, enable_quality_check=True)[0]
    found = [j for j in api.labeling_job.get_list(server.team_id, show_disabled=True)
             if j.name == name and j.assigned_to_id == team.labeler.id
             and j.images_count == len(images) and {e["id"] for e in j.entities} == set(images)]
    assert ids(found) == [made.id]
    labeler = server.sdk(team.labeler.token)
    labeler.labeling_job.set_entity_review_status(made.id, images[0], "done")
    stats = api.labeling_job.get_stats(made.id)["job"]
    assert (stats["imagesCount"], stats["finishedImagesCount"]) == (len(images), 1)
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": made.id},
        {"field": "date", "operator": ">=", "value": made.created_at}]}, token=team.manager.token)["entities"]
    assert events[0]["meta"] == {"reviewStatus": "done"} and events[0]["userId"] == team.labeler.id
    api.labeling_job.set_entity_review_status(made.id, images[0], "accepted")
    assert api.labeling_job.get_info_by_id(made.id).accepted_images_count == 1


def test_exams(server, place, team):  # noqa: F811
    """An attempt is a project of its own with one job; the next attempt archives it."""
    api = team.api
    workspace = api.workspace.create(server.team_id, f'Exam: "{unique("e")}"')

    def attempt(number):
        project = api.project.create(workspace.id, f"{workspace.name}. Attempt: {number}")
        api.project.update_meta(project.id, place.meta)
        api.project.update_custom_data(project.id, {
            "is_attempt_project": True, "user_id": team.labeler.id, "attempt": number})
        dataset = api.dataset.copy(project.id, place.dataset, "ds", with_annotations=False)
        images = ids(api.image.get_list(dataset.id))
        job = api.labeling_job.create(unique("exam"), dataset.id, [team.labeler.id], images_ids=images,
                                      readme="guide", classes_to_label=["a rectangle"], reviewer_id=None)
        return project.id, job[0]

    project, job = attempt(1)
    assert job.readme == "guide" and job.images_count == len(job.entities) > 0
    second_project, second = attempt(2)
    api.labeling_job.archive(job.id)
    for where, expected in ((project, job.id), (second_project, second.id)):
        current = server.ok("jobs.list", {"teamId": server.team_id, "showDisabled": True, "filter": [
            {"field": "projectId", "operator": "=", "value": where}]}, token=team.manager.token)["entities"]
        assert current[0]["id"] == expected and current[0]["startedAt"] is None
    label(server.sdk(team.labeler.token), second)
    info = api.labeling_job.get_info_by_id(second.id)
    assert (info.status, info.started_at is not None) == ("on_review", True)


def test_consensus(server, place, team):  # noqa: F811
    """Objects and tags say whose they are; jobs for the images where people differ."""
    second = server.user(role=labeld.ANNOTATOR)
    put(place, annotation())
    for user in (team.labeler, second):
        job = server.job(user_ids=[user.id], dataset_id=place.dataset)
        head = {"x-job-id": str(job["id"])}
        server.ok("figures.bulk.add", {"entityId": place.image, "figures": [
            {"classId": place.classes["a rectangle"], "geometryType": "rectangle", "geometry": {
                "points": {"exterior": [[1, 1], [9, 9]], "interior": []}}}]}, token=user.token, headers=head)
        server.ok("image-tags.bulk.add-to-image", {"tagId": place.tags["text"], "ids": [place.image],
                                                   "value": user.login}, token=user.token, headers=head)
    api = team.api
    assert {u.login for u in api.user.get_team_members(server.team_id)} >= {team.labeler.login, second.login}
    ann = [a for a in api.annotation.get_list(place.dataset) if a.image_id == place.image][0].annotation
    logins = {team.labeler.login, second.login}
    assert {o["labelerLogin"] for o in ann["objects"]} == {t["labelerLogin"] for t in ann["tags"]} == logins
    jobs = api.labeling_job.create(unique("differ"), place.dataset, [team.labeler.id, second.id],
                                   images_ids=[place.image, place.other])
    assert sorted(e["id"] for j in jobs for e in j.entities) == sorted([place.image, place.other])


def test_react_job_board(server, team):
    """A browser on another origin, with GET and only the token."""
    job = server.job(user_ids=[team.labeler.id])
    origin = {"Origin": "https://board.example"}
    asked = server.raw("jobs.info", verb="OPTIONS", token=False, headers={
        **origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"})
    assert asked.ok and "x-api-key" in asked.headers["Access-Control-Allow-Headers"].lower()
    one = server.raw("jobs.info", verb="GET", params={"id": job["id"]}, token=team.labeler.token, headers=origin)
    assert one.json()["status"] == "pending" and one.headers["Access-Control-Allow-Origin"]
    for status in ("in_progress", "on_review"):
        assert server.raw("jobs.set-status", verb="GET", params={"id": job["id"], "status": status},
                          token=team.labeler.token, headers=origin).ok
    gone = server.raw("jobs.info", verb="GET", params={"id": job["id"]}, token=team.labeler.token, headers=origin)
    assert gone.status_code == 404
    assert server.ok("jobs.info", {"id": job["id"]})["status"] == "on_review"


@pytest.mark.parametrize("status", ["pending", "in_progress", "on_review", "completed", "stopped"])
def test_instance_migration(server, place, team, status):  # noqa: F811
    """Makes a job as it was elsewhere: its meta read back, its images' statuses, its own."""
    api = team.api
    old = server.job(user_ids=[team.labeler.id], dataset_id=place.dataset, reviewerId=team.reviewer.id,
                     meta={"entityIds": [place.other, place.image], "classes": ["a rectangle"],
                           "imageFiguresLimit": 3, "somethingNew": {"a": [1]}})
    for image, verdict in ((place.image, "accepted"), (place.other, "done")):
        api.labeling_job.set_entity_review_status(old["id"], image, verdict)
    api.labeling_job.set_status(old["id"], status)
    source = server.ok("jobs.info", {"id": old["id"]})
    meta = {**source["meta"], "classes": [c["name"] for c in source["meta"]["classes"]]}
    assert meta["entityIds"] == sorted([place.image, place.other]) and meta["somethingNew"] == {"a": [1]}
    new = server.ok("jobs.add", {"name": source["name"], "datasetId": place.dataset,
                                 "userIds": [source["userId"]], "reviewerId": source["reviewerId"],
                                 "meta": meta}, token=team.manager.token)[0]["id"]
    for entity in source["entities"]:
        api.labeling_job.set_entity_review_status(new, entity["id"], entity["reviewStatus"])
    api.labeling_job.set_status(new, status)
    made = server.ok("jobs.info", {"id": new})
    same = ("status", "entities", "imagesCount", "acceptedImagesCount", "finishedImagesCount", "meta", "userId")
    assert {k: made[k] for k in same} == {k: source[k] for k in same}
    assert server.ok("jobs.stats", {"id": new})["images"]["total"] == 2


def test_data_commander_transfers_labeled_items(server, place, team):  # noqa: F811
    """Accepted images of completed jobs, without those that an unfinished job still has."""
    api = team.api
    make = dict(user_ids=[team.labeler.id], dataset_id=place.dataset, reviewerId=team.reviewer.id)
    finished, open_job = server.job(**make), server.job(**make, meta={"entityIds": [place.other]})
    for image in (place.image, place.other):
        api.labeling_job.set_entity_review_status(finished["id"], image, "accepted")
    api.labeling_job.set_status(finished["id"], "completed")
    ready, busy = set(), set()
    for job in api.labeling_job.get_list(server.team_id, project_id=place.project, dataset_id=place.dataset):
        info = api.labeling_job.get_info_by_id(job.id)
        if job.id not in (finished["id"], open_job["id"]):
            continue
        if info.status == "completed":
            ready |= {e["id"] for e in info.entities if e["reviewStatus"] == "accepted"}
            assert info.accepted_images_count == 2
        else:
            busy |= {e["id"] for e in info.entities}
    assert ready - busy == {place.image}


def test_real_time_quality_check(server, place, team):  # noqa: F811
    """On every confirmed image: reads it, files an issue, rejects it with the token of its user."""
    put(place, annotation())
    job = server.job(user_ids=[team.labeler.id], dataset_id=place.dataset)
    server.ok("jobs.entities.update-review-status", {
        "jobId": job["id"], "entityId": place.image, "status": "done"}, token=team.labeler.token)
    api = team.api
    assert api.dataset.get_list(place.project) and api.image.get_info_by_id(place.image).labels_count == 0
    assert api.annotation.download(place.image).annotation["objects"] == []
    issue = server.ok("issues.add", {"name": unique("Annotation Quality Check"), "comment": "", "assignees": [],
                                     "teamId": server.team_id, "isLocal": True}, token=team.manager.token)
    server.ok("issues.comments.add", {"issueId": issue["id"], "comment": "no objects"}, token=team.manager.token)
    api.labeling_job.set_entity_review_status(job["id"], place.image, "rejected")
    seen = server.ok("jobs.info", {"id": job["id"]}, token=team.labeler.token)
    assert seen["status"] == "in_progress" and seen["rejectedImagesCount"] == 1
    api.labeling_job.set_entity_review_status(job["id"], place.image, "done")


def test_review_labels_side_by_side(server, place, team):  # noqa: F811
    """Objects and tags taken over under the job of the current user are theirs."""
    put(place, annotation(box()))
    job = server.job(user_ids=[team.labeler.id], dataset_id=place.dataset)
    api = server.sdk(team.labeler.token)
    api.add_header("x-job-id", str(job["id"]))
    source = api.annotation.download(place.image).annotation["objects"][0]
    assert api.image.get_info_by_id(place.other).id == place.other
    added = api.post("figures.bulk.add", {"entityId": place.other, "figures": [
        {"classId": source["classId"], "geometryType": source["geometryType"],
         "geometry": {"points": source["points"]}}]}).json()
    api.image.add_tag(place.other, place.tags["text"], "x")
    mine = api.annotation.download(place.other).annotation
    assert [o["labelerLogin"] for o in mine["objects"] if o["id"] == added[0]["id"]] == [team.labeler.login]
    assert {t["labelerLogin"] for t in mine["tags"] if t["value"] == "x"} == {team.labeler.login}


def test_labeling_jobs_stats_and_first_time_through(server, place, team):  # noqa: F811
    """A report over every job of the team, archived ones too."""
    api = team.api
    job = api.labeling_job.create(unique("report"), place.dataset, [team.labeler.id],
                                  reviewer_id=team.reviewer.id)[0]
    label(server.sdk(team.labeler.token), job)
    review(server.sdk(team.reviewer.token), job)
    api.labeling_job.archive(job.id)
    info = [j for j in api.labeling_job.get_list(server.team_id, show_disabled=True) if j.id == job.id][0]
    stats = api.labeling_job.get_stats(job.id)
    assert (info.accepted_images_count, info.rejected_images_count) == (info.images_count - 1, 1)
    assert stats["job"]["finishedImagesCount"] == info.images_count
    assert {"id", "name", "shape", "color", "imagesCount", "labelsCount"} <= stats["classes"][0].keys()


def test_labeling_jobs_stats_call_by_call(server, place, team):  # noqa: F811
    """The team, its jobs, the statistics of every single one, one after the other."""
    token = team.manager.token
    put(place, annotation(box()))
    done = server.job(user_ids=[team.labeler.id], dataset_id=place.dataset, reviewerId=team.reviewer.id)
    label(server.sdk(team.labeler.token), team.api.labeling_job.get_info_by_id(done["id"]))
    server.job(user_ids=[team.labeler.id], dataset_id=place.dataset)
    assert server.ok("teams.info", {"id": server.team_id}, token=token)["id"] == server.team_id
    page = server.ok("jobs.list", {"teamId": server.team_id, "showDisabled": False, "filter": [],
                                   "sort": "id", "sort_order": "asc"}, token=token)
    assert page["total"] == len(page["entities"])
    sums = {}
    for job in page["entities"]:
        assert job["status"] != "review_completed" or job["meta"]["enableIntermediateReview"]
        assert all(isinstance(job[k], int) for k in (
            "imagesCount", "finishedImagesCount", "acceptedImagesCount", "rejectedImagesCount"))
        stats = server.ok("jobs.stats", {"id": job["id"]}, token=token)
        for row in stats["classes"]:
            one = sums.setdefault(row["id"], [0, 0])
            one[0] += row["imagesCount"]
            one[1] += row["labelsCount"]
        assert isinstance(stats["job"]["tagsStats"], list)
    assert sums[place.classes["a rectangle"]][1] >= 2, "the object counts in both of its jobs"
    member = server.ok("members.info", {"teamId": server.team_id, "id": team.labeler.id}, token=token)
    assert member["login"] == team.labeler.login


def test_labeling_events_stats_and_dynamics(server, place, team):  # noqa: F811
    """Who did what, how often, on how many images, in the last day: counted by the client from the log."""
    job = server.job(user_ids=[team.labeler.id], dataset_id=place.dataset, reviewerId=team.reviewer.id)
    label(server.sdk(team.labeler.token), team.api.labeling_job.get_info_by_id(job["id"]))
    review(server.sdk(team.reviewer.token), team.api.labeling_job.get_info_by_id(job["id"]))
    members = {m["id"]: m["login"] for m in server.ok("members.list", {"teamId": server.team_id},
                                                      token=team.manager.token)["entities"]}
    now = datetime.datetime.now(datetime.timezone.utc)
    found, page = [], 1
    while page:
        answer = server.ok("teams.activity", {"teamId": server.team_id, "page": page, "per_page": 7, "filter": [
            {"field": "date", "operator": ">=", "value": (now - datetime.timedelta(days=1)).isoformat()},
            {"field": "date", "operator": "<=", "value": (now + datetime.timedelta(days=1)).isoformat()},
            {"field": "jobId", "operator": "=", "value": job["id"]}]}, token=team.manager.token)
        found += answer["entities"]
        page = page + 1 if page < answer["pagesCount"] else None
    assert len(found) == answer["total"]
    assert all({"imageId", "user", "action", "job", "date"} <= e.keys() for e in found)
    images = {}
    for e in found:
        if e["action"] == "image_review_status_updated":
            images.setdefault(e["user"], set()).add(e["imageId"])
    everything = {e["id"] for e in job["entities"]}
    assert images == {team.labeler.login: everything, team.reviewer.login: everything}
    assert {e["userId"] for e in found} <= members.keys() and {e["job"] for e in found} == {job["name"]}


def test_solutions_feed_a_queue(server, place, team):  # noqa: F811
    """Nodes of a pipeline: images go into a collection, a queue hands them out, people join it."""
    api, token = team.api, team.manager.token
    collection = api.entities_collection.create(place.project, unique("pool")).id
    queue = server.ok("labeling-queues.add", {
        "name": unique("node"), "collectionId": collection, "userIds": [team.labeler.id],
        "reviewerIds": [team.reviewer.id], "meta": {"classes": []},
        "queueMeta": {"skipCompleteAnnotationJobOnEmpty": True}}, token=token)["id"]
    jobs = [server.ok("jobs.info", {"id": j["id"]}, token=token) for j in
            server.ok("labeling-queues.info", {"id": queue}, token=token)["jobs"]]
    labeling = next(j["id"] for j in jobs if "annotation" in j["name"])
    reviewing = next(j["id"] for j in jobs if "review" in j["name"])

    def pull(job, user):
        return server.ok("labeling-queues.entities.get-next", {"id": job}, token=user.token)["id"]

    def count(status):
        return server.ok("labeling-queues.stats.entities", {"id": queue, "entityStatus": [status]}, token=token)["total"]
    assert pull(labeling, team.labeler) is None
    server.ok("entities-collections.items.bulk.add", {
        "collectionId": collection, "entityIds": [place.image, place.other]}, token=token)
    assert [count(s) for s in (None, "none", "done", "accepted")] == [2, 0, 0, 0]
    image = pull(labeling, team.labeler)
    server.ok("jobs.entities.update-review-status", {"jobId": labeling, "entityId": image, "status": "done"},
              token=team.labeler.token)
    assert pull(reviewing, team.reviewer) == image
    server.ok("jobs.entities.update-review-status", {"jobId": reviewing, "entityId": image, "status": "accepted"},
              token=team.reviewer.token)
    assert [count(s) for s in (None, "none", "done", "accepted")] == [1, 0, 0, 1]
    more = server.user(role=labeld.ANNOTATOR)
    server.ok("labeling-queues.users.add", {"id": queue, "userIds": [more.id]}, token=token)
    mine = max(j["id"] for j in server.ok("labeling-queues.info", {"id": queue}, token=token)["jobs"])
    assert pull(mine, more) == ({place.image, place.other} - {image}).pop()
