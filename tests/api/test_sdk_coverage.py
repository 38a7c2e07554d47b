"""Every public method of the SDK's modules about jobs is called by a test of this folder, its result checked there:
the first test looks whether one is missing. Here are those that the modules inherit, and get_annotations."""

import ast
import asyncio
import inspect
import pathlib

import pytest

import labeld
from sdk_helpers import ids, recorded, refused, unique
from test_annotations import annotation, box, place, put  # noqa: F401  (a fixture)

LISTS = {"labeling_job": "jobs.list", "labeling_queue": "labeling-queues.list", "issues": "issues.list",
         "guides": "guides.list", "webhook": "webhooks.list"}
# called below
OF_EVERY_MODULE = {"info_sequence", "info_tuple_name", "convert_info_to_json", "get_list_all_pages",
                   "get_list_all_pages_generator", "get_list_idx_page_async", "get_list_page_generator_async"}


def called_in(path):
    """(module, method) of each x.module.method in a file; `jobs = x.module` makes jobs one."""
    tree, names = ast.parse(path.read_text()), {}

    def module_of(node):
        if isinstance(node, ast.Attribute) and node.attr in LISTS:
            return node.attr
        return names.get(node.id) if isinstance(node, ast.Name) else None

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and module_of(node.value):
            names[node.targets[0].id] = module_of(node.value)
    return {(module_of(n.value), n.attr) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}


@pytest.mark.parametrize("module", LISTS)
def test_no_method_is_left_out(server, module):
    files = pathlib.Path(__file__).parent.glob("test_*.py")
    called = {name for path in files for owner, name in called_in(path) if owner == module}
    called |= OF_EVERY_MODULE
    there = {name for name, _ in inspect.getmembers(getattr(server.sdk(), module), inspect.isroutine)
             if not name.startswith("_")}
    assert {"get_list", "get_info_by_id"} < there and there - called == set()


@pytest.fixture(scope="module")
def filled(server):
    """Three of everything."""
    api, labeler = server.sdk(), server.user(role=labeld.ANNOTATOR).id
    for _ in range(3):
        name = unique("sdk")
        server.job(name, user_ids=[labeler])
        server.ok("labeling-queues.add", {"name": name, "datasetId": server.dataset_id, "userIds": [labeler],
                                          "reviewerIds": []})
        api.issues.add(server.team_id, name)
        server.ok("guides.add", {"teamId": server.team_id, "name": name})
        api.webhook.create(server.team_id, "http://example.org/", "labeling_job.completed")
    return api


