"""A real labeld for the tests: starts the binary on a data directory of its own and talks to it.

LABELD names the binary (default: the sanitizer build, else the release build). LABELD_TEST_PG, the
URL of a PostgreSQL server ("postgres://user@/?host=DIR&port=N"), gives each server a database of its
own there instead of an SQLite file; LABELD_TEST_PG_gw1 and so on are those of the processes of pytest-xdist."""

import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
PREFIX = "/public/api/v3/"
POSTGRES = os.environ.get("LABELD_TEST_PG_" + os.environ.get("PYTEST_XDIST_WORKER", ""),
                          os.environ.get("LABELD_TEST_PG"))

os.environ.setdefault("SUPERVISELY_PUBLIC_API_RETRIES", "2")
os.environ.setdefault("LOG_LEVEL", "critical")

# the SDK imports every module that imports it by name; that of pytest-xdist's processes is in no file
sys.modules.setdefault("__channelexec__", sys.modules["__main__"])
import supervisely as sly  # noqa: E402  (reads the environment at import)


def binary():
    named = os.environ.get("LABELD")
    for path in [named] if named else [ROOT / "build/asan/labeld", ROOT / "build/release/labeld"]:
        if pathlib.Path(path).exists():
            return str(path)
    raise FileNotFoundError("no labeld binary: run make first")


def run(*args, stdin=None, check=True, env=None):
    """Run a labeld command; returns the finished process with text output."""
    done = subprocess.run([binary(), *map(str, args)], input=stdin, capture_output=True, text=True,
                          timeout=60, env=env)
    if check and done.returncode != 0:
        raise RuntimeError(f"labeld {' '.join(map(str, args))}: {done.returncode}\n{done.stderr}")
    return done


def keys(text):
    """KEY=VALUE lines to a dictionary."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def wait_until(condition, seconds=30):
    """Poll until it holds."""
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, "waited in vain"
        time.sleep(0.02)


class Store:
    """A look into the database behind a server's back, the same way for both engines."""

    def __init__(self, path, url=None):
        self.path, self.url = path, url
        self.lock, self.kept = threading.Lock(), None

    def execute(self, text, args=(), mode="ro"):
        """Rows. PostgreSQL makes a process for each connection: one is kept."""
        if self.url:
            import psycopg
            with self.lock:
                self.kept = self.kept or psycopg.connect(self.url, autocommit=True)
                cursor = self.kept.execute(text.replace("%", "%%").replace("?", "%s"), args)
                return cursor.fetchall() if cursor.description else []
        import sqlite3
        db = sqlite3.connect(f"file:{self.path}?mode={mode}", uri=True, timeout=10, isolation_level=None)
        try:
            return db.execute(text, args).fetchall()
        finally:
            db.close()

    def sql(self, text, *args):
        return self.execute(text, args)

    def tamper(self, text):
        """Write into it by hand."""
        self.execute(text, mode="rw")

    def close(self):
        if self.kept:
            self.kept.close()
        self.kept = None

    def tables(self):
        if self.url:
            return [t for (t,) in self.sql("SELECT tablename FROM pg_tables"
                                           " WHERE schemaname = 'public'")]
        return [t for (t,) in self.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]


def new_database(name):
    """Create a database in the PostgreSQL of LABELD_TEST_PG; returns its URL."""
    base = POSTGRES
    admin(f'CREATE DATABASE "{name}"')
    return base.replace("/?", f"/{name}?")


def admin(command):
    import psycopg
    with psycopg.connect(POSTGRES.replace("/?", "/postgres?"),
                         autocommit=True) as db:
        db.execute(command)


