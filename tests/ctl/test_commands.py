"""Every command of labelctl on a real server: what it does, as the stock SDK sees it, and what it refuses."""

import json
import secrets
from types import SimpleNamespace

import pytest
import supervisely as sly

import labeld
from labelctl import Ctl, commands

CASES = {}


def does(name, *refusals):
    """The check of a command, and its refusals: (exit code, arguments, what the message says). In
    arguments {dataset} and the like stand for ids of the world."""
    def keep(check):
        CASES[name] = (check, refusals)
        return check
    return keep


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = labeld.Server().start()
    home = tmp_path_factory.mktemp("home")
    people = {n: server.user(n, role) for n, role in
              (("lena", labeld.ANNOTATOR), ("lars", labeld.ANNOTATOR), ("rita", labeld.REVIEWER), ("vera", labeld.VIEWER))}
    api = server.sdk()
    meta = sly.ProjectMeta([sly.ObjClass("lemon", sly.Rectangle), sly.ObjClass("kiwi", sly.Polygon)],
                           [sly.TagMeta("ripe", sly.TagValueType.NONE), sly.TagMeta("weight", sly.TagValueType.ANY_NUMBER),
                            sly.TagMeta("origin", sly.TagValueType.ONEOF_STRING, possible_values=["Spain", "Peru"])])
    api.project.update_meta(server.project_id, meta)
    yield SimpleNamespace(
        server=server, api=api, home=home, ctl=Ctl(server, home, TEAM_ID=server.team_id), people=people,
        lena=Ctl(server, home, people["lena"].token), vera=Ctl(server, home, people["vera"].token), team=server.team_id, dataset=server.dataset_id,
        project=server.project_id, workspace=server.workspace_id, images=sorted(
            i.id for i in api.image.get_list(server.dataset_id)), login="lena")
    server.close()


def unique(prefix):
    return f"{prefix}_{secrets.token_hex(4)}"


def new_job(w, **more):
    return w.api.labeling_job.create(unique("job"), w.dataset, [w.people["lena"].id], **more)[0]


def project_of(w):
    """A project with a dataset and two images of its own."""
    project = w.api.project.create(w.workspace, unique("p"))
    dataset = w.api.dataset.create(project.id, "ds")
    return project, dataset, [i.id for i in w.api.image.upload_ids(dataset.id, ["a.jpeg", "b.jpeg"], w.images[:2])]


# ---- who one is ----

@does("login", (2, "login", "please give URL"), (2, "login {url}", "--login"),
      (2, "login {url} --token-stdin --login x", "neither"), (4, "login {url} --login admin", "password"),
      (2, "login ftp://x --login admin", "not the address"), (5, "login 127.0.0.1:1 --login admin --retries 1", "no answer"))
def login(w):
    ctl = Ctl(None, w.home)
    done = ctl.run("login", w.server.url, "--login", "admin", stdin="admin-password\n")
    assert "admin is logged in" in done.stdout
    assert ctl.json("user me")["login"] == "admin"


@does("logout", (2, "logout now", "too many"))
def logout(w):
    ctl = Ctl(None, w.home)
    ctl.run("login", w.server.url, "--token-stdin", stdin=w.server.token + "\n")
    ctl.run("team list")
    ctl.run("logout")
    ctl.refused(4, "team list", text="labelctl login")
    ctl.run("logout")


@does("user me", (2, "user me --team 3", "no option --team"))
def user_me(w):
    assert w.lena.json("user me")["id"] == w.people["lena"].id
    assert "lena" in w.lena.run("user me").stdout


# ---- accounts ----

@does("user list", (3, "user list --team 99999", "team"), (2, "user list --team -1", "positive"))
def user_list(w):
    members = {m.login: m for m in w.api.user.get_team_members(w.team)}
    rows = w.ctl.rows("user list")
    assert {r["LOGIN"]: (r["ID"], r["ROLE"]) for r in rows} == {
        m.login: (str(m.id), m.role) for m in members.values()}
    assert {u["login"] for u in w.ctl.json("user list", "--all")} >= set(members)


@does("user info", (3, "user info nobody", "no user 'nobody'"), (3, "user info 99999", "user"))
def user_info(w):
    by_login, by_id = w.ctl.json("user info", "lena"), w.ctl.json("user info", w.people["lena"].id)
    assert by_login == by_id and by_login["login"] == "lena"


@does("user create", (2, "user create x", "--password-stdin"), (2, "user create", "please give LOGIN"),
      (6, "user create lena --password-stdin", "login"))
