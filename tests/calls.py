"""A well-formed call of every method: what its object is, and a body. The permission matrix and the
tests of repeats run over these; a method without an entry fails both."""

import json
import secrets
import time

import labeld

TABLE = json.loads(labeld.run("api", "--format", "table").stdout)
ENDPOINTS = {e["name"]: e for e in TABLE["endpoints"]}
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

    def _make_issue(self):
        return self.ok("issues.add", {"teamId": self.team, "name": self.name(), "isLocal": True})["id"]

    def _make_part(self):
        return self.ok("issues.sub-issue.add", {"issueId": self.issue, "bindings": [
            {"field": "imageId", "value": self.image}]})["id"]

    def _make_comment(self):
        return self.ok("issues.comments.add", {"issueId": self.issue, "comment": "c"})["id"]

    def _make_guide(self):
        return self.ok("guides.add", {"teamId": self.team, "name": self.name()})["id"]

    def _make_webhook(self):
        return self.ok("webhooks.add", {"teamId": self.team, "url": "http://192.0.2.1/",
                                        "action": "labeling_queue.completed"})["id"]

    def _make_delivery(self):
        made = self.ok("webhooks.test", {"teamId": self.team, "id": self.webhook})["deliveries"][0]["id"]
        while self.ok("webhooks.deliveries.info", {"id": made})["state"] == "pending":
            time.sleep(0.01)  # it changes by itself until then
        return made

    def _make_image(self):
        return self._copied()

    def _make_image2(self):
        return self._copied()

    def _copied(self):
        source = self.ok("images.list", {"datasetId": self.server.dataset_id})["entities"][0]
        self.hash = source["hash"]
        return self.ok("images.bulk.add", {"datasetId": self.dataset, "images": [
            {"title": self.name(), "imageId": source["id"]}]})[0]["id"]

    def _make_figure(self):
        return self.ok("figures.bulk.add", {"entityId": self.image, "figures": [
            {"classId": self.klass, "geometryType": "rectangle", "geometry": BOX}]})[0]["id"]

    def _make_version(self):
        self.ok("figures.editInfo", {"id": self.figure, "description": "another"})
        return self.ok("figures.history", {"id": self.figure})[-1]["versionId"]

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
        self.image, self.image2  # noqa: B018  (a job needs some)
        return self.ok("jobs.add", {"name": self.name(), "datasetId": self.dataset, "meta": {},
                                    "userIds": [self.labeler.id]})[0]["id"]

    def _make_file(self):
        body, kind = team_file(self)
        return self.ok(path_of("file-storage.upload", self), body, headers={"content-type": kind})

    def _make_queue(self):
        self.image, self.image2  # noqa: B018  (a queue needs some)
        queue = self.ok("labeling-queues.add", {
            "name": self.name(), "datasetId": self.dataset, "userIds": [self.labeler.id],
            "reviewerIds": [self.server.user_id]})["id"]
        jobs = [self.ok("jobs.info", {"id": j["id"]})
                for j in self.ok("labeling-queues.info", {"id": queue})["jobs"]]
        self.queue_job = next(j["id"] for j in jobs if j["userId"] == self.labeler.id)
        return queue

    def _make_pulled(self):
        self.queue  # noqa: B018  (makes the job, too)
        return self.server.raw("labeling-queues.entities.get-next", {"id": self.queue_job},
                               token=self.labeler.token).json()["id"]

    def _make_collection(self):
        return self.ok("entities-collections.add", {"projectId": self.project, "name": self.name()})["id"]

    def _make_filled(self):
        self.ok("entities-collections.items.bulk.add", {"collectionId": self.collection,
                                                        "entityIds": [self.image]})
        return self.collection

    def _make_task(self):
        return self.ok("projects.clone", {"id": self.project, "workspaceId": self.workspace,
                                          "name": self.name()})["taskId"]

    def _make_archived_dataset(self):
        self.image  # noqa: B018  (something to erase)
        self.ok("datasets.archive", {"id": self.dataset})
        return self.dataset

    def _make_archived_project(self):
        self.image  # noqa: B018
        self.ok("projects.archive", {"id": self.project})
        return self.project

    def _make_user(self):
        return self.server.user(role=labeld.VIEWER)


def upload(w):
    boundary = "b" * 20
    lines = [f"--{boundary}", 'Content-Disposition: form-data; name="geometry"; filename="%d"' % w.mask,
             "", json.dumps({"origin": [1, 1], "data": MASK}), f"--{boundary}--", ""]
    return "\r\n".join(lines).encode(), f"multipart/form-data; boundary={boundary}"


