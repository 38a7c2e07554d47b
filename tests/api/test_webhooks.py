"""Webhooks: the SDK's methods, what is sent and when, retries, redirects, refusals."""

import json
import queue
import re
import socket
import subprocess
import threading
import time

import pytest
import supervisely as sly

import labeld
from receiver import Receiver, signed
from sdk_helpers import is_time, refused

JOB, QUEUE_JOB, QUEUE = "labeling_job.completed", "labeling_queue.job.completed", "labeling_queue.completed"


@pytest.fixture(scope="module")
def hooked():
    """A server whose webhooks may lead to this machine."""
    s = labeld.Server()
    labeld.run("setting", "set", "--data", s.dir, "--name", "private_addresses", "--value", "1")
    s.start()
    yield s
    s.close()


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.close()


@pytest.fixture
def team(hooked):
    """A team of the test's own, so that only its webhooks hear of its jobs."""
    return Team(hooked)


class Team:
    def __init__(self, server):
        self.server, self.boss = server, server.user(restricted=False)
        self.ok = lambda method, body: server.ok(method, body, token=self.boss.token)
        self.id = self.ok("users.me", {})["teams"][0]["id"]
        server.ok("members.add", {"login": "admin", "teamId": self.id, "roleId": labeld.ADMIN})
        workspace = self.ok("workspaces.add", {"teamId": self.id, "name": "w"})["id"]
        self.project = self.ok("projects.add", {"workspaceId": workspace, "name": "p"})["id"]
        self.dataset = self.ok("datasets.add", {"projectId": self.project, "name": "d"})["id"]
        source = server.ok("images.list", {"datasetId": server.dataset_id})["entities"][0]["id"]
        self.image = server.ok("images.bulk.add", {"datasetId": self.dataset, "images": [
            {"title": "i", "imageId": source}]})[0]["id"]

    def hook(self, url, action=JOB, **meta):
        return self.ok("webhooks.add", {"teamId": self.id, "url": url, "action": action,
                                        "meta": {"retriesDelay": 0, **meta}})["id"]

    def job(self):
        return self.server.job(user_ids=[self.boss.id], dataset_id=self.dataset)

    def complete(self, job):
        self.ok("jobs.set-status", {"id": job["id"], "status": "completed"})

    def deliveries(self, **where):
        return self.ok("webhooks.deliveries.list", {"teamId": self.id, "filter": [
            {"field": k, "operator": "=", "value": v} for k, v in where.items()]})["entities"]

    def settled(self, hook, n=1, attempts=0):
        """The deliveries of a webhook, once nothing is left to do."""
        deadline = time.time() + 30
        while time.time() < deadline:
            rows = self.deliveries(webhookId=hook)
            if len(rows) >= n and all(r["state"] != "pending" and r["attempts"] >= attempts for r in rows):
                return rows
            time.sleep(0.02)
        raise AssertionError(rows)


# ---- the SDK ----

def test_sdk_methods(hooked, receiver):
    api = hooked.sdk()
    made = api.webhook.create(hooked.team_id, receiver.url + "/a", JOB, retries_count=2, retries_delay=3,
                              headers={"X-One": "1"}, follow_redirect=False, reject_unauthorized=False)
    assert (made.action, made.url, made.retries_count, made.retries_delay, made.team_id) == \
        (JOB, receiver.url + "/a", 2, 3, hooked.team_id)
    assert is_time(made.created_at) and is_time(made.updated_at)
    assert api.webhook.get_info_by_id(made.id) == made
    assert made in api.webhook.get_list(hooked.team_id)
    other = api.webhook.create(hooked.team_id, receiver.url, QUEUE)
    assert (other.retries_count, other.retries_delay) == (5, 10)
    only = api.webhook.get_list(hooked.team_id, [{"field": "action", "operator": "=", "value": QUEUE}])
    assert other in only and made not in only
    changed = api.webhook.update(made.id, url=receiver.url + "/b", action=QUEUE_JOB, retries_count=4)
    assert (changed.url, changed.action, changed.retries_count, changed.retries_delay) == \
        (receiver.url + "/b", QUEUE_JOB, 4, 3)
    assert hooked.ok("webhooks.info", {"id": made.id})["meta"] == {
        "retriesCount": 4, "retriesDelay": 3, "headers": {"X-One": "1"}, "followRedirect": False,
        "rejectUnauthorized": False}
    assert api.webhook.update(made.id, retries_delay=7).retries_count == 4
    answer = api.webhook.test(hooked.team_id, made.id, payload={"x": [1, "ü"]})
    assert answer["success"] is True and len(answer["deliveries"]) == 1
    headers, body = receiver.next()
    assert body["event"] == QUEUE_JOB and body["data"] == {"x": [1, "ü"]} and headers["X-Labeld-Test"] == "1"
    assert headers["X-One"] == "1"
    api.webhook.test(hooked.team_id, action=QUEUE)
    assert receiver.next()[1]["event"] == QUEUE
    for hook in (made, other):
        api.webhook.remove(hook.id)
        api.webhook.remove(hook.id)  # again: nothing changes
    assert refused(404, api.webhook.get_info_by_id, made.id)
    assert not {made.id, other.id} & {h.id for h in api.webhook.get_list(hooked.team_id)}
    assert sly.api.webhook_api.LABELING_JOB_COMPLETED == JOB


