"""DNS rebinding: a name that is public when it is looked at first, and leads into the server's own network
when it is connected to. What counts is the address of each connection."""

import subprocess

import pytest

import labeld
from receiver import Receiver
from test_links import pages  # noqa: F401  (a fixture)

PUBLIC, DEAD, OWN = "198.41.0.4", "198.41.0.5", "127.0.0.1"  # what tests/resolver.c makes of them


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A server whose names are answered by the test: answers(first, second ...) sets what comes next."""
    there = tmp_path_factory.mktemp("resolver")
    library, answers = there / "resolver.so", there / "answers"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, labeld.ROOT / "tests/resolver.c", "-ldl", "-pthread"],
                   check=True)
    server = labeld.Server(env={"LD_PRELOAD": str(library), "RESOLVER_ANSWERS": str(answers),
                                "ASAN_OPTIONS": "verify_asan_link_order=0"})

    def set_answers(*lines):
        (new := there / "new").write_text("".join(line + "\n" for line in lines))
        new.rename(answers)
    server.answers = set_answers
    server.start()
    yield server
    server.close()


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.close()


def port(url):
    return url.rsplit(":", 1)[1]


def deliver(server, receiver, **meta):
    """Tell a name of the attacker that a job is completed; the delivery once it is settled."""
    hook = server.ok("webhooks.add", {"teamId": server.team_id, "action": "labeling_job.completed",
                                      "url": f"http://hook.rebind.test:{port(receiver.url)}/",
                                      "meta": {"retriesCount": 1, "retriesDelay": 0, **meta}})["id"]
    server.ok("jobs.set-status", {"id": server.job()["id"], "status": "completed"})
    found = []

    def settled():
        found[:] = server.ok("webhooks.deliveries.list", {"teamId": server.team_id, "filter": [
            {"field": "webhookId", "operator": "=", "value": hook}]})["entities"]
        return found[0]["state"] != "pending"
    labeld.wait_until(settled)
    server.ok("webhooks.bulk.remove", {"ids": [hook]})
    return found[0]


def test_a_public_name_is_reached(attacked, receiver):
    attacked.answers(PUBLIC)
    assert deliver(attacked, receiver)["state"] == "delivered" and receiver.got.qsize() == 1


def test_a_name_that_turns_inwards_between_attempts(attacked, receiver):
    receiver.answers = [500, 200]
    attacked.answers(PUBLIC, OWN)
    row = deliver(attacked, receiver)
    assert (row["state"], row["attempts"], row["status"]) == ("failed", 2, None) and "not public" in row["error"]
    assert receiver.got.qsize() == 1, "the first attempt alone came"


def test_the_same_comes_where_it_is_allowed(attacked, receiver):
    """The name did lead here: only the check has kept the attempt away."""
    attacked.setting("private_addresses", 1)
    try:
        receiver.answers = [500, 200]
        attacked.answers(PUBLIC, OWN)
        assert deliver(attacked, receiver)["state"] == "delivered" and receiver.got.qsize() == 2
    finally:
        attacked.setting("private_addresses", 0)


def test_an_answer_with_both(attacked, receiver):
    """The public address does not answer; the next one in line is the own one."""
    attacked.answers(f"{DEAD},{OWN}", f"{DEAD},{OWN}")
    row = deliver(attacked, receiver)
    assert row["state"] == "failed" and receiver.empty()


def test_a_redirect_to_a_name_that_leads_inwards(attacked, receiver):
    receiver.answers = [lambda h: h.answer(307, location=f"http://other.rebind.test:{port(receiver.url)}/in")]
    attacked.answers(PUBLIC, OWN, PUBLIC, OWN)
    row = deliver(attacked, receiver, followRedirect=True)
    assert row["state"] == "failed" and "not public" in row["error"]
    assert [receiver.got.get()[0] for _ in range(receiver.got.qsize())] == ["/", "/"]


def test_links_to_images(attacked, pages):  # noqa: F811
    dataset = attacked.ok("datasets.add", {"projectId": attacked.project()["id"], "name": "d"})["id"]
    link = f"http://images.rebind.test:{port(pages)}/image"
    body = {"datasetId": dataset, "forceMetadataForLinks": True, "images": [{"title": "a.png", "link": link}]}
    attacked.answers(PUBLIC)
    assert attacked.ok("images.bulk.add", body)[0]["width"] == 64, "followed while it is public"
    before = attacked.state()
    for answer in (OWN, "10.0.0.1", "169.254.169.254", "::1", f"{DEAD},{OWN}"):
        attacked.answers(answer)
        body["images"][0]["title"] = f"{answer}.png"
        attacked.refused(400, "images.bulk.add", body, field="link")
    assert attacked.state() == before
