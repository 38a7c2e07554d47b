"""Queues in lists, their images by status, archiving and removing, and the SDK's module."""

import pytest
from supervisely.api.labeling_job_api import LabelingJobApi

import labeld
from queue_team import Team
from sdk_helpers import ids, names, refused, unique


@pytest.fixture
def team(server):
    return Team(server)


def found(server, **body):
    return [q["id"] for q in server.ok("labeling-queues.list", {"teamId": server.team_id, **body})["entities"]]


def test_who_takes_part(server, team):
    other = Team(server)
    labeler, reviewer = team.labelers[0].id, other.reviewers[0].id
    assert found(server, participantUserIds=[labeler]) == [team.id]
    assert found(server, participantUserIds=[labeler, reviewer]) == [team.id, other.id]
    assert found(server, participantUserIds=[]) == [] == found(server, participantUserIds=[10**9])


def test_filters_and_order(server, team):
    other = Team(server)
    mine = {"field": "id", "operator": "in", "value": [team.id, other.id]}
    server.ok("labeling-queues.set-status", {"id": other.id, "status": "stopped"})
    assert found(server, filter=[mine], sort="status", sort_order="desc") == [other.id, team.id]
    for sort in ("id", "projectId", "datasetId", "name", "createdAt", "status", "collectionId"):
        assert sorted(found(server, filter=[mine], sort=sort)) == [team.id, other.id]
    assert found(server, filter=[mine, {"field": "status", "operator": "=", "value": "stopped"}]) == [other.id]
    assert found(server, filter=[mine, {"field": "collectionId", "operator": "=", "value": 1}]) == []
    page = server.ok("labeling-queues.list", {"teamId": server.team_id, "filter": [mine], "per_page": 1,
                                              "page": 2})
    assert (page["total"], page["pagesCount"], ids_of(page)) == (2, 2, [other.id])


def ids_of(page):
    return [q["id"] for q in page["entities"]]


def test_archiving(server, team):
    labeler, job = team.labelers[0], team.jobs[team.labelers[0].id]
    server.ok("labeling-queues.archive", {"id": team.id})
    server.ok("labeling-queues.archive", {"id": team.id})
    assert team.id not in found(server) and team.id in found(server, showDisabled=True)
    assert team.info()["disabled"] and server.ok("jobs.info", {"id": job})["disabled"]
    assert team.call(labeler, "labeling-queues.entities.get-next").status_code == 404
    server.ok("labeling-queues.unarchive", {"id": team.id})
    assert team.id in found(server) and team.pull(labeler)


def test_removing(server, team):
    other, labeler = Team(server), team.labelers[0]
    a = team.pull(labeler)
    server.refused(404, "labeling-queues.bulk.remove", {"ids": [team.id, 10**9]})
    assert team.pull(labeler) == a, "all or none"
    server.ok("labeling-queues.bulk.remove", {"ids": [team.id, other.id, team.id]})
    server.ok("labeling-queues.bulk.remove", {"ids": [other.id, team.id]})
    assert not {team.id, other.id} & set(found(server, showDisabled=True))
    server.refused(404, "labeling-queues.info", {"id": team.id})
    server.refused(404, "jobs.info", {"id": team.jobs[labeler.id]})
    server.refused(404, "labeling-queues.stats.entities", {"id": team.id})