def user_create(w):
    name = unique("new")
    w.ctl.run("user create", name, "--password-stdin", "--name", "New One", "--email", "n@example.org",
              "--restricted", stdin="a-password\n")
    user = w.api.user.get_info_by_login(name)
    assert (user.name, user.email) == ("New One", "n@example.org")
    w.ctl.run("user add", name, "--role", "viewer")  # nobody without a team may log in
    assert sly.Api.from_credentials(w.server.url, name, "a-password").token
    w.ctl.refused(6, "user create", unique("x"), "--password-stdin", stdin="short\n", text="8 to 256")
    w.lena.refused(4, "user create", unique("x"), "--password-stdin", stdin="a-password\n", text="administrator")


@does("user update", (2, "user update lena", "please give --name"), (3, "user update nobody --name x", "nobody"))
def user_update(w):
    user = w.server.user(role=labeld.ANNOTATOR)
    w.ctl.run("user update", user.login, "--name", "Other")
    assert w.api.user.get_info_by_id(user.id).name == "Other"
    w.ctl.run("user update", user.login, "--password-stdin", stdin="another-password\n")
    assert sly.Api.from_credentials(w.server.url, user.login, "another-password").token


@does("user disable", (3, "user disable 99999", "user"), (2, "user disable", "please give USER"))
def user_disable(w):
    users = [w.server.user(), w.server.user()]
    done = w.ctl.json("user disable", *[u.id for u in users])
    assert done == [{"id": u.id, "done": "disabled"} for u in users]
    assert all(w.api.user.get_info_by_id(u.id).disabled for u in users)


@does("user enable", (3, "user enable nobody", "nobody"))
def user_enable(w):
    user = w.server.user(role=labeld.ANNOTATOR)
    w.ctl.run("user disable", user.login)
    w.ctl.run("user enable", user.id)
    assert not w.api.user.get_info_by_id(user.id).disabled


@does("user add", (2, "user add lena", "please give --role"), (2, "user add lena --role king", "one of"),
      (6, "user add nobody --role viewer", "nobody"))
def user_add(w):
    users = [w.server.user(), w.server.user()]
    w.ctl.run("user add", *[u.login for u in users], "--role", "viewer")
    for user in users:
        assert w.api.user.get_member_info_by_id(w.team, user.id).role == "viewer"


@does("user role", (2, "user role lena", "please give --role"), (3, "user role nobody --role viewer", "nobody"))
def user_role(w):
    user = w.server.user(role=labeld.ANNOTATOR)
    w.ctl.run("user role", user.login, "--role", "manager")
    assert w.api.user.get_member_info_by_id(w.team, user.id).role == "manager"


@does("user remove", (3, "user remove nobody", "nobody"), (2, "user remove", "please give USER"))
def user_remove(w):
    user = w.server.user(role=labeld.ANNOTATOR)
    w.ctl.run("user remove", user.login)
    assert user.id not in [m.id for m in w.api.user.get_team_members(w.team)]


# ---- teams, workspaces, activity ----

@does("team list", (2, "team list 4", "too many"))
def team_list(w):
    assert [t["id"] for t in w.ctl.json("team list")] == [t.id for t in w.api.team.get_list()]
    assert w.ctl.rows("team list")[0]["NAME"] == w.api.team.get_list()[0].name


@does("team info", (3, "team info 99999", "team"), (2, "team info x", "no id"), (2, "team info", "please give ID"),
      (2, "team info 0", "positive"))
def team_info(w):
    assert w.ctl.json("team info", w.team)["id"] == w.team


@does("team create", (2, "team create", "please give NAME"), (2, "team create a b", "too many"))
def team_create(w):
    owner = w.server.user(restricted=False)
    name = unique("team")
    made = Ctl(w.server, w.home, owner.token).json("team create", name, "--description", "fruits")
    team = w.server.sdk(owner.token).team.get_info_by_id(made["id"])
    assert (team.name, team.description) == (name, "fruits")


@does("workspace list", (3, "workspace list --team 99999", "team"))
def workspace_list(w):
    assert [x["id"] for x in w.ctl.json("workspace list")] == [x.id for x in w.api.workspace.get_list(w.team)]


@does("workspace info", (3, "workspace info 99999", "workspace"))
def workspace_info(w):
    assert w.ctl.json("workspace info", w.workspace)["name"] == "Testing Workspace"


@does("workspace create", (3, "workspace create x --team 99999", "team"))
def workspace_create(w):
    owner = w.server.user(restricted=False)
    made = Ctl(w.server, w.home, owner.token).json("workspace create", "Orchard", "--description", "trees")
    got = w.server.sdk(owner.token).workspace.get_info_by_id(made["id"])
    assert (got.name, got.description) == ("Orchard", "trees")
    Ctl(w.server, w.home, owner.token).refused(6, "workspace create", "Orchard", text="Orchard")
    w.vera.refused(4, "workspace create", "Mine")


@does("activity", (3, "activity --team 99999", "team"), (3, "activity --user nobody", "nobody"),
      (2, "activity --user lena --user lars", "once"), (6, "activity --from yesterday", "date"))
