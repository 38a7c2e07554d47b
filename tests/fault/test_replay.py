"""Answers that get lost, and calls that are repeated: one effect for each call.

A proxy between client and server loses answers in several ways; the client repeats as the SDK does."""

import functools
import secrets
import socket
import struct
import threading
import time

import pytest
import requests

import calls
import labeld


class LossyProxy:
    """Passes bytes on; while `lose` is set, answers do not reach the client."""

    def __init__(self, port):
        self.port_behind = port
        self.lose = None  # None, "reset" (before reading the answer), "after" (having read it)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        lose = self.lose
        behind = socket.create_connection(("127.0.0.1", self.port_behind))
        request = b""
        while b"\r\n\r\n" not in request or len(request) < self.expected(request):
            chunk = client.recv(65536)
            if not chunk:
                behind.close()
                client.close()
                return
            request += chunk
        behind.sendall(request)
        if lose == "reset":
            time.sleep(0.1)  # the answer arrives, unread: closing now resets the connection
            behind.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            answer = behind.recv(1 << 20)
            if lose is None:
                client.sendall(answer)
        behind.close()
        client.close()

    @staticmethod
    def expected(request):
        head, _, _ = request.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                return len(head) + 4 + int(line.split(b":")[1])
        return len(head) + 4

    def close(self):
        self.listener.close()


@pytest.fixture(scope="module")
def world():
    server = labeld.Server().start()
    proxy = LossyProxy(server.port)
    yield server, proxy
    proxy.close()
    server.close()


def journalled():
    """Methods whose repeat needs the journal, from the endpoint table."""
    import json
    table = json.loads(labeld.run("api", "--format", "table").stdout)
    return sorted(e["name"] for e in table["endpoints"] if e["repeat"] == "journal")


# what a creating call adds a row to
TABLES = {"datasets.add": "dataset", "jobs.add": "job", "projects.add": "project", "teams.add": "team",
          "users.add": "users", "workspaces.add": "workspace", "images.bulk.add": "image",
          "figures.bulk.add": "figure", "figures.tags.bulk.add": "figure_tag",
          "object-tags.add-to-object": "figure_tag", "jobs.restart": "job",
          "labeling-queues.add": "queue", "figures.add-annotation-duration": "event",
          "jobs.entities.add-annotation-duration": "event",
          "image-tags.bulk.add-to-image": "image_tag",
          "entities-collections.add": "entities_collection", "projects.clone": "task",
          "projects.remove.permanently": "task", "datasets.remove.permanently": "task",
          "entities-collections.items.bulk.remove": "event",
          "guides.add": "guide", "issues.add": "issue", "issues.comments.add": "issue_comment",
          "issues.sub-issue.add": "issue", "webhooks.add": "webhook", "webhooks.test": "webhook_delivery",
          "webhooks.deliveries.redeliver": "event",
          "tags.entities.bulk.add": "image_tag", "tags.bulk.add": "tag_meta"}


def body_of(server, method):
    world = calls.World(server, labeler(server))
    return calls.body_of(method, world)[0]


@functools.cache
def labeler(server):
    return server.user(role=labeld.ANNOTATOR)


def count(server, method):
    return server.sql(f"SELECT COUNT(*) FROM {TABLES[method]}")[0][0]


def token_of(server, method):
    """An administrator may do all but a labeler's own work."""
    return labeler(server).token if "queues.entities" in method else server.token


def through(proxy, server, method, body):
    return requests.post(f"http://127.0.0.1:{proxy.port}{labeld.PREFIX}{method}", json=body,
                         headers={"x-api-key": token_of(server, method)}, timeout=10)


def lose(proxy, server, method, body, how, times=1):
    proxy.lose = how
    for _ in range(times):
        with pytest.raises(requests.ConnectionError):
            through(proxy, server, method, body)
    proxy.lose = None


@pytest.mark.parametrize("method", journalled())
def test_every_creating_method_has_a_case(method):
    assert method in TABLES


@pytest.mark.parametrize("method", TABLES)
def test_a_reset_connection_and_an_immediate_repeat(world, method):
    server, proxy = world
    body, before = body_of(server, method), count(server, method)
    lose(proxy, server, method, body, "reset", times=3)
    first = through(proxy, server, method, body)
    assert first.status_code == 200, first.text
    assert count(server, method) == before + 1
    newest = server.sql(f"SELECT MAX(id) FROM {TABLES[method]}")[0][0]
    assert str(newest) in first.text or TABLES[method] == "event"


@pytest.mark.parametrize("method", TABLES)
def test_an_answer_a_proxy_lost_and_a_repeat_after_the_sdks_pause(world, method):
    server, proxy = world
    body, before = body_of(server, method), count(server, method)
    lose(proxy, server, method, body, "after")
    time.sleep(1)
    assert through(proxy, server, method, body).status_code == 200
    assert count(server, method) == before + 1


def test_the_sdk_repeats_through_a_lossy_proxy(world):
    server, proxy = world
    import supervisely as sly
    api = sly.Api(f"http://127.0.0.1:{proxy.port}", server.token, retry_count=5)
    api.user.get_my_info()  # the TLS probe and its like are over
    for how in ("reset", "after"):
        before = count(server, "jobs.add")
        proxy.lose = how
        threading.Timer(1.5, setattr, (proxy, "lose", None)).start()
        jobs = api.labeling_job.create("repeated " + how, server.dataset_id, [server.user_id])
        assert len(jobs) == 1
        assert count(server, "jobs.add") == before + 1