def test_images_by_status(server, team):
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    done = team.confirm(labeler)
    accepted = team.confirm(labeler)
    team.pull(reviewer)
    team.verdict(reviewer, done, "accepted")
    done, accepted = accepted, done
    held = team.pull(labeler)

    def entities(*status, **more):
        answer = server.ok("labeling-queues.stats.entities", {
            "id": team.id, "entityStatus": list(status), **more})
        assert answer["total"] == len(answer["images"])
        return [e["id"] for e in answer["images"]]

    assert entities("done") == [done] and entities("accepted") == [accepted]
    assert entities("none") == [held] and len(entities(None)) == 3
    assert sorted(entities(None, "none")) == sorted([*entities(None), held])
    assert entities() == [] and entities("rejected") == []
    rows = server.ok("labeling-queues.stats.entities", {"id": team.id, "sort": "reviewedAt",
                                                        "sort_order": "desc", "sort_nulls_order": "last"})
    first = rows["images"][0]
    assert first["id"] == accepted and first["reviewedAt"] and first["reviewJobId"] == team.jobs[reviewer.id]
    by_name = server.ok("labeling-queues.stats.entities", {"id": team.id})["images"]
    assert [e["name"] for e in by_name] == sorted(e["name"] for e in by_name)
    assert entities("done", filter=[{"field": "name", "operator": "=", "value": "no"}]) == []
    for sort in ("name", "reviewStatus", "totalDuration", "labelerTotalDuration", "annotationDuration",
                 "labelsCount", "reviewedAt"):
        assert server.ok("labeling-queues.stats.entities", {"id": team.id, "sort": sort})["total"] == 6


@pytest.mark.parametrize("body, field", [
    ({"entityStatus": ["x"]}, "entityStatus"), ({"entityStatus": [1]}, "entityStatus"),
    ({"entityStatus": "done"}, "entityStatus"), ({"sort": "x"}, "sort"), ({"filters": [{"type": "x"}]}, None),
    ({"filter": [{"field": "x", "operator": "=", "value": 1}]}, None), ({"per_page": 0}, "per_page")])
def test_images_that_are_not_asked_for_well(server, team, body, field):
    server.refused(400, "labeling-queues.stats.entities", {"id": team.id, **body}, field=field)


def test_time_of_images(server, team):
    labeler, reviewer = team.labelers[0], team.reviewers[0]
    a = team.confirm(labeler)
    team.pull(reviewer)
    for person, seconds in ((labeler, 30), (reviewer, 12), (reviewer, 4000)):
        server.ok("jobs.entities.add-annotation-duration", {
            "jobId": team.jobs[person.id], "entityId": a, "duration": seconds}, token=person.token)
    row = server.ok("labeling-queues.stats.entities", {"id": team.id, "sort": "annotationDuration",
                                                       "sort_order": "desc"})["images"][0]
    assert (row["id"], row["annotationDuration"], row["totalDuration"]) == (a, 342, 0)
    stats = server.ok("labeling-queues.stats", {"id": team.id})
    assert stats["job"]["annotationDuration"] == 342 and stats["job"]["imagesCount"] == 6
    people = {u["id"]: u for u in stats["users"]}
    assert [people[u.id]["task"] for u in (labeler, reviewer)] == ["annotation", "review"]
    assert [people[u.id]["annotationDuration"] for u in (labeler, reviewer)] == [30, 312]
    assert people[labeler.id]["doneCount"] == 1 == people[reviewer.id]["imagesCount"]
    of_job = server.ok("jobs.stats", {"id": team.jobs[labeler.id]})["classes"]  # of its one image
    assert [c["id"] for c in stats["classes"]] == [c["id"] for c in of_job]
    assert all(q["labelsCount"] >= j["labelsCount"] for q, j in zip(stats["classes"], of_job))