# ---- what is sent ----

def test_job_completed_once_for_each_transition(team, receiver):
    hook = team.hook(receiver.url + "/path?q=1", headers={"X-Own": "yes", "X-Empty": ""})
    info = team.ok("webhooks.info", {"id": hook})
    job = team.job()
    team.complete(job)
    team.complete(job)  # changes nothing, tells nothing
    path, headers, raw = receiver.got.get(timeout=20)
    body = json.loads(raw)
    assert path == "/path?q=1" and headers["content-type"] == "application/json"
    assert headers["X-Own"] == "yes" and headers["X-Empty"] == "" and headers["User-Agent"] == "labeld"
    assert headers["X-Labeld-Event"] == JOB and re.fullmatch("[0-9a-f]{32}", headers["X-Labeld-Delivery"])
    assert signed(headers, raw, info["secret"]) and not signed(headers, raw + b" ", info["secret"])
    assert not signed(headers, raw, "another secret of it")
    assert is_time(body.pop("timestamp"))
    assert body == {"event": JOB, "team_id": team.id, "data": {
        "job_id": job["id"], "job_name": job["name"], "project_id": team.project, "dataset_id": team.dataset,
        "status": "completed", "completed_by": {"user_id": team.boss.id, "user_login": team.boss.login}}}
    team.ok("jobs.set-status", {"id": job["id"], "status": "in_progress"})
    team.complete(job)
    assert receiver.next()[1]["data"]["job_id"] == job["id"]
    assert len(team.settled(hook, 2)) == 2 and receiver.empty()


def test_queue_job_and_queue_completed(team, receiver):
    hooks = {action: team.hook(f"{receiver.url}/{action}", action) for action in (JOB, QUEUE_JOB, QUEUE)}
    made = team.ok("labeling-queues.add", {"name": "q", "datasetId": team.dataset, "userIds": [team.boss.id],
                                           "reviewerIds": [team.boss.id],
                                           "queueMeta": {"reviewOwnAnnotationsAvailable": True}})["id"]
    queue_info = team.ok("labeling-queues.info", {"id": made})
    jobs = {j["id"]: team.ok("jobs.info", {"id": j["id"]}) for j in queue_info["jobs"]}
    labels = next(j for j in jobs.values() if "annotation" in j["name"])["id"]
    reviews = next(j for j in jobs.values() if "review" in j["name"])["id"]
    for job, status in ((labels, "done"), (reviews, "accepted")):
        assert team.ok("labeling-queues.entities.get-next", {"id": job})["id"] == team.image
        team.ok("jobs.entities.update-review-status", {"jobId": job, "entityId": team.image, "status": status})
    assert team.ok("labeling-queues.info", {"id": made})["status"] == "completed"
    assert len(team.settled(hooks[QUEUE_JOB], 2)) == 2 and len(team.settled(hooks[QUEUE])) == 1
    got = [receiver.next()[1] for _ in range(3)]
    of_jobs = [b["data"] for b in got if b["event"] == QUEUE_JOB]
    assert {d["job_id"] for d in of_jobs} == {labels, reviews}
    assert all(d["queue_id"] == made and d["status"] == "completed" and d["project_id"] == team.project
               for d in of_jobs)
    assert [b["data"] for b in got if b["event"] == QUEUE] == [
        {"queue_id": made, "queue_name": "q", "total_jobs": 2, "completed_jobs": 2, "status": "completed"}]
    assert team.deliveries(webhookId=hooks[JOB]) == []
    team.ok("labeling-queues.set-status", {"id": made, "status": "stopped"})
    team.ok("labeling-queues.set-status", {"id": made, "status": "completed"})  # and its jobs again
    assert sorted(receiver.next()[1]["event"] for _ in range(3)) == [QUEUE, QUEUE_JOB, QUEUE_JOB]


