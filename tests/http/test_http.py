"""HTTP as bytes: routing, framing, limits, deadlines, the TLS handshake on the plain port."""

import json
import socket
import threading
import time

import pytest
import requests

import labeld


def exchange(server, data, timeout=10, half_close=False):
    """Send bytes on a new connection; returns everything that comes back until it is closed."""
    with server.connect() as s:
        s.settimeout(timeout)
        s.sendall(data)
        if half_close:
            s.shutdown(socket.SHUT_WR)
        return read_all(s)


def read_all(s):
    got = b""
    try:
        while chunk := s.recv(65536):
            got += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return got


def read_answer(s):
    """One answer with Content-Length from an open connection."""
    got = b""
    while b"\r\n\r\n" not in got:
        chunk = s.recv(65536)
        if not chunk:
            return got
        got += chunk
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(next(line.split(b":")[1] for line in head.split(b"\r\n")
                      if line.lower().startswith(b"content-length")))
    while len(body) < length:
        body += s.recv(65536)
    return head + b"\r\n\r\n" + body


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


def request(method="instance.version", body=b"{}", head=b"", verb=b"POST", close=True):
    return (verb + b" /public/api/v3/" + method.encode() + b" HTTP/1.1\r\nHost: x\r\n" + head
            + (b"Connection: close\r\n" if close else b"")
            + b"Content-Length: %d\r\n\r\n" % len(body) + body)


# ---- the plain port ----

def test_tls_handshake_is_closed_at_once(server):
    def took():
        start = time.monotonic()
        assert exchange(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") == b""
        return time.monotonic() - start

    assert min(took() for _ in range(20)) < 0.05  # the quickest: other work on this machine does not count


def test_silent_connections_do_not_disturb_others(server):
    silent = [server.connect() for _ in range(50)]
    assert server.ok("instance.version", token=False)
    for s in silent:
        s.close()


# ---- routing ----

@pytest.mark.parametrize("path", ["/public/api/v3/instance.version", "/public/api/v3//instance.version",
                                  "//public/api/v3/instance.version"])
def test_double_slashes_collapse(server, path):
    assert requests.post(server.url + path, json={}).json()["version"]


@pytest.mark.parametrize("path", ["/public/api/v3/", "/public/api/v3", "/public/api/v2/jobs.info",
                                  "/public/api/v3/Instance.Version", "/public/api/v3/jobs.info/1",
                                  "/nothing", "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                                  "/public/api/v3/jobs%00.info"])
def test_unknown_paths_are_404_in_json(server, path):
    response = requests.post(server.url + path, json={})
    assert response.status_code == 404
    assert response.json()["error"] == "Not found"


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_every_verb_reaches_a_method(server, verb):
    assert server.raw("users.me", verb=verb).json()["login"] == "admin"


def test_other_verbs_are_refused(server):
    assert server.raw("users.me", verb="PATCH").status_code == 400


def test_head_answers_without_body(server):
    response = requests.head(server.url + "/healthz")
    assert response.status_code == 200 and response.text == ""


def test_root_and_health(server):
    assert requests.get(server.url, allow_redirects=False).status_code == 200
    assert requests.get(server.url + "/healthz").json() == {"status": "ok"}


def test_preflight_allows_the_headers_of_the_api(server):
    response = requests.options(server.url + "/public/api/v3/jobs.info", headers={
        "Origin": "http://elsewhere", "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-api-key,x-job-id"})
    assert response.status_code == 200
    allowed = response.headers["Access-Control-Allow-Headers"]
    assert all(name in allowed for name in ("x-api-key", "x-job-id", "x-task-id", "content-type"))
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_call_from_another_origin_is_readable(server):
    response = server.raw("users.me", headers={"Origin": "http://elsewhere"}, verb="GET")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_answers_are_not_sniffed_or_stored(server):
    headers = server.raw("users.me").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "application/json"


# ---- framing ----

def test_chunked_bodies(server):
    body = b'{"id": %d}' % server.user_id
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:3], body[3:]))
    answer = exchange(server, b"POST /public/api/v3/users.info HTTP/1.1\r\nHost: x\r\nx-api-key: "
                      + server.token.encode() + b"\r\nTransfer-Encoding: chunked\r\n"
                      b"Connection: close\r\n\r\n" + chunked + b"0\r\n\r\n")
    assert status(answer) == 200 and b'"login":"admin"' in answer


def test_header_and_body_byte_by_byte(server):
    data = request("users.me", b"{}", b"x-api-key: " + server.token.encode() + b"\r\n")
    with server.connect() as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(data)):
            s.sendall(data[i:i + 1])
        assert status(read_all(s)) == 200