def activity(w):
    job = new_job(w)
    mine = w.ctl.json("activity", "--job", job.id, "--type", "create_job")
    assert [e["jobId"] for e in mine] == [job.id]
    assert len(w.ctl.rows("activity", "--limit", 3)) == 3
    assert w.ctl.json("activity", "--user", "rita") == []
    assert w.ctl.json("activity", "--until", "2001-01-01T00:00:00.000Z") == []
    all_of_them = w.ctl.json("activity", "--limit", 0)
    assert len(all_of_them) == len(w.api.team.get_activity(w.team))


# ---- projects and datasets ----

@does("project list", (2, "project list --all --team 1", "neither"), (3, "project list --workspace 99999", "workspace"),
      (6, "project list --sort color", "sort"))
def project_list(w):
    rows = w.ctl.rows("project list", "--workspace", w.workspace, "--sort", "id")
    assert [int(r["ID"]) for r in rows] == sorted(p.id for p in w.api.project.get_list(w.workspace))
    assert rows[0]["NAME"] == "Lemons (Test)" and rows[0]["IMAGES"] == "6"
    assert [p["id"] for p in w.ctl.json("project list", "--all", "--name", "Lemons (Test)")] == [w.project]
    assert w.ctl.json("project list", "--name", "no such") == []
    assert len(w.ctl.json("project list", "--all", "--limit", 1)) == 1


@does("project info", (3, "project info 99999", "project"), (2, "project info 1 2", "too many"))
def project_info(w):
    assert w.ctl.json("project info", w.project)["name"] == "Lemons (Test)"
    assert "Lemons (Test)" in w.ctl.run("project info", w.project).stdout


@does("project create", (2, "project create x", "--workspace"), (3, "project create x --workspace 99999", "workspace"),
      (2, "project create", "please give NAME"))
def project_create(w):
    name = unique("p")
    made = w.ctl.json("project create", name, "--workspace", w.workspace, "--description", "sour")
    got = w.api.project.get_info_by_id(made["id"])
    assert (got.name, got.description, got.workspace_id) == (name, "sour", w.workspace)
    w.ctl.refused(6, "project create", name, "--workspace", w.workspace, text=name)
    w.vera.refused(4, "project create", unique("p"), "--workspace", w.workspace)


@does("project update", (2, "project update {project}", "please give"), (3, "project update 99999 --name x", "project"),
      (1, "project update {project} --readme /no/such", "/no/such"))
def project_update(w):
    project = w.api.project.create(w.workspace, unique("p"))
    name = unique("q")
    w.ctl.run("project update", project.id, "--name", name, "--description", "d", "--readme", "-", stdin="# Text\n")
    got = w.api.project.get_info_by_id(project.id)
    assert (got.name, got.description, got.readme) == (name, "d", "# Text\n")


@does("project remove", (3, "project remove 99999", "project"), (2, "project remove", "please give ID"))
def project_remove(w):
    ids = [w.api.project.create(w.workspace, unique("p")).id for _ in range(2)]
    w.ctl.run("project remove", *ids)
    assert not set(ids) & {p.id for p in w.api.project.get_list(w.workspace)}


@does("project meta", (3, "project meta 99999", "project"), (1, "project meta {project} --merge /no/such", "/no/such"),
      (2, "project meta {project} --merge -", "JSON"))
def project_meta(w):
    printed = sly.ProjectMeta.from_json(json.loads(w.ctl.run("project meta", w.project).stdout))
    assert printed == sly.ProjectMeta.from_json(w.api.project.get_meta(w.project))
    project = w.api.project.create(w.workspace, unique("p"))
    more = sly.ProjectMeta([sly.ObjClass("plum", sly.Bitmap)])
    w.ctl.run("project meta", project.id, "--merge", "-", stdin=json.dumps(more.to_json()))
    assert sly.ProjectMeta.from_json(w.api.project.get_meta(project.id)).obj_classes.get("plum")
    w.ctl.refused(6, "project meta", project.id, "--merge", "-", text="shape",
                  stdin=json.dumps({"classes": [{"title": "x", "shape": "blob", "color": "#123456"}], "tags": []}))


@does("project stats", (3, "project stats 99999", "project"))
def project_stats(w):
    assert json.loads(w.ctl.run("project stats", w.project).stdout) == w.api.project.get_stats(w.project)


@does("project upload", (1, "project upload /no/such --workspace {workspace}", "no folder"),
      (2, "project upload", "please give DIR"),
      (2, "project upload {source} --project {project} --name x", "neither"),
      (3, "project upload {source} --project 99999", "project"), (2, "project upload {source}", "--workspace"))
def project_upload(w):
    """The rest is in test_folders.py."""
    name = unique("up")
    (done,) = w.ctl.json("project upload", w.source, "--workspace", w.workspace, "--name", name)
    assert w.api.project.get_info_by_name(w.workspace, name).id == done["id"]
    w.ctl.refused(6, "project upload", w.source, "--workspace", w.workspace, "--name", name, text="--resume")


