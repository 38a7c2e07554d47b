"""Who may call what: every method of the endpoint table by every kind of caller.

What each role holds and what each method needs come from the table the server itself prints; this
file says only what a well-formed call of each method looks like. A method without an entry fails."""

import json
import secrets

import pytest

import labeld

TABLE = json.loads(labeld.run("api", "--format", "table").stdout)
ENDPOINTS = {e["name"]: e for e in TABLE["endpoints"]}
ROLES = {r["name"]: set(r["need"]) for r in TABLE["roles"]}
MASK = ("eJzrDPBz5+WS4mJgYOD19HAJAtJsIMzIDCRvMdVygzgBPiGuQPr///9Lb86/C2QxlgT5BTM4PLuRBtbn4hhSMSf5x+Ej"
        "DM0M3DKM7It3VEsDJRg8Xf1c1jklNAEAaPAaCg==")
BOX = {"points": {"exterior": [[1, 1], [9, 9]], "interior": []}}


class World:
    """Objects for one method's calls, made when they are first asked for."""

    def __init__(self, server, labeler):
        self.server, self.labeler = server, labeler
        self.ok = server.ok

    def name(self):
        return secrets.token_hex(8)

    def __getattr__(self, key):
        if key.startswith("_"):
            raise AttributeError(key)
        value = getattr(self, "_make_" + key)()
        setattr(self, key, value)
        return value

    def _make_team(self):
        return self.server.team_id

    def _make_workspace(self):
        return self.ok("workspaces.add", {"teamId": self.team, "name": self.name()})["id"]

    def _make_project(self):
        project = self.ok("projects.add", {"workspaceId": self.workspace, "name": self.name()})["id"]
        self.meta = self.ok("projects.meta.update", {"id": project, "meta": {
            "classes": [{"title": "box", "shape": "rectangle", "color": "#000000"},
                        {"title": "soft", "shape": "alpha_mask", "color": "#000000"}],
            "tags": [{"name": "tag", "value_type": "any_string", "color": "#000000"}]}})
        return project

    def _make_klass(self):
        return self.project and self.meta["classes"][0]["id"]

    def _make_soft(self):
        return self.project and self.meta["classes"][1]["id"]

    def _make_tag(self):
        return self.project and self.meta["tags"][0]["id"]

    def _make_dataset(self):
        return self.ok("datasets.add", {"projectId": self.project, "name": self.name()})["id"]

    def _make_image(self):
        source = self.ok("images.list", {"datasetId": self.server.dataset_id})["entities"][0]
        self.hash = source["hash"]
        return self.ok("images.bulk.add", {"datasetId": self.dataset, "images": [
            {"title": self.name(), "imageId": source["id"]}]})[0]["id"]

    def _make_figure(self):
        return self.ok("figures.bulk.add", {"entityId": self.image, "figures": [
            {"classId": self.klass, "geometryType": "rectangle", "geometry": BOX}]})[0]["id"]

    def _make_mask(self):
        return self.ok("figures.bulk.add", {"entityId": self.image, "figures": [
            {"classId": self.soft, "geometryType": "alpha_mask"}]})[0]["id"]

    def _make_image_tag(self):
        return self.ok("image-tags.bulk.add-to-image", {
            "tagId": self.tag, "ids": [self.image], "value": "x"})[0]["id"]

    def _make_figure_tag(self):
        return self.ok("object-tags.add-to-object", {
            "tagId": self.tag, "figureId": self.figure, "value": "x"})["id"]

    def _make_job(self):
        self.image  # noqa: B018  (a job needs one)
        return self.ok("jobs.add", {"name": self.name(), "datasetId": self.dataset, "meta": {},
                                    "userIds": [self.labeler.id]})[0]["id"]

    def _make_file(self):
        body, kind, params = team_file(self)
        return self.ok("file-storage.bulk.upload", body, headers={"content-type": kind},
                       params=params)[0]

    def _make_user(self):
        return self.server.user(role=labeld.VIEWER)


def upload(w):
    boundary = "b" * 20
    lines = [f"--{boundary}", 'Content-Disposition: form-data; name="geometry"; filename="%d"' % w.mask,
             "", json.dumps({"origin": [1, 1], "data": MASK}), f"--{boundary}--", ""]
    return "\r\n".join(lines).encode(), f"multipart/form-data; boundary={boundary}"