def test_a_refused_change_tells_nothing(team, receiver, hooked):
    hook = team.hook(receiver.url)
    job = team.job()
    stranger = hooked.user(restricted=False)
    hooked.refused(404, "jobs.set-status", {"id": job["id"], "status": "completed"}, token=stranger.token)
    hooked.refused(400, "jobs.set-status", {"id": job["id"], "status": "complete"})
    assert team.deliveries(webhookId=hook) == []


# ---- when it does not arrive at once ----

def test_retries_until_it_arrives(team):
    receiver = Receiver(500, 404, 302, 200)
    hook = team.hook(receiver.url, followRedirect=False)
    team.complete(team.job())
    uids = {receiver.next()[0]["X-Labeld-Delivery"] for _ in range(4)}
    row = team.settled(hook)[0]
    assert len(uids) == 1 and uids == {row["uid"]}
    assert (row["state"], row["attempts"], row["status"], row["error"]) == ("delivered", 4, 200, None)
    assert row["nextAt"] is None and is_time(row["triedAt"]) and row["body"]["event"] == JOB
    receiver.close()


def test_gives_up_after_retries_count(team):
    receiver = Receiver(503)
    hook = team.hook(receiver.url, retriesCount=2)
    team.complete(team.job())
    row = team.settled(hook)[0]
    assert (row["state"], row["attempts"], row["status"]) == ("failed", 3, 503) and "503" in row["error"]
    assert receiver.got.qsize() == 3
    receiver.answers = [200]
    assert team.ok("webhooks.deliveries.redeliver", {"id": row["id"]}) == {"success": True}
    again = team.settled(hook, attempts=4)[0]
    assert (again["state"], again["attempts"], again["uid"]) == ("delivered", 4, row["uid"])
    assert team.ok("webhooks.deliveries.info", {"id": row["id"]}) == again
    receiver.close()


def test_waits_between_attempts(team):
    receiver = Receiver(500)
    hook = team.hook(receiver.url, retriesDelay=600)
    team.complete(team.job())
    receiver.next()
    deadline = time.time() + 20
    while time.time() < deadline and team.deliveries(webhookId=hook)[0]["attempts"] == 0:
        time.sleep(0.02)
    row = team.deliveries(webhookId=hook)[0]
    assert (row["state"], row["attempts"]) == ("pending", 1) and row["nextAt"] > row["triedAt"]
    team.ok("webhooks.bulk.remove", {"ids": [hook]})
    assert team.deliveries(webhookId=hook)[0]["state"] == "cancelled"
    refused_again = team.server.raw("webhooks.deliveries.redeliver", {"id": row["id"]}, token=team.boss.token)
    assert refused_again.status_code == 404
    receiver.close()


def test_one_that_hangs_does_not_hold_up_the_others(team, receiver):
    let_go = threading.Event()

    def hang(handler):
        let_go.wait(30)
        handler.answer(200)

    slow = Receiver(hang)
    team.hook(slow.url)
    team.hook(receiver.url)
    for _ in range(3):
        team.complete(team.job())
    for _ in range(3):
        receiver.next()
    let_go.set()
    slow.close()


