"""Pages of lists: every page in both orders, also those that are found from the end of the list."""

import pytest

import labeld


@pytest.fixture(scope="module")
def lists(server):
    """Lists that have seven entities or more: {method: what to ask}, with who asks."""
    project = server.project()["id"]
    dataset = server.ok("datasets.add", {"projectId": project, "name": "d"})["id"]
    known = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][0]["hash"]
    server.ok("images.bulk.add", {"datasetId": dataset, "images": [
        {"title": f"{n}.jpg", "hash": known} for n in range(7)]})
    labeler = server.user(role=labeld.ANNOTATOR)
    for n in range(7):
        server.job(dataset_id=dataset, user_ids=[labeler.id])
    return {"jobs.list": ({"teamId": server.team_id}, server.token),
            "jobs.list of a labeler": ({"teamId": server.team_id}, labeler.token),
            "jobs.list archived too": ({"teamId": server.team_id, "showDisabled": True}, server.token),
            "images.list": ({"datasetId": dataset}, server.token),
            "teams.activity": ({"teamId": server.team_id}, server.token)}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("name", ["jobs.list", "jobs.list of a labeler", "jobs.list archived too", "images.list",
                                  "teams.activity"])
def test_pages_are_slices_of_the_list(server, lists, name, order):
    ask, token = lists[name]

    def read(**page):
        return server.ok(name.split()[0], {**ask, "sort": "id", "sort_order": order, **page}, token=token)
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


def test_pages_behind_the_end_are_empty(server, lists):
    ask, token = lists["images.list"]
    for page in (8, 100, 1_000_000_000):
        assert server.ok("images.list", {**ask, "per_page": 1, "page": page}, token=token)["entities"] == []
    server.refused(400, "images.list", {**ask, "per_page": 1, "page": 1_000_000_001}, field="page")


@pytest.mark.sqlite
def test_the_last_page_costs_what_the_first_does():
    """Steps of the database's machine, not times."""
    server = labeld.Server(env={"LABELD_SHOW_STEPS": "1"}).start()
    dataset = server.ok("datasets.add", {"projectId": server.project_id, "name": "large"})["id"]
    server.store.tamper(f"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO image (project_id, dataset_id, name, mime, created_at, updated_at)
        SELECT {server.project_id}, {dataset}, printf('%06d.jpg', i), 'image/jpeg', 1, 1 FROM n""")
    steps = []
    for page in (1, 300, 1, 300):  # the second time everything is prepared
        answer = server.raw("images.list", {"datasetId": dataset, "per_page": 10, "page": page, "sort": "id"})
        assert [i["name"] for i in answer.json()["entities"]][-1] == f"{page * 10:06}.jpg"
        steps.append(sum(map(int, answer.headers["X-Labeld-Steps"].split(","))))
    assert abs(steps[3] - steps[2]) < 1000, steps
    server.close()