def test_body_without_content_type_and_empty_body(server):
    for head in (b"", b"Content-Type: application/json\r\n"):
        answer = exchange(server, request("instance.version", b"", head))
        assert status(answer) == 200


def test_keep_alive_and_pipelining(server):
    one = request("instance.version", close=False)
    with server.connect() as s:
        for _ in range(3):
            s.sendall(one)
            assert status(read_answer(s)) == 200
        s.sendall(one + one + request("instance.version"))
        assert read_all(s).count(b"HTTP/1.1 200") == 3


BAD_FRAMING = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two equal lengths": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "length list": b"Content-Length: 2, 2\r\n\r\n{}",
    "negative length": b"Content-Length: -1\r\n\r\n",
    "length with sign": b"Content-Length: +2\r\n\r\n{}",
    "length and chunked": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown encoding": b"Transfer-Encoding: gzip\r\n\r\n{}",
    "encoding list": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "space before colon": b"Content-Length : 2\r\n\r\n{}",
    "two hosts": b"Host: y\r\nContent-Length: 2\r\n\r\n{}",
    "bad chunk size": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "huge chunk size": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_FRAMING)
def test_ambiguous_framing_is_refused_and_the_connection_closed(server, name):
    smuggled = request("users.me", head=b"x-api-key: " + server.token.encode() + b"\r\n")
    answer = exchange(server, b"POST /public/api/v3/instance.version HTTP/1.1\r\nHost: x\r\n"
                      + BAD_FRAMING[name] + smuggled, timeout=3)
    assert b'"login"' not in answer, "a second request was read from a refused one"
    assert answer == b"" or status(answer) in (400, 413), answer[:200]
    assert b" 200 OK" not in answer