def team_file(w):
    boundary = "b" * 20
    parts = [("name", w.name()), ("path", "/matrix/"), ("file\"; filename=\"a", "content")]
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                   for k, v in parts)
    return f"{body}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}", \
        {"teamId": w.team}


def picture(w):
    boundary = "b" * 20
    content = (labeld.ROOT / "demo" / "IMG_0748.jpeg").read_bytes()
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="0-file"; filename="0"\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode(), \
        f"multipart/form-data; boundary={boundary}"


ANNOTATION = {"objects": [], "tags": [], "description": "", "size": {"height": 1, "width": 1}}

# method: (what its object is, a well-formed body)
CALLS = {
    "advanced.object_classes.editInfo": ("class", lambda w: {"id": w.klass, "hotkey": "k"}),
    "advanced.object_classes.info": ("class", lambda w: {"id": w.klass}),
    "advanced.object_classes.list": ("project", lambda w: {"projectId": w.project}),
    "annotations.bulk.add": ("image", lambda w: {"datasetId": w.dataset, "annotations": [
        {"imageId": w.image, "annotation": ANNOTATION}]}),
    "annotations.bulk.copy": ("image", lambda w: {"srcImageIds": [w.image],
                                                  "destImageIds": [w.image]}),
    "annotations.bulk.info": ("image", lambda w: {"imageIds": [w.image]}),
    "annotations.info": ("image", lambda w: {"imageId": w.image}),
    "annotations.list": ("dataset", lambda w: {"datasetId": w.dataset}),
    "datasets.add": ("project", lambda w: {"projectId": w.project, "name": w.name()}),
    "datasets.archive": ("dataset", lambda w: {"id": w.dataset}),
    "datasets.editInfo": ("dataset", lambda w: {"id": w.dataset, "description": "d"}),
    "datasets.info": ("dataset", lambda w: {"id": w.dataset}),
    "datasets.list": ("project", lambda w: {"projectId": w.project}),
    "datasets.move": ("dataset", lambda w: {"srcId": w.dataset, "destId": w.ok(
        "datasets.add", {"projectId": w.project, "name": w.name()})["id"]}),
    "figures.bulk.add": ("image", lambda w: {"entityId": w.image, "figures": [
        {"classId": w.klass, "geometryType": "rectangle", "geometry": BOX}]}),
    "figures.bulk.download.geometry": ("figure", lambda w: {"ids": [w.figure]}),
    "figures.bulk.remove": ("figure", lambda w: {"figureIds": [w.figure]}),
    "figures.bulk.restore": ("figure", lambda w: {"figureIds": [w.figure]}),
    "figures.bulk.upload.geometry": ("figure", upload),
    "figures.custom-data.update": ("figure", lambda w: {"id": w.figure, "customData": {"a": 1}}),
    "figures.editInfo": ("figure", lambda w: {"id": w.figure, "description": "d"}),
    "figures.info": ("figure", lambda w: {"id": w.figure}),
    "figures.list": ("dataset", lambda w: {"datasetId": w.dataset}),
    "figures.priority.update": ("figure", lambda w: {"id": w.figure, "priority": 7}),
    "figures.tags.bulk.add": ("figure", lambda w: {"projectId": w.project, "tags": [
        {"tagId": w.tag, "figureId": w.figure, "value": "v"}]}),
    "figures.tags.list": ("figure", lambda w: {"id": w.figure}),
    "file-storage.bulk.remove": ("team", lambda w: {"teamId": w.team, "paths": ["/nothing"]}),
    "file-storage.bulk.upload": ("team", team_file),
    "file-storage.download": ("team", lambda w: {"teamId": w.team, "path": w.file["path"]}),
    "file-storage.info": ("file", lambda w: {"id": w.file["id"]}),
    "file-storage.list": ("team", lambda w: {"teamId": w.team, "path": "/"}),
    "file-storage.remove": ("team", lambda w: {"teamId": w.team, "path": "/nothing"}),
    "file-storage.upload": ("team", team_file),
    "file-storage.v2.list": ("team", lambda w: {"teamId": w.team, "path": "/"}),
    "image-tags.bulk.add-to-image": ("image", lambda w: {"tagId": w.tag, "ids": [w.image],
                                                         "value": "v"}),
    "image-tags.bulk.remove-from-images": ("image", lambda w: {"tagIds": [w.tag],
                                                               "ids": [w.image]}),
    "image-tags.custom-data.update": ("image", lambda w: {"id": w.image_tag, "customData": {}}),
    "image-tags.remove-from-image": ("image", lambda w: {"imageId": w.image, "id": w.image_tag}),
    "image-tags.update-tag-value": ("image", lambda w: {"id": w.image_tag, "value": "new"}),
    "images.bulk.add": ("dataset", lambda w: {"datasetId": w.dataset, "images": [
        {"title": w.name(), "link": "http://example.org/a.jpg"}]}),
    "images.bulk.download": ("image", lambda w: {"imageIds": [w.image]}),
    "images.bulk.download-by-hash": ("login", lambda w: {"hashes": []}),
    "images.bulk.remove": ("image", lambda w: {"imageIds": [w.image]}),
    "images.bulk.set-custom-sort": ("image", lambda w: {"images": [
        {"id": w.image, "customSort": "1"}]}),
    "images.bulk.upload": ("login", picture),
    "images.data.download": ("image", lambda w: {"id": w.image}),
    "images.download": ("image", lambda w: {"id": w.image}),
    "images.editInfo": ("image", lambda w: {"id": w.image, "description": "d"}),
    "images.embeddings-updated-at.update": ("image", lambda w: {"images": [
        {"id": w.image, "embeddingsUpdatedAt": None}]}),
    "images.info": ("image", lambda w: {"id": w.image}),
    "images.internal.hashes.list": ("login", lambda w: []),
    "images.list": ("dataset", lambda w: {"datasetId": w.dataset}),
    "images.preview": ("image", lambda w: {"id": w.image, "width": 16}),
    "images.update.links": ("image", lambda w: {"images": [{"id": w.image, "link": "http://a/b"}]}),
    "instance.version": ("public", lambda w: {}),
    "jobs.add": ("dataset", lambda w: {"name": w.name(), "datasetId": w.dataset, "meta": {},
                                       "userIds": [w.image and w.labeler.id]}),
    "jobs.archive": ("job", lambda w: {"id": w.job}),
    "jobs.bulk.archive": ("job", lambda w: {"ids": [w.job]}),
    "jobs.bulk.remove": ("job", lambda w: {"ids": [w.job]}),
    "jobs.bulk.unarchive": ("job", lambda w: {"ids": [w.job]}),
    "jobs.editInfo": ("job", lambda w: {"id": w.job, "customData": {"a": 1}}),
    "jobs.entities.update-review-status": ("job", lambda w: {"jobId": w.job, "entityId": w.image,
                                                             "status": "done"}),
    "jobs.info": ("job", lambda w: {"id": w.job}),
    "jobs.list": ("team", lambda w: {"teamId": w.team}),
    "jobs.pause": ("job", lambda w: {"id": w.job}),
    "jobs.set-status": ("job", lambda w: {"id": w.job, "status": "in_progress"}),
    "jobs.stop": ("job", lambda w: {"id": w.job}),
    "members.add": ("team", lambda w: {"teamId": w.team, "login": w.server.user().login,
                                       "roleId": labeld.VIEWER}),
    "members.editInfo": ("team", lambda w: {"teamId": w.team, "id": w.user.id,
                                            "roleId": labeld.MANAGER}),
    "members.info": ("team", lambda w: {"teamId": w.team, "id": w.user.id}),
    "members.list": ("team", lambda w: {"teamId": w.team}),
    "members.remove": ("team", lambda w: {"teamId": w.team, "id": w.user.id}),
    "object-tags.add-to-object": ("figure", lambda w: {"tagId": w.tag, "figureId": w.figure,
                                                       "value": "v"}),
    "object-tags.custom-data.update": ("figure", lambda w: {"id": w.figure_tag, "customData": {}}),
    "object-tags.remove-from-figure": ("figure", lambda w: {"figureId": w.figure,
                                                            "id": w.figure_tag}),
    "projects.add": ("workspace", lambda w: {"workspaceId": w.workspace, "name": w.name()}),
    "projects.archive": ("project", lambda w: {"id": w.project}),
    "projects.editInfo": ("project", lambda w: {"id": w.project, "description": "d"}),
    "projects.info": ("project", lambda w: {"id": w.project}),
    "projects.list": ("workspace", lambda w: {"workspaceId": w.workspace}),
    "projects.meta": ("project", lambda w: {"id": w.project}),
    "projects.meta.update": ("project", lambda w: {"id": w.project, "meta": {
        "classes": [], "tags": []}}),
    "projects.settings.update": ("project", lambda w: {"id": w.project, "settings": {}}),
    "projects.stats": ("project", lambda w: {"id": w.project}),
    "roles.list": ("login", lambda w: {}),
    "tags.entities.bulk.add": ("image", lambda w: {"projectId": w.project, "tags": [
        {"tagId": w.tag, "entityId": w.image, "value": "v"}]}),
    "teams.activity": ("team", lambda w: {"teamId": w.team}),
    "teams.add": ("login", lambda w: {"name": w.name()}),
    "teams.editInfo": ("team", lambda w: {"id": w.team, "description": w.name()}),
    "teams.info": ("team", lambda w: {"id": w.team}),
    "teams.list": ("login", lambda w: {}),
    "users.add": ("instance", lambda w: {"login": w.name(), "password": "a-password"}),
    "users.disable": ("instance", lambda w: {"id": w.server.user().id, "disable": True}),
    "users.editInfo": ("user", lambda w: {"id": w.user.id, "name": "n"}),
    "users.info": ("user", lambda w: {"id": w.user.id}),
    "users.list": ("instance", lambda w: {}),
    "users.me": ("login", lambda w: {}),
    "workspaces.add": ("team", lambda w: {"teamId": w.team, "name": w.name()}),
    "workspaces.archive": ("workspace", lambda w: {"id": w.workspace}),
    "workspaces.editInfo": ("workspace", lambda w: {"id": w.workspace, "description": "d"}),
    "workspaces.info": ("workspace", lambda w: {"id": w.workspace}),
    "workspaces.list": ("team", lambda w: {"teamId": w.team}),
}
CALLERS = ["no token", "bad token", "disabled", "stranger", *ROLES, "labeler", "root"]
# where more than the role decides
EXCEPTIONS = {
    ("teams.add", "labeler"): 403,  # a restricted account
    # a developer removes only what is their own
    ("datasets.archive", "developer"): 403, ("projects.archive", "developer"): 403,
    ("workspaces.archive", "developer"): 403,
}
IN_A_JOB = ("project", "dataset", "image", "figure")
SEES = {"team": "team", "job": "job_view", "user": "user_view"}