@does("project download", (3, "project download 99999 x", "project"), (2, "project download 1", "please give DIR"),
      (1, "project download {project} {source}", "not empty"))
def project_download(w):
    w.ctl.run("project download", w.project, w.home / "down")
    assert sly.Project(str(w.home / "down"), sly.OpenMode.READ).total_items == 6
    assert not (w.home / "x").exists()


@does("dataset list", (2, "dataset list", "please give --project"), (3, "dataset list --project 99999", "project"))
def dataset_list(w):
    project = w.api.project.create(w.workspace, unique("p"))
    top = w.api.dataset.create(project.id, "top")
    below = w.api.dataset.create(project.id, "below", parent_id=top.id)
    assert [int(r["ID"]) for r in w.ctl.rows("dataset list", "--project", project.id)] == [top.id]
    assert {d["id"] for d in w.ctl.json("dataset list", "--project", project.id, "--recursive")} == {top.id, below.id}
    assert w.ctl.json("dataset list", "--project", project.id, "--name", "x") == []


@does("dataset info", (3, "dataset info 99999", "dataset"))
def dataset_info(w):
    assert w.ctl.json("dataset info", w.dataset)["name"] == "ds1"


@does("dataset create", (2, "dataset create x", "--project"), (6, "dataset create ds1 --project {project}", "ds1"))
def dataset_create(w):
    project = w.api.project.create(w.workspace, unique("p"))
    top = w.ctl.json("dataset create", "a", "--project", project.id)
    below = w.ctl.json("dataset create", "b", "--project", project.id, "--parent", top["id"])
    assert w.api.dataset.get_info_by_id(below["id"]).parent_id == top["id"]
    w.vera.refused(4, "dataset create", "c", "--project", w.project)


@does("dataset update", (2, "dataset update {dataset}", "please give"), (3, "dataset update 99999 --name x", "dataset"))
def dataset_update(w):
    project, dataset, _ = project_of(w)
    other = w.api.dataset.create(project.id, "other")
    w.ctl.run("dataset update", dataset.id, "--name", "new", "--description", "text", "--parent", other.id)
    got = w.api.dataset.get_info_by_id(dataset.id)
    assert (got.name, got.description, got.parent_id) == ("new", "text", other.id)
    w.ctl.refused(6, "dataset update", other.id, "--parent", dataset.id)


@does("dataset remove", (3, "dataset remove 99999", "dataset"))
def dataset_remove(w):
    project, dataset, _ = project_of(w)
    w.ctl.run("dataset remove", dataset.id)
    assert w.api.dataset.get_list(project.id) == []


# ---- images ----

@does("image list", (2, "image list", "--dataset"), (2, "image list --dataset 1 --project 1", "--dataset"),
      (3, "image list --dataset 99999", "dataset"))
def image_list(w):
    rows = w.ctl.rows("image list", "--dataset", w.dataset, "--sort", "name", "--desc", "--limit", 4)
    expected = sorted((i.name for i in w.api.image.get_list(w.dataset)), reverse=True)[:4]
    assert [r["NAME"] for r in rows] == expected
    (one,) = w.ctl.json("image list", "--project", w.project, "--name", expected[0])
    assert one["name"] == expected[0]
    assert "nothing found" in w.ctl.run("image list", "--dataset", w.dataset, "--labelled").stderr


@does("image info", (3, "image info 99999", "image"))
def image_info(w):
    assert w.ctl.json("image info", w.images[0])["hash"] == w.api.image.get_info_by_id(w.images[0]).hash
    assert "image/jpeg" in w.ctl.run("image info", w.images[0]).stdout


@does("image upload", (2, "image upload x.png", "--dataset"), (1, "image upload /no/such.png --dataset {dataset}", "/no/such"),
      (2, "image upload {photo} --dataset {dataset} --conflict maybe", "one of"),
      (3, "image upload {photo} --dataset 99999", "dataset"), (6, "image upload {photo} --dataset {dataset}", "IMG_0748"))
def image_upload(w):
    _, dataset, _ = project_of(w)
    photos = sorted((labeld.ROOT / "demo").glob("*.jpeg"))
    made = w.ctl.json("image upload", *photos, "--dataset", dataset.id)
    names = [p.name for p in photos]
    assert [m["name"] for m in made] == names
    api = w.api.image
    assert api.download_bytes(dataset.id, [made[2]["id"]]) and next(
        iter(api.download_bytes(dataset.id, [made[2]["id"]]))) == photos[2].read_bytes()
    again = w.ctl.json("image upload", *photos, "--dataset", dataset.id, "--conflict", "skip")
    assert [m["id"] for m in again] == [m["id"] for m in made]
    (renamed,) = w.ctl.json("image upload", photos[0], "--dataset", dataset.id, "--conflict", "rename")
    assert renamed["name"] == names[0].replace(".jpeg", "_001.jpeg")
    (replaced,) = w.ctl.json("image upload", photos[0], "--dataset", dataset.id, "--conflict", "replace")
    assert replaced["name"] == names[0] and replaced["id"] not in [m["id"] for m in made]
    (w.home / "text.png").write_text("no image")
    w.ctl.refused(6, "image upload", w.home / "text.png", "--dataset", dataset.id, text="text.png")
    w.vera.refused(4, "image upload", photos[0], "--dataset", w.dataset)