def test_what_is_labeled_is_counted_once(server):
    """Whoever has an image, had it before or reviews it."""
    team, wanted = Team(server), unique("class")
    server.ok("projects.meta.update", {"id": server.project_id, "meta": {"tags": [], "classes": [
        *server.ok("projects.meta", {"id": server.project_id})["classes"],
        {"title": wanted, "shape": "rectangle", "color": "#000000"}]}})
    wanted = next(c["id"] for c in server.ok("projects.meta", {"id": server.project_id})["classes"] if c["title"] == wanted)

    def draw(image):
        server.ok("figures.bulk.add", {"entityId": image, "figures": [{"meta": {}, "entityId": image, "classId": wanted,
            "geometryType": "rectangle", "geometry": {"points": {"exterior": [[1, 1], [5, 5]], "interior": []}}}]})

    def counted():
        stats = server.ok("labeling-queues.stats", {"id": team.id})
        return next((c["labelsCount"], c["imagesCount"]) for c in stats["classes"] if c["id"] == wanted)

    (first, second), reviewer = team.labelers, team.reviewers[0]
    a = team.confirm(first)
    b = team.confirm(first)
    for image in (a, a, b):
        draw(image)
    assert counted() == (3, 2)
    in_pool = next(i["id"] for i in server.ok("labeling-queues.stats.entities", {
        "id": team.id, "entityStatus": [None]})["images"])
    draw(in_pool)
    assert counted() == (3, 2)
    assert {team.pull(reviewer), team.pull(team.reviewers[1])} == {a, b}
    assert counted() == (3, 2), "who reviews an image has it as well"
    server.ok("members.remove", {"teamId": server.team_id, "id": first.id})
    server.ok("jobs.entities.update-review-status", {"jobId": team.jobs[first.id], "entityId": a, "status": "rejected"})
    assert team.statuses(first) == {b: "done"} and counted() == (1, 1), "back in the pool"
    assert team.pull(second) == a and counted() == (3, 2), "and with somebody else"
    assert team.call(second, "labeling-queues.entities.skip", entityId=a).ok and counted() == (1, 1)
    server.refused(404, "labeling-queues.stats", {"id": team.id}, token=first.token)
    server.refused(404, "labeling-queues.stats", {"id": 10**9})
    server.refused(400, "labeling-queues.stats", {"id": "q"}, field="id")


