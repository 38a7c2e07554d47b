"""examples/labeling_jobs.c, the tutorial in C, beside the stock SDK's run of the same steps: on a server
of its own each, so that ids agree, the two must print the same fields with the same values."""

import re
import subprocess
import sys

import pytest

import labeld
from liblabel import SAN, environment, program
from sdk_helpers import cells, is_time
from tutorial_story import crowded_server, environment as tutorial_environment

# what the tutorial's page shows of a job, in its order
PAGE = """id name readme description team_id workspace_id workspace_name project_id project_name dataset_id
    dataset_name created_by_id created_by_login assigned_to_id assigned_to_login created_at started_at finished_at
    status disabled images_count finished_images_count rejected_images_count accepted_images_count
    classes_to_label tags_to_label images_range objects_limit_per_image tags_limit_per_image
    filter_images_by_tags include_images_with_tags exclude_images_with_tags entities""".split()
PAGE_DATASET = "id name description size project_id images_count created_at updated_at".split()


def run(server, *command, times=1):
    """Output of each of some runs in a row, which must end well."""
    env = {**environment(server.url, server.token), **tutorial_environment(server)}
    outputs = []
    for _ in range(times):
        done = subprocess.run(command, env={**env, **SAN}, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-4000:])
        outputs.append(done.stdout)
    return outputs


def sections(text):
    parts = re.split(r"^--- (.*)\n", text, flags=re.M)
    return {title: body.strip("\n") for title, body in zip(parts[1::2], parts[2::2])}


def values(body):
    """Python values printed one after the other: infos become dictionaries."""
    table, _, rest = body.rpartition("|\n+")
    rest = rest.split("\n", 1)[1] if table else rest
    lists = re.findall(r"^\[.*?^\](?=\n|$)|^\[.*\]$|^\[$.*?^\]$", rest, flags=re.S | re.M)
    return [eval(one, {"LabelingJobInfo": dict, "DatasetInfo": dict}) for one in lists]


@pytest.fixture(scope="module")
def runs():
    """What C and Python print: two runs each."""
    printed = {}
    for name, command in (("c", [program("examples/labeling_jobs")]),
                          ("python", [sys.executable, str(labeld.ROOT / "demo/tutorial.py")])):
        server = crowded_server()
        try:
            printed[name] = [sections(text) for text in run(server, *command, times=2)]
        finally:
            server.close()
    return printed


@pytest.fixture(params=[0, 1], ids=["first-run", "second-run"])
def both(runs, request):
    return runs["c"][request.param], runs["python"][request.param]


def test_the_steps_are_the_same(both):
    c, python = both
    assert list(c) == list(python) and len(c) == 9


def test_the_meta_tables_are_the_same(both):
    title = "Step 2. Project and datasets"
    c, python = (run[title] for run in both)
    assert cells(c, 6) == cells(python, 6) and len(cells(c, 6)) == 6
    first = python.split("Tags\n")[0]
    assert c.startswith(first)  # the table of classes, to the last blank


def test_the_tables_look_like_the_tutorials(both):
    assert both[0]["Step 2. Project and datasets"].split("[\n  DatasetInfo")[0] == """\
ProjectMeta:
Object Classes
+-------+--------+----------------+--------+
|  Name | Shape  |     Color      | Hotkey |
+-------+--------+----------------+--------+
|  kiwi | Bitmap |  [208, 2, 27]  |        |
| lemon | Bitmap | [80, 227, 194] |        |
+-------+--------+----------------+--------+
Tags
+--------+--------------+------------------------------+--------+---------------+--------------------+
|  Name  |  Value type  |       Possible values        | Hotkey | Applicable to | Applicable classes |
+--------+--------------+------------------------------+--------+---------------+--------------------+
| origin |  any_string  |             None             |        |  objectsOnly  | ['kiwi', 'lemon']  |
|  size  | oneof_string | ['small', 'medium', 'large'] |        |  objectsOnly  | ['kiwi', 'lemon']  |
+--------+--------------+------------------------------+--------+---------------+--------------------+
"""