@does("image download", (2, "image download 1", "--to"), (3, "image download 99999 --to x.jpg", "image"),
      (1, "image download 1 2 --to /no/such", "no folder"), (1, "image download {image} --to /no/such/x", "/no/such"))
def image_download(w):
    infos = w.api.image.get_list(w.dataset)
    (w.home / "photos").mkdir(exist_ok=True)
    w.ctl.run("image download", *[i.id for i in infos], "--to", w.home / "photos")
    w.ctl.run("image download", infos[0].id, "--to", w.home / "one.jpeg")
    photos = labeld.ROOT / "demo"
    assert all((w.home / "photos" / i.name).read_bytes() == (photos / i.name).read_bytes() for i in infos)
    assert (w.home / "one.jpeg").read_bytes() == (photos / infos[0].name).read_bytes()


@does("image annotation", (3, "image annotation 99999", "image"), (1, "image annotation {image} --set /no/such", "/no/such"),
      (1, "image annotation {image} --set -", "no annotation"))
def image_annotation(w):
    project, _, (image, _) = project_of(w)
    meta = sly.ProjectMeta([sly.ObjClass("box", sly.Rectangle)])
    w.api.project.update_meta(project.id, meta)
    info = w.api.image.get_info_by_id(image)
    ann = sly.Annotation((info.height, info.width), [sly.Label(sly.Rectangle(10, 20, 30, 40), meta.get_obj_class("box"))])
    text = json.dumps(ann.to_json())
    w.ctl.run("image annotation", image, "--set", "-", stdin=text)
    fetched = sly.Annotation.from_json(w.api.annotation.download(image).annotation, meta)
    assert fetched.labels[0].geometry.to_json()["points"] == ann.labels[0].geometry.to_json()["points"]
    printed = sly.Annotation.from_json(json.loads(w.ctl.run("image annotation", image).stdout), meta)
    assert printed.labels[0].geometry.to_json()["points"] == ann.labels[0].geometry.to_json()["points"]
    w.ctl.refused(6, "image annotation", image, "--set", "-", stdin=text.replace('"box"', '"unknown"'), text="unknown")


@does("image tag", (2, "image tag {image}", "--tag"), (3, "image tag {image} --tag sweet", "no tag 'sweet'"),
      (3, "image tag 99999 --tag ripe", "image"), (6, "image tag {image} --tag origin=Mars", "Mars"))
def image_tag(w):
    w.ctl.run("image tag", *w.images[:2], "--tag", "ripe", "--tag", "weight=12.5", "--tag", "origin=Spain")
    for image in w.api.image.get_info_by_id_batch(w.images[:2]):
        assert {t["name"]: t.get("value") for t in image.tags} == {"ripe": None, "weight": 12.5, "origin": "Spain"}


@does("image remove", (2, "image remove", "please give ID"), (2, "image remove x", "no id"))
def image_remove(w):
    _, dataset, images = project_of(w)
    w.ctl.run("image remove", *images)
    assert w.api.image.get_list(dataset.id) == []
    w.vera.refused(4, "image remove", w.images[5])


# ---- jobs ----

@does("job create", (2, "job create", "please give --name"), (3, "job create --name x --dataset 99999 --user lena", "dataset"),
      (3, "job create --name x --dataset {dataset} --user nobody", "nobody"),
      (6, "job create --name x --dataset {dataset} --user lena --class pear", "pear"),
      (2, "job create --name x --dataset {dataset} --user lena --reviewer rita --reviewer lars", "one reviewer"),
      (2, "job create --name x --dataset {dataset} --user lena --image 1,,2", "positive"),
      (2, "job create --name x --name y", "twice"))
