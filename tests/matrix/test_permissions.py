"""Who may call what: every method of the endpoint table by every kind of caller.

What each role holds and what each method needs come from the table the server itself prints;
calls.py says what a well-formed call of each method looks like."""

import pytest

import labeld
from calls import CALLS, ENDPOINTS, TABLE, World, body_of, path_of

ROLES = {r["name"]: set(r["need"]) for r in TABLE["roles"]}
CALLERS = ["no token", "bad token", "disabled", "stranger", *ROLES, "labeler", "root"]
# where more than the role decides
EXCEPTIONS = {
    ("teams.add", "labeler"): 403,  # a restricted account
    # a developer removes only what is their own
    ("file-storage.bulk.remove", "developer"): 403, ("file-storage.remove", "developer"): 403,
    ("datasets.archive", "developer"): 403, ("projects.archive", "developer"): 403,
    ("workspaces.archive", "developer"): 403,
}
for _step in ("get-next", "heartbeat", "skip"):  # the labeler's own, not even an administrator's
    EXCEPTIONS[f"labeling-queues.entities.{_step}", "root"] = 403
for _role in ("viewer", "reviewer", "manager", "developer", "admin"):  # only by who wrote it
    EXCEPTIONS["issues.comments.editInfo", _role] = 403
IN_A_JOB = ("project", "dataset", "image", "figure")
SEES = {"team": "team", "job": "job_view", "queue": "job_view", "user": "user_view",
        "webhook": "edit", "delivery": "edit", "issue": "issue_view"}


def perms(caller, kind):
    """The bits a caller holds on an object of this kind."""
    if caller == "root":
        return {"everything"}
    if caller in ("labeler", "annotator") and kind in ("job", "queue"):
        works = {"job_view"} | ({"job_label"} if kind == "job" else set())
        return ROLES["annotator"] | (works if caller == "labeler" else set())
    if caller == "labeler" and kind in IN_A_JOB:
        return ROLES["annotator"] | {"view"} | ({"annotate"} if kind != "project" else set())
    held = set(ROLES.get(caller, ROLES["annotator"] if caller == "labeler" else ()))
    if kind in ("job", "queue") and "job_all" in held:
        held |= {"job_view", "job_review", "job_manage"}
    if kind == "issue" and "view" in held:
        held |= {"issue_view", "issue_talk"} | ({"issue_edit"} if "edit" in held else set())
    if kind == "user" and "members_view" in held:
        held.add("user_view")
    return held


def expected(method, caller):
    """The status of a well-formed call: 200, or why it is refused."""
    kind, _ = CALLS[method]
    need = set(ENDPOINTS[method]["need"])
    if kind == "public":
        return 200
    if caller in ("no token", "bad token"):
        return 401
    if caller == "disabled":
        return 403
    if (method, caller) in EXCEPTIONS:
        return EXCEPTIONS[method, caller]
    if kind == "login":
        return 200
    if kind == "instance":
        return 200 if caller == "root" else 403
    held = perms(caller, kind)
    if "everything" in held:
        return 200
    if SEES.get(kind, "view") not in held:
        return 404
    return 200 if need & held or not need else 403


@pytest.fixture(scope="module")
def world():
    server = labeld.Server(env={}).start()
    users = {name: server.user(role=getattr(labeld, name.upper()), restricted=False)
             for name in ROLES}
    users["labeler"] = server.user(role=labeld.ANNOTATOR)
    users["stranger"] = server.user(restricted=False)
    users["disabled"] = server.user(role=labeld.ADMIN)
    server.ok("users.disable", {"id": users["disabled"].id, "disable": True})
    yield server, users
    server.close()


def token_of(server, users, caller):
    if caller == "root":
        return server.token
    return {"no token": False, "bad token": "f" * 128}.get(caller) or (
        users[caller].token if caller in users else False)


def send(server, users, method, caller, w, call):
    body, content_type = call
    headers = {"content-type": content_type}
    if caller == "labeler" and CALLS[method][0] in IN_A_JOB:
        headers["x-job-id"] = str(w.job)
    return server.raw(path_of(method, w), body, token=token_of(server, users, caller), headers=headers)


def test_every_method_has_an_entry():
    assert sorted(CALLS) == sorted(ENDPOINTS)


@pytest.mark.parametrize("method", sorted(ENDPOINTS))
def test_refused_callers(world, method):
    """Refused with the right status, and nothing has changed."""
    server, users = world
    refused = [c for c in CALLERS if expected(method, c) != 200]
    w = World(server, users["labeler"])
    if CALLS[method][0] in IN_A_JOB:
        w.job  # noqa: B018  (makes it)
    body = body_of(method, w)  # once: making users or datasets is a change, too
    before = server.state()
    wrong = []
    for caller in refused:
        answer = send(server, users, method, caller, w, body)
        if answer.status_code != expected(method, caller):
            wrong.append((caller, answer.status_code, expected(method, caller), answer.text[:200]))
    assert not wrong
    assert server.state() == before


@pytest.mark.parametrize("method", sorted(ENDPOINTS))
def test_allowed_callers(world, method):
    server, users = world
    wrong = []
    for caller in CALLERS:
        if expected(method, caller) != 200:
            continue
        w = World(server, users["labeler"])
        answer = send(server, users, method, caller, w, body_of(method, w))
        if answer.status_code != 200:
            wrong.append((caller, answer.status_code, answer.text[:300]))
    assert not wrong


def test_a_third_of_all_cases_refuse():
    cases = [expected(m, c) for m in ENDPOINTS for c in CALLERS]
    assert sum(status != 200 for status in cases) * 3 >= len(cases)