def test_two_equal_calls_on_purpose_are_two_jobs(world):
    server, proxy = world
    body, before = body_of(server, "jobs.add"), count(server, "jobs.add")
    first = server.ok("jobs.add", body)
    second = server.ok("jobs.add", body)
    assert first[0]["id"] != second[0]["id"]
    assert count(server, "jobs.add") == before + 2


def test_two_equal_calls_on_one_connection_are_two_jobs_even_later(world):
    server, proxy = world
    body, before = body_of(server, "jobs.add"), count(server, "jobs.add")
    with requests.Session() as session:
        for pause in (0, 1, 0):
            time.sleep(pause)
            response = session.post(server.url + labeld.PREFIX + "jobs.add", json=body,
                                    headers={"x-api-key": server.token})
            assert response.status_code == 200
    assert count(server, "jobs.add") == before + 3


def test_an_equal_call_after_other_calls_is_a_new_one(world):
    server, proxy = world
    body, before = body_of(server, "jobs.add"), count(server, "jobs.add")
    for _ in range(2):
        created = server.ok("jobs.add", body)
        server.ok("jobs.info", {"id": created[0]["id"]})
        time.sleep(1)
    assert count(server, "jobs.add") == before + 2


def test_a_taken_name_is_told_to_who_creates_twice(world):
    server, proxy = world
    body = body_of(server, "workspaces.add")
    server.ok("workspaces.add", body)
    time.sleep(0.3)  # the server has seen that the first caller got its answer
    server.refused(400, "workspaces.add", body, field="name", text="exists already")


def test_a_repeat_of_another_token_is_a_new_call(world):
    server, proxy = world
    manager = server.user(role=labeld.MANAGER)
    body, before = body_of(server, "jobs.add"), count(server, "jobs.add")
    lose(proxy, server, "jobs.add", body, "reset")
    assert server.ok("jobs.add", body, token=manager.token)
    assert count(server, "jobs.add") == before + 2


def test_a_refused_call_is_not_remembered(world):
    server, proxy = world
    body = body_of(server, "jobs.add")
    user = server.user()
    body["userIds"] = [user.id]
    lose(proxy, server, "jobs.add", body, "reset")
    server.refused(400, "jobs.add", body, field="userIds")
    server.ok("members.add", {"login": user.login, "teamId": server.team_id, "roleId": 3})
    assert server.ok("jobs.add", body)


def test_a_repeat_is_authenticated_again(world):
    server, proxy = world
    manager = server.user(role=labeld.MANAGER)
    body = body_of(server, "jobs.add")
    proxy.lose = "reset"
    with pytest.raises(requests.ConnectionError):
        requests.post(f"http://127.0.0.1:{proxy.port}{labeld.PREFIX}jobs.add", json=body,
                      headers={"x-api-key": manager.token}, timeout=10)
    proxy.lose = None
    server.ok("members.remove", {"id": manager.id, "teamId": server.team_id})
    server.refused(404, "jobs.add", body, token=manager.token)


def test_lost_answers_survive_a_killed_server():
    """The answer is stored in the transaction of the change, so a crash in between changes nothing."""
    server = labeld.Server().start()
    proxy = LossyProxy(server.port)
    body, before = body_of(server, "jobs.add"), count(server, "jobs.add")
    lose(proxy, server, "jobs.add", body, "reset")
    proxy.close()
    server.kill()
    server.start()
    first = server.ok("jobs.add", body)
    assert count(server, "jobs.add") == before + 1
    assert first[0]["id"] == server.sql("SELECT MAX(id) FROM job")[0][0]
    server.close()


# ---- calls that are harmless to repeat ----

def without_times(state):
    """Rows without what a repeat may touch: the time of the last change, and counters of changes."""
    import re
    return {table: [re.sub(r"\b1[78]\d{11}\b", "T", row) for row in rows]
            for table, rows in state.items() if table not in ("event", "epoch", "job")}


def test_repeats_of_all_other_methods_change_nothing_more():
    import json
    table = json.loads(labeld.run("api", "--format", "table").stdout)
    wanted = {e["name"] for e in table["endpoints"] if e["repeat"] == "natural"}
    server = labeld.Server().start()
    for method in sorted(wanted):
        world = calls.World(server, labeler(server))
        body, content_type = calls.body_of(method, world)
        head, path = {"content-type": content_type}, calls.path_of(method, world)
        token = token_of(server, method)
        server.ok(path, body, headers=head, token=token)
        once, jobs = without_times(server.state()), jobs_state(server)
        for _ in range(3):
            again = server.raw(path, body, headers=head, token=token)
            # what is gone is gone: the SDK takes both answers for done
            assert again.status_code in (200, 404), (method, again.text)
        assert without_times(server.state()) == once, method
        assert jobs_state(server) == jobs, method
    server.close()


def jobs_state(server):
    return server.sql("SELECT id, status, disabled, removed_at, done_count, accepted_count,"
                      " rejected_count, custom_data, user_id FROM job ORDER BY id")
