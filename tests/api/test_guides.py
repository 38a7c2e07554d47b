"""Guides: the SDK's methods, writing them, who sees them."""

import pytest

import labeld
from sdk_helpers import ids, is_time, unique

TEXT = "# How\n\n* \u00fc <b>bold</b>\r\n\t`code`  \n"


def add(server, **more):
    return server.ok("guides.add", {"teamId": server.team_id, "name": unique("guide"), **more})


def test_sdk_methods(server):
    made = add(server, name="Lemons", description="short", text=TEXT, filePath="/guides/lemons.pdf", videoId=7)
    api = server.sdk()
    one = api.guides.get_info_by_id(made["id"])
    assert (one.name, one.description, one.file_path, one.created_by_id, one.team_id, one.video_id,
            one.disabled_by, one.disabled_at) == \
        ("Lemons", "short", "/guides/lemons.pdf", server.user_id, server.team_id, 7, None, None)
    assert is_time(one.created_at) and is_time(one.updated_at)
    assert one in api.guides.get_list(server.team_id)
    assert ids(api.guides.get_list(server.team_id, [{"field": "name", "operator": "=", "value": "Lemons"}])) == [one.id]
    assert api.guides.get_info_by_id(10**6) is None


def test_text_is_kept_as_it_was_sent(server):
    made = add(server, text=TEXT)
    assert made["text"] == TEXT and server.ok("guides.info", {"id": made["id"]}) == made
    changed = server.ok("guides.editInfo", {"id": made["id"], "description": "d", "filePath": "/a"})
    assert changed["text"] == TEXT and changed["name"] == made["name"] and changed["filePath"] == "/a"
    assert server.ok("guides.editInfo", {"id": made["id"], "filePath": ""})["filePath"] is None
    assert "text" not in server.ok("guides.list", {"teamId": server.team_id})["entities"][0]


def test_disabling(server):
    made = add(server)["id"]
    for _ in range(2):
        server.ok("guides.disable", {"id": made})
    one = server.ok("guides.info", {"id": made})
    assert one["disabledBy"] == server.user_id and is_time(one["disabledAt"])
    assert made not in [g["id"] for g in server.ok("guides.list", {"teamId": server.team_id})["entities"]]
    assert made in [g["id"] for g in server.ok("guides.list", {"teamId": server.team_id, "showDisabled": True})["entities"]]
    server.ok("guides.disable", {"id": made, "disable": False})
    assert server.ok("guides.info", {"id": made})["disabledAt"] is None
    events = server.ok("teams.activity", {"teamId": server.team_id, "per_page": 3})["entities"]
    assert [e["action"] for e in events] == ["restore_guide", "disable_guide", "create_guide"]


def test_labelers_see_the_guides_of_their_jobs(server):
    labeler, mine, other = server.user(role=labeld.ANNOTATOR), add(server)["id"], add(server)["id"]
    job = server.job(user_ids=[labeler.id], meta={"guide": mine})
    assert job["meta"]["guide"] == mine

    def seen():
        return [g["id"] for g in server.ok("guides.list", {"teamId": server.team_id}, token=labeler.token)["entities"]]

    assert seen() == [mine]
    assert server.ok("guides.info", {"id": mine}, token=labeler.token)["id"] == mine
    server.refused(404, "guides.info", {"id": other}, token=labeler.token)
    server.ok("jobs.stop", {"id": job["id"]})
    assert seen() == []
    server.refused(404, "guides.info", {"id": mine}, token=labeler.token)


def test_roles(server, roles):
    made = add(server)["id"]
    for name in ("viewer", "reviewer"):
        assert server.ok("guides.info", {"id": made}, token=roles[name].token)["id"] == made
        for method, body in (("guides.add", {"teamId": server.team_id, "name": "x"}),
                             ("guides.editInfo", {"id": made, "name": "x"}), ("guides.disable", {"id": made})):
            server.refused(403, method, body, token=roles[name].token)
    server.refused(404, "guides.info", {"id": made}, token=roles["stranger"].token)


@pytest.mark.parametrize("body, field", [
    ({"name": ""}, "name"), ({"name": None}, "name"), ({"name": "x" * 256}, "name"),
    ({"description": "x" * 5001}, "description"), ({"text": "x" * 200001}, "text"), ({"text": "a\0"}, "text"),
    ({"filePath": "guide.pdf"}, "filePath"), ({"filePath": "/" + "x" * 1024}, "filePath"),
    ({"videoId": -1}, "videoId"), ({"teamId": "x"}, "teamId")])
def test_refused_guides(server, body, field):
    server.refused(400, "guides.add", {"teamId": server.team_id, "name": "x", **body}, field=field)


def test_jobs_refer_to_guides_of_their_team(server):
    labeler = server.user(role=labeld.ANNOTATOR)
    foreign = server.ok("guides.add", {"teamId": server.ok("teams.add", {"name": unique("team")})["id"],
                                       "name": "theirs"})["id"]
    mine = add(server)["id"]
    body = {"name": unique("x"), "datasetId": server.dataset_id, "userIds": [labeler.id]}
    before = server.state()
    for guide in (foreign, 10**9, str(foreign)):
        for method, more in (("jobs.add", {}), ("labeling-queues.add", {"reviewerIds": []})):
            server.refused(400, method, {**body, **more, "meta": {"guide": guide}}, field="meta.guide")
    assert server.state() == before
    queue = server.ok("labeling-queues.add", {**body, "reviewerIds": [], "meta": {"guide": mine}})["id"]
    server.ok("guides.disable", {"id": mine})
    later = server.user(role=labeld.ANNOTATOR)
    server.ok("labeling-queues.users.add", {"id": queue, "userIds": [later.id]})
    jobs = server.ok("labeling-queues.info", {"id": queue})["jobs"]
    assert [server.ok("jobs.info", {"id": j["id"]})["meta"]["guide"] for j in jobs] == [mine, mine], \
        "who comes later is guided as the others"
