"""labelctl at a pseudo-terminal: progress, Ctrl-C and resuming, passwords, colours, widths; and what of
it is different in a pipe."""

import re
import stat

import pytest

import labeld
import liblabel
from labelctl import Ctl, Terminal
from sdk_helpers import unique


@pytest.fixture(scope="module")
def server():
    s = labeld.Server().start()
    yield s
    s.close()


@pytest.fixture
def ctl(server, tmp_path):
    return Ctl(server, tmp_path, WORKSPACE_ID=server.workspace_id)


def photos(folder, n):
    """A project folder with n images and nothing else."""
    (folder / "ds").mkdir(parents=True)
    (folder / "meta.json").write_text('{"classes": [], "tags": [], "projectType": "images"}')
    (folder / "ds/ann").mkdir()
    return liblabel.image_files(folder / "ds/img", n, (64, 64))


def test_interrupted_upload_is_resumed(server, ctl, tmp_path):
    """Ctrl-C in the middle: exit code 130, a line that says how to go on, a whole part of the images on
    the server; the line makes the rest, and nothing twice."""
    files = photos(tmp_path / "big folder", 700)
    name = unique("p")
    with liblabel.Between(server, []) as slow:
        slow.delay("images.bulk.add", 0.1)
        at = Terminal(ctl, "project upload", tmp_path / "big folder", "--name", name, env={"SERVER_ADDRESS": slow.url})
        at.until(r"\[#+-+\] [1-9]\d*/700 \d+/s, \S+ .B/s, .* left")
        at.interrupt()
        assert at.end() == 130, at.text
    shown = at.plain()
    assert "labelctl: interrupted" in shown
    again = re.search(r"To go on: labelctl (project upload) '(.*)' --project (\d+) --resume", shown)
    assert again and again[2] == str(tmp_path / "big folder"), shown
    api = server.sdk()
    dataset = api.dataset.get_list(int(again[3]))[0]
    before = {i.name: i.id for i in api.image.get_list(dataset.id)}
    assert 0 < len(before) < 700
    assert sorted(before) == sorted(f.name for f in files)[:len(before)]  # the beginning of the list
    rest = Terminal(ctl, again[1], again[2], "--project", again[3], "--resume")
    assert rest.end() == 0, rest.text
    assert f"upload: 700 of 700, {len(before)} of them were there" in rest.plain()
    after = {i.name: i.id for i in api.image.get_list(dataset.id)}
    assert set(after) == {f.name for f in files} and before.items() <= after.items()


def test_interrupted_download_is_resumed(server, ctl, tmp_path):
    photos(tmp_path / "source", 700)
    (done,) = ctl.json("project upload", tmp_path / "source", "--name", unique("p"))
    with liblabel.Between(server, []) as slow:
        slow.delay("images.bulk.download", 0.1)
        at = Terminal(ctl, "project download", done["id"], tmp_path / "down", env={"SERVER_ADDRESS": slow.url})
        at.until(r"\[#+-+\] [1-9]\d*/700")
        at.interrupt()
        assert at.end() == 130, at.text
    assert f"To go on: labelctl project download {done['id']} {tmp_path / 'down'} --resume" in at.plain()
    there = list((tmp_path / "down/ds/img").glob("*.png"))
    sizes = {f.name: f.stat().st_size for f in (tmp_path / "source/ds/img").iterdir()}
    assert 0 < len(there) < 700
    assert all(f.stat().st_size == sizes[f.name] for f in there)  # complete, or not at all
    assert not list((tmp_path / "down").rglob("*.part"))
    rest = Terminal(ctl, "project download", done["id"], tmp_path / "down", "--resume")
    assert rest.end() == 0, rest.text
    assert {f.name: f.stat().st_size for f in (tmp_path / "down/ds/img").iterdir()} == sizes
    assert len(list((tmp_path / "down/ds/ann").iterdir())) == 700