def test_the_whole_sdk_module(server):
    """Every method of api.labeling_queue, its result checked."""
    api = server.sdk()
    people = [server.user(role=labeld.ANNOTATOR).id, server.user(role=labeld.REVIEWER).id,
              server.user(role=labeld.REVIEWER).id]
    images = api.image.get_list(server.dataset_id)[:4]
    wanted = unique("class")
    server.ok("projects.meta.update", {"id": server.project_id, "meta": {"tags": [], "classes": [
        {"title": wanted, "shape": "rectangle", "color": "#000000"}]}})
    queue_id = api.labeling_queue.create(
        unique("sdk"), people[:1], people[1:2], dataset_id=server.dataset_id, readme="r", description="d",
        objects_limit_per_image=4, tags_limit_per_image=2, classes_to_label=[wanted],
        images_ids=ids(images), enable_quality_check=True, quality_check_user_ids=people[2:],
        allow_review_own_annotations=True, skip_complete_job_on_empty=True, hide_figure_author=True,
        reviewer_id=server.user_id, disable_submit=True)
    info = api.labeling_queue.get_info_by_id(queue_id)
    assert (info.labelers, info.reviewers, len(info.jobs)) == (people[:1], sorted([people[1], server.user_id]), 4)
    assert (info.entities_count, info.pending_count, info.in_progress_count) == (4, 4, 0)
    assert (info.annotated_count, info.accepted_count, info.collection_id) == (0, 0, None)
    assert (info.team_id, info.project_id, info.dataset_id) == (
        server.team_id, server.project_id, server.dataset_id)
    assert info.created_by_id == server.user_id and info.finished_at is None
    assert info.meta["hideFigureAuthor"] is True and info.status == "pending"
    job = api.labeling_job.get_info_by_id(info.jobs[0])
    assert (job.readme, job.description, job.objects_limit_per_image, job.labeling_queue_id) == (
        "r", "d", 4, queue_id)
    listed = api.labeling_queue.get_list(server.team_id, dataset_id=server.dataset_id)
    assert queue_id in ids(listed)
    assert ids(api.labeling_queue.get_list(server.team_id, names=[info.name])) == [queue_id]
    assert names(api.labeling_queue.get_list(server.team_id, ids=[queue_id])) == [info.name]
    assert api.labeling_queue.get_list(server.team_id, project_id=10**9) == []
    assert api.labeling_queue.get_list(server.team_id, collection_id=10**9) == []
    assert api.labeling_queue.get_status(queue_id) is LabelingJobApi.Status.PENDING
    entities = api.labeling_queue.get_entities_all_pages(queue_id, per_page=2)
    assert entities["total"] == len(entities["images"]) == 4
    assert [e["name"] for e in entities["images"]] == sorted(i.name for i in images)
    limited = api.labeling_queue.get_entities_all_pages(
        queue_id, per_page=1, limit=2, sort="id", sort_order="desc", status="null")
    assert [e["id"] for e in limited["images"]] == sorted(ids(images), reverse=True)[:2]
    one = api.labeling_queue.get_entities_all_pages(queue_id, filter_by=[
        {"field": "name", "operator": "in", "value": [images[0].name]}])
    assert [e["id"] for e in one["images"]] == [images[0].id]
    count = api.labeling_queue.get_entities_count_by_status
    assert [count(queue_id, s) for s in ("null", "none", "done", "accepted")] == [4, 0, 0, 0]
    assert count(queue_id, ["null", "none"]) == count(queue_id) == 4
    extra = server.user(role=labeld.ANNOTATOR).id
    server.ok("labeling-queues.users.add", {"id": queue_id, "userIds": [extra, people[0]],
                                            "qualityCheckUserIds": [extra]})
    info = api.labeling_queue.get_info_by_id(queue_id)
    assert info.labelers == [people[0], extra] and len(info.jobs) == 6
    late = next(j for j in map(api.labeling_job.get_info_by_id, info.jobs)
                if j.assigned_to_id == extra and "annotation" in j.name)
    assert (late.readme, late.description, late.classes_to_label) == ("r", "d", [wanted])
    assert [c.name for c in api.labeling_queue.get_project_meta(queue_id).obj_classes] == [wanted]
    api.labeling_queue.set_status(queue_id, "stopped")
    assert api.labeling_queue.get_status(queue_id) is LabelingJobApi.Status.STOPPED
    assert api.labeling_queue.get_info_by_id(10**9) is None
    with pytest.raises(NotImplementedError):  # the module has no method of its own for this
        api.labeling_queue.remove(queue_id)
    server.ok("labeling-queues.archive", {"id": queue_id})
    assert queue_id not in ids(api.labeling_queue.get_list(server.team_id))
    assert queue_id in ids(api.labeling_queue.get_list(server.team_id, show_disabled=True))
    server.ok("labeling-queues.bulk.remove", {"ids": [queue_id]})
    assert api.labeling_queue.get_info_by_id(queue_id) is None
    refused(404, api.labeling_queue.set_status, queue_id, "pending")


# ---- collections ----

@pytest.fixture
def gallery(server):
    """A project with eight images in two datasets, and a collection of the first three."""
    project = server.project()["id"]
    images = []
    for n in range(2):
        dataset = server.ok("datasets.add", {"projectId": project, "name": f"d{n}"})["id"]
        images += [i["id"] for i in server.ok("images.bulk.add", {"datasetId": dataset, "images": [
            {"title": f"{n}{i}.jpg", "link": "http://example.org/x"} for i in range(4)]})]
    collection = server.sdk().entities_collection.create(project, unique("c")).id
    server.sdk().entities_collection.add_items(collection, images[:3])
    return project, images, collection


def collection_queue(server, collection, **options):
    labeler = server.user(role=labeld.ANNOTATOR)
    api = server.sdk()
    queue = api.labeling_queue.create(unique("q"), [labeler.id], [server.user_id],
                                      collection_id=collection, **options)
    info = api.labeling_queue.get_info_by_id(queue)
    job = next(j for j in info.jobs if api.labeling_job.get_info_by_id(j).assigned_to_id == labeler.id)
    return queue, job, labeler


