"""Statistics of jobs: what the SDK's reports read, adding up to what is there."""

import pytest

import labeld
from test_annotations import annotation, box, place, put, read  # noqa: F401  (a fixture)


@pytest.fixture
def job(server, place):  # noqa: F811
    labeler = server.user(role=labeld.ANNOTATOR)
    put(place, annotation(box(tags=[{"name": "choice", "value": "small"}]),
                          box(tags=[{"name": "choice", "value": "大"}, {"name": "flag"}]),
                          {"classTitle": "a point", "geometryType": "point", "tags": [],
                           "points": {"exterior": [[1, 1]], "interior": []}},
                          tags=[{"name": "flag"}]))
    put(place, annotation(box()), place.other)
    return server.job(user_ids=[labeler.id], dataset_id=place.dataset), labeler


def test_counts(server, place, job):  # noqa: F811
    job, _ = job
    server.ok("jobs.entities.update-review-status", {
        "jobId": job["id"], "entityId": place.image, "status": "accepted"})
    stats = server.sdk().labeling_job.get_stats(job["id"])
    meta = server.ok("projects.meta", {"id": job["projectId"]})
    head = stats["job"]
    assert (head["imagesCount"], head["finishedImagesCount"]) == (2, 1)
    assert head["editingDuration"] == head["annotationDuration"] == 0
    classes = [(c["name"], c["labelsCount"], c["imagesCount"]) for c in stats["classes"]]
    assert [c for c in classes if c[1]] == [("a point", 1, 1), ("a rectangle", 3, 2)]
    assert [c[0] for c in classes] == sorted(c["title"] for c in meta["classes"]), "unused ones, too"
    assert all(c["avgDuration"] is None for c in stats["classes"] if c["labelsCount"] == 0)
    tags = [(t["name"], "id" in t, t["images"], t["figures"]) for t in head["tagsStats"]]
    assert [t for t in tags if t[0] == "flag" or t[0].startswith("choice")] == [
        ("choice", True, 0, 2), ("choice (small)", False, 0, 1), ("choice (größer)", False, 0, 0),
        ("choice (大)", False, 0, 1), ("flag", True, 1, 1)], "values in their order, unused ones too"
    assert [t[0] for t in tags if t[1]] == sorted(t["name"] for t in meta["tags"])
    assert all(("parentId" in t) != ("id" in t) for t in head["tagsStats"])
    rows = stats["images"]["images"]
    assert [r["name"] for r in rows] == ["a.png", "b.png"] and stats["images"]["total"] == 2
    assert [r["labelsCount"] for r in rows] == [3, 1]
    assert rows[0]["reviewStatus"] == "accepted"
    assert "images" not in server.ok("jobs.stats", {"id": job["id"], "withEntitiesStats": False})


def test_time(server, place, job):  # noqa: F811
    job, labeler = job
    figure = read(place)["objects"][0]["id"]
    head = {"x-job-id": str(job["id"])}
    for seconds in (7, 10, 4000):  # idle time beyond five minutes does not count
        assert server.raw("figures.add-annotation-duration", {"figureId": figure, "duration": seconds},
                          token=labeler.token, headers=head).ok
    stats = server.ok("jobs.stats", {"id": job["id"]})
    rectangle = next(c for c in stats["classes"] if c["name"] == "a rectangle")
    assert rectangle["totalDuration"] == 317 and rectangle["avgDuration"] == 105
    assert stats["job"]["editingDuration"] == sum(c["totalDuration"] for c in stats["classes"])
    assert sum(r["totalDuration"] for r in stats["images"]["images"]) == 317
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": job["id"]},
        {"field": "type", "operator": "in", "value": ["annotation_duration"]}]})
    assert sum(e["meta"]["duration"] for e in events["entities"]) == 317, "the log says the same"


