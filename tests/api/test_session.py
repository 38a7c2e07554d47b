"""Sessions of the web UI, its files, and calls that carry a name."""

import pytest
import requests

import labeld
from labeld import PREFIX

WRITE = ("teams.editInfo", {"description": "changed"})


class Browser(requests.Session):
    """Keeps cookies, and sends what our own pages send."""

    def __init__(self, server):
        super().__init__()
        self.base = server.url
        self.token = "none"

    def api(self, method, path, body=None, csrf=True):
        head = {"x-csrf-token": self.token} if csrf else {}
        return self.request(method, self.base + path, json=body, headers=head, timeout=30)

    def log_in(self, login="admin", password="admin-password"):
        answer = self.api("POST", "/api/session", {"login": login, "password": password})
        self.token = self.api("GET", "/api/session").json().get("csrf", "none")
        return answer

    def call(self, method, body, csrf=True):
        return self.api("POST", PREFIX + method, body, csrf)


@pytest.fixture
def browser(server):
    b = Browser(server)
    assert b.log_in().status_code == 200
    return b


def test_cookie(server):
    b = Browser(server)
    line = b.log_in().headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"):
        assert part in line
    assert "Secure" not in line
    tls = requests.post(server.url + "/api/session", json={"login": "admin", "password": "admin-password"},
                        headers={"x-csrf-token": "x", "x-forwarded-proto": "https"}, timeout=30)
    assert "Secure" in tls.headers["set-cookie"]


def test_stored_only_as_hash(server, browser):
    cookie = browser.cookies["labeld_session"]
    for table, rows in server.state().items():
        assert all(cookie not in row for row in rows), table
    assert server.sql("SELECT count(*) FROM token WHERE hash = ?", bytes.fromhex(cookie)) == [(0,)]


def test_who_am_i(server, browser):
    assert browser.api("GET", "/api/session").json()["user"]["login"] == "admin"
    nobody = requests.get(server.url + "/api/session", timeout=30).json()
    assert nobody == {"setup": False}


def test_changes_need_the_header(server, browser):
    method, body = WRITE
    before = server.state()
    assert browser.call(method, {**body, "id": server.team_id}, csrf=False).status_code == 401
    browser.token = "0" * 64
    assert browser.call(method, {**body, "id": server.team_id}).status_code == 401
    assert server.state() == before


def test_header_of_another_session(server, browser):
    other = Browser(server)
    other.log_in()
    browser.token = other.token
    assert browser.call("users.me", {}).status_code == 401


def test_reads_by_get_need_only_the_cookie(server, browser):
    assert browser.api("GET", PREFIX + "users.me", csrf=False).json()["login"] == "admin"
    assert browser.api("GET", PREFIX + f"teams.editInfo?id={server.team_id}&name=x", csrf=False).status_code == 401


def test_session_is_no_token_and_token_no_session(server, browser):
    cookie = browser.cookies["labeld_session"]
    server.refused(401, "users.me", token=cookie)
    b = Browser(server)
    b.cookies["labeld_session"] = server.token
    assert b.call("users.me", {}).status_code == 401


def test_logout_ends_it(server, browser):
    cookie = browser.cookies["labeld_session"]
    assert browser.api("DELETE", "/api/session", csrf=False).status_code == 401
    assert browser.api("DELETE", "/api/session").status_code == 200
    again = requests.get(server.url + PREFIX + "users.me", cookies={"labeld_session": cookie}, timeout=30)
    assert again.status_code == 401


def test_expiry(fresh):
    b = Browser(fresh)
    b.log_in()
    fresh.stop()
    fresh.store.tamper("UPDATE token SET expires_at = 1 WHERE name = 'session of the web UI'")
    fresh.start()
    b.base = fresh.url
    assert b.call("users.me", {}).status_code == 401


def test_disabled_account_and_new_password_end_sessions(server):
    user = server.user(role=labeld.MANAGER)
    first, second = Browser(server), Browser(server)
    first.log_in(user.login, user.password)
    second.log_in(user.login, user.password)
    assert first.call("users.editInfo", {"id": user.id, "password": "another-password"}).status_code == 200
    assert first.call("users.me", {}).status_code == 200
    assert second.call("users.me", {}).status_code == 401
    server.ok("users.disable", {"id": user.id, "disable": True})
    assert first.call("users.me", {}).status_code in (401, 403)
    assert "user" not in first.api("GET", "/api/session").json()