def pull(server, job, labeler):
    return server.ok("labeling-queues.entities.get-next", {"id": job}, token=labeler.token)["id"]


def test_a_queue_grows_with_its_collection(server, gallery):
    project, images, collection = gallery
    api = server.sdk()
    queue, job, labeler = collection_queue(server, collection, skip_complete_job_on_empty=True)
    info = api.labeling_queue.get_info_by_id(queue)
    assert (info.collection_id, info.dataset_id, info.project_id) == (collection, None, project)
    assert (info.entities_count, info.pending_count) == (3, 3)
    assert ids(api.labeling_queue.get_list(server.team_id, collection_id=collection)) == [queue]
    assert pull(server, job, labeler) == images[0]
    api.entities_collection.add_items(collection, images[2:7])
    info = api.labeling_queue.get_info_by_id(queue)
    assert (info.entities_count, info.pending_count, info.in_progress_count) == (7, 6, 1)
    api.entities_collection.remove_items(collection, [images[0], images[1]])
    info = api.labeling_queue.get_info_by_id(queue)
    assert (info.entities_count, info.pending_count, info.in_progress_count) == (6, 5, 1), "begun stays"
    found = api.labeling_queue.get_entities_all_pages(queue, collection_id=collection)
    assert found["total"] == 5 and images[0] not in [e["id"] for e in found["images"]]
    pulled = []
    while (image := pull(server, job, labeler)) is not None:
        pulled.append(image)
        server.ok("jobs.entities.update-review-status", {"jobId": job, "entityId": image, "status": "done"},
                  token=labeler.token)
    assert pulled == [images[0], *images[2:7]]


def test_images_of_an_archived_dataset_leave_the_queue(server, gallery):
    project, images, collection = gallery
    api = server.sdk()
    api.entities_collection.add_items(collection, images)
    queue, job, labeler = collection_queue(server, collection, skip_complete_job_on_empty=True)
    assert [pull(server, job, labeler)] == images[:1]
    confirm = {"jobId": job, "entityId": images[0], "status": "done"}
    server.ok("jobs.entities.update-review-status", confirm, token=labeler.token)
    assert [pull(server, job, labeler)] == images[1:2]
    datasets = [api.image.get_info_by_id(i).dataset_id for i in (images[0], images[4])]
    server.ok("datasets.archive", {"id": datasets[0]})
    info = server.ok("labeling-queues.info", {"id": queue})
    assert [info[k] for k in ("entitiesCount", "pendingCount", "inProgressCount", "annotatedCount")] == [4, 4, 0, 0]
    shown = server.ok("jobs.info", {"id": job})
    assert (shown["imagesCount"], shown["finishedImagesCount"], shown["entities"]) == (0, 0, [])
    assert pull(server, job, labeler) == images[4], "it goes on with the others"
    server.refused(404, "jobs.entities.update-review-status", confirm, token=labeler.token)
    server.ok("datasets.archive", {"id": datasets[1]})
    info = server.ok("labeling-queues.info", {"id": queue})
    assert (info["entitiesCount"], info["status"]) == (0, "in_progress") and pull(server, job, labeler) is None