def test_time_without_drawing(server, place, job):  # noqa: F811
    job, labeler = job
    body = {"jobId": job["id"], "entityId": place.image, "duration": 20}
    server.ok("jobs.entities.add-annotation-duration", body, token=labeler.token)
    server.ok("jobs.entities.add-annotation-duration", {**body, "duration": 4000})
    stats = server.ok("jobs.stats", {"id": job["id"]})
    assert (stats["job"]["annotationDuration"], stats["job"]["editingDuration"]) == (320, 0)
    events = server.ok("teams.activity", {"teamId": server.team_id, "filter": [
        {"field": "jobId", "operator": "=", "value": job["id"]},
        {"field": "type", "operator": "in", "value": ["annotation_duration"]}]})["entities"]
    assert [e["meta"] for e in events] == [{"duration": 300, "review": True}, {"duration": 20}], \
        "who is not the labeler reviews"
    stranger, before = server.user(role=labeld.ANNOTATOR), server.state()
    server.refused(404, "jobs.entities.add-annotation-duration", {**body, "entityId": 10**9}, field="entityId")
    server.refused(404, "jobs.entities.add-annotation-duration", body, token=stranger.token)
    server.refused(400, "jobs.entities.add-annotation-duration", {**body, "duration": -1}, field="duration")
    server.refused(400, "jobs.entities.add-annotation-duration", {**body, "duration": None}, field="duration")
    assert server.state() == before


def test_only_what_the_job_is_for(server, place):  # noqa: F811
    """Classes and tags that the job is limited to, and no others."""
    put(place, annotation(box(tags=[{"name": "flag"}])))
    job = server.job(dataset_id=place.dataset, meta={"classes": ["a point"], "projectTags": ["choice"]})
    stats = server.ok("jobs.stats", {"id": job["id"]})
    assert [c["name"] for c in stats["classes"]] == ["a point"]
    assert [t["name"] for t in stats["job"]["tagsStats"] if "id" in t] == ["choice"]
    dynamic = server.job(dataset_id=place.dataset, meta={"classes": ["a point"], "dynamicClasses": True})
    names = [c["name"] for c in server.ok("jobs.stats", {"id": dynamic["id"]})["classes"]]
    assert "a rectangle" in names


@pytest.mark.parametrize("body, status", [
    ({"figureId": 10**9, "duration": 1}, 404), ({"figureId": 1, "duration": -1}, 400),
    ({"duration": 1}, 400), ({"figureId": 1}, 400), ({"figureId": 1, "duration": "x"}, 400)])
def test_time_that_is_refused(server, body, status):
    assert server.raw("figures.add-annotation-duration", body).status_code == status


def test_who_sees_them(server, job):
    job, labeler = job
    assert server.raw("jobs.stats", {"id": job["id"]}, token=labeler.token).ok
    server.refused(404, "jobs.stats", {"id": job["id"]}, token=server.user(role=labeld.ANNOTATOR).token)
    server.refused(404, "jobs.stats", {"id": 10**9})
    server.refused(400, "jobs.stats", {})


# ---- counts that are kept ----

def recounted(server, job):
    """What the rows say: figures and images by class; images and figures by tag and value."""
    on = "JOIN job_entity e ON e.entity_id = {} WHERE e.job_id = ?"
    classes = {k: (n, m) for k, n, m in server.sql(
        "SELECT f.class_id, COUNT(*), COUNT(DISTINCT f.image_id) FROM figure f "
        + on.format("f.image_id") + " AND f.removed_at IS NULL GROUP BY f.class_id", job)}
    tags = {}
    for place, what, source in ((0, "t.image_id", "image_tag t " + on.format("t.image_id")),
                                (1, "t.figure_id", "figure_tag t JOIN figure f ON f.id = t.figure_id "
                                 + on.format("f.image_id") + " AND f.removed_at IS NULL")):
        first, rest = source.split(" ", 2)[0], source.split(" ", 2)[2]
        rows = server.sql(f"SELECT t.tag_id, t.value, g.value_type, {what} FROM {first} t JOIN tag_meta g"
                          f" ON g.id = t.tag_id {rest}", job)
        seen = {(tag, v, owner) for tag, value, kind, owner in rows
                for v in ({"", value} if kind == "oneof_string" else {""})}
        for tag, value, _ in seen:
            tags.setdefault((tag, value), [0, 0])[place] += 1
    return classes, {k: tuple(v) for k, v in tags.items()}


