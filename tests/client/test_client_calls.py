"""Every function of liblabel against a real server: calls.c and calls_job.c do it, with sanitizers; parallel.c
drives what its threads share."""

import re
import subprocess

import pytest

import labeld
from liblabel import SAN, environment, image_files, program

PROGRAMS = ["calls", "calls_job", "parallel"]
SOURCES = {name: (labeld.ROOT / f"tests/client/{name}.c").read_text() for name in PROGRAMS}
SHARED = (labeld.ROOT / "tests/client/calls.h").read_text()
TESTS = [(name, test) for name, text in SOURCES.items() for test in re.findall(r"cmocka_unit_test\((\w+)\)", text)]
HEADERS = "".join(path.read_text() for path in sorted((labeld.ROOT / "include/label").glob("*.h")))


def declared():
    return set(re.findall(r"^LABEL_API [^;(]*?(label_\w+)\(", HEADERS, flags=re.M))


@pytest.fixture(scope="module")
def outputs(server, tmp_path_factory):
    """What each of the programs has said and how it ended."""
    folder = tmp_path_factory.mktemp("files")
    for path, name in zip(image_files(folder / "made", 3), "abc"):
        path.rename(folder / f"{name}.png")
    env = {**environment(server.url, server.token), **SAN, "CMOCKA_MESSAGE_OUTPUT": "TAP", "FILES": str(folder),
           "TEAM_ID": server.ids["TEAM_ID"], "WORKSPACE_ID": server.ids["WORKSPACE_ID"]}
    return {name: subprocess.run([program(f"tests/client/{name}")], env=env, capture_output=True, text=True,
                                 timeout=200) for name in PROGRAMS}


@pytest.mark.parametrize("name, test", TESTS)
def test_calls(outputs, name, test):
    done = outputs[name]
    assert re.search(rf"^ok \d+ - {test}$", done.stdout, flags=re.M), done.stdout + done.stderr[-3000:]


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_leaks(outputs, name):
    done = outputs[name]
    assert done.returncode == 0 and "Sanitizer" not in done.stderr, done.stdout + done.stderr[-6000:]


def test_every_function_is_called():
    called = re.findall(r"\b(label_\w+)\(", SHARED + "".join(SOURCES.values()))
    assert declared() - set(called) == set()
    assert len(declared()) > 100
