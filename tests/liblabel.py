"""Driving liblabel from tests: its probe program, a server that misbehaves, and one in between."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import threading
import time

import requests

import labeld

SAN = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=98"}


def program(name):
    """A program of the client's build: the one with sanitizers when there is one."""
    for kind in ("asan", "release"):
        path = labeld.ROOT / "build" / kind / name
        if path.exists():
            return str(path)
    raise FileNotFoundError(f"{name} has not been built: run make KIND=asan unit")


def environment(url, token="a-token", **more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SUPERVISELY_")}
    return {**kept, **SAN, "SERVER_ADDRESS": url, "API_TOKEN": token,
            **{k.upper(): str(v) for k, v in more.items()}}


def probe(url, *args, token="a-token", **settings):
    """Make one call; returns what the probe reports. Settings: attempts, wait_ms, timeout_ms ..."""
    settings = {"attempts": 3, "wait_ms": 20, "timeout_ms": 1000, **settings}
    env = environment(url, token, **{f"probe_{k}": v for k, v in settings.items()})
    done = subprocess.run([program("tests/client/probe"), *map(str, args)], env=env, timeout=120,
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", (done.returncode, done.stderr[-6000:])
    return json.loads(done.stdout)


class Request:
    def __init__(self, line, headers, body):
        self.method = line.split()[1].rsplit("/", 1)[-1]
        self.path, self.headers, self.body = line.split()[1], headers, body

    @property
    def operation(self):
        return self.headers.get("x-operation-id")


def read_request(conn):
    """The next request on a connection, or None at its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
    if headers.get("transfer-encoding") == "chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += conn.recv(65536)
    while len(body) < int(headers.get("content-length", 0)):
        body += conn.recv(65536)
    return Request(lines[0], headers, body)


def answer(status=200, body=b"{}", headers=(), length=None, kind="application/json"):
    """What a server sends. length: what it claims to be the length, when that is not true."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}",
             f"content-length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Misbehaving:
    """A server that does for each request the next thing of a list, and the last one for ever:
    bytes are sent, then the connection is kept when they end an answer and cut when `cut` says so.

    An action is bytes; or a function of (request, connection), which returns bytes or does it all."""

    def __init__(self, *actions):
        self.actions, self.requests, self.lock = list(actions), [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.closing, self.conns, self.threads = threading.Event(), [], []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                conn = self.listener.accept()[0]
                self.conns.append(conn)
                self.threads.append(threading.Thread(target=self.serve, args=(conn,), daemon=True))
                self.threads[-1].start()

    def serve(self, conn):
        with contextlib.suppress(OSError, IndexError), conn:
            while (request := read_request(conn)) is not None:
                with self.lock:
                    self.requests.append(request)
                    action = self.actions.pop(0) if len(self.actions) > 1 else self.actions[0]
                sent = action(request, conn) if callable(action) else action
                if sent is None:
                    return
                conn.sendall(sent)

    def close(self):
        """And wait for what is under way: it may still change a server behind."""
        self.closing.set()
        self.listener.close()
        for conn in self.conns:
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def operations(self):
        return [r.operation for r in self.requests]


def parts(*named, end=True):
    """An answer of several parts: (name, bytes) each."""
    body = b"".join(b'--bound\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (str(name).encode(), data)
                    for name, data in named)
    return answer(200, body + b"--bound--\r\n" * end, kind="multipart/form-data; boundary=bound")


def drop(request, conn):
    """Close without a word."""


def cut(data):
    """Send this, then close."""
    return lambda request, conn: conn.sendall(data)


def hang(server_closing=None, first=b""):
    """Send something, then nothing more."""
    def action(request, conn):
        conn.sendall(first)
        conn.settimeout(30)
        with contextlib.suppress(OSError):
            conn.recv(1)
    return action


class Between(Misbehaving):
    """A proxy before a real server that loses the first `times` answers to each of these methods: the
    call has been done, but the client gets half of what it should."""

    def __init__(self, server, methods, times=2, lose=None):
        self.server, self.methods, self.left = server, set(methods), {m: times for m in methods}
        self.lose = lose or (lambda data: data[:len(data) - 3])
        super().__init__(self.relay)

    def relay(self, request, conn):
        headers = {k: v for k, v in request.headers.items() if k not in ("host", "accept-encoding")}
        got = requests.post(self.server.url + request.path, data=request.body, headers=headers, timeout=60)
        whole = answer(got.status_code, got.content, kind=got.headers.get("content-type", "application/json"))
        with self.lock:
            lose = self.left.get(request.method, 0) > 0
            if lose:
                self.left[request.method] -= 1
        if not lose:
            return whole
        conn.sendall(self.lose(whole))
        return None

    def delay(self, method, seconds):
        """Answers to this method take their time, one behind the other."""
        def relay(request, conn, turn=threading.Lock()):
            if request.method == method:
                with turn:
                    time.sleep(seconds)
            return self.relay(request, conn)
        self.actions = [relay]

    def count(self, method):
        return sum(r.method == method for r in self.requests)


def image_files(folder, n, size=(8, 8)):
    """n different PNG files, which no server has."""
    import cv2
    import numpy
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    paths = []
    for i in range(n):
        pixels = numpy.full((*size, 3), i % 256, dtype=numpy.uint8)
        pixels[0] = numpy.frombuffer(os.urandom(3 * size[1]), numpy.uint8).reshape(-1, 3)
        paths.append(folder / f"img_{i:04d}.png")
        cv2.imwrite(str(paths[-1]), pixels)
    return paths