def kept(server, job):
    classes = {k: (n, m) for k, n, m in server.sql(
        "SELECT class_id, figures, images FROM job_class_count WHERE job_id = ?", job) if (n, m) != (0, 0)}
    tags = {(t, v): (i, f) for t, v, i, f in server.sql(
        "SELECT tag_id, value, images, figures FROM job_tag_count WHERE job_id = ?", job)
        if (i, f) != (0, 0)}
    return classes, tags


@pytest.mark.long
def test_counts_follow_every_change(server, place):  # noqa: F811
    """Random changes of annotations by every method; after each, what is kept is what is there."""
    import random
    rng = random.Random(20)
    labeler = server.user(role=labeld.ANNOTATOR)
    put(place, annotation(box(tags=[{"name": "choice", "value": "small"}, {"name": "flag"}])))
    made = server.ok("images.bulk.add", {"datasetId": place.dataset, "images": [
        {"title": f"count-{rng.random()}", "imageId": place.image}]})[0]["id"]
    images = [place.image, place.other, made]
    jobs = [server.job(user_ids=[labeler.id], dataset_id=place.dataset)["id"],
            server.job(user_ids=[labeler.id], dataset_id=place.dataset, meta={"entityIds": images[:1]})["id"]]
    tag_list = [("flag", None), ("choice", "small"), ("choice", "大"), ("text", "x"), ("number", 3)]

    def some_tags():
        return [{"name": n, **({} if v is None else {"value": v})}
                for n, v in rng.choices(tag_list, k=rng.randint(0, 3))]

    def shape():
        kind = rng.choice(["a rectangle", "anything"])
        return box(1, 1, rng.randint(5, 60), rng.randint(5, 60), tags=some_tags(), classTitle=kind)

    def step():
        image = rng.choice(images)
        objects = read(place, image)["objects"]
        some = [o["id"] for o in objects if rng.random() < 0.5]
        one = rng.choice(objects)["id"] if objects else None
        own = read(place, image)["tags"]
        act = rng.randrange(9)
        if act == 0:
            keep = [o for o in objects if rng.random() < 0.7]
            put(place, annotation(*keep, *[shape() for _ in range(rng.randint(0, 2))], tags=some_tags()), image)
        elif act == 1 and some:
            server.ok("figures.bulk.remove", {"figureIds": some})
            if rng.random() < 0.5:
                server.ok("figures.bulk.restore", {"figureIds": some})
        elif act == 2 and one:
            server.ok("figures.editInfo", {"id": one, "classId": place.classes[rng.choice(["a rectangle", "anything"])]})
        elif act == 3 and one:
            name, value = rng.choice(tag_list)
            server.ok("object-tags.add-to-object", {"figureId": one, "tagId": place.tags[name], "value": value})
        elif act == 4 and one:
            tags = [t for o in objects if o["id"] == one for t in o["tags"]]
            if tags:
                server.ok("object-tags.remove-from-figure", {"figureId": one, "id": rng.choice(tags)["id"]})
        elif act == 5:
            name, value = rng.choice(tag_list)
            server.ok("image-tags.bulk.add-to-image", {"tagId": place.tags[name], "value": value, "ids": [image]})
        elif act == 6 and own:
            server.ok("image-tags.remove-from-image", {"imageId": image, "id": rng.choice(own)["id"]})
        elif act == 7:
            for tag in own:
                if tag["name"] == "choice":
                    server.ok("image-tags.update-tag-value", {"id": tag["id"], "value": rng.choice(["small", "大"])})
        elif act == 8 and one:
            changes = server.ok("figures.history", {"id": one})[1:]
            if changes:
                server.ok("figures.history.restore", {"id": one, "versionId": rng.choice(changes)["versionId"]})

    for number in range(120):
        step()
        for job in jobs:
            assert kept(server, job) == recounted(server, job), number
    late = server.job(user_ids=[labeler.id], dataset_id=place.dataset)["id"]
    server.ok("images.bulk.remove", {"imageIds": [made]})
    for job in (*jobs, late):
        assert kept(server, job) == recounted(server, job)
        assert made not in [e["id"] for e in server.ok("jobs.info", {"id": job})["entities"]]


