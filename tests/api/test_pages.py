"""Pages of lists: every page in both orders, also those that are found from the end of the list."""

import pytest

import labeld


@pytest.fixture(scope="module")
def own():
    """What others do elsewhere would show in its activity."""
    s = labeld.Server().start()
    yield s
    s.close()


@pytest.fixture(scope="module")
def lists(own):
    """Lists that have seven entities or more: {method: what to ask}, with who asks."""
    project = own.project()["id"]
    dataset = own.ok("datasets.add", {"projectId": project, "name": "d"})["id"]
    known = own.ok("images.list", {"datasetId": own.dataset_id})["entities"][0]["hash"]
    own.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": f"{n}.jpg", "hash": known} for n in range(7)]})
    labeler = own.user(role=labeld.ANNOTATOR)
    for n in range(7):
        own.job(dataset_id=dataset, user_ids=[labeler.id])
    return {"jobs.list": ({"teamId": own.team_id}, own.token),
            "jobs.list of a labeler": ({"teamId": own.team_id}, labeler.token),
            "jobs.list archived too": ({"teamId": own.team_id, "showDisabled": True}, own.token),
            "images.list": ({"datasetId": dataset}, own.token),
            "teams.activity": ({"teamId": own.team_id}, own.token)}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("name", ["jobs.list", "jobs.list of a labeler", "jobs.list archived too", "images.list",
                                  "teams.activity"])
def test_pages_are_slices_of_the_list(own, lists, name, order):
    ask, token = lists[name]

    def read(**page):
        return own.ok(name.split()[0], {**ask, "sort": "id", "sort_order": order, **page}, token=token)
    every = read(per_page=1000)
    entities = every["entities"]
    ids = [e["id"] for e in entities]
    assert len(ids) == every["total"] >= 7 and ids == sorted(ids, reverse=order == "desc")
    for per_page in (1, 3, 4, len(ids) - 1, len(ids)):
        last = -(-len(ids) // per_page)
        for page in {1, 2, last // 2, last // 2 + 1, last - 1, last, last + 1} - {0}:
            found = read(per_page=per_page, page=page)
            assert found["entities"] == entities[(page - 1) * per_page:page * per_page], (per_page, page)
            assert (found["total"], found["pagesCount"]) == (len(ids), last)


def test_pages_behind_the_end_are_empty(own, lists):
    ask, token = lists["images.list"]
    for page in (8, 100, 1_000_000_000):
        assert own.ok("images.list", {**ask, "per_page": 1, "page": page}, token=token)["entities"] == []
    own.refused(400, "images.list", {**ask, "per_page": 1, "page": 1_000_000_001}, field="page")


@pytest.fixture
def large():
    """A server that says what each read cost, with a dataset of 3000 images."""
    s = labeld.Server(env={"LABELD_SHOW_STEPS": "1"}, args=["--threads", "1"]).start()
    s.large = s.ok("datasets.add", {"projectId": s.project_id, "name": "large"})["id"]
    add_images(s, 3000)
    yield s
    s.close()


def add_images(server, n):
    """From outside, as another process would."""
    server.store.tamper(f"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})
        INSERT INTO image (project_id, dataset_id, name, mime, created_at, updated_at) SELECT {server.project_id},
        {server.large}, printf('%06d.jpg', i + (SELECT COUNT(*) FROM image WHERE dataset_id = {server.large})),
        'image/jpeg', 1, 1 FROM n""")


def read_page(server, page, **more):
    """The list and its cost, in steps of the database's machine."""
    answer = server.raw("images.list", {"datasetId": server.large, "per_page": 10, "page": page, **more})
    return answer.json(), sum(map(int, answer.headers["X-Labeld-Steps"].split(",")))


@pytest.mark.sqlite
def test_the_last_page_costs_what_the_first_does(large):
    steps = []
    for page in (1, 300, 1, 300):  # the second time everything is prepared, and the images are counted
        found, cost = read_page(large, page)
        assert found["entities"][-1]["name"] == f"{page * 10:06}.jpg"
        steps.append(cost)
    assert abs(steps[3] - steps[2]) < 1000, steps


@pytest.mark.sqlite
def test_images_are_counted_once_until_something_changes(large):
    costs = [read_page(large, page)[1] for page in (1, 2, 3)]
    assert costs[0] > 3000 > costs[1] and costs[2] < 3000, costs
    found, cost = read_page(large, 1, filter=[{"field": "name", "operator": "<", "value": "002000"}])
    assert found["total"] == 1999 and cost > 3000
    assert read_page(large, 1, filter=[{"field": "name", "operator": "<", "value": "001500"}])[0]["total"] == 1499
    add_images(large, 5)  # not by the server
    found, cost = read_page(large, 301)
    assert (found["total"], len(found["entities"])) == (3005, 5) and cost > 3000
    large.ok("images.bulk.remove", {"imageIds": [i["id"] for i in found["entities"]]})
    found, cost = read_page(large, 300)
    assert (found["total"], found["pagesCount"]) == (3000, 300) and cost > 3000
    assert read_page(large, 300)[1] < 3000
