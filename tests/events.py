"""A reader of event streams, as a browser's EventSource is one."""

import json
import socket

from labeld import PREFIX


class Stream:
    """An open stream; iterating yields the data of each event. position: the id to go on behind."""

    def __init__(self, server, token, team=None, job=None, last_id=None, timeout=30, cookie=None, **params):
        what = f"teams.events?teamId={team}" if team else f"jobs.events?jobId={job}"
        lines = [f"GET {PREFIX}{what}{''.join(f'&{k}={v}' for k, v in params.items())} HTTP/1.1",
                 "Host: labeld", "Accept: text/event-stream"]
        lines += [f"x-api-key: {token}"] if token else []
        lines += [f"Cookie: labeld_session={cookie}"] if cookie else []
        lines += [f"Last-Event-ID: {last_id}"] if last_id is not None else []
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(":")
            self.headers[name.lower()] = value.strip()
        self.position, self.ended, self.end, self.text = last_id, False, None, b""
        if self.status == 200:
            assert self.block()["event"] == "ready"

    def chunk(self):
        """More text; false at the end of the answer."""
        size = int(self.file.readline() or b"0", 16)
        self.text += self.file.read(size)
        self.file.readline()
        return size > 0

    def block(self):
        """The next event with all its fields; None at the end."""
        while b"\n\n" not in self.text:
            if not self.chunk():
                self.ended = True
                return None
        one, _, self.text = self.text.partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in one.decode().split("\n") if ": " in line)
        self.position = int(fields.get("id", self.position or 0))
        return fields

    def __iter__(self):
        return self

    def __next__(self):
        while (fields := self.block()) is not None:
            if fields.get("event") == "end":
                self.end = json.loads(fields["data"])["status"]
            elif "data" in fields:
                news = json.loads(fields["data"])
                assert news["id"] == int(fields["id"])
                return news
        raise StopIteration

    def until(self, action, **where):
        """Read up to an event of this kind; returns it."""
        for news in self:
            if news["action"] == action and all(news[k] == v for k, v in where.items()):
                return news
        raise AssertionError(f"the stream ended without {action}")

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