# ---- what reading costs ----

@pytest.fixture(scope="module")
def counting():
    """A server that says what each read cost."""
    s = labeld.Server(env={"LABELD_SHOW_STEPS": "1"}).start()
    yield s
    s.close()


@pytest.fixture
def dataset_of(counting):
    """Make a dataset of so many images, each with an object that has a tag. The images are put into the database by
    hand, as the server would store them."""
    server = counting

    def make(images):
        project = server.project()["id"]
        meta = server.ok("projects.meta.update", {"id": project, "meta": {
            "classes": [{"title": "box", "shape": "rectangle", "color": "#000000"}],
            "tags": [{"name": "tag", "value_type": "oneof_string", "values": ["a", "b"], "color": "#000000"}]}})
        dataset = server.ok("datasets.add", {"projectId": project, "name": "d"})["id"]
        server.store.tamper(f"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {images})
            INSERT INTO image (project_id, dataset_id, name, mime, labels_count, created_at, updated_at)
            SELECT {project}, {dataset}, printf('%06d.jpg', i), 'image/jpeg', 1, 1, 1 FROM n""")
        server.store.tamper(f"""
            INSERT INTO figure (image_id, dataset_id, project_id, class_id, geometry_type, pos, created_by,
            created_at, updated_at, geometry) SELECT id, {dataset}, {project}, {meta["classes"][0]["id"]}, 'rectangle',
            1, 1, 1, 1, '{{"points":{{"exterior":[[1,1],[5,5]],"interior":[]}}}}' FROM image WHERE dataset_id = {dataset}""")
        server.store.tamper(f"""
            INSERT INTO figure_tag (figure_id, tag_id, value, created_by, created_at, updated_at)
            SELECT id, {meta["tags"][0]["id"]}, '"a"', 1, 1, 1 FROM figure WHERE dataset_id = {dataset}""")
        for table, key in (("dataset", dataset), ("project", project)):
            server.store.tamper(f"UPDATE {table} SET images_count = {images} WHERE id = {key}")
        return dataset
    return make


def steps(server, method, **body):
    """Steps of the database's machine, not times: they grow with the rows that statements read. And the answer."""
    answer = server.raw(method, body)
    assert answer.ok, answer.text
    return sum(map(int, answer.headers["X-Labeld-Steps"].split(","))), answer.json()  # on two threads, maybe


@pytest.mark.sqlite
@pytest.mark.parametrize("most", [3000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_the_cost_of_reading_does_not_grow_with_the_job(counting, dataset_of, most):
    """All but the lists of images costs the same; jobs.info with its list does, too, until the job changes."""
    server, found = counting, []
    for images in (10, most):
        job = server.job(dataset_id=dataset_of(images))
        server.ok("jobs.entities.update-review-status", {
            "jobId": job["id"], "entityId": job["entities"][0]["id"], "status": "rejected"})
        for _ in range(2):  # the second time everything is prepared
            whole, full = steps(server, "jobs.info", id=job["id"])
            info, head = steps(server, "jobs.info", id=job["id"], withEntities=False)
            stats, shown = steps(server, "jobs.stats", id=job["id"], withEntitiesStats=False)
            lists, rows = steps(server, "jobs.stats", id=job["id"])
        assert "entities" not in head and head["rejectedImagesCount"] == 1 and head["imagesCount"] == images
        assert len(full["entities"]) == len(rows["images"]["images"]) == rows["images"]["total"] == images
        assert shown["classes"][0]["labelsCount"] == shown["classes"][0]["imagesCount"] == images
        assert [(t["images"], t["figures"]) for t in shown["job"]["tagsStats"]] == [
            (0, images), (0, images), (0, 0)]
        assert {k: v for k, v in rows.items() if k != "images"} == shown
        server.ok("jobs.editInfo", {"id": job["id"], "customData": {"a": 1}})
        again, full = steps(server, "jobs.info", id=job["id"])
        assert again > whole and full["customData"] == {"a": 1}, "what is known is not told any more"
        found.append({"head": info, "stats": stats, "unchanged": whole, "row": (lists - stats) / images})
    small, large = found
    assert {k: small[k] for k in ("head", "stats", "unchanged")} == {k: large[k] for k in ("head", "stats", "unchanged")}
    assert large["row"] < 2 * small["row"], "a list costs what its rows do"
    assert large["row"] * most > 50 * large["stats"], "the measure measures"


@pytest.mark.sqlite
@pytest.mark.parametrize("most", [3000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_the_cost_of_reading_does_not_grow_with_the_queue(counting, dataset_of, most):
    """Whether its images are in the pool or done: labeling-queues.stats reads what its jobs have counted."""
    server, found = counting, []
    labelers, reviewer = [server.user(role=labeld.ANNOTATOR) for _ in range(2)], server.user(role=labeld.REVIEWER)
    for images in (10, most):
        queue = server.ok("labeling-queues.add", {
            "name": "q", "datasetId": dataset_of(images), "userIds": [u.id for u in labelers],
            "reviewerIds": [reviewer.id]})["id"]
        jobs = {j["userId"]: j["id"] for j in (server.ok("jobs.info", {"id": j["id"]}) for j in server.ok(
            "labeling-queues.info", {"id": queue})["jobs"])}
        done = server.ok("labeling-queues.entities.get-next", {"id": jobs[labelers[0].id]}, token=labelers[0].token)["id"]
        for method, body in (("jobs.entities.update-review-status", {"status": "done"}),
                             ("jobs.entities.add-annotation-duration", {"duration": 30})):
            server.ok(method, {"jobId": jobs[labelers[0].id], "entityId": done, **body}, token=labelers[0].token)
        for _ in range(2):  # the second time everything is prepared
            pool, shown = steps(server, "labeling-queues.stats", id=queue)
        assert (shown["job"]["imagesCount"], shown["job"]["finishedImagesCount"]) == (images, 1)
        assert shown["classes"][0]["labelsCount"] == shown["classes"][0]["imagesCount"] == 1, "the pool is not counted"
        job = jobs[labelers[1].id]  # the rest becomes the other's, by hand, as the server would store it
        server.store.tamper(f"""INSERT INTO job_entity (job_id, entity_id, status, tool_ms) SELECT {job}, entity_id, 'done',
            1000 FROM queue_entity WHERE queue_id = {queue} AND status IS NULL""")
        server.store.tamper(f"""UPDATE queue_entity SET status = 'done', job_id = {job} WHERE queue_id = {queue}
            AND status IS NULL""")
        server.store.tamper(f"INSERT INTO job_time VALUES ({job}, {1000 * (images - 1)}, 0)")
        server.store.tamper(f"""INSERT INTO job_class_count SELECT {job}, class_id, {images - 1}, {images - 1}
            FROM job_class_count WHERE job_id = {jobs[labelers[0].id]}""")
        server.store.tamper(f"""INSERT INTO job_tag_count SELECT {job}, tag_id, value, 0, {images - 1}
            FROM job_tag_count WHERE job_id = {jobs[labelers[0].id]}""")
        full, shown = steps(server, "labeling-queues.stats", id=queue)
        assert shown["classes"][0]["labelsCount"] == shown["classes"][0]["imagesCount"] == images
        assert [(t["images"], t["figures"]) for t in shown["job"]["tagsStats"]] == [(0, images), (0, images), (0, 0)]
        assert shown["job"]["annotationDuration"] == 30 + images - 1
        page, _ = steps(server, "labeling-queues.stats.entities", id=queue, entityStatus=["done"],
                        per_page=min(most, 20_000))
        found.append((pool, full, page))
    (pool, full, _), (large_pool, large_full, page) = found
    assert (pool, full) == (large_pool, large_full)
    assert page > 50 * full, "the measure measures"