def test_a_broken_answer_is_a_failure(team):
    def garbage(handler):
        handler.wfile.write(b"this is not HTTP\r\n\r\n")
        handler.close_connection = True

    receiver = Receiver(garbage)
    hook = team.hook(receiver.url, retriesCount=0)
    nobody = team.hook("http://127.0.0.1:1/", retriesCount=0)
    team.complete(team.job())
    for one in (hook, nobody):
        row = team.settled(one)[0]
        assert row["state"] == "failed" and row["status"] is None and row["error"]
    receiver.close()


def test_order_of_one_webhook(team, receiver):
    team.hook(receiver.url)
    jobs = [team.job() for _ in range(8)]
    for job in jobs:
        team.complete(job)
    assert [receiver.next()[1]["data"]["job_id"] for _ in jobs] == [j["id"] for j in jobs]


def test_certificates(team, tmp_path):
    """A certificate that nobody has signed is refused, unless the webhook says otherwise."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert], check=True,
                   capture_output=True)
    receiver = Receiver(tls=(cert, key))
    strict = team.hook(receiver.url, retriesCount=0)
    lax = team.hook(receiver.url, retriesCount=0, rejectUnauthorized=False)
    team.complete(team.job())
    assert team.settled(strict)[0]["state"] == "failed" and team.settled(strict)[0]["status"] is None
    assert team.settled(lax)[0]["state"] == "delivered" and receiver.next()[1]["event"] == JOB
    assert receiver.empty()
    receiver.close()


# ---- redirects, and where they lead ----

def redirect_to(url, status=307):
    return lambda handler: handler.answer(status, location=url)


def test_redirects_are_followed_with_the_body(team, receiver):
    first = Receiver(redirect_to(receiver.url + "/new"))
    hook = team.hook(first.url)
    not_following = team.hook(first.url, followRedirect=False, retriesCount=0)
    team.complete(team.job())
    assert receiver.next()[1]["event"] == JOB
    assert team.settled(hook)[0]["state"] == "delivered"
    row = team.settled(not_following)[0]
    assert (row["state"], row["status"]) == ("failed", 307)
    first.close()


def test_redirects_without_end(team):
    first = Receiver()
    first.answers = [redirect_to(first.url)]
    hook = team.hook(first.url, retriesCount=0)
    team.complete(team.job())
    assert team.settled(hook)[0]["state"] == "failed" and first.got.qsize() == 6
    first.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254",
                                  "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"])
def test_own_network_is_out_of_reach(server, host):
    """Without the setting, whatever way the address is written."""
    receiver = Receiver()
    port = receiver.url.rsplit(":", 1)[1]
    hook = server.ok("webhooks.add", {"teamId": server.team_id, "url": f"http://{host}:{port}/",
                                      "action": QUEUE})["id"]
    made = server.ok("webhooks.test", {"teamId": server.team_id, "id": hook})["deliveries"][0]["id"]
    deadline = time.time() + 20
    while (row := server.ok("webhooks.deliveries.info", {"id": made}))["state"] == "pending":
        assert time.time() < deadline
        time.sleep(0.02)
    assert row["state"] == "failed" and row["status"] is None and receiver.empty()
    assert "not public" in row["error"] or "cannot be fetched" in row["error"]
    receiver.close()


def test_a_name_is_looked_up_for_each_attempt(hooked, team):
    """A webhook's name that leads elsewhere later is checked then: the setting is read at each
    attempt, and so is the address."""
    receiver = Receiver(500, 200)
    hook = team.hook(receiver.url.replace("127.0.0.1", "localhost"), retriesCount=1)
    labeld.run("setting", "set", "--data", hooked.dir, "--name", "private_addresses", "--value", "0")
    try:
        team.complete(team.job())
        row = team.settled(hook)[0]
        assert row["state"] == "failed" and row["attempts"] == 2 and receiver.empty()
    finally:
        labeld.run("setting", "set", "--data", hooked.dir, "--name", "private_addresses", "--value", "1")
    team.ok("webhooks.deliveries.redeliver", {"id": row["id"]})
    assert team.settled(hook, attempts=4)[0]["state"] == "delivered"
    receiver.close()


# ---- restarts ----

def test_what_was_not_sent_is_sent_after_a_restart():
    server = labeld.Server()
    labeld.run("setting", "set", "--data", server.dir, "--name", "private_addresses", "--value", "1")
    receiver = Receiver(500)
    server.start()
    hook = server.ok("webhooks.add", {"teamId": server.team_id, "url": receiver.url, "action": JOB,
                                      "meta": {"retriesDelay": 2}})["id"]
    job = server.job()
    server.ok("jobs.set-status", {"id": job["id"], "status": "completed"})
    first = receiver.next()[0]["X-Labeld-Delivery"]
    server.kill()
    receiver.answers = [200]
    server.start()
    assert receiver.next()[0]["X-Labeld-Delivery"] == first
    deadline = time.time() + 20
    while time.time() < deadline:
        row = server.ok("webhooks.deliveries.list", {"teamId": server.team_id})["entities"][0]
        if row["state"] == "delivered":
            break
        time.sleep(0.05)
    assert row["state"] == "delivered" and row["webhookId"] == hook
    receiver.close()
    server.close()


def test_a_receiver_that_hangs_does_not_hold_up_the_end():
    server = labeld.Server()
    labeld.run("setting", "set", "--data", server.dir, "--name", "private_addresses", "--value", "1")
    server.start()
    silent = socket.create_server(("127.0.0.1", 0))
    hook = server.ok("webhooks.add", {"teamId": server.team_id, "action": JOB,
                                      "url": f"http://127.0.0.1:{silent.getsockname()[1]}"})["id"]
    server.ok("webhooks.test", {"teamId": server.team_id, "id": hook})
    connection, _ = silent.accept()
    began = time.time()
    server.close()
    assert time.time() - began < 8
    connection.close()
    silent.close()


# ---- refusals ----

GOOD = {"url": "http://192.0.2.1/", "action": JOB}


@pytest.mark.parametrize("change, field", [
    ({"url": "ftp://a/"}, "url"), ({"url": "a"}, "url"), ({"url": "http://"}, "url"), ({"url": "http:///x"}, "url"),
    ({"url": "http://a b/"}, "url"), ({"url": "http://a/\nx"}, "url"), ({"url": "file:///etc/passwd"}, "url"),
    ({"url": "http://a/" + "x" * 2048}, "url"), ({"url": None}, "url"), ({"action": None}, "action"),
    ({"action": "job.completed"}, "action"), ({"action": ""}, "action"), ({"secret": "short"}, "secret"),
    ({"secret": "x" * 15 + "\n"}, "secret"), ({"meta": []}, "meta"),
    ({"meta": {"retriesCount": -1}}, "meta.retriesCount"), ({"meta": {"retriesCount": "5"}}, "meta.retriesCount"),
    ({"meta": {"retriesCount": 51}}, "meta.retriesCount"), ({"meta": {"retriesDelay": 86401}}, "meta.retriesDelay"),
    ({"meta": {"followRedirect": 1}}, "meta.followRedirect"),
    ({"meta": {"rejectUnauthorized": "no"}}, "meta.rejectUnauthorized"),
    ({"meta": {"headers": []}}, "meta.headers"), ({"meta": {"headers": {"a": 1}}}, "meta.headers"),
    ({"meta": {"headers": {"a b": "x"}}}, "meta.headers"), ({"meta": {"headers": {"": "x"}}}, "meta.headers"),
    ({"meta": {"headers": {"a": "x\r\nb: y"}}}, "meta.headers"), ({"meta": {"headers": {"Host": "x"}}}, "meta.headers"),
    ({"meta": {"headers": {"content-length": "3"}}}, "meta.headers"),
    ({"meta": {"headers": {"X-Labeld-Signature": "x"}}}, "meta.headers"),
    ({"meta": {"headers": {f"h{i}": "" for i in range(33)}}}, "meta.headers"),
    ({"meta": {"headers": {"a": "x" * 4097}}}, "meta.headers")])
def test_refused_webhooks(server, change, field):
    server.refused(400, "webhooks.add", {"teamId": server.team_id, **GOOD, **change}, field=field)
    made = server.ok("webhooks.add", {"teamId": server.team_id, **GOOD})["id"]
    before = server.ok("webhooks.info", {"id": made})
    if next(iter(change.values())) is not None:  # null means "not given" there
        server.refused(400, "webhooks.update", {"id": made, **change}, field=field)
    assert server.ok("webhooks.info", {"id": made}) == before
    server.ok("webhooks.bulk.remove", {"ids": [made]})


@pytest.mark.parametrize("body, status, field", [
    ({}, 400, "id"), ({"id": 10**6}, 404, "id"), ({"action": "nothing"}, 400, "action"),
    ({"action": QUEUE_JOB}, 404, "action"), ({"action": JOB, "payload": []}, 400, "payload"),
    ({"action": JOB, "payload": {"x": "y" * 300000}}, 413, "payload")])
def test_refused_tests(server, body, status, field):
    server.refused(status, "webhooks.test", {"teamId": server.team_id, **body}, field=field)


def test_another_teams_webhook(server):
    boss = server.user(restricted=False)
    theirs = server.ok("users.me", token=boss.token)["teams"][0]["id"]
    mine = server.ok("webhooks.add", {"teamId": server.team_id, **GOOD})["id"]
    for method, body in [("webhooks.info", {"id": mine}), ("webhooks.update", {"id": mine}),
                         ("webhooks.bulk.remove", {"ids": [mine]}),
                         ("webhooks.test", {"teamId": theirs, "id": mine}),
                         ("webhooks.test", {"teamId": server.team_id, "id": mine})]:
        server.refused(404, method, body, token=boss.token)
    unknown = server.refused(404, "webhooks.info", {"id": 10**6}, token=boss.token)["details"]["message"]
    hidden = server.refused(404, "webhooks.info", {"id": mine}, token=boss.token)["details"]["message"]
    assert unknown.replace("1000000", "N") == hidden.replace(str(mine), "N")
    server.ok("webhooks.bulk.remove", {"ids": [mine]})


def test_bulk_remove_is_all_or_nothing(server):
    mine = server.ok("webhooks.add", {"teamId": server.team_id, **GOOD})["id"]
    server.refused(404, "webhooks.bulk.remove", {"ids": [mine, 10**6]}, field="ids")
    assert server.ok("webhooks.info", {"id": mine})["id"] == mine
    server.ok("webhooks.bulk.remove", {"ids": [mine]})


def test_secrets_are_random_or_as_given(server):
    made = [server.ok("webhooks.add", {"teamId": server.team_id, **GOOD, "url": f"http://192.0.2.1/{n}", **more})["id"]
            for n, more in enumerate(({}, {}, {"secret": "a secret of ours"}))]  # equal calls would be repeats
    secrets = [server.ok("webhooks.info", {"id": i})["secret"] for i in made]
    assert len(set(secrets)) == 3 and len(secrets[0]) == 32 and secrets[2] == "a secret of ours"
    listed = server.ok("webhooks.list", {"teamId": server.team_id})["entities"]
    assert all("secret" not in h for h in listed)
    server.ok("webhooks.bulk.remove", {"ids": made})


def test_unknown_keys_of_meta_are_kept_and_null_takes_back(server):
    made = server.ok("webhooks.add", {"teamId": server.team_id, **GOOD, "meta": {"mine": {"a": 1}}})["id"]
    server.ok("webhooks.update", {"id": made, "meta": {"retriesCount": 7}})
    meta = server.ok("webhooks.info", {"id": made})["meta"]
    assert meta["mine"] == {"a": 1} and meta["retriesCount"] == 7 and meta["retriesDelay"] == 10
    server.ok("webhooks.update", {"id": made, "meta": {"mine": None}})
    assert "mine" not in server.ok("webhooks.info", {"id": made})["meta"]
    server.ok("webhooks.bulk.remove", {"ids": [made]})


def test_log_filters(team, receiver):
    hook = team.hook(receiver.url)
    team.complete(team.job())
    team.settled(hook)
    assert [d["webhookId"] for d in team.deliveries(state="delivered", event=JOB)] == [hook]
    assert team.deliveries(state="failed") == [] and team.deliveries(event=QUEUE) == []
    with pytest.raises(queue.Empty):
        receiver.next()
        receiver.next(timeout=0.2)
