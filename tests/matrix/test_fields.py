"""What each method does not take: every field of the endpoint table missing, of a wrong kind, too long
or too large is refused with its name, and nothing has changed."""

import pytest

import labeld
from calls import CALLS, ENDPOINTS, World, path_of

HUGE = 2**63 - 1
WRONG_KIND = {"object": [1], "any": None}  # whatever else a field is, it is no object


@pytest.fixture(scope="module")
def world():
    server = labeld.Server(env={}).start()
    yield server, server.user(role=labeld.ANNOTATOR)
    server.close()


def too_much(field):
    """A value of the right kind beyond what the table allows; None: there is no bound to pass."""
    most, kind = field["max"], field["type"]
    if kind == "string" and 0 < most <= 200_000:
        return "x" * (most + 1)
    if kind in ("integer", "id") and most < HUGE:
        return most + 1
    if kind.startswith("array") and 0 < most <= 2000:
        return ["1" if kind == "array of strings" else 1] * (most + 1)
    return None


def mistakes(method, body):
    """(what is wrong, field, body) for each mistake that can be made with this call's fields."""
    for field in ENDPOINTS[method]["fields"]:
        name = field["name"]
        if field["ignored"]:
            continue
        if field["required"]:
            yield "missing", name, {k: v for k, v in body.items() if k != name}
        wrong = WRONG_KIND.get(field["type"], {"a": 1})
        if wrong is not None:
            yield "wrong kind", name, {**body, name: wrong}
        if too_much(field) is not None:
            yield "too much", name, {**body, name: too_much(field)}


def named(answer):
    details = answer["details"]
    return [d["path"][0] for d in details] if isinstance(details, list) else [details.get("field")]


@pytest.mark.parametrize("method", sorted(m for m, e in ENDPOINTS.items() if e["fields"]))
def test_mistakes_are_named(world, method):
    server, labeler = world
    w = World(server, labeler)
    body = CALLS[method][1](w)
    if not isinstance(body, dict):
        pytest.skip("its body is no object")
    before, wrong, tried = server.state(), [], 0
    for what, name, bad in mistakes(method, body):
        answer = server.raw(path_of(method, w), bad)
        tried += 1
        if answer.status_code != 400 or name not in named(answer.json()):
            wrong.append((what, name, answer.status_code, answer.text[:200]))
    assert not wrong
    assert tried > 0
    assert server.state() == before
