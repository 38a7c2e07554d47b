"""What the benches share: results, load, yardsticks. Client and server share the machine."""

import atexit
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
os.environ["LABELD"] = str(ROOT / "build/release/labeld")

import labeld  # noqa: E402, F401

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
ROUNDS = 5
rows = []


def record(what, measured, goal, reached):
    rows.append((what, measured, goal, "yes" if reached else "**no**"))
    print(f"{what}: {measured} (goal {goal}: {'reached' if reached else 'NOT reached'})", flush=True)


def wrk(url, script, env, connections=64, threads=1, core=None):
    """Requests per second, bytes per second, p50 and p99 in ms; no errors allowed."""
    pin = ["taskset", "-c", str(core)] if core is not None else []
    done = subprocess.run([*pin, "wrk", "--latency", f"-t{threads}", f"-c{connections}",
                           f"-d{SECONDS}", "-s", str(ROOT / "bench" / script), url],
                          env={**os.environ, **env}, capture_output=True, text=True)
    out = done.stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out + done.stderr
    unit = {"us": 1e-3, "ms": 1, "s": 1e3}
    latency = {p: float(v) * unit[u] for p, v, u in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", out)}
    total, scale = re.search(r"Transfer/sec:\s+([\d.]+)(\w+)", out).groups()
    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "bytes": float(total) * {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[scale],
            "p50": latency["50"], "p99": latency["99"]}


class Pinned:
    """Run server processes on core 1 while wrk has core 0."""

    def __init__(self, pid):
        os.sched_setaffinity(pid, {1})
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {1})


def nginx(directory, location):
    """One that does in / what location says; its process and URL."""
    conf = directory / "nginx.conf"
    user = "user root; " if os.geteuid() == 0 else ""
    conf.write_text(f"""
{user}worker_processes 1; daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {directory}/body; sendfile on;
  server {{ listen 127.0.0.1:18431; location / {{ default_type application/json; {location} }} }} }}
""")
    process = subprocess.Popen(["taskset", "-c", "1", "nginx", "-p", str(directory), "-c", str(conf)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(process.kill)
    time.sleep(0.5)
    return process, "http://127.0.0.1:18431/"


def median(list_, key):
    return statistics.median(r[key] for r in list_)
