"""The command line: what scripts rely on, and what it refuses."""

import os
import stat
import subprocess

import pytest

import labeld
from labeld import keys, run


@pytest.fixture
def data(tmp_path):
    done = run("init", "--data", tmp_path / "d", "--admin-login", "anna", "--admin-password-stdin",
               stdin="a-password\n")
    return tmp_path / "d", keys(done.stdout)


def refuse(*args, stdin=None, text="", status=1):
    done = run(*args, stdin=stdin, check=False)
    assert done.returncode == status, done
    assert text.lower() in done.stderr.lower(), done.stderr
    assert "Sanitizer" not in done.stderr
    return done


def test_init_prints_an_env_file(data):
    path, ids = data
    assert set(ids) == {"API_TOKEN", "USER_ID", "USER_LOGIN", "TEAM_ID", "WORKSPACE_ID"}
    assert len(ids["API_TOKEN"]) == 128 and ids["USER_LOGIN"] == "anna"
    server = labeld.Server(path).start()
    me = server.ok("users.me", token=ids["API_TOKEN"])
    assert me["id"] == int(ids["USER_ID"]) and me["teams"][0]["role"] == "admin"
    server.close()


def test_files_are_private(data):
    path, _ = data
    for entry in [path, *path.rglob("*")]:
        assert stat.S_IMODE(entry.stat().st_mode) & 0o077 == 0, entry


def test_init_refuses(data, tmp_path):
    path, _ = data
    before = sorted((p.name, p.stat().st_size) for p in path.rglob("*"))
    args = ("--admin-login", "x", "--admin-password-stdin")
    refuse("init", "--data", path, *args, stdin="a-password\n", text="holds labeld data already")
    assert sorted((p.name, p.stat().st_size) for p in path.rglob("*")) == before
    new = tmp_path / "new"
    refuse("init", "--data", new, *args, stdin="short\n", text="8 to 256 bytes")
    refuse("init", "--data", new, *args, stdin="", text="no password")
    refuse("init", "--data", new, *args, stdin="x" * 300 + "\n", text="bytes")
    refuse("init", "--data", new, "--admin-login", "a b", "--admin-password-stdin", stdin="a-password\n",
           text="login")
    assert not (new / "labeld.db").exists()
    refuse("init", "--data", tmp_path / "no" / "such" / "parent", *args, stdin="a-password\n",
           text="cannot create")


def test_demo_is_repeatable(data):
    path, _ = data
    first = keys(run("demo", "--data", path).stdout)
    assert {"PROJECT_ID", "DATASET_ID"} <= set(first)
    assert keys(run("demo", "--data", path).stdout) == first
    server = labeld.Server(path).start()
    token = keys(run("token", "new", "--data", path, "--login", "anna").stdout)["API_TOKEN"]
    images = server.ok("images.list", {"datasetId": int(first["DATASET_ID"])}, token=token)["entities"]
    assert [i["name"] for i in images] == ["IMG_4451.jpeg", "IMG_3861.jpeg", "IMG_0748.jpeg",
                                           "IMG_2084.jpeg", "IMG_1836.jpeg", "IMG_8144.jpeg"]
    assert all(i["width"] > 1000 and i["mime"] == "image/jpeg" for i in images)
    assert keys(run("demo", "--data", path).stdout) == first, "beside a running server"
    server.close()


def test_accounts_beside_a_running_server(fresh):
    done = run("user", "add", "--data", fresh.dir, "--login", "bert", "--name", "Bert", "--password-stdin",
               stdin="a-password\n")
    user_id = int(keys(done.stdout)["USER_ID"])
    info = fresh.ok("users.info", {"id": user_id})
    assert info["name"] == "Bert" and not info["isRestricted"] and info["teams"][0]["name"] == "bert"
    token = keys(run("token", "new", "--data", fresh.dir, "--login", "bert", "--name", "t").stdout)["API_TOKEN"]
    assert fresh.ok("users.me", token=token)["id"] == user_id
    run("user", "disable", "--data", fresh.dir, "--login", "bert")
    fresh.refused(403, "users.me", token=token)
    run("user", "disable", "--data", fresh.dir, "--login", "bert", "--enable")
    assert fresh.ok("users.me", token=token)["id"] == user_id
    run("user", "password", "--data", fresh.dir, "--login", "bert", "--password-stdin", stdin="another-one\n")
    import requests
    for password, status in (("a-password", 401), ("another-one", 200)):
        assert requests.post(fresh.url + "/api/account",
                             data={"login": "bert", "password": password}).status_code == status


def test_restricted_and_admin_accounts(data):
    path, _ = data
    run("user", "add", "--data", path, "--login", "r", "--restricted", "--password-stdin", stdin="a-password\n")
    run("user", "add", "--data", path, "--login", "boss", "--admin", "--password-stdin", stdin="a-password\n")
    server = labeld.Server(path).start()
    token = {n: keys(run("token", "new", "--data", path, "--login", n).stdout)["API_TOKEN"] for n in ("r", "boss")}
    assert server.ok("users.me", token=token["r"])["teams"] == []
    assert server.ok("users.list", token=token["boss"])["total"] == 3
    server.refused(403, "users.list", token=token["r"])
    server.close()


