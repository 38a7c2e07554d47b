"""liblabel as others get it: what is installed, what it exports, and that every function is documented."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
import supervisely as sly

import labeld

ROOT = labeld.ROOT
HEADERS = ["base.h", "data.h", "job.h", "people.h"]
PAGE = (ROOT / "docs/python-to-liblabel.md").read_text()
sys.path.insert(0, str(ROOT / "tools"))
import manpages  # noqa: E402


def source(header):
    return (ROOT / "include/label" / header).read_text()


def declared(header):
    return re.findall(r"^LABEL_API [^;(]*?(label_\w+)\(", source(header), flags=re.M)


ALL = [name for header in HEADERS for name in declared(header)]


def run(*args, **kw):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=300, **kw)
    assert done.returncode == 0, (args, done.stdout[-2000:], done.stderr[-4000:])
    return done.stdout


# ---- documentation ----

@pytest.mark.parametrize("header", HEADERS)
def test_every_function_has_a_comment_that_says_what_it_must(header):
    documented = {}
    for comment, declarations in manpages.functions(source(header)):
        for name in manpages.names_of(declarations):
            documented[name] = (" ".join(comment.split()), declarations)
    assert set(documented) == set(declared(header))
    for name, (comment, declarations) in documented.items():
        gives = re.search(r"(struct label_\w+|char) \*\*(\w+)", declarations)
        if gives:  # memory goes to the caller: the comment says how it is freed
            assert "the caller's" in comment and ("label_free()" in comment or "label_close()" in comment), name
        if "enum label_err label_" not in declarations:
            assert "Never fail" in comment or "out of memory" in comment, name


def test_every_error_is_explained():
    body = re.search(r"enum label_err \{(.*?)\};", source("base.h"), flags=re.S)[1]
    names = re.findall(r"(LABEL_ERR_\w+),", body)
    assert len(names) == len(re.findall(r"LABEL_ERR_\w+, +/\*", body)) == 14


@pytest.mark.parametrize("name", ALL)
def test_every_function_is_on_the_page_for_python_people(name):
    assert f"`{name}()`" in PAGE


def test_the_page_names_nothing_that_is_not_there():
    assert set(re.findall(r"\b(label_\w+)\(\)", PAGE)) <= set(ALL)
    assert set(re.findall(r"\b(LABEL_[A-Z_]+)\b", PAGE)) <= set(re.findall(r"\bLABEL_\w+", "".join(map(source, HEADERS))))


def test_the_calls_of_the_sdk_that_the_page_names_exist():
    api = sly.Api("http://127.0.0.1:1", "x" * 128)
    calls = set(re.findall(r"\bapi\.(\w+)\.(\w+(?:\.\w+)?)", PAGE))
    assert len(calls) > 100
    for module, path in calls:
        found = getattr(api, module)
        for part in path.split("."):
            found = getattr(found, part)


def test_every_function_has_a_man_page(tmp_path):
    manpages.main(tmp_path)
    pages = {name for path in tmp_path.glob("*.3") for name in re.search(
        r"^\.SH NAME\n(.*) \\- ", path.read_text(), flags=re.M)[1].split(", ")}
    assert set(ALL) <= pages
    for path in sorted(tmp_path.glob("*")):
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path], capture_output=True,
                              env={**os.environ, "MANWIDTH": "100"})
        assert done.returncode == 0 and done.stderr == b"", (path.name, done.stderr)


# ---- what the library exports ----

def test_only_public_names_are_visible():
    shared = run("nm", "-D", "--defined-only", ROOT / "build/release/liblabel.so")
    names = {line.split()[-1].split("@")[0] for line in shared.splitlines() if " A " not in line}
    assert names == set(ALL)
    static = run("nm", "-g", "--defined-only", ROOT / "build/release/liblabel.a")
    assert {line.split()[-1] for line in static.splitlines() if " T " in line or " D " in line} == set(ALL)


def test_symbols_carry_a_version():
    assert set(re.findall(r"(label_\w+)@@LABEL_0", run("nm", "-D", ROOT / "build/release/liblabel.so"))) == set(ALL)


# ---- make install ----

@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """make install into a folder, as a package builder does."""
    folder = tmp_path_factory.mktemp("destdir")
    run("make", "install", f"DESTDIR={folder}", "PREFIX=/opt/labeld", cwd=ROOT)
    return folder


def test_what_is_installed(installed):
    here = installed / "opt/labeld"
    found = {str(path.relative_to(here)) for path in here.rglob("*") if not path.is_dir()}
    expected = {"bin/labeld", "bin/labeld-media", "lib/liblabel.a", "lib/liblabel.so", "lib/liblabel.so.0",
                "lib/liblabel.so.0.1.0", "lib/pkgconfig/label.pc", "share/man/man1/labeld.1", "share/man/man3/label.3",
                "share/man/man3/label_job_create.3", *(f"include/label/{h}" for h in ["label.h", *HEADERS])}
    if (ROOT / "labelctl").exists():
        expected |= {"bin/labelctl", "share/man/man1/labelctl.1", "share/bash-completion/completions/labelctl",
                     "share/zsh/site-functions/_labelctl", "share/fish/vendor_completions.d/labelctl.fish"}
    assert expected <= found
    assert [path for path in installed.iterdir()] == [installed / "opt"]
    assert os.readlink(here / "lib/liblabel.so") == "liblabel.so.0"
    assert run(here / "bin/labeld", "--version").strip()


def test_pages_of_functions_lead_to_their_group(installed):
    page = installed / "opt/labeld/share/man/man3/label_job_create.3"
    assert page.read_text() == ".so man3/label_job.3\n"


@pytest.mark.parametrize("how", ["shared", "static"])
def test_the_example_builds_against_what_is_installed(installed, tmp_path, how, server):
    env = {**os.environ, "PKG_CONFIG_PATH": str(installed / "opt/labeld/lib/pkgconfig"),
           "PKG_CONFIG_SYSROOT_DIR": str(installed)}
    # libraries of the system have no such root before them
    flags = run("pkg-config", "--cflags", "--libs", "label", env=env).replace(f"-I{installed}/usr", "-I/usr").split()
    if how == "static":  # only liblabel: what it stands on is there as shared libraries
        flags = [flag for flag in flags if flag != "-llabel"]
        flags += ["-l:liblabel.a", *run("pkg-config", "--libs", "libcurl", "jansson", "libcrypto").split(), "-lpthread"]
    program = tmp_path / "labeling_jobs"
    run("cc", "-Wall", "-Werror", ROOT / "examples/labeling_jobs.c", *flags, "-o", program)
    ids = {k: server.ids[k] for k in ("TEAM_ID", "PROJECT_ID", "USER_LOGIN")}
    library = {"LD_LIBRARY_PATH": str(installed / "opt/labeld/lib")} if how == "shared" else {}
    out = run(program, env={**os.environ, **ids, **library, "SERVER_ADDRESS": server.url, "API_TOKEN": server.token})
    assert "removed [" in out


def test_headers_work_alone_and_in_cplusplus(installed, tmp_path):
    for header in ["label.h", *HEADERS]:
        (tmp_path / "one.c").write_text(f"#include <label/{header}>\nint main(void) {{ return 0; }}\n")
        include = f"-I{installed}/opt/labeld/include"
        run("cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", include, "-c", tmp_path / "one.c", "-o",
            tmp_path / "one.o")
        run("c++", "-x", "c++", "-Wall", "-Wextra", "-Werror", include, "-c", tmp_path / "one.c", "-o", tmp_path / "one.o")
    text = "".join(path.read_text() for path in pathlib.Path(installed, "opt/labeld/include/label").iterdir())
    assert "jansson" not in text and "curl" not in text