def job_create(w):
    (w.home / "manual.md").write_text("# how to\n")
    jobs = w.ctl.json("job create", "--name", "all of it", "--dataset", w.dataset, "--user", "lena", "--user",
                      w.people["lars"].id, "--reviewer", "rita", "--readme", "manual.md", "--description", "d",
                      "--class", "lemon", "--class", "kiwi", "--tag", "ripe", "--objects-limit", 7, "--tags-limit", 3,
                      "--image", f"{w.images[0]},{w.images[1]}", "--image", w.images[2])
    infos = [w.api.labeling_job.get_info_by_id(j["id"]) for j in jobs]
    assert {i.assigned_to_login for i in infos} == {"lena", "lars"}
    for i in infos:
        assert (i.reviewer_login, i.readme, i.description) == ("rita", "# how to\n", "d")
        assert (sorted(i.classes_to_label), i.tags_to_label) == (["kiwi", "lemon"], ["ripe"])
        assert (i.objects_limit_per_image, i.tags_limit_per_image) == (7, 3)
    assert sorted(e["id"] for i in infos for e in i.entities) == w.images[:3]
    w.vera.refused(4, "job create", "--name", "x", "--dataset", w.dataset, "--user", "lena")


@does("job list", (3, "job list --team 99999", "team"), (2, "job list --status lost", "one of"),
      (3, "job list --assignee nobody", "nobody"), (2, "job list --reviewer rita --reviewer lars", "once"),
      (2, "job list --limit many", "number"), (2, "job list --limit", "wants a value"))
def job_list(w):
    first, second = new_job(w), w.api.labeling_job.create(unique("job"), w.dataset, [w.people["lars"].id],
                                                        reviewer_id=w.people["rita"].id)[0]
    api = w.api.labeling_job
    api.stop(second.id)
    archived = new_job(w)
    api.archive(archived.id)

    def ids(*args):
        return {j["id"] for j in w.ctl.json("job list", *args)}
    assert ids() == {j.id for j in api.get_list(w.team)} and archived.id not in ids()
    assert archived.id in ids("--archived")
    assert ids("--assignee", "lars") == {j.id for j in api.get_list(w.team, assigned_to_id=w.people["lars"].id)}
    assert second.id in ids("--reviewer", "rita", "--status", "stopped") and first.id not in ids("--reviewer", "rita")
    assert first.id in ids("--exclude-status", "stopped", "--project", w.project, "--dataset", w.dataset)
    assert second.id not in ids("--exclude-status", "stopped")
    assert ids("--name", first.name) == {first.id} and ids("--created-by", "lena") == set()
    rows = w.ctl.rows("job list", "--sort", "id", "--desc", "--limit", 2)
    assert [int(r["ID"]) for r in rows] == sorted(ids(), reverse=True)[:2]
    assert w.ctl.rows("job list", "--name", second.name)[0]["STATUS"] == "stopped"


@does("job info", (3, "job info 99999", "job"), (2, "job info", "please give ID"))
def job_info(w):
    job = new_job(w, classes_to_label=["lemon"])
    assert w.ctl.json("job info", job.id)["name"] == job.name
    shown = w.ctl.run("job info", job.id).stdout
    assert "lemon" in shown and "pending" in shown and job.name in shown


@does("job images", (3, "job images 99999", "job"))
def job_images(w):
    job = new_job(w, images_ids=w.images[:2])
    rows = w.ctl.rows("job images", job.id)
    assert sorted(int(r["ID"]) for r in rows) == w.images[:2] and {r["VERDICT"] for r in rows} == {"none"}
    assert sorted(e["id"] for e in w.ctl.json("job images", job.id)) == w.images[:2]


@does("job status", (3, "job status 99999", "job"), (3, "job status 99999 completed", "job"),
      (6, "job status {job} sleeping", "status"))
def job_status(w):
    job = new_job(w)
    assert w.ctl.run("job status", job.id).stdout == "pending\n"
    w.ctl.run("job status", job.id, "completed")
    assert str(w.api.labeling_job.get_status(job.id)) == "completed"
    assert w.ctl.json("job status", job.id) == {"id": job.id, "status": "completed"}


@does("job wait", (2, "job wait 1 sleeping", "one of"), (3, "job wait 99999 completed", "job"),
      (7, "job wait {job} completed --attempts 2 --interval-ms 10", ""))
def job_wait(w):
    job = new_job(w)
    waiting = w.ctl.start("job wait", job.id, "completed", "--interval-ms", "20")
    w.api.labeling_job.set_status(job.id, "completed")
    assert waiting.wait(timeout=30) == 0


@does("job stop", (3, "job stop 99999", "job"))
def job_stop(w):
    jobs = [new_job(w).id, new_job(w).id]
    assert w.ctl.run("job stop", *jobs).stdout == "".join(f"job {j}: stopped\n" for j in jobs)
    assert {str(w.api.labeling_job.get_status(j)) for j in jobs} == {"stopped"}


@does("job archive", (3, "job archive {job} 99999", "99999"))
def job_archive(w):
    job = new_job(w)
    w.ctl.run("job archive", job.id)
    assert job.id not in [j.id for j in w.api.labeling_job.get_list(w.team)]
    w.ctl.refused(3, "job archive", w.job, 99999)
    assert not w.api.labeling_job.get_info_by_id(w.job).disabled


