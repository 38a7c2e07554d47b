"""The labeling-jobs tutorial, step by step, with the stock SDK against a running labeld.

Needs SERVER_ADDRESS, API_TOKEN, TEAM_ID, PROJECT_ID, USER_ID and USER_LOGIN in the environment, as
`make demo` sets them. May be run any number of times on one server.
"""

import os
import sys

import supervisely as sly


def prepare_project(api, project_id):
    """Classes kiwi and lemon, tags size and origin: what the tutorial's helper adds."""
    meta = sly.ProjectMeta.from_json(api.project.get_meta(project_id))
    names = ["lemon", "kiwi"]
    tags = [
        sly.TagMeta("size", sly.TagValueType.ONEOF_STRING, ["small", "medium", "large"],
                    applicable_to=sly.TagApplicableTo.OBJECTS_ONLY, applicable_classes=names),
        sly.TagMeta("origin", sly.TagValueType.ANY_STRING,
                    applicable_to=sly.TagApplicableTo.OBJECTS_ONLY, applicable_classes=names),
    ]
    classes = [
        sly.ObjClass("lemon", sly.Bitmap, color=[80, 227, 194]),
        sly.ObjClass("kiwi", sly.Bitmap, color=[208, 2, 27]),
    ]
    for tag in tags:
        if tag not in meta.tag_metas:
            meta = meta.add_tag_meta(tag)
    for cls in classes:
        if cls not in meta.obj_classes:
            meta = meta.add_obj_class(cls)
    api.project.update_meta(project_id, meta.to_json())


def labeler(api, team_id, login, password):
    """Step 1: the account and its membership, made when they are missing."""
    user = api.user.get_info_by_login(login=login)
    if user is None:
        user = api.user.create(login=login, password=password, is_restricted=True)
    if api.user.get_team_role(user.id, team_id) is None:
        api.user.add_to_team(user.id, team_id, api.role.DefaultRole.ANNOTATOR)
    return user


def heading(text):
    print(f"\n--- {text}", flush=True)


def main():
    team_id, project_id = sly.env.team_id(), sly.env.project_id()
    user_login = sly.env.user_login()
    api = sly.Api.from_env()
    project = api.project.get_info_by_id(project_id)
    prepare_project(api, project_id)

    heading("Step 1. Annotators")
    labeler_1 = labeler(api, team_id, "labeler_1", "11111abc")
    labeler_2 = labeler(api, team_id, "labeler_2", "22222abc")
    print(labeler_1.login, labeler_2.login)

    heading("Step 2. Project and datasets")
    print(sly.ProjectMeta.from_json(api.project.get_meta(project_id)))
    datasets = api.dataset.get_list(project.id)
    print(datasets)

    heading("Step 3. Labeling job for labeler 1: class lemon, the whole dataset")
    text = {"readme": "annotation manual for fruits in markdown format here (optional)",
            "description": "short description is here (optional)"}
    created_jobs = api.labeling_job.create(
        name="labeler1_lemons_task", dataset_id=datasets[0].id, user_ids=[labeler_1.id],
        classes_to_label=["lemon"], **text)
    print(created_jobs)
    api.labeling_job.stop(created_jobs[0].id)

    heading("Labeling job for labeler 2: class kiwi, two tags, limits, half of the images")
    images = api.image.get_list(dataset_id=datasets[0].id)
    selected = [image.id for image in images][: len(images) // 2]
    created_jobs = api.labeling_job.create(
        name="labeler2_kiwi_task_with_complex_settings", dataset_id=datasets[0].id,
        user_ids=[labeler_2.id], classes_to_label=["kiwi"], objects_limit_per_image=10,
        tags_to_label=["size", "origin"], tags_limit_per_image=20, images_ids=selected, **text)
    print(created_jobs)

    heading("All labeling jobs of the team")
    jobs = api.labeling_job.get_list(team_id)
    print(jobs)

    heading("Those created by the user")
    user = api.user.get_info_by_login(user_login)
    print(api.labeling_job.get_list(team_id, created_by_id=user.id))

    heading("Of these, those of labeler 2")
    print(api.labeling_job.get_list(team_id, created_by_id=user.id, assigned_to_id=labeler_2.id))

    heading("Statuses")
    status = api.labeling_job.Status
    print(repr(api.labeling_job.get_status(jobs[-2].id)))
    print(repr(api.labeling_job.get_status(jobs[-1].id)))
    assert api.labeling_job.get_status(jobs[-2].id) is status.STOPPED
    assert api.labeling_job.get_status(jobs[-1].id) is status.PENDING
    api.labeling_job.set_status(id=jobs[-1].id, status="completed")
    print(repr(api.labeling_job.get_status(jobs[-1].id)))
    api.labeling_job.wait(jobs[-1].id, target_status=status.COMPLETED)

    heading("Archive and remove")
    api.labeling_job.archive(jobs[-2].id)
    left = [job.id for job in api.labeling_job.get_list(team_id)]
    print("in the list after archiving job", jobs[-2].id, ":", left)
    assert jobs[-2].id not in left and jobs[-1].id in left
    spare = api.labeling_job.create(name="to be removed", dataset_id=datasets[0].id,
                                    user_ids=[labeler_1.id, labeler_2.id])
    api.labeling_job.remove(spare[0].id)
    api.labeling_job.remove_batch([job.id for job in spare[1:]])
    assert all(api.labeling_job.get_info_by_id(job.id) is None for job in spare)
    print("removed", [job.id for job in spare])


if __name__ == "__main__":
    sys.exit(main())