def same_fields(c, python):
    """All that C prints is what the SDK prints; times are their own, but times."""
    assert len(c) == len(python)
    for ours, theirs in zip(c, python):
        for key, value in ours.items():
            if key.endswith("_at") and value is not None:
                assert is_time(value) and is_time(theirs[key]), key
            else:
                assert value == theirs[key], key


def test_the_datasets_are_the_same(both):
    c, python = (values(run["Step 2. Project and datasets"])[-1] for run in both)
    same_fields(c, python)
    assert [key for key in c[0] if key in PAGE_DATASET] == PAGE_DATASET


JOB_STEPS = ["Step 3. Labeling job for labeler 1: class lemon, the whole dataset",
             "Labeling job for labeler 2: class kiwi, two tags, limits, half of the images",
             "All labeling jobs of the team", "Those created by the user", "Of these, those of labeler 2"]


@pytest.mark.parametrize("step", JOB_STEPS)
def test_the_jobs_are_the_same(both, step):
    (c,), (python,) = (values(run[step]) for run in both)
    same_fields(c, python)
    assert c and set(c[0]) <= set(python[0])
    assert [key for key in c[0] if key in PAGE] == PAGE


@pytest.mark.parametrize("step", ["Step 1. Annotators", "Statuses", "Archive and remove"])
def test_the_other_steps_are_the_same_text(both, step):
    assert both[0][step] == both[1][step] and both[0][step]


def test_jobs_are_laid_out_as_on_the_page(both):
    text = both[0][JOB_STEPS[0]]
    assert text.startswith("[\n  LabelingJobInfo(\n      id=")
    assert re.search(r"\n      entities=\[\n        \{\n          'reviewStatus': 'none',\n          'id': \d+,\n"
                     r"          'name': 'IMG_8144.jpeg'\n        \},\n", text)
    assert text.endswith("\n  )\n]")


@pytest.mark.parametrize("missing, message", [
    ("TEAM_ID", "TEAM_ID is not set"), ("PROJECT_ID", "PROJECT_ID is not set"),
    ("API_TOKEN", "API_TOKEN is not set"), ("SERVER_ADDRESS", "SERVER_ADDRESS is not set")])
def test_what_is_missing_in_the_environment_is_named(server, tmp_path, missing, message):
    env = {**environment(server.url, server.token), **tutorial_environment(server), **SAN, "HOME": str(tmp_path)}
    done = subprocess.run([program("examples/labeling_jobs")], env={k: v for k, v in env.items() if k != missing},
                          capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1 and message in done.stderr


def test_env_files_are_read_in_the_sdks_order(server, tmp_path):
    """local.env wins over ~/supervisely.env, the environment over both; comments, quotes, export."""
    kept = {k: v for k, v in environment(server.url, server.token).items()
            if k not in ("SERVER_ADDRESS", "API_TOKEN")}
    ids = tutorial_environment(server)
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir(), work.mkdir()
    (home / "supervisely.env").write_text(
        f'# credentials\nSERVER_ADDRESS="{server.url}"\nexport API_TOKEN={server.token}   # mine\nTEAM_ID=999\n')
    (work / "local.env").write_text(
        f"TEAM_ID={ids['TEAM_ID']}     # change it\nPROJECT_ID='{ids['PROJECT_ID']}'\n\nUSER_LOGIN = \"nobody at all\"\n")
    env = {**kept, **SAN, "HOME": str(home), "USER_LOGIN": ids["USER_LOGIN"]}

    def example(**more):
        return subprocess.run([program("examples/labeling_jobs")], env={**env, **more}, cwd=work,
                              capture_output=True, text=True, timeout=60)

    assert example().returncode == 0
    assert "is not set" in example(ENV="production").stderr
    assert "PROJECT_ID is 'x', which is no id" in example(PROJECT_ID="x").stderr


@pytest.mark.slow
def test_valgrind_finds_nothing(server):
    """The release build this time: sanitizers and valgrind exclude each other."""
    env = {**environment(server.url, server.token), **tutorial_environment(server)}
    done = subprocess.run(
        ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
         "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=9", "--track-fds=yes",
         str(labeld.ROOT / "build/release/examples/labeling_jobs")],
        env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