def test_account_refusals(data, tmp_path):
    path, _ = data
    add = ("user", "add", "--data", path, "--password-stdin", "--login")
    refuse(*add, "ANNA", stdin="a-password\n", text="taken")
    refuse(*add, "x y", stdin="a-password\n", text="spaces")
    refuse(*add, "new", stdin="short\n", text="8 to 256")
    refuse("user", "password", "--data", path, "--login", "nobody", "--password-stdin", stdin="a-password\n",
           text="no user nobody")
    refuse("user", "disable", "--data", path, "--login", "nobody", text="no user nobody")
    refuse("token", "new", "--data", path, "--login", "nobody", text="no user nobody")
    refuse("token", "new", "--data", tmp_path / "nothing", "--login", "anna", text="labeld init")
    refuse("serve", "--data", tmp_path / "nothing", text="labeld init")
    refuse("migrate", "--data", tmp_path / "nothing", text="labeld init")


@pytest.mark.parametrize("args,text", [
    ((), "usage"), (("nonsense",), "unknown command"), (("init",), "please give --data"),
    (("init", "--data"), "a value is missing"), (("serve", "--data", "x", "--bogus"), "unknown option"),
    (("serve", "--data", "x", "y"), "unexpected argument"), (("user",), "unknown command"),
    (("serve", "--data", "x", "--threads", "0"), "--threads"), (("api", "--format", "xml"), "--format"),
    (("demo", "--data", "x", "--listen", "y"), "unknown option"),
])
def test_wrong_usage_is_2_and_says_why(args, text):
    refuse(*args, text=text, status=2)


@pytest.mark.parametrize("args", [("--help",), ("help",), ("init", "--help"), ("demo", "--help"),
                                  ("serve", "--help"), ("user", "add", "--help"), ("user", "password", "--help"),
                                  ("user", "disable", "--help"), ("token", "new", "--help"),
                                  ("migrate", "--help"), ("api", "--help")])
def test_help_everywhere(args):
    out = run(*args).stdout
    assert "labeld" in out and (len(args) == 1 or "Example:" in out)


def test_settings(fresh):
    def value(name):
        return keys(run("setting", "list", "--data", fresh.dir).stdout)[name]

    assert value("preview_cache_bytes") == str(2 << 30), "the default"
    run("setting", "set", "--data", fresh.dir, "--name", "preview_cache_bytes", "--value", "5000")
    assert value("preview_cache_bytes") == "5000"
    for name, bad, text in [("preview_cache_bytes", "many", "must be a number from 1"),
                            ("preview_cache_bytes", "0", "must be a number from 1"),
                            ("jwt_key", "1", "no setting jwt_key"), ("nothing", "1", "no setting nothing")]:
        refuse("setting", "set", "--data", fresh.dir, "--name", name, "--value", bad, text=text)
    refuse("setting", "set", "--data", fresh.dir, "--name", "preview_cache_bytes", text="--value", status=2)
    assert value("preview_cache_bytes") == "5000"


def test_version():
    assert run("--version").stdout.startswith("labeld ")


def test_migrate_is_repeatable_and_a_newer_database_is_refused(data):
    path, _ = data
    assert "up to date" in run("migrate", "--data", path).stdout
    store = labeld.Store(path / "labeld.db")
    store.tamper("INSERT INTO migration VALUES (999, 'sql/0999_future.sql', 'x', 0)")
    size = os.path.getsize(path / "labeld.db")
    refuse("migrate", "--data", path, text="newer")
    refuse("serve", "--data", path, "--listen", "127.0.0.1:0", text="newer")
    assert os.path.getsize(path / "labeld.db") == size


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "labeld.db").write_bytes(b"this is not SQLite" * 100)
    refuse("serve", "--data", tmp_path, "--listen", "127.0.0.1:0", text="not a database")
    assert (tmp_path / "labeld.db").read_bytes().startswith(b"this is not")


def test_the_api_descriptions():
    import json
    document = json.loads(run("api", "--format", "openapi").stdout)
    assert document["openapi"].startswith("3.")
    text = json.dumps(document)
    for ref in set(part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]):
        assert ref in document["components"]["schemas"], ref
    assert "## jobs.add" in run("api").stdout


def test_ready_line_and_clean_stop(fresh):
    ready = [line for line in fresh.log_lines() if "is ready" in line["message"]]
    assert len(ready) == 1 and ready[0]["level"] == "info" and ready[0]["time"].endswith("Z")
    assert fresh.stop() == 0
    assert not (fresh.dir / "labeld.db-wal").exists(), "closed in good order"


def test_interrupted_by_sigint(fresh):
    import signal
    assert fresh.stop(signal.SIGINT) == 0


def test_log_requests_writes_no_secrets(tmp_path):
    server = labeld.Server(tmp_path, args=["--log-requests"]).start()
    server.user(password="very-secret-password")
    text = server.log_text()
    server.close()
    assert "users.add 200" in text and "very-secret-password" not in text and server.token not in text


def test_commands_do_not_need_a_terminal(data):
    path, _ = data
    done = subprocess.run([labeld.binary(), "demo", "--data", str(path)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    assert done.returncode == 0