def test_http11_needs_a_host(server):
    answer = exchange(server, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert status(answer) == 400


@pytest.mark.parametrize("line", [b"GARBAGE\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n",
                                  b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
                                  b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_garbage_does_not_reach_a_method(server, line):
    answer = exchange(server, line, timeout=3, half_close=True)
    assert status(answer) in (None, 400, 404, 505)


# ---- limits ----

def test_headers_are_limited(server):
    answer = exchange(server, request(head=b"x-long: " + b"a" * 100_000 + b"\r\n"))
    assert status(answer) in (400, 413, 431)


def test_many_headers_are_limited(server):
    answer = exchange(server, request(head=b"".join(b"x-%d: y\r\n" % i for i in range(10_000))))
    assert status(answer) in (400, 413, 431)


def test_an_announced_large_body_is_refused_before_it_comes(server):
    answer = exchange(server, b"POST /public/api/v3/jobs.add HTTP/1.1\r\nHost: x\r\n"
                      b"Content-Length: 99999999999\r\n\r\n")
    assert status(answer) == 413 and b'"error"' in answer


def test_a_large_chunked_body_is_refused(server):
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    with server.connect() as s:
        s.sendall(b"POST /public/api/v3/jobs.add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(20 * 1024 * 1024 // 65536):
                s.sendall(chunk)
            s.sendall(b"0\r\n\r\n")
            answer = read_all(s)
        except (ConnectionResetError, BrokenPipeError):
            return
    assert status(answer) in (None, 413)


def test_a_body_of_many_megabytes_is_parsed_elsewhere(server):
    pad = "x" * (5 << 20)
    assert server.ok("projects.settings.update", {"id": server.project_id, "settings": {}, "pad": pad})
    server.refused(413, "users.me", {"pad": pad})


@pytest.mark.long
def test_slow_headers_and_bodies_are_cut():
    """Run beside each other: each takes as long as its deadline."""
    s = labeld.Server().start()
    ends = {}

    def dribble(name, first, rest):
        with s.connect() as c:
            start = time.monotonic()
            try:
                c.sendall(first)
                while time.monotonic() - start < 40:
                    c.sendall(rest)
                    c.settimeout(0.5)
                    try:
                        if c.recv(1000) == b"":
                            break
                    except TimeoutError:
                        pass
            except (ConnectionResetError, BrokenPipeError):
                pass
            ends[name] = time.monotonic() - start

    threads = [threading.Thread(target=dribble, args=args) for args in (
        ("header", b"POST /public/api/v3/users.me HTTP/1.1\r\nHost: x\r\n", b"x-a: b\r\n"),
        ("body", b"POST /public/api/v3/users.me HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
         b"{"),
        ("silence", b"P", b""))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    s.close()
    assert all(8 < seconds < 25 for seconds in ends.values()), ends


# ---- stopping ----

def test_stop_finishes_what_runs_and_closes_the_rest():
    s = labeld.Server().start()
    idle = [s.connect() for _ in range(5)]
    used = s.connect()
    used.sendall(request(close=False))
    assert status(read_answer(used)) == 200
    answers = []

    def work():
        for _ in range(50):
            try:
                answers.append(s.raw("users.add", {"login": f"u{len(answers)}", "password": "12345678"}))
            except requests.RequestException:
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    time.sleep(0.5)
    start = time.monotonic()
    assert s.stop() == 0
    assert time.monotonic() - start < 8
    for t in threads:
        t.join()
    acknowledged = [a.json()["userId"] for a in answers if a.status_code == 200]
    assert acknowledged
    stored = {user_id for (user_id,) in s.sql("SELECT id FROM users")}
    assert set(acknowledged) <= stored
    assert read_all(used) == b""
    for c in idle + [used]:
        c.close()
    s.close()


def test_a_second_server_on_the_directory_is_refused(server):
    done = labeld.run("serve", "--data", server.dir, "--listen", "127.0.0.1:0", check=False)
    assert done.returncode == 1 and "another labeld is using" in done.stderr


def test_a_taken_port_is_refused(server, tmp_path):
    other = labeld.Server(tmp_path, demo=False)
    done = labeld.run("serve", "--data", other.dir, "--listen", f"127.0.0.1:{server.port}", check=False)
    assert done.returncode == 1 and "cannot listen" in done.stderr


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1", "127.0.0.1:99999", "no.such.host.invalid:80"])
def test_bad_addresses_are_refused(server, tmp_path, address):
    other = labeld.Server(tmp_path, demo=False)
    done = labeld.run("serve", "--data", other.dir, "--listen", address, check=False)
    assert done.returncode == 1 and done.stderr


# ---- the login ----

def test_login_form_gives_a_working_token(server):
    user = server.user(role=labeld.ANNOTATOR, password="a-long-password")
    response = requests.post(server.url + "/api/account",
                             data={"login": user.login, "password": "a-long-password"})
    assert response.status_code == 200
    import jwt
    claims = jwt.decode(response.json()["token"], options={"verify_signature": False})
    assert claims["group"]["id"] == server.team_id
    assert claims["workspace"]["id"]
    me = server.ok("users.me", token=claims["apiToken"])
    assert me["login"] == user.login and me["logins"] == 1 and me["lastLogin"]


@pytest.mark.parametrize("data,status_code", [
    ({"login": "admin", "password": "wrong-password"}, 401),
    ({"login": "nobody", "password": "wrong-password"}, 401),
    ({"login": "admin"}, 400),
    ({"password": "x"}, 400),
    ({}, 400),
    ({"login": "admin", "password": "x" * 300}, 400),
    ({"login": "adm\x00in", "password": "admin-password"}, 401),
])
def test_login_refusals(server, data, status_code):
    response = requests.post(server.url + "/api/account", data=data)
    assert response.status_code == status_code
    assert "token" not in response.json()


def test_unknown_and_wrong_answer_alike(server):
    answers = [requests.post(server.url + "/api/account", data={"login": login, "password": "wrong-one"})
               for login in ("admin", "nobody-at-all")]
    assert answers[0].text == answers[1].text


def test_disabled_and_teamless_accounts_cannot_log_in(server):
    user = server.user(password="a-long-password")
    response = requests.post(server.url + "/api/account",
                             data={"login": user.login, "password": user.password})
    assert response.status_code == 403 and "in no team" in response.text
    server.ok("members.add", {"login": user.login, "teamId": server.team_id, "roleId": 3})
    server.ok("users.disable", {"id": user.id, "disable": True})
    response = requests.post(server.url + "/api/account",
                             data={"login": user.login, "password": user.password})
    assert response.status_code == 403 and "disabled" in response.text


def test_guessing_is_answered_429_with_a_time(fresh):
    seen = set()
    for _ in range(12):
        response = requests.post(fresh.url + "/api/account",
                                 data={"login": "admin", "password": "wrong-password"})
        seen.add(response.status_code)
    assert seen == {401, 429}
    assert int(response.headers["Retry-After"]) >= 1
    assert json.loads(response.text)["error"]


def test_tokens_are_not_in_the_database_or_the_log(server):
    user = server.user(role=labeld.MANAGER)
    server.ok("users.me", token=user.token)
    server.refused(401, "users.me", token="not-" + user.token)
    for path in [*server.dir.glob("labeld.db*"), server.data / "server.log"]:
        assert user.token.encode() not in path.read_bytes(), path