@does("job unarchive", (3, "job unarchive 99999", "job"))
def job_unarchive(w):
    job = new_job(w)
    w.api.labeling_job.archive(job.id)
    w.ctl.run("job unarchive", job.id)
    assert job.id in [j.id for j in w.api.labeling_job.get_list(w.team)]


@does("job remove", (3, "job remove 99999", "job"))
def job_remove(w):
    jobs = [new_job(w).id, new_job(w).id]
    w.ctl.run("job remove", *jobs)
    assert not set(jobs) & {j.id for j in w.api.labeling_job.get_list(w.team, show_disabled=True)}


@does("job stats", (3, "job stats 99999", "job"))
def job_stats(w):
    job = new_job(w)
    assert json.loads(w.ctl.run("job stats", job.id).stdout)["job"]["id"] == job.id


@does("job clone", (3, "job clone 99999", "job"), (3, "job clone {job} --user nobody", "nobody"))
def job_clone(w):
    job = new_job(w, images_ids=w.images[:2])
    (made,) = w.ctl.json("job clone", job.id, "--name", "twin", "--user", "lars", "--reviewer", "rita")
    twin = w.api.labeling_job.get_info_by_id(made["id"])
    assert (twin.name, twin.assigned_to_login, twin.reviewer_login) == ("twin", "lars", "rita")
    assert sorted(e["id"] for e in twin.entities) == w.images[:2]


@does("job restart", (6, "job restart {job}", "no images"), (3, "job restart 99999", "job"))
def job_restart(w):
    api = w.api.labeling_job
    job = new_job(w, images_ids=w.images[:2])
    for status in ("in_progress", "on_review"):
        api.set_status(job.id, status)
    api.set_entity_review_status(job.id, w.images[0], "rejected")
    api.set_entity_review_status(job.id, w.images[1], "accepted")
    (made,) = w.ctl.json("job restart", job.id, "--name", "again")
    again = api.get_info_by_id(made["id"])
    assert again.name == "again" and [e["id"] for e in again.entities] == [w.images[0]]


@does("job review", (2, "job review {job} perfect --image 1", "VERDICT"), (2, "job review {job} accepted", "--image"),
      (3, "job review {job} accepted --image 99999", "99999"))
def job_review(w):
    api = w.api.labeling_job
    job = new_job(w, images_ids=w.images[:3])
    api.set_status(job.id, "in_progress")
    w.ctl.run("job review", job.id, "done", "--image", ",".join(map(str, w.images[:3])))
    api.set_status(job.id, "on_review")
    w.ctl.run("job review", job.id, "accepted", "--image", w.images[0], "--image", w.images[1])
    verdicts = {e["id"]: e["reviewStatus"] for e in api.get_info_by_id(job.id).entities}
    assert verdicts == dict(zip(w.images, ["accepted", "accepted", "done"]))


@does("job reject", (3, "job reject 99999", "job"))
def job_reject(w):
    api = w.api.labeling_job
    job = new_job(w, images_ids=w.images[:2])
    for status in ("in_progress", "on_review"):
        api.set_status(job.id, status)
    api.set_entity_review_status(job.id, w.images[0], "accepted")
    w.ctl.run("job reject", job.id, "--unmarked")
    verdicts = {e["id"]: e["reviewStatus"] for e in api.get_info_by_id(job.id).entities}
    assert verdicts == {w.images[0]: "accepted", w.images[1]: "rejected"}


@does("job assign", (2, "job assign {job}", "please give"), (2, "job assign {job} --user lena --user lars", "one labeler"),
      (3, "job assign 99999 --user lena", "job"), (6, "job assign {job} --priority 9", "priority"))
def job_assign(w):
    job = new_job(w)
    w.ctl.run("job assign", job.id, "--user", "lars", "--reviewer", "rita", "--priority", 4)
    got = w.api.labeling_job.get_info_by_id(job.id)
    assert (got.assigned_to_login, got.reviewer_login) == ("lars", "rita")
    assert w.ctl.json("job info", job.id)["priority"] == 4


# ---- queues ----

def new_queue(w, *more):
    return w.ctl.json("queue create", "--name", unique("q"), "--dataset", w.dataset, "--user", "lena", "--reviewer",
                      "rita", *more)


@does("queue create", (2, "queue create --name x --dataset {dataset} --user lena", "--reviewer"),
      (3, "queue create --name x --dataset {dataset} --user nobody --reviewer rita", "nobody"),
      (6, "queue create --name x --dataset {dataset} --user lena --reviewer rita --class pear", "pear"))
def queue_create(w):
    made = new_queue(w, "--user", "lars", "--class", "lemon", "--allow-self-review", "--lease-seconds", 300)
    got = w.api.labeling_queue.get_info_by_id(made["id"])
    assert sorted(got.labelers) == sorted([w.people["lena"].id, w.people["lars"].id])
    assert got.reviewers == [w.people["rita"].id] and got.entities_count == 6


