"""Labelers of a queue in a process of their own, so that a test can kill them: pull, confirm, again.

Usage: queue_client.py URL LOG < JSON [[token, job], ...]; a thread for each. Each writes "pull JOB IMAGE"
and "done JOB IMAGE" to LOG as soon as it knows. Ends when nothing is pulled any more and all images are
confirmed."""

import http.client
import json
import os
import sys
import threading
import time
import urllib.parse

PREFIX = "/public/api/v3/"


class Client:
    def __init__(self, url, log, token, job):
        self.where = urllib.parse.urlsplit(url)
        self.log, self.token, self.job = log, token, job
        self.connection = http.client.HTTPConnection(self.where.hostname, self.where.port, timeout=60)

    def call(self, method, **body):
        self.connection.request("POST", PREFIX + method, json.dumps(body), {
            "x-api-key": self.token, "content-type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (method, body, answer.status, text)
        return json.loads(text)

    def note(self, what, image):
        os.write(self.log, f"{what} {self.job} {image}\n".encode())

    def finished(self):
        queue = self.call("jobs.info", id=self.job)["labelingQueueId"]
        info = self.call("labeling-queues.info", id=queue)
        return info["annotatedCount"] == info["entitiesCount"]

    def work(self):
        while True:
            image = self.call("labeling-queues.entities.get-next", id=self.job)["id"]
            if image is None:
                if self.finished():
                    return
                time.sleep(0.1)  # somebody holds the rest: until they finish, or their lease does
                continue
            self.note("pull", image)
            self.call("jobs.entities.update-review-status", jobId=self.job, entityId=image, status="done")
            self.note("done", image)


def main(url, path):
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    clients = [Client(url, log, token, job) for token, job in json.load(sys.stdin)]
    failed = []

    def run(client):
        try:
            client.work()
        except BaseException as e:  # a thread's failure must be the program's
            failed.append(e)
            raise

    threads = [threading.Thread(target=run, args=(c,)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