def test_an_archived_dataset_takes_its_images_along(server):
    """From its queues and their jobs, in every state, with those of the datasets below it; nothing else goes."""
    api, project = server.sdk(), server.project()["id"]
    meta = server.ok("projects.meta.update", {"id": project, "meta": {
        "classes": [{"title": "box", "shape": "rectangle", "color": "#000000"}],
        "tags": [{"name": "tag", "value_type": "oneof_string", "values": ["a", "b"], "color": "#000000"}]}})
    box, tag = meta["classes"][0]["id"], meta["tags"][0]["id"]
    top = server.ok("datasets.add", {"projectId": project, "name": "top"})["id"]
    below = server.ok("datasets.add", {"projectId": project, "name": "below", "parentId": top})["id"]
    stays = server.ok("datasets.add", {"projectId": project, "name": "stays"})["id"]
    images = {d: [i["id"] for i in server.ok("images.bulk.add", {"datasetId": d, "images": [
        {"title": f"{i}.jpg", "link": "http://example.org/x"} for i in range(6)]})] for d in (top, below, stays)}
    everything = [i for d in (top, below, stays) for i in images[d]]
    for image in everything:
        server.ok("annotations.bulk.add", {"datasetId": next(d for d in images if image in images[d]), "annotations": [
            {"imageId": image, "annotation": {"description": "", "size": {"height": 10, "width": 10}, "tags": [
                {"name": "tag", "tagId": tag, "value": "a"}], "objects": 2 * [
                {"classTitle": "box", "classId": box, "geometryType": "rectangle", "description": "", "tags": [
                    {"name": "tag", "tagId": tag, "value": "b"}], "points": {"exterior": [[1, 1], [5, 5]], "interior": []}}]}}]})
    collection = api.entities_collection.create(project, unique("c")).id
    api.entities_collection.add_items(collection, everything)
    labelers, reviewer, checker = [server.user(role=labeld.ANNOTATOR) for _ in range(3)], server.user(role=labeld.REVIEWER), \
        server.user(role=labeld.REVIEWER)
    queue = server.ok("labeling-queues.add", {
        "name": unique("q"), "collectionId": collection, "userIds": [u.id for u in labelers], "reviewerIds": [reviewer.id],
        "qualityCheckUserIds": [checker.id], "meta": {"enableIntermediateReview": True}})["id"]
    jobs = {j["userId"]: j["id"] for j in (server.ok("jobs.info", {"id": j["id"]}) for j in server.ok(
        "labeling-queues.info", {"id": queue})["jobs"])}
    plain = server.job(dataset_id=stays)["id"]

    def work(user, *statuses):
        for status in statuses:
            image = pull(server, jobs[user.id], user)
            if status:
                server.ok("jobs.entities.update-review-status", {
                    "jobId": jobs[user.id], "entityId": image, "status": status}, token=user.token)

    work(labelers[0], *6 * ["done"], None)  # of the first dataset; one of the second is held
    work(labelers[1], *5 * ["done"])
    work(labelers[2], *4 * ["done"])  # of the one that stays
    work(reviewer, *3 * ["accepted"], "rejected", *6 * ["accepted"], "rejected", *2 * ["accepted"], None)
    work(checker, *2 * ["quality_check_accepted"], None)
    with_all = server.job(dataset_id=top)["id"]
    server.refused(404, "datasets.archive", {"id": top}, token=server.user("nobody_" + unique("u")).token)
    server.refused(404, "datasets.archive", {"id": top}, token=labelers[0].token)
    server.ok("datasets.archive", {"id": top})

    left = dict(server.sql("SELECT entity_id, status FROM queue_entity WHERE queue_id = ?", queue))
    assert sorted(left) == images[stays]
    info, of = server.ok("labeling-queues.info", {"id": queue}), list(left.values()).count
    assert of(None) and of("done") and of("accepted"), "some of all kinds"
    assert [info[k] for k in ("entitiesCount", "pendingCount", "acceptedCount", "checkedCount", "annotatedCount",
                              "inProgressCount")] == [
        6, of(None), of("accepted") + of("quality_check_accepted"), of("quality_check_accepted"),
        of("accepted") + of("quality_check_accepted") + of("done"), of("rejected") + of("none")]
    for job in jobs.values():
        shown = server.ok("jobs.info", {"id": job})
        statuses = [e["reviewStatus"] for e in shown["entities"]]
        assert {e["id"] for e in shown["entities"]} <= set(images[stays]) and shown["imagesCount"] == len(statuses)
        assert shown["acceptedImagesCount"] == sum(s in ("accepted", "quality_check_accepted") for s in statuses)
        assert shown["rejectedImagesCount"] == statuses.count("rejected")
        assert shown["finishedImagesCount"] == statuses.count("done")
        stats = server.ok("jobs.stats", {"id": job, "withEntitiesStats": False})
        n = len(statuses)
        assert [(c["labelsCount"], c["imagesCount"]) for c in stats["classes"]] == [(2 * n, n)]
        assert [(t["images"], t["figures"]) for t in stats["job"]["tagsStats"]] == [(n, 2 * n), (n, 0), (0, 2 * n)]
    assert server.ok("jobs.info", {"id": plain})["imagesCount"] == 6
    server.refused(404, "jobs.info", {"id": with_all})
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "type", "operator": "in", "value": ["update_queue"]}]})["entities"]
    assert [e["meta"]["queueId"] for e in events].count(queue) == 2, "one when it was filled, one now"