@does("queue list", (3, "queue list --team 99999", "team"))
def queue_list(w):
    made = new_queue(w)
    rows = w.ctl.rows("queue list")
    assert {int(r["ID"]) for r in rows} == {q.id for q in w.api.labeling_queue.get_list(w.team)}
    assert next(r for r in rows if r["ID"] == str(made["id"]))["ACCEPTED"] == "0/6"


@does("queue info", (3, "queue info 99999", "queue"))
def queue_info(w):
    made = new_queue(w)
    assert made["name"] in w.ctl.run("queue info", made["id"]).stdout


@does("queue status", (3, "queue status 99999", "queue"), (6, "queue status {queue} sleeping", "status"))
def queue_status(w):
    made = new_queue(w)
    assert w.ctl.run("queue status", made["id"]).stdout == "pending\n"
    w.ctl.run("queue status", made["id"], "stopped")
    assert str(w.api.labeling_queue.get_status(made["id"])) == "stopped"


@does("queue images", (3, "queue images 99999", "queue"))
def queue_images(w):
    made = new_queue(w)
    assert sorted(int(r["ID"]) for r in w.ctl.rows("queue images", made["id"])) == w.images


@does("queue add", (2, "queue add {queue}", "please give"), (3, "queue add {queue} --user nobody", "nobody"),
      (3, "queue add 99999 --user lena", "queue"))
def queue_add(w):
    made = new_queue(w)
    w.ctl.run("queue add", made["id"], "--user", "lars")
    assert w.people["lars"].id in w.api.labeling_queue.get_info_by_id(made["id"]).labelers


@does("queue drop", (2, "queue drop {queue}", "please give"), (3, "queue drop {queue} --user nobody", "nobody"),
      (3, "queue drop 99999 --user lena", "queue"))
def queue_drop(w):
    made = new_queue(w)
    w.ctl.run("queue add", made["id"], "--user", "lars")
    w.ctl.run("queue drop", made["id"], "--user", "lars")
    assert w.people["lars"].id not in w.api.labeling_queue.get_info_by_id(made["id"]).labelers
    w.ctl.run("queue drop", made["id"], "--user", "lars")  # again is fine


# ---- for scripts ----

@does("call", (2, "call", "please give METHOD"), (3, "call no.such.method", "no.such.method"),
      (2, "call teams.list {{", "no JSON"), (2, "call a/b", "no method"), (6, "call jobs.info {{}}", "id"))
def call(w):
    job = new_job(w)
    assert json.loads(w.ctl.run("call", "jobs.info", json.dumps({"id": job.id})).stdout)["name"] == job.name
    assert w.ctl.json("call", "jobs.info", "-", stdin=json.dumps({"id": job.id}))["id"] == job.id


@does("completion", (2, "completion", "please give SHELL"), (2, "completion csh", "bash, zsh or fish"))
def completion(w):
    """The rest is in test_completion.py."""
    assert "_labelctl" in w.ctl.run("completion", "bash").stdout


# ---- the tests ----

@pytest.fixture(scope="module")
def filled(world):
    """The world, with what arguments of refusals stand for."""
    world.job, world.queue = new_job(world).id, new_queue(world)["id"]
    world.source = world.home / "source"
    world.ctl.run("project download", world.project, world.source)
    world.names = {"url": world.server.url, "image": world.images[0], "photo": labeld.ROOT / "demo/IMG_0748.jpeg",
                   **{k: getattr(world, k) for k in ("team", "dataset", "project", "workspace", "job", "queue", "source")}}
    return world


def test_every_command_has_a_test():
    assert set(CASES) == set(commands()), set(CASES) ^ set(commands())
    assert all(refusals for _, refusals in CASES.values())


@pytest.mark.parametrize("name", CASES)
def test_does(filled, name):
    CASES[name][0](filled)


@pytest.mark.parametrize("name", CASES)
def test_refuses(filled, name):
    """With the exit code of the table in the help, a message that can be acted on, and nothing on
    standard output."""
    for code, line, text in CASES[name][1]:
        words = [word.format(**filled.names) for word in line.split()]
        stdin = "wrong-password\n" if line.startswith(("login", "user create")) else "not json"
        done = filled.ctl.refused(code, name, *words[len(name.split()):], text=text, stdin=stdin)
        if code == 2 and not line.startswith(("login ftp", "call", "project meta")):
            assert "--help" in done.stderr or "please give" in done.stderr, done.stderr


@pytest.mark.parametrize("name", commands())
def test_help(world, name):
    """Its options, and an example of itself."""
    text = world.ctl.run(name, "--help").stdout
    assert text.startswith(f"Usage: labelctl {name}") and "\nOptions:\n" in text
    assert f"labelctl {name}" in text.split("\nExample:\n")[1]
