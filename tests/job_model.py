"""Labeling jobs as they should behave, in a few lines of Python: what a call answers, what it changes,
who sees what, and what the activity log says. test_model.py runs it beside the server."""

STATUSES = ("pending", "in_progress", "on_review", "review_completed", "completed", "stopped")
REVIEWS = ("none", "done", "accepted", "rejected", "quality_check_accepted")
ACCEPTED = ("accepted", "quality_check_accepted")
SUBMITS = {("pending", "in_progress"), ("pending", "on_review"), ("in_progress", "on_review")}
FINISHES = {(s, "completed") for s in ("in_progress", "on_review", "stopped")}


class Job:
    def __init__(self, creator, labeler, reviewer, images, checked=False, round=1, src=None):
        self.creator, self.labeler, self.reviewer = creator, labeler, reviewer
        self.entities = {image: "none" for image in images}
        self.status, self.disabled, self.removed = "pending", False, False
        self.checked, self.priority, self.round, self.src = checked, None, round, src
        self.events = [("create_job", None)]

    def counters(self):
        values = list(self.entities.values())
        done, rejected = values.count("done"), values.count("rejected")
        accepted = sum(v in ACCEPTED for v in values)
        return {"imagesCount": len(values), "finishedImagesCount": done,
                "acceptedImagesCount": accepted, "rejectedImagesCount": rejected,
                "progressImagesCount": done + accepted}

    def shown(self):
        return {"status": self.status, "disabled": self.disabled, "userId": self.labeler,
                "reviewerId": self.reviewer, "createdBy": self.creator, "priority": self.priority,
                "round": self.round, "srcJobId": self.src, **self.counters()}


