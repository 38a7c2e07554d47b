#!/usr/bin/env python3
"""Run the tests and print one line at the end: "N passed, N failed".

Usage: check.py [fast|full]    fast leaves out what takes long: faults, the permission
                                matrix, clients, the browser, PostgreSQL, the sanitizers of the
                                server, tests marked long; full is the default.
The order is cheap checks first. Every part runs even when an earlier one fails. The binaries must
have been built (make does it).
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

STARTED = time.time()
ROOT = pathlib.Path(__file__).resolve().parent.parent
ASAN = "build/asan"
# a process for each processor, each with servers of its own; a file's tests stay together
SIDE_BY_SIDE = ["-n", str(os.cpu_count()), "--dist", "loadfile"]
ENV = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "ASAN_OPTIONS": "detect_leaks=1",
       "UBSAN_OPTIONS": "print_stacktrace=1", "LABELD": str(ROOT / ASAN / "labeld")}
RELEASE = {"LABELD": str(ROOT / "build/release/labeld")}

passed, failed, failures = 0, 0, []


def note(name, ok, detail=""):
    global passed, failed
    passed += ok
    failed += not ok
    if not ok:
        failures.append(f"{name}\n{detail.strip()}"[:4000])


def run(args, env=None):
    return subprocess.run(args, cwd=ROOT, env=env or ENV, capture_output=True, text=True)


def part(title):
    print(f"== {title} ({time.time() - STARTED:.0f} s)", flush=True)


def command(name, *args):
    """A check that is one command: it passes when the command does."""
    done = run(args)
    note(name, done.returncode == 0, done.stdout + done.stderr)


def unit(program):
    """A cmocka program that prints TAP; a crash or a sanitizer report fails it too."""
    done = run([str(program)])
    lines = re.findall(r"^(not ok|ok) \d+ - (.*)$", done.stdout, flags=re.M)
    for result, test in lines:
        note(f"{program.name}: {test}", result == "ok", done.stdout)
    clean = done.returncode == 0 or any(result == "not ok" for result, _ in lines)
    note(f"{program.name} ends cleanly", clean and bool(lines), done.stdout + done.stderr)


def pytest(title, *args, env=None):
    report = ROOT / "build" / "pytest.xml"
    report.unlink(missing_ok=True)
    done = subprocess.run(["build/venv/bin/pytest", f"--junitxml={report}", *args], cwd=ROOT,
                          env={**ENV, **(env or {})})
    ran = report.exists() and done.returncode in (0, 1)  # all passed, or some failed: nothing else
    note(f"{title} ran", ran, f"pytest ended with {done.returncode}")
    if not report.exists():
        return
    for suite in xml.etree.ElementTree.parse(report).iter("testsuite"):
        for case in suite.iter("testcase"):
            bad = case.find("failure") if case.find("failure") is not None else case.find("error")
            if case.find("skipped") is None:
                note(f"{case.get('classname')}::{case.get('name')}", bad is None,
                     "" if bad is None else (bad.get("message") or "") + (bad.text or ""))


@contextlib.contextmanager
def postgres():
    """A PostgreSQL server of our own in a temporary folder; gives its URL. It refuses to run as root."""
    folder = tempfile.mkdtemp(prefix="labeld-pg-")
    programs = next(iter(sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def pg(program, *args):
        subprocess.run([*as_user, programs / program, "-D", f"{folder}/data", *args], cwd=folder,
                       check=True, capture_output=True)

    pg("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
    settings = f"-k {folder} -p 5432 -h '' -c fsync=off -c max_connections=300"
    pg("pg_ctl", "-w", "-o", settings, "-l", f"{folder}/log", "start")
    try:
        yield f"postgres://postgres@/?host={folder}&port=5432"
    finally:
        pg("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def on_postgres():
    """The API's tests once more on the other engine, and the database seam's."""
    with contextlib.ExitStack() as stack:
        # one for each process: a transaction holds back the event streams of all databases of its server
        urls = {f"LABELD_TEST_PG_gw{n}": stack.enter_context(postgres()) for n in range(os.cpu_count())}
        url = next(iter(urls.values()))
        seam = run([ROOT / ASAN / "unit/test_db"], env={**ENV, "LABELD_TEST_PG": url.replace("/?", "/postgres?")})
        note("test_db on PostgreSQL", seam.returncode == 0, seam.stdout + seam.stderr)
        pytest("pytest on PostgreSQL", "tests/api", "tests/matrix", "-m", "not slow and not sqlite", *SIDE_BY_SIDE,
               env={**RELEASE, "LABELD_TEST_PG": url, **urls})


def web():
    """The web UI in a real browser: tests/ui prints TAP; the names at the margin are the tests."""
    done = run(["node", "--test", "--test-reporter=tap", "--test-concurrency=2",
                *(str(p) for p in sorted(ROOT.glob("tests/ui/*.test.mjs")))])
    lines = re.findall(r"^(not ok|ok) \d+ - (.*?)(?: #.*)?$", done.stdout, flags=re.M)
    for result, test in lines:
        at = done.stdout.find(f"not ok {lines.index((result, test)) + 1} - {test}") if result != "ok" else 0
        note(f"ui: {test}", result == "ok", done.stdout[at:at + 3000])
    note("ui tests end", bool(lines), done.stdout + done.stderr)


def same_as_generated():
    """docs/api.md is what the endpoint table says, man/ what the headers and --help say."""
    made = run(["build/labeld", "api", "--format", "markdown"]).stdout
    note("docs/api.md is up to date", made == (ROOT / "docs/api.md").read_text(),
         "run: make docs")
    with tempfile.TemporaryDirectory() as folder:
        run(["python3", "tools/manpages.py", folder])
        for path in sorted((ROOT / "man").iterdir()):
            fresh = pathlib.Path(folder, path.name)
            note(f"man/{path.name} is up to date",
                 fresh.exists() and fresh.read_text() == path.read_text(), "run: make docs")


def main(tier="full"):
    part("house rules")
    command("layers", "python3", "tools/checklayers.py", "src", "layers.txt")
    command("source", "python3", "tools/checksrc.py")
    sources = [str(p) for g in ("src/**/*.[ch]", "client/*.[ch]", "include/label/*.h", "labelctl/*.[ch]",
                                       "examples/*.c", "tests/unit/*.[ch]", "tests/client/*.[ch]", "fuzz/*.c",
                                       "bench/*.c")
               for p in sorted(ROOT.glob(g))]
    command("format", "clang-format-14", "--dry-run", "--Werror", *sources)
    same_as_generated()
    command("web types", "node", "web/node_modules/typescript/bin/tsc", "--noEmit", "-p", "web")
    part("unit tests (ASan, UBSan)")
    for program in sorted((ROOT / ASAN / "unit").glob("test_*")):
        if os.access(program, os.X_OK) and program.suffix == "":
            unit(program)
    part("fuzz corpora replayed")
    for program in sorted((ROOT / ASAN / "fuzz").glob("replay_*")):
        corpus = ROOT / "fuzz/corpus" / program.name.removeprefix("replay_")
        files = sorted(str(f) for f in corpus.iterdir())
        done = run([str(program), *files])
        note(f"{program.name}: {len(files)} inputs", done.returncode == 0 and len(files) > 0, done.stderr)
    if tier == "fast":
        part("API, HTTP (release build)")
        pytest("pytest", "tests/api", "tests/http", "-m", "not slow and not long", *SIDE_BY_SIDE, env=RELEASE)
    else:
        part("API, HTTP, faults (ASan, UBSan)")
        pytest("pytest", "tests", "-m", "not slow", *SIDE_BY_SIDE)
        part("web UI in Chromium")
        web()
        part("the API on PostgreSQL (release build)")
        on_postgres()
        part("slow tests (release build)")
        pytest("pytest slow", "tests", "-m", "slow", *SIDE_BY_SIDE, env=RELEASE)
    for text in failures:
        print("\nFAILED", text)
    print(f"\n{time.time() - STARTED:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
