#!/usr/bin/env python3
"""The goals of speed as ratios to a yardstick of the same run; results go to bench/RESULTS.md.

Usage: run.py [SECONDS]   seconds of one measurement (default 3). Needs wrk and nginx (make bench).
"""

import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import fill  # noqa: E402
import images  # noqa: E402
import queues  # noqa: E402
from gear import ROOT, ROUNDS, SECONDS, Pinned, labeld, median, nginx, record, rows, wrk  # noqa: E402


def bench_info(work):
    """jobs.info of a job of about 2 KB against nginx sending 2 KB from memory."""
    server = labeld.Server(args=["--threads", "1"], env={}).start()
    Pinned(server.process.pid)
    job = server.job(readme="x" * 700, meta={"classes": []})
    body = json.dumps({"id": job["id"]})
    size = len(server.raw("jobs.info", body).content)
    process, nginx_url = nginx(work, f"return 200 '{'x' * size}';")
    env = {"BODY": body, "TOKEN": server.token}
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        theirs.append(wrk(nginx_url, "call.lua", env, core=0))
        ours.append(wrk(server.url + labeld.PREFIX + "jobs.info", "call.lua", env, core=0))
        ratios.append(ours[-1]["rps"] / theirs[-1]["rps"])
    process.terminate()
    process.wait()
    ratio = statistics.median(ratios)
    record(f"`jobs.info` of {size} bytes, 64 connections, one core, against nginx `return 200` of the same size",
           f"{ratio:.2f} of nginx ({median(ours, 'rps'):.0f} of {median(theirs, 'rps'):.0f} requests/s; p99"
           f" {median(ours, 'p99'):.2f} and {median(theirs, 'p99'):.2f} ms)", "0.45", ratio >= 0.45)
    server.close()


def bench_list():
    """A list of 500 jobs: bytes of JSON per second on one core."""
    server = labeld.Server(args=["--threads", "1"], env={})
    teams, _ = fill.fill(server.dir, 500, 1)
    server.start()
    Pinned(server.process.pid)
    env = {"BODY": json.dumps({"teamId": teams[0]}), "TOKEN": server.token}
    size = len(server.raw("jobs.list", env["BODY"]).content)
    runs = [wrk(server.url + labeld.PREFIX + "jobs.list", "call.lua", env, connections=8, core=0)
            for _ in range(ROUNDS)]
    rate = median(runs, "bytes") / 1e6
    record(f"`jobs.list` of 500 jobs ({size} bytes), one core", f"{rate:.0f} MB/s of JSON"
           f" ({median(runs, 'rps'):.0f} lists/s)", "400 MB/s", rate >= 400)
    server.close()


def bench_million():
    """Any page and filter with a million jobs in the store."""
    server = labeld.Server(env={})
    teams, users = fill.fill(server.dir, 1_000_000, 20)
    server.start()
    env = {"TOKEN": server.token, "FIRST_TEAM": str(teams[0]), "TEAMS": "20", "FIRST_USER": str(users[0]),
           "PER_TEAM": "50000"}
    for per_page in (50, 500):
        runs = [wrk(server.url + labeld.PREFIX + "jobs.list", "lists.lua",
                    {**env, "PER_PAGE": str(per_page), "SEED": str(n)}, connections=1) for n in range(ROUNDS)]
        p99 = median(runs, "p99")
        record(f"`jobs.list`, any page and filter, {per_page} a page, 1 000 000 jobs in 20 teams",
               f"p50 {median(runs, 'p50'):.2f} ms, p99 {p99:.2f} ms", "p99 under 10 ms", p99 < 10)
    server.close()