class Model:
    """People by id: role "manager", "reviewer" (who may make jobs), "annotator" or "viewer"."""

    def __init__(self, roles, images):
        self.roles, self.images, self.jobs = roles, images, {}

    def held(self, who, job):
        """What somebody may do with a job; nothing: it does not exist for them."""
        if job is None or job.removed:
            return set()
        held = set()
        role = self.roles[who]
        if role == "manager" or (role == "reviewer" and job.creator == who):
            held |= {"review", "manage"}
        if job.reviewer == who:
            held.add("review")
        if job.labeler == who and not job.disabled and job.status in STATUSES[:2]:
            held.add("label")
        return held

    def sees(self, who, archived):
        """The jobs in somebody's list."""
        return {i for i, job in self.jobs.items() if self.held(who, job) and (
            archived or not job.disabled)}

    def refused(self, who, job_id, *need):
        held = self.held(who, self.jobs.get(job_id))
        return 404 if not held else 0 if held & set(need) else 403

    # ---- calls: each answers the status that the server must answer, and changes the model ----

    def add(self, who, labelers, reviewer, checked):
        """The jobs it makes are put in by made()."""
        role = self.roles[who]
        return {"annotator": 404, "viewer": 403}.get(role, 200)

    def made(self, ids, who, labelers, reviewer, checked):
        share, left = divmod(len(self.images), len(labelers))
        start = 0
        for n, (job_id, labeler) in enumerate(zip(ids, labelers)):
            end = start + share + (n < left)
            self.jobs[job_id] = Job(who, labeler, reviewer, self.images[start:end], checked)
            start = end

    def move(self, job, status):
        job.events.append(("update_job_status", {"from": job.status, "to": status}))
        job.status = status

    def set_status(self, who, job_id, status):
        job = self.jobs[job_id]
        if code := self.refused(who, job_id, "label", "review", "manage"):
            return code
        held, change = self.held(who, job), (job.status, status)
        if job.status == status:
            return 200
        if status == "review_completed" and not job.checked:
            return 400
        if "manage" not in held:
            reviews = change in FINISHES or change == ("on_review", "review_completed")
            if not (change in SUBMITS and "label" in held or reviews and "review" in held):
                return 403
            if status == "completed" and job.checked:
                return 403
        self.move(job, status)
        return 200

    def mark(self, job, image, status):
        job.entities[image] = status
        job.events.append(("image_review_status_updated", {"reviewStatus": status}))

    def review(self, who, job_id, image, status, comment):
        job = self.jobs[job_id]
        if code := self.refused(who, job_id, "label", "review"):
            return code
        if image not in job.entities:
            return 404
        held, old = self.held(who, job), job.entities[image]
        if old == status and not comment:
            return 200
        if "review" not in held and status not in ("none", "done"):
            return 403
        if status == "quality_check_accepted" and not job.checked:
            return 400
        if status == "quality_check_accepted" and "manage" not in held:
            return 403
        if "review" not in held and old in ACCEPTED:
            return 403
        if comment:
            job.events.append(("add_review_comment", {}))
        if old != status:
            if job.status == "pending" and "label" in held:
                self.move(job, "in_progress")
            self.mark(job, image, status)
        return 200

    def reject(self, who, job_id, unmarked):
        job = self.jobs[job_id]
        if code := self.refused(who, job_id, "review"):
            return code
        for image, status in job.entities.items():
            if status != "rejected" and not (unmarked and status in ACCEPTED):
                self.mark(job, image, "rejected")
        return 200

    def again(self, job, not_accepted):
        return [i for i, s in job.entities.items()
                if (s not in ACCEPTED if not_accepted else s == "rejected")]

    def restart(self, who, job_id, labelers, reviewer, not_accepted, complete):
        if code := self.refused(who, job_id, "review"):
            return code
        return 400 if len(self.again(self.jobs[job_id], not_accepted)) < len(labelers) else 200

    def restarted(self, ids, who, job_id, labelers, reviewer, not_accepted, complete):
        job = self.jobs[job_id]
        images = self.again(job, not_accepted)
        share, left = divmod(len(images), len(labelers))
        start = 0
        for n, (new_id, labeler) in enumerate(zip(ids, labelers)):
            end = start + share + (n < left)
            new = Job(who, labeler, reviewer or job.reviewer, images[start:end], job.checked, job.round + 1, job_id)
            new.priority = job.priority
            self.jobs[new_id] = new
            start = end
        for image in images:
            if job.entities[image] != "rejected":
                self.mark(job, image, "rejected")
        if complete and job.status != "completed":
            self.move(job, "completed")

    def archive(self, who, job_id, disabled):
        job = self.jobs[job_id]
        if code := self.refused(who, job_id, "manage"):
            return code
        if job.disabled != disabled:
            job.events.append(("disable_job" if disabled else "restore_job", {}))
        job.disabled = disabled
        return 200

    def remove(self, who, job_id):
        job = self.jobs[job_id]
        if job.removed and (self.roles[who] == "manager" or job.creator == who):
            return 200  # again
        if code := self.refused(who, job_id, "manage"):
            return code
        job.removed = True
        job.events.append(("remove_job", {}))
        return 200

    def edit(self, who, job_id, change):
        job = self.jobs[job_id]
        if code := self.refused(who, job_id, "manage"):
            return code
        for key, was in (("userId", job.labeler), ("reviewerId", job.reviewer)):
            if was and change.get(key, was) != was:
                job.events.append(("unassign_job", {"userId": was}))
        job.labeler = change.get("userId", job.labeler)
        job.reviewer = change.get("reviewerId", job.reviewer)
        job.events.append(("update_job", {}))
        return 200

    def set_priority(self, who, job_id, priority):
        job = self.jobs[job_id]
        if code := self.refused(who, job_id, "manage"):
            return code
        if job.priority != priority:
            job.events.append(("update_job", {}))
        job.priority = priority
        return 200

    def draw(self, who, job_id):
        """One object on an image of the job, with x-job-id."""
        job, role = self.jobs[job_id], self.roles[who]
        held = self.held(who, job)
        if role != "manager" and not held & {"label", "review"}:
            return 404 if role == "annotator" else 403
        if held:
            job.events.append(("create_figure", {}))
        return 200