def team_file(w):
    boundary = "b" * 20
    parts = [("name", w.name()), ("path", "/matrix/"), ('file"; filename="a', "content")]
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                   for k, v in parts)
    return f"{body}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


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
        {"imageId": w.image, "annotation": {**ANNOTATION, "tags": [{"name": "tag", "value": "x"}],
                                            "objects": [{"classId": w.klass, **BOX, "tags": [],
                                                         "geometryType": "rectangle"}]}}]}),
    "annotations.bulk.copy": ("image", lambda w: {
        "srcImageIds": [w.figure and w.image], "destImageIds": [w.image2]}),
    "annotations.bulk.info": ("image", lambda w: {"imageIds": [w.image]}),
    "annotations.info": ("image", lambda w: {"imageId": w.image}),
    "annotations.list": ("dataset", lambda w: {"datasetId": w.dataset}),
    "datasets.add": ("project", lambda w: {"projectId": w.project, "name": w.name()}),
    "datasets.archive": ("dataset", lambda w: {"id": w.dataset}),
    "datasets.editInfo": ("dataset", lambda w: {"id": w.dataset, "description": "d"}),
    "datasets.info": ("dataset", lambda w: {"id": w.dataset}),
    "datasets.list": ("project", lambda w: {"projectId": w.project}),
    "datasets.list.all": ("instance", lambda w: {}),
    "datasets.move": ("dataset", lambda w: {"srcId": w.dataset, "destId": w.ok(
        "datasets.add", {"projectId": w.project, "name": w.name()})["id"]}),
    "datasets.remove.permanently": ("instance", lambda w: {"datasets": [{"id": w.archived_dataset}]}),
    "entities-collections.add": ("project", lambda w: {"projectId": w.project, "name": w.name()}),
    "entities-collections.editInfo": ("collection", lambda w: {"id": w.collection,
                                                               "description": "d"}),
    "entities-collections.info": ("collection", lambda w: {"id": w.collection}),
    "entities-collections.items.bulk.add": ("collection", lambda w: {
        "collectionId": w.collection, "entityIds": [w.image]}),
    "entities-collections.items.bulk.remove": ("collection", lambda w: {
        "collectionId": w.filled, "entityIds": [w.image]}),
    "entities-collections.list": ("project", lambda w: {"projectId": w.project}),
    "entities-collections.remove": ("collection", lambda w: {"id": w.collection}),
    "figures.bulk.add": ("image", lambda w: {"entityId": w.image, "figures": [
        {"classId": w.klass, "geometryType": "rectangle", "geometry": BOX}]}),
    "figures.bulk.download.geometry": ("figure", lambda w: {"ids": [w.figure]}),
    "figures.bulk.remove": ("figure", lambda w: {"figureIds": [w.figure]}),
    "figures.bulk.restore": ("figure", lambda w: {"figureIds": [w.figure]}),
    "figures.bulk.upload.geometry": ("figure", upload),
    "figures.custom-data.update": ("figure", lambda w: {"id": w.figure, "customData": {"a": 1}}),
    "figures.editInfo": ("figure", lambda w: {"id": w.figure, "description": "d"}),
    "figures.history": ("figure", lambda w: {"id": w.figure}),
    "figures.history.restore": ("figure", lambda w: {"id": w.figure, "versionId": w.version}),
    "figures.info": ("figure", lambda w: {"id": w.figure}),
    "figures.list": ("dataset", lambda w: {"datasetId": w.dataset}),
    "figures.priority.update": ("figure", lambda w: {"id": w.figure, "priority": 7}),
    "figures.tags.bulk.add": ("figure", lambda w: {"projectId": w.project, "tags": [
        {"tagId": w.tag, "figureId": w.figure, "value": "v"}]}),
    "figures.tags.list": ("figure", lambda w: {"id": w.figure}),
    "file-storage.bulk.remove": ("team", lambda w: {"teamId": w.team, "paths": [w.file["path"]]}),
    "file-storage.bulk.upload": ("team", team_file),
    "file-storage.download": ("team", lambda w: {"teamId": w.team, "path": w.file["path"]}),
    "file-storage.info": ("file", lambda w: {"id": w.file["id"]}),
    "file-storage.list": ("team", lambda w: {"teamId": w.team, "path": "/"}),
    "file-storage.remove": ("team", lambda w: {"teamId": w.team, "path": w.file["path"]}),
    "file-storage.upload": ("team", team_file),
    "file-storage.v2.list": ("team", lambda w: {"teamId": w.team, "path": "/"}),
    "guides.add": ("team", lambda w: {"teamId": w.team, "name": w.name()}),
    "guides.disable": ("guide", lambda w: {"id": w.guide}),
    "guides.editInfo": ("guide", lambda w: {"id": w.guide, "text": "t"}),
    "guides.info": ("guide", lambda w: {"id": w.guide}),
    "guides.list": ("team", lambda w: {"teamId": w.team}),
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
    "issues.add": ("team", lambda w: {"teamId": w.team, "name": w.name()}),
    "issues.comments.add": ("issue", lambda w: {"issueId": w.issue, "comment": "c"}),
    "issues.comments.editInfo": ("issue", lambda w: {"id": w.comment, "comment": "d"}),
    "issues.dataset-issues.list": ("dataset", lambda w: {"datasetId": w.part and w.dataset}),
    "issues.editInfo": ("issue", lambda w: {"id": w.issue, "status": "closed"}),
    "issues.info": ("issue", lambda w: {"id": w.issue}),
    "issues.list": ("team", lambda w: {"teamId": w.team}),
    "issues.remove": ("issue", lambda w: {"id": w.issue}),
    "issues.sub-issue.add": ("issue", lambda w: {"issueId": w.issue, "bindings": [
        {"field": "imageId", "value": w.image}]}),
    "issues.sub-issue.editInfo": ("issue", lambda w: {"id": w.part, "status": "closed"}),
    "jobs.add": ("dataset", lambda w: {"name": w.name(), "datasetId": w.dataset, "meta": {},
                                       "userIds": [w.image and w.labeler.id]}),
    "jobs.archive": ("job", lambda w: {"id": w.job}),
    "jobs.bulk.archive": ("job", lambda w: {"ids": [w.job]}),
    "jobs.bulk.remove": ("job", lambda w: {"ids": [w.job]}),
    "jobs.bulk.unarchive": ("job", lambda w: {"ids": [w.job]}),
    "jobs.comments.list": ("job", lambda w: {"jobId": w.job}),
    "jobs.editInfo": ("job", lambda w: {"id": w.job, "customData": {"a": 1}}),
    "jobs.entities.add-annotation-duration": ("job", lambda w: {
        "jobId": w.job, "entityId": w.image, "duration": 5}),
    "jobs.entities.update-review-status": ("job", lambda w: {"jobId": w.job, "entityId": w.image,
                                                             "status": "done"}),
    "jobs.events": ("job", lambda w: {"jobId": w.job, "once": True}),
    "jobs.figure.update-review-status": ("job", lambda w: {
        "jobId": w.job, "figureId": w.figure, "classReviewStatus": "approved"}),
    "jobs.info": ("job", lambda w: {"id": w.job}),
    "jobs.list": ("team", lambda w: {"teamId": w.team}),
    "jobs.pause": ("job", lambda w: {"id": w.job}),
    "jobs.bulk.set-priority": ("job", lambda w: {"jobs": [{"id": w.job, "priority": 2}]}),
    "jobs.quality.stats": ("job", lambda w: {"jobId": w.job}),
    "jobs.reject": ("job", lambda w: {"id": w.job, "mode": "unmarked"}),
    "jobs.restart": ("job", lambda w: {"id": w.job, "restartEntitiesMode": "not_accepted"}),
    "jobs.tag.update-review-status": ("job", lambda w: {
        "jobId": w.job, "tagId": w.image_tag, "entityId": w.image, "reviewStatus": "rejected"}),
    "jobs.verdicts.list": ("job", lambda w: {"jobId": w.job, "entityId": w.image}),
    "jobs.rounds.diff": ("job", lambda w: {"jobId": w.job, "entityId": w.image}),
    "jobs.set-status": ("job", lambda w: {"id": w.job, "status": "in_progress"}),
    "jobs.stats": ("job", lambda w: {"id": w.job}),
    "figures.add-annotation-duration": ("figure", lambda w: {"figureId": w.figure, "duration": 5}),
    "jobs.stop": ("job", lambda w: {"id": w.job}),
    "labeling-performance.classes": ("team", lambda w: {"teamId": w.team}),
    "labeling-performance.export": ("team", lambda w: {"teamId": w.team}),
    "labeling-performance.members": ("team", lambda w: {"teamId": w.team}),
    "labeling-performance.review-time": ("team", lambda w: {"teamId": w.team}),
    "labeling-performance.summary": ("team", lambda w: {"teamId": w.team}),
    "labeling-performance.tags": ("team", lambda w: {"teamId": w.team}),
    "labeling-performance.timeline": ("team", lambda w: {"teamId": w.team}),
    "labeling-queues.add": ("dataset", lambda w: {
        "name": w.name(), "datasetId": w.image and w.dataset, "userIds": [w.labeler.id],
        "reviewerIds": []}),
    "labeling-queues.archive": ("queue", lambda w: {"id": w.queue}),
    "labeling-queues.bulk.remove": ("queue", lambda w: {"ids": [w.queue]}),
    "labeling-queues.entities.get-next": ("job", lambda w: {"id": w.queue and w.queue_job}),
    "labeling-queues.entities.heartbeat": ("job", lambda w: {"entityId": w.pulled,
                                                             "id": w.queue_job}),
    "labeling-queues.entities.skip": ("job", lambda w: {"entityId": w.pulled, "id": w.queue_job}),
    "labeling-queues.info": ("queue", lambda w: {"id": w.queue}),
    "labeling-queues.list": ("team", lambda w: {"teamId": w.team}),
    "labeling-queues.set-status": ("queue", lambda w: {"id": w.queue, "status": "stopped"}),
    "labeling-queues.stats.entities": ("queue", lambda w: {"id": w.queue}),
    "labeling-queues.stats": ("queue", lambda w: {"id": w.queue}),
    "labeling-queues.unarchive": ("queue", lambda w: {"id": w.queue}),
    "labeling-queues.users.add": ("queue", lambda w: {"id": w.queue, "userIds": [w.user.id]}),
    "labeling-queues.users.remove": ("queue", lambda w: {"id": w.queue, "reviewerIds": [w.server.user_id]}),
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
    "projects.activity": ("project", lambda w: {"id": w.project}),
    "projects.add": ("workspace", lambda w: {"workspaceId": w.workspace, "name": w.name()}),
    "projects.archive": ("project", lambda w: {"id": w.project}),
    "projects.clone": ("workspace", lambda w: {"id": w.figure and w.project, "workspaceId": w.workspace,
                                               "name": w.name()}),
    "projects.remove.permanently": ("instance", lambda w: {"projects": [{"id": w.archived_project}]}),
    "projects.list.all": ("instance", lambda w: {}),
    "projects.workspace.set": ("project", lambda w: {"id": w.project, "workspaceId": w.ok(
        "workspaces.add", {"teamId": w.team, "name": w.name()})["id"]}),
    "tags.bulk.add": ("project", lambda w: {"projectId": w.project, "tags": [
        {"title": w.name(), "color": "#000000", "settings": {"type": "none"}}]}),
    "advanced.tags.editInfo": ("tag", lambda w: {"id": w.tag, "title": w.name()}),
    "datasets.favorite-change": ("dataset", lambda w: {"id": w.dataset, "isFavorite": True}),
    "projects.embeddings-in-progress.update": ("project", lambda w: {
        "id": w.project, "embeddingsInProgress": True}),
    "tags.list": ("project", lambda w: {"projectId": w.project}),
    "tasks.info": ("task", lambda w: {"id": w.task}),
    "tasks.list": ("workspace", lambda w: {"workspaceId": w.workspace}),
    "projects.classes.remove": ("project", lambda w: {"projectId": w.project, "id": w.klass}),
    "projects.tags.remove": ("project", lambda w: {"projectId": w.project, "id": w.tag}),
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
    "teams.events": ("team", lambda w: {"teamId": w.team, "once": True}),
    "teams.info": ("team", lambda w: {"id": w.team}),
    "teams.list": ("login", lambda w: {}),
    "users.add": ("instance", lambda w: {"login": w.name(), "password": "a-password"}),
    "users.disable": ("instance", lambda w: {"id": w.server.user().id, "disable": True}),
    "users.editInfo": ("user", lambda w: {"id": w.user.id, "name": "n"}),
    "users.info": ("user", lambda w: {"id": w.user.id}),
    "users.list": ("instance", lambda w: {}),
    "users.me": ("login", lambda w: {}),
    "webhooks.add": ("team", lambda w: {"teamId": w.team, "url": "http://192.0.2.1/",
                                        "action": "labeling_job.completed"}),
    "webhooks.bulk.remove": ("webhook", lambda w: {"ids": [w.webhook]}),
    "webhooks.deliveries.info": ("delivery", lambda w: {"id": w.delivery}),
    "webhooks.deliveries.list": ("team", lambda w: {"teamId": w.team}),
    "webhooks.deliveries.redeliver": ("delivery", lambda w: {"id": w.delivery}),
    "webhooks.info": ("webhook", lambda w: {"id": w.webhook}),
    "webhooks.list": ("team", lambda w: {"teamId": w.team}),
    "webhooks.test": ("team", lambda w: {"teamId": w.team, "id": w.webhook}),
    "webhooks.update": ("webhook", lambda w: {"id": w.webhook, "url": "http://192.0.2.2/"}),
    "workspaces.add": ("team", lambda w: {"teamId": w.team, "name": w.name()}),
    "workspaces.archive": ("workspace", lambda w: {"id": w.workspace}),
    "workspaces.editInfo": ("workspace", lambda w: {"id": w.workspace, "description": "d"}),
    "workspaces.info": ("workspace", lambda w: {"id": w.workspace}),
    "workspaces.list": ("team", lambda w: {"teamId": w.team}),
}


def body_of(method, world):
    """Content and content type of a call."""
    body = CALLS[method][1](world)
    return body if isinstance(body, tuple) else (body, "application/json")


def path_of(method, world):
    """The method as it stands in the URL: uploads of files name their team there."""
    return f"{method}?teamId={world.team}" if CALLS[method][1] is team_file else method