def perms(caller, kind):
    """The bits a caller holds on an object of this kind."""
    if caller == "root":
        return {"everything"}
    if caller in ("labeler", "annotator") and kind == "job":
        return ROLES["annotator"] | ({"job_view", "job_label"} if caller == "labeler" else set())
    if caller == "labeler" and kind in IN_A_JOB:
        return ROLES["annotator"] | {"view"} | ({"annotate"} if kind != "project" else set())
    held = set(ROLES.get(caller, ROLES["annotator"] if caller == "labeler" else ()))
    if kind == "job" and "job_all" in held:
        held |= {"job_view", "job_review", "job_manage"}
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


def send(server, users, method, caller, w, body):
    headers, params = {}, []
    if isinstance(body, tuple):
        body, headers["content-type"], *params = body
    if caller == "labeler" and CALLS[method][0] in IN_A_JOB:
        headers["x-job-id"] = str(w.job)
    return server.raw(method, body, token=token_of(server, users, caller), headers=headers,
                      params=params[0] if params else None)


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
    body = CALLS[method][1](w)  # once: making users or datasets is a change, too
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
        answer = send(server, users, method, caller, w, CALLS[method][1](w))
        if answer.status_code != 200:
            wrong.append((caller, answer.status_code, answer.text[:300]))
    assert not wrong


def test_a_third_of_all_cases_refuse():
    cases = [expected(m, c) for m in ENDPOINTS for c in CALLERS]
    assert sum(status != 200 for status in cases) * 3 >= len(cases)