def test_server_goes_away_in_the_middle(ctl, tmp_path):
    """Exit code 5, and the way to go on; with the server back it works."""
    server = labeld.Server().start()
    mine = Ctl(server, tmp_path, WORKSPACE_ID=server.workspace_id)
    photos(tmp_path / "source", 700)
    at = Terminal(mine, "project upload", tmp_path / "source", "--name", "p")
    at.until(r"[1-9]\d*/700")
    server.listen = f"127.0.0.1:{server.port}"
    server.kill()
    assert at.end() == 5, at.text
    again = re.search(r"go on with: labelctl project upload \S+ --project (\d+) --resume", at.plain())
    assert again and "attempt 2 of 2" in at.plain(), at.plain()
    server.start()
    done = mine.run("project upload", tmp_path / "source", "--project", again[1], "--resume")
    assert "700 images" in done.stdout
    assert server.sdk().project.get_info_by_id(int(again[1])).items_count == 700
    server.close()


def test_a_pipe_gets_lines(ctl, tmp_path):
    photos(tmp_path / "source", 20)
    done = ctl.run("project upload", tmp_path / "source", "--name", unique("p"))
    assert re.fullmatch(r"upload: 20 of 20, \S+ .?B, \d+ s\n", done.stderr)
    assert "\x1b" not in done.stdout + done.stderr and "\r" not in done.stderr
    assert ctl.run("project upload", tmp_path / "source", "--name", unique("p"), "--quiet").stderr == ""


def test_password_is_asked_for_without_echo(server, ctl):
    ctl.env.pop("SERVER_ADDRESS"), ctl.env.pop("API_TOKEN")
    at = Terminal(ctl, "login", server.url)
    at.until("login: ")
    at.type("admin\n")
    at.until("password: ")
    at.type("admin-password\n")
    assert at.end() == 0, at.text
    assert "admin-password" not in at.text and "admin is logged in" in at.text
    path = ctl.home / ".config/labelctl/credentials"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert ctl.json("user me")["login"] == "admin"
    path.chmod(0o644)
    ctl.refused(1, "user me", text="chmod 600")


def test_interrupted_question_gives_the_echo_back(server, ctl):
    import termios
    at = Terminal(ctl, "login", server.url, "--login", "admin")
    at.until("password: ")
    before = termios.tcgetattr(at.master)[3]
    assert not before & termios.ECHO
    at.interrupt()
    at.until("\n")
    status = at.process.wait(timeout=30)
    assert status == 130 and termios.tcgetattr(at.master)[3] & termios.ECHO
    assert not (ctl.home / ".config/labelctl").exists()


def test_where_address_and_token_come_from(server, ctl, tmp_path):
    """The environment, then the login, then .env files; never an address and a token of different places."""
    for key in ("SERVER_ADDRESS", "API_TOKEN"):
        ctl.env.pop(key)
    other = server.user("other", labeld.VIEWER)
    ctl.refused(4, "user me", text="SERVER_ADDRESS is not set")
    (tmp_path / "local.env").write_text(f"SERVER_ADDRESS={server.url}\nAPI_TOKEN={other.token}\n")
    assert ctl.json("user me")["login"] == "other"
    ctl.run("login", server.url, "--token-stdin", stdin=server.token)
    assert ctl.json("user me")["login"] == "admin"
    both = {"SERVER_ADDRESS": server.url, "API_TOKEN": other.token}
    assert ctl.json("user me", env=both)["login"] == "other"
    (tmp_path / "local.env").unlink()
    ctl.refused(4, "user me", env={"SERVER_ADDRESS": server.url}, text="API_TOKEN is not set")
    ctl.refused(4, "user me", env={"API_TOKEN": other.token}, text="SERVER_ADDRESS is not set")
    xdg = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    ctl.refused(4, "user me", env=xdg)
    ctl.run("login", server.url, "--token-stdin", stdin=other.token, env=xdg)
    assert ctl.json("user me", env=xdg)["login"] == "other" and ctl.json("user me")["login"] == "admin"


def test_team_and_workspace_of_the_environment(server, ctl):
    ctl.env.pop("WORKSPACE_ID")
    owner = server.user(restricted=False)  # administrators of the instance see that team, too
    ctl.refused(2, "job list", text="please give --team")
    assert ctl.json("job list", env={"TEAM_ID": str(server.team_id)}) == []
    ctl.refused(2, "job list", env={"TEAM_ID": "seven"}, text="TEAM_ID is 'seven'")
    ctl.refused(2, "project create", "x", "--team", server.team_id, text="please give --workspace")
    mine = Ctl(server, ctl.home, owner.token)
    assert mine.json("project create", "x")["name"] == "x"  # one team, with one workspace