@pytest.mark.long
@pytest.mark.parametrize("module", LISTS)
def test_lists_by_page_and_by_token(server, filled, module):
    m, ask = getattr(filled, module), {"teamId": server.team_id}
    every = ids(m.get_list(server.team_id))
    assert len(every) >= 3 and every == sorted(every)

    def raw(item):
        return item["id"]
    pages = []
    found = m.get_list_all_pages(LISTS[module], {**ask, "per_page": 2}, pages.append, raw)
    assert found == every and sum(pages) == len(every) and max(pages) == 2
    assert m.get_list_all_pages(LISTS[module], ask, convert_json_info_cb=raw, limit=1) == every[:1]
    by_token = list(m.get_list_all_pages_generator(
        LISTS[module], {**ask, "per_page": 2, "pagination_mode": "token"}, convert_json_info_cb=raw))
    assert sum(by_token, []) == every and len(by_token[0]) == 2

    async def read():
        two = {**ask, "per_page": 2, "sort": "id"}
        count, first = await m.get_list_idx_page_async(LISTS[module], {**two, "page": 1})
        return count, ids(first), [ids(page) async for page in m.get_list_page_generator_async(LISTS[module], two)]
    if module in NO_INFOS:
        with pytest.raises(NO_INFOS[module]):
            asyncio.run(read())
        return
    count, first, streamed = asyncio.run(read())
    assert (count, first) == ((len(every) + 1) // 2, every[:2]) and sum(streamed, []) == every


NO_INFOS = {"webhook": NotImplementedError, "issues": KeyError}  # what these make of an element by themselves


@pytest.mark.parametrize("module", LISTS)
def test_infos_become_json_again(server, filled, module):
    m = getattr(filled, module)
    one = m.get_list(server.team_id)[0]
    if module == "webhook":
        for call in (m.info_tuple_name, m.info_sequence, lambda: m.convert_info_to_json(one)):
            with pytest.raises(NotImplementedError):
                call()
        return
    assert type(one).__name__ == m.info_tuple_name() and len(one) == len(m.info_sequence())
    answer = server.ok(LISTS[module], {"teamId": server.team_id, "sort": "id"})["entities"][0]
    simple = [k for k in m.info_sequence() if isinstance(k, str) and not isinstance(answer.get(k), (list, dict))]
    assert len(simple) > 3
    said = m.convert_info_to_json(one)
    assert {k: said[k] for k in simple} == {k: answer.get(k) for k in simple}


def test_names_are_looked_up_with_nonsense(server, filled):
    """What is inherited sends filters where the modules want an id: an error of the caller, none of the server."""
    before = server.state()
    for look in (filled.labeling_job.exists, filled.labeling_job.get_free_name, filled.labeling_queue.exists,
                 filled.labeling_queue.get_free_name, filled.labeling_queue.get_info_by_name):
        refused(400, look, server.team_id, "x")
    with recorded(filled) as calls:
        for look in (filled.webhook.exists, filled.webhook.get_free_name, filled.webhook.get_info_by_name):
            refused(400, look, "x")
    assert [c[0] for c in calls] == ["webhooks.list"] * 3 and isinstance(calls[0][1]["teamId"], list)
    assert server.state() == before


def test_what_the_queue_module_only_inherits(server, filled):
    queue = filled.labeling_queue.get_list(server.team_id)[0]
    with pytest.raises(NotImplementedError):
        filled.labeling_queue.raise_for_status(filled.labeling_queue.get_status(queue.id))
    with pytest.raises(NotImplementedError):  # labeling-queues.bulk.remove is there, but the SDK does not know
        filled.labeling_queue.remove_batch([queue.id])
    assert filled.labeling_queue.get_info_by_id(queue.id) == queue


@pytest.mark.parametrize("who", ["manager", "labeler", "reviewer"])
def test_annotations_of_a_job(server, place, who):  # noqa: F811
    people = {"manager": server.user(role=labeld.MANAGER), "labeler": server.user(role=labeld.ANNOTATOR),
              "reviewer": server.user(role=labeld.REVIEWER)}
    put(place, annotation(box(2, 3, 40, 50, tags=[{"name": "choice", "value": "small"}, {"name": "flag"}]),
                          box(1, 1, 5, 5, classTitle="anything"), tags=[{"name": "choice", "value": "small"}]))
    put(place, annotation(box(7, 7, 9, 9)), place.other)
    job = server.job(user_ids=[people["labeler"].id], dataset_id=place.dataset, reviewerId=people["reviewer"].id,
                     meta={"classes": ["a rectangle"], "projectTags": ["choice"]})["id"]
    api = server.sdk(people[who].token)
    first, second = api.labeling_job.get_annotations(job, [place.image, place.other])
    assert [(lb.obj_class.name, lb.geometry.to_json()["points"]["exterior"]) for lb in first.labels] == [
        ("a rectangle", [[2, 3], [40, 50]])], "classes of the job and no others"
    assert [(t.name, t.value) for t in first.labels[0].tags] == [("choice", "small")]
    assert [(t.name, t.value) for t in first.img_tags] == [("choice", "small")] and first.img_size == (120, 160)
    assert len(second.labels) == 1 and not second.img_tags
    assert "x-job-id" not in api.headers
    infos = server.sdk().image.get_list(place.dataset)
    again = api.labeling_job.get_annotations(job, image_infos=infos, project_meta=api.labeling_job.get_project_meta(job))
    assert [a.to_json() for a in again] == [a.to_json() for a in (first, second)]
    with pytest.raises(AttributeError):  # the SDK has no job there
        api.labeling_job.get_annotations(10**9, [place.image])
