"""A receiver of webhooks: an HTTP server whose answers the test chooses."""

import hashlib
import hmac
import http.server
import json
import queue
import ssl
import threading


class Receiver:
    """Answers each POST with the next of `answers` (the last one stays): a status, or a function of
    the handler that answers by itself. What came is in `got`."""

    def __init__(self, *answers, tls=None):
        self.answers, self.got, receiver = list(answers) or [200], queue.Queue(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.put((self.path, self.headers, body))
                answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                if callable(answer):
                    answer(self)
                else:
                    self.answer(answer)

            def answer(self, status, **headers):
                self.send_response(status)
                for name, value in {"content-length": "2", **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.handle_error = True, lambda *_: None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01},
                         daemon=True).start()

    def next(self, timeout=20):
        """Headers and JSON of the next request."""
        _, headers, body = self.got.get(timeout=timeout)
        return headers, json.loads(body)

    def empty(self):
        return self.got.empty()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def signed(headers, body, secret):
    """Is the signature right, as docs/webhooks.md tells receivers to check it?"""
    parts = dict(p.split("=", 1) for p in headers["X-Labeld-Signature"].split(","))
    mac = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(mac, parts["v1"])