@pytest.mark.parametrize("login, password, status", [
    ("admin", "wrong-password", 401), ("nobody", "some-password", 401), ("", "x", 400), ("admin", "x" * 300, 400)])
def test_refused_logins(server, login, password, status):
    b = Browser(server)
    assert b.log_in(login, password).status_code == status
    assert "labeld_session" not in b.cookies


def test_login_needs_the_header(server):
    answer = requests.post(server.url + "/api/session", json={"login": "admin", "password": "admin-password"}, timeout=30)
    assert answer.status_code == 400


def test_without_a_team(server):
    user = server.user()
    answer = Browser(server).log_in(user.login, user.password)
    assert answer.status_code == 403
    assert "in no team yet" in answer.text


def test_token_page(server, browser):
    tokens = [browser.api("POST", "/api/token").json()["token"] for _ in range(2)]
    server.refused(401, "users.me", token=tokens[0])
    assert server.ok("users.me", token=tokens[1])["login"] == "admin"
    assert server.ok("users.me")["login"] == "admin", "the other tokens stay"
    assert browser.api("POST", "/api/token", csrf=False).status_code == 401
    assert browser.api("GET", "/api/token").status_code == 400
    assert requests.post(server.url + "/api/token", timeout=30).status_code == 401


def test_setup_is_over(server):
    b = Browser(server)
    before = server.state()
    answer = b.api("POST", "/api/setup", {"login": "second", "password": "a-password"})
    assert answer.status_code == 400 and "accounts already" in answer.text
    away = requests.post(server.url + "/api/setup", json={"login": "second", "password": "a-password"},
                         headers={"x-csrf-token": "x", "x-forwarded-for": "203.0.113.9"}, timeout=30)
    assert away.status_code == 403
    assert server.state() == before


def test_serve_wants_data_or_an_empty_directory(tmp_path):
    (tmp_path / "something").write_text("")
    done = labeld.run("serve", "--data", tmp_path, "--listen", "127.0.0.1:0", check=False)
    assert done.returncode != 0 and "no labeld data" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["something"]


# ---- calls with a name ----

def test_named_call_takes_effect_once(server):
    body = {"teamId": server.team_id, "name": "named workspace"}
    first = server.ok("workspaces.add", body, headers={"x-operation-id": "a"})
    assert server.ok("users.me")["login"] == "admin"  # goes on asking: unnamed, this would be a new call
    assert server.ok("workspaces.add", body, headers={"x-operation-id": "a"}) == first
    server.refused(400, "workspaces.add", body, headers={"x-operation-id": "b"})


def test_named_call_survives_a_new_session(server):
    user = server.user(role=labeld.MANAGER)
    body = {"teamId": server.team_id, "name": "across sessions"}
    answers = []
    for _ in range(2):
        b = Browser(server)
        b.log_in(user.login, user.password)
        b.headers["x-operation-id"] = "one"
        answers.append(b.call("workspaces.add", body).json())
    assert answers[0] == answers[1]


def test_named_call_of_another_person(server, roles):
    body = {"teamId": server.team_id, "name": "mine, not yours"}
    head = {"x-operation-id": "same"}
    first = server.ok("workspaces.add", body, token=roles["manager"].token, headers=head)
    server.refused(400, "workspaces.add", body, token=roles["developer"].token, headers=head)
    assert first["name"] == body["name"]


# ---- files ----

def test_pages_and_files(server):
    page = requests.get(server.url + "/jobs/7", headers={"accept": "text/html"}, timeout=30)
    assert page.status_code == 200 and "<div id=\"app\">" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.headers["referrer-policy"] == "same-origin"
    same = requests.get(server.url + "/", headers={"if-none-match": page.headers["etag"]}, timeout=30)
    assert same.status_code == 304 and same.content == b""
    for path in ("/assets/nothing.js", "/public/x", "/api/x"):
        assert requests.get(server.url + path, headers={"accept": "text/html"}, timeout=30).status_code == 404, path
    with server.connect() as s:
        s.sendall(b"GET /../../sql/0001_init.sql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    assert b" 404 " in answer.split(b"\r\n")[0] and b"CREATE TABLE" not in answer
    assert requests.post(server.url + "/jobs", headers={"accept": "text/html"}, timeout=30).status_code == 404