def test_tables_fit_the_terminal(server, ctl):
    """Long cells are cut, numbers never; in a pipe everything is there. Wide and combining characters
    count as what they take."""
    name = "レモン" * 20 + "e\u0301"
    ctl.run("project create", name, "--description", "d")
    at = Terminal(ctl, "project list", "--all", columns=70)
    assert at.end() == 0
    lines = at.plain().replace("\r", "").splitlines()
    import unicodedata

    def width(line):
        return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    assert all(width(line) <= 70 for line in lines), lines
    cut = next(line for line in lines if "レモン" in line)
    assert "\u2026" in cut and name not in cut
    assert len({width(line[:line.rindex("  ")]) for line in lines if "20" in line}) == 1  # aligned
    assert name in ctl.run("project list", "--all").stdout


def test_colours_only_where_they_belong(server, ctl):
    job = server.job()
    server.ok("jobs.set-status", {"id": job["id"], "status": "stopped"})
    args = ("job list", "--team", server.team_id)
    at = Terminal(ctl, *args)
    assert at.end() == 0 and "\x1b[31mstopped\x1b[0m" in at.text
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        at = Terminal(ctl, *args, env=env)
        assert at.end() == 0 and "\x1b" not in at.text and "stopped" in at.text
    assert "\x1b" not in ctl.run(*args).stdout


def test_text_of_the_server_does_not_drive_the_terminal(ctl):
    evil = {"id": 1, "login": "\x1b]0;owned\x07\x1b[2J\u009b31mx", "name": "a\nb", "role": "admin"}
    with liblabel.Misbehaving(liblabel.answer(200, evil)) as server:
        env = {"SERVER_ADDRESS": server.url}
        shown = ctl.run("user me", env=env).stdout
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown) and "a?b" in shown
    body = {"error": "x", "details": {"message": "no \x1b[31m way"}}
    with liblabel.Misbehaving(liblabel.answer(400, body)) as server:
        assert "\x1b" not in ctl.refused(6, "user me", env={"SERVER_ADDRESS": server.url}).stderr


@pytest.mark.parametrize("status, code", [(400, 6), (401, 4), (403, 4), (404, 3), (500, 1), (503, 5), (429, 5)])
def test_exit_codes(ctl, status, code):
    body = {"error": "no", "details": {"message": "because"}}
    with liblabel.Misbehaving(liblabel.answer(status, body)) as server:
        ctl.refused(code, "team list", "--retries", 1, env={"SERVER_ADDRESS": server.url}, text="because")


def test_no_server(ctl):
    """What was tried, where, how often, and what to look at."""
    done = ctl.refused(5, "team list", env={"SERVER_ADDRESS": "127.0.0.1:1"}, text="http://127.0.0.1:1")
    assert "attempt 2 of 2" in done.stderr and "after 2 attempts" in done.stderr and "SERVER_ADDRESS right" in done.stderr
    assert "attempt" not in ctl.refused(5, "team list", "--quiet", "--retries", 1,
                                        env={"SERVER_ADDRESS": "127.0.0.1:1"}).stderr


def test_standard_output_that_is_full(ctl):
    with open("/dev/full", "w") as full:
        process = ctl.start("team list", stdout=full, stderr=-1, text=True)
        err = process.communicate(timeout=30)[1]
    assert process.returncode == 1 and "standard output" in err


def test_usage(ctl):
    for args in ((), ("frob",), ("job",), ("job", "frob"), ("--frob",)):
        process = ctl.start(" ".join(args), stdout=-1, stderr=-1, text=True)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 2 and out == "" and "labelctl --help" in err, (args, err)
    assert "labelctl job list" in ctl.run("job --help").stdout
    assert ctl.run("--version").stdout == "labelctl 0.1.0\n"
    assert "130  interrupted" in ctl.run("--help").stdout