def test_an_empty_collection_waits(server, gallery):
    _, images, _ = gallery
    api = server.sdk()
    project = api.image.get_info_by_id(images[0]).project_id
    empty = api.entities_collection.create(project, unique("c")).id
    queue, job, labeler = collection_queue(server, empty, skip_complete_job_on_empty=True)
    assert pull(server, job, labeler) is None
    assert api.labeling_queue.get_status(queue) is LabelingJobApi.Status.PENDING
    api.entities_collection.add_items(empty, [images[5]])
    assert pull(server, job, labeler) == images[5]


def test_what_is_completed_does_not_grow(server, gallery):
    _, images, collection = gallery
    api = server.sdk()
    queue, job, labeler = collection_queue(server, collection)
    api.labeling_queue.set_status(queue, "completed")
    api.entities_collection.add_items(collection, [images[6]])
    assert api.labeling_queue.get_info_by_id(queue).entities_count == 3
    api.labeling_queue.set_status(queue, "in_progress")
    assert api.labeling_queue.get_info_by_id(queue).entities_count == 4, "until it is opened again"
    assert pull(server, job, labeler) == images[0]


def test_only_images_with_the_tags(server, gallery):
    project, images, collection = gallery
    api = server.sdk()
    server.ok("projects.meta.update", {"id": project, "meta": {"classes": [], "tags": [
        {"name": "t", "value_type": "none", "color": "#000000"}]}})
    tag = server.ok("projects.meta", {"id": project})["tags"][0]["id"]
    server.ok("image-tags.bulk.add-to-image", {"tagId": tag, "ids": [images[1], images[4]]})
    queue, _, _ = collection_queue(server, collection, include_images_with_tags=["t"])
    assert api.labeling_queue.get_info_by_id(queue).entities_count == 1
    api.entities_collection.add_items(collection, images[3:6])
    found = api.labeling_queue.get_entities_all_pages(queue)["images"]
    assert [e["id"] for e in found] == [images[1], images[4]]


def test_collections_that_are_refused(server, gallery):
    project, images, collection = gallery
    labeler = server.user(role=labeld.ANNOTATOR)
    body = {"name": unique("q"), "userIds": [labeler.id], "reviewerIds": [], "collectionId": collection}
    before = server.state()
    server.refused(400, "labeling-queues.add", {**body, "meta": {"entityIds": [images[0]]}},
                   field="meta.entityIds")
    server.refused(400, "labeling-queues.add", {**body, "meta": {"range": {"start": 1, "end": 2}}},
                   field="meta.range")
    server.refused(400, "labeling-queues.add", {**body, "datasetId": server.dataset_id}, field="collectionId")
    server.refused(404, "labeling-queues.add", body, token=labeler.token)
    server.refused(403, "labeling-queues.add", body, token=server.user(role=labeld.VIEWER).token)
    assert server.state().keys() == before.keys()
    assert server.state()["queue"] == before["queue"] and server.state()["job"] == before["job"]