def bench_write():
    """Durable jobs.set-status by 64 clients against a loop of single transactions on the same file."""
    server = labeld.Server(env={})
    fill.fill(server.dir, 100_000, 20, ["completed"])
    env = {"TOKEN": server.token, "JOBS": "100000"}
    ratios, ours, bare = [], [], []
    for n in range(ROUNDS):
        done = subprocess.run([ROOT / "build/release/bench/bare_sqlite", server.dir / "labeld.db", str(SECONDS),
                               str(2 * n)], capture_output=True, text=True, check=True)
        bare.append(float(done.stdout))
        server.start()
        before = server.sql("SELECT COUNT(*) FROM event")[0][0]
        ours.append(wrk(server.url + labeld.PREFIX + "jobs.set-status", "set_status.lua",
                        {**env, "SHIFT": str(2 * n + 1)}))
        made = server.sql("SELECT COUNT(*) FROM event")[0][0] - before
        assert made >= 0.98 * ours[-1]["rps"] * SECONDS, "some calls changed nothing"
        server.stop()
        ratios.append(ours[-1]["rps"] / bare[-1])
    ratio = statistics.median(ratios)
    record("durable `jobs.set-status`, 64 clients, against one transaction after the other on the same file",
           f"{ratio:.2f} times ({median(ours, 'rps'):.0f} against {statistics.median(bare):.0f} changes/s;"
           f" p50 {median(ours, 'p50'):.1f}, p99 {median(ours, 'p99'):.1f} ms)", "2", ratio >= 2)
    server.close()


def bench_viewers():
    """A thousand viewers of one team's event stream, and the last of them to see a change of status."""
    viewers, tokens = 1000, 20
    server = labeld.Server(env={}).start()
    users = [server.user(role=labeld.ADMIN) for _ in range(tokens)]
    job = server.job()

    def memory():
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    before = memory()
    client = subprocess.Popen([ROOT / "build/release/bench/viewers", str(server.port), str(server.team_id),
                               str(job["id"]), str(viewers), str(4 * ROUNDS), *[u.token for u in users]],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdout.readline() == "ready\n"
    each = (memory() - before) / viewers
    out, _ = client.communicate("go\n")
    assert client.returncode == 0, "a viewer missed a change or had it twice"
    times = [[float(x) for x in line.split()] for line in out.splitlines()]
    answer, first, _, last = (statistics.median(t[i] for t in times) for i in range(4))
    record(f"{viewers} viewers of a team's event stream see a change of status (300 ms apart), none misses or"
           " doubles one",
           f"the first after {first:.0f} ms, the last after {last:.0f} ms (the caller has its answer after"
           f" {answer:.1f} ms); {each:.0f} KB of memory a viewer", "the last under 100 ms", last < 100)
    server.close()


def bench_start():
    """From the command to the first answer, and memory at rest."""
    server = labeld.Server(env={})
    times = []
    for _ in range(ROUNDS):
        start = time.monotonic()
        server.start()
        server.ok("instance.version", token=False)
        times.append(time.monotonic() - start)
        time.sleep(0.2)
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        memory = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        children = pathlib.Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
        server.stop()
    record("start to first answer", f"{statistics.median(times) * 1000:.0f} ms", "500 ms",
           statistics.median(times) < 0.5)
    record("memory at rest, processes", f"{memory:.1f} MB, {1 + len(children.split())} process", "64 MB, 1 process",
           memory < 64 and not children)
    server.close()


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) >> 20
    disk = subprocess.run(["findmnt", "-no", "FSTYPE", "-T", tempfile.gettempdir()], capture_output=True, text=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return (f"{os.cpu_count()} x {cpu[1] if cpu else platform.machine()}, {memory} GB,"
            f" {platform.system()} {platform.release()}, files on {disk.stdout.strip() or 'an unknown filesystem'},"
            f" commit {commit.stdout.strip() or 'none'},"
            f" {time.strftime('%Y-%m-%d')}")


def write_results():
    lines = ["# Results", "", "Made by `make bench`. Ratios are to a yardstick measured in the same run, rounds"
             f" interleaved, medians of {ROUNDS}; client and server share the machine.", "",
             f"Machine: {machine()}", "", "| what | measured | goal | reached |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    (ROOT / "bench/RESULTS.md").write_text("\n".join(lines) + "\n")


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="labeld-bench-"))
    try:
        for bench in (bench_start, lambda: bench_info(work), bench_list, bench_write, bench_viewers, bench_million,
                      queues.bench_queue, lambda: images.bench_all(work)):
            bench()
            write_results()  # after each: a run that is cut short has measured something
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