class Server:
    """One data directory and, while it runs, one server on it."""

    def __init__(self, data=None, demo=True, listen="127.0.0.1:0", env=None, args=()):
        self.own = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="labeld-test-"))
        self.dir = self.data / "data" if self.own else self.data
        self.listen, self.args = listen, list(args)
        self.env = {**os.environ, **({"LABELD_CHECK_CACHE": "1"} if env is None else env)}
        self.process = None
        self.log = open(self.data / "server.log", "ab", buffering=0)
        self.ids = {}
        self.database = None
        self.store = Store(self.dir / "labeld.db")
        if not (self.dir / "labeld.db").exists():
            place = []
            if POSTGRES:
                self.database = "labeld_" + secrets.token_hex(6)
                place = ["--db", new_database(self.database)]
                self.store = Store(None, place[1])
            self.ids = keys(run("init", "--data", self.dir, "--admin-login", "admin", *place,
                                "--admin-password-stdin", stdin="admin-password\n").stdout)
            if demo:
                self.ids.update(keys(run("demo", "--data", self.dir).stdout))
        self.token = self.ids.get("API_TOKEN")

    def __getattr__(self, name):
        """server.team_id, server.project_id ... as printed by init and demo."""
        value = self.__dict__.get("ids", {}).get(name.upper())
        if value is None:
            raise AttributeError(name)
        return int(value)

    def start(self):
        where = os.path.getsize(self.log.name)
        self.process = subprocess.Popen(
            [binary(), "serve", "--data", str(self.dir), "--listen", self.listen, *self.args],
            stderr=self.log, stdout=self.log, env=self.env)
        deadline = time.time() + 30
        while time.time() < deadline:
            for line in self.log_lines(where):
                if "is ready on port" in line.get("message", ""):
                    self.port = int(line["message"].split("port ")[1].split(",")[0])
                    self.url = f"http://127.0.0.1:{self.port}"
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError("labeld did not start:\n" + self.log_text(where))

    def log_text(self, start=0):
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            f.seek(start)
            return f.read()

    def log_lines(self, start=0):
        for line in self.log_text(start).splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                pass

    def stop(self, sig=signal.SIGTERM):
        """Stop and return the exit status; a sanitizer report makes it non-zero."""
        if self.process is None:
            return 0
        self.process.send_signal(sig)
        status = self.process.wait(timeout=60)
        self.process = None
        return status

    def kill(self):
        self.stop(signal.SIGKILL)

    def close(self):
        status = self.stop()
        text = self.log_text()
        self.log.close()
        self.store.close()
        if self.own:
            shutil.rmtree(self.data, ignore_errors=True)
        if self.database:
            admin(f'DROP DATABASE "{self.database}" WITH (FORCE)')
        assert status == 0, f"labeld ended with {status}:\n{text[-4000:]}"
        assert "ERROR: " not in text and "runtime error" not in text, text[-8000:]

    # ---- talking to it ----

    def raw(self, method, body=None, token=True, headers=None, verb="POST", params=None):
        """Call a method without the SDK; returns the response whatever its status."""
        head = dict(headers or {})
        if token is True:
            head["x-api-key"] = self.token
        elif token:
            head["x-api-key"] = token
        data = body if isinstance(body, (bytes, str)) or body is None else json.dumps(body)
        if data is not None:
            head.setdefault("content-type", "application/json")
        return requests.request(verb, self.url + PREFIX + method, data=data, headers=head,
                                params=params, timeout=60)

    def ok(self, method, body=None, **kw):
        """Call a method that must succeed; returns its JSON."""
        response = self.raw(method, {} if body is None else body, **kw)
        assert response.status_code == 200, (method, body, response.status_code, response.text)
        return response.json()

    def refused(self, status, method, body=None, field=None, text=None, **kw):
        """Call a method that must be refused with this status, naming this field."""
        response = self.raw(method, {} if body is None else body, **kw)
        assert response.status_code == status, (method, body, response.status_code, response.text)
        answer = response.json()
        assert isinstance(answer["error"], str) and answer["error"]
        details = answer["details"]
        if field is not None:
            named = [d["path"][0] for d in details] if isinstance(details, list) else [details.get("field")]
            assert field in named, answer
        if text is not None:
            assert text.lower() in response.text.lower(), answer
        return answer

    def sdk(self, token=None):
        """A stock SDK client."""
        return sly.Api(self.url, token or self.token, retry_count=1)

    def setting(self, name, value):
        """Change a setting of the instance, as its administrator does."""
        run("setting", "set", "--data", self.dir, "--name", name, "--value", value)

    def sql(self, text, *args):
        """Look into the database, to check what an answer does not show."""
        return self.store.sql(text, *args)

    def state(self):
        """Everything in the database but the replay journal and what the server works off by itself: to see
        that a refused call changed nothing."""
        return {t: sorted(map(repr, self.store.sql(f"SELECT * FROM {t}"))) for t in self.store.tables()
                if t not in ("replay", "sqlite_sequence", "webhook_delivery")}

    def connect(self, **kw):
        """A raw socket to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    # ---- making things ----

    def user(self, login=None, role=None, team=None, restricted=True, password="a-password"):
        """A new account, member of a team when role is given; returns a User."""
        login = login or "user_" + secrets.token_hex(4)
        user_id = self.ok("users.add", {"login": login, "password": password, "name": "", "email": "",
                                        "isRestricted": restricted})["userId"]
        if role is not None:
            self.ok("members.add", {"login": login, "teamId": team or self.team_id, "roleId": role})
        token = keys(run("token", "new", "--data", self.dir, "--login", login).stdout)["API_TOKEN"]
        return User(user_id, login, token, password)

    def job(self, name=None, user_ids=None, dataset_id=None, token=True, **fields):
        """A new job; returns its info."""
        meta = fields.pop("meta", {})
        body = {"name": name or "job_" + secrets.token_hex(4), "datasetId": dataset_id or self.dataset_id,
                "userIds": user_ids or [self.user_id], "meta": meta, **fields}
        created = self.ok("jobs.add", body, token=token)
        return self.ok("jobs.info", {"id": created[0]["id"]})

    def project(self, name=None, workspace_id=None):
        """A new empty project."""
        return self.ok("projects.add", {"name": name or "project_" + secrets.token_hex(4),
                                        "workspaceId": workspace_id or self.workspace_id})


class User:
    def __init__(self, id, login, token, password):
        self.id, self.login, self.token, self.password = id, login, token, password


ADMIN, DEVELOPER, ANNOTATOR, VIEWER, REVIEWER, MANAGER = 1, 2, 3, 4, 5, 6
