"""Labelers of a queue, some of them killed, beside a loop that claims images in the same file.

Usage: queues.py [SECONDS [CLIENTS [IMAGES]]]"""

import hashlib
import secrets
import subprocess
import sys

from gear import ROOT, SECONDS, record

import fill
import labeld

LEASE_S = 2
KILLS_PER_S = 5


def people_and_images(server, clients, images):
    """A dataset and labelers with tokens, straight into SQLite: ids of the images' dataset, tokens by id."""
    f = fill.Filler(server.dir)
    team = server.team_id
    project = f.add("project", workspace_id=server.workspace_id, team_id=team, name="crowd", type="images",
                    images_count=images, datasets_count=1)
    dataset = f.add("dataset", project_id=project, name="ds", images_count=images)
    f.db.executemany(
        "INSERT INTO image (project_id, dataset_id, name, mime, created_at, updated_at)"
        f" VALUES ({project}, {dataset}, ?, 'image/jpeg', {f.now}, {f.now})",
        ((f"{n:06}.jpeg",) for n in range(images)))
    tokens = {}
    for n in range(clients):
        user = f.add("users", login=f"crowd_{n}", login_key=f"crowd_{n}", password="x")
        f.db.execute("INSERT INTO member VALUES (?, ?, ?, ?)", (team, user, labeld.ANNOTATOR, f.now))
        tokens[user] = secrets.token_hex(64)
        f.db.execute("INSERT INTO token (user_id, hash, name, created_at) VALUES (?, ?, 'bench', ?)",
                     (user, hashlib.sha256(tokens[user].encode()).digest(), f.now))
    f.db.execute("COMMIT")
    f.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    f.db.close()
    return dataset, tokens


def add_queue(server, name, dataset, users):
    return server.ok("labeling-queues.add", {"name": name, "datasetId": dataset, "userIds": list(users),
                                             "reviewerIds": [], "queueMeta": {"leaseSeconds": LEASE_S}})["id"]


def verify(server, images):
    """What the log says: nobody pulls what somebody holds, and nobody holds it beyond the lease. How many
    images were taken back, and after how many ms at most."""
    log = ("SELECT image_id, action, at, LAG(action) OVER w AS before, at - LAG(at) OVER w AS held FROM event"
           " WHERE image_id IS NOT NULL AND job_id IN (SELECT job_id FROM queue_user)"
           " WINDOW w AS (PARTITION BY image_id ORDER BY id)")
    twice = server.sql(f"SELECT COUNT(*) FROM ({log}) WHERE action = 'pull_image'"
                       " AND before NOT IN ('release_image')")[0][0]
    done = server.sql("SELECT COUNT(*), COUNT(DISTINCT image_id) FROM event"
                      " WHERE action = 'image_review_status_updated'")[0]
    taken, longest = server.sql(f"SELECT COUNT(*), MAX(held) FROM ({log}) WHERE action = 'release_image'")[0]
    return twice == 0 and tuple(done) == (images, images), taken, longest or 0


def bench_queue(clients=200, images=100_000):
    server = labeld.Server(env={})
    dataset, tokens = people_and_images(server, clients, images)
    server.start()
    bare_queue = add_queue(server, "bare", dataset, tokens)
    queue = add_queue(server, "crowd", dataset, tokens)
    jobs = server.sql("SELECT job_id, user_id FROM queue_user WHERE queue_id = ?", queue)
    server.stop()
    bare = subprocess.run([ROOT / "build/release/bench/bare_claim", server.dir / "labeld.db", str(bare_queue),
                           str(SECONDS)], capture_output=True, text=True, check=True)
    server.start()
    lines = "".join(f"{tokens[user]} {job}\n" for job, user in jobs)
    run = subprocess.run([ROOT / "build/release/bench/queue_clients", str(server.port), str(queue), server.token,
                          str(KILLS_PER_S), str(LEASE_S * 1500)], input=lines, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    seconds, killed = run.stdout.split()
    right, taken, longest = verify(server, images)
    record(f"a queue of {images} images, {clients} clients that pull and confirm, {killed} of them killed; beside a"
           " loop that claims and confirms in the same file, one durable transaction each",
           f"{images / float(seconds):.0f} images/s beside {float(bare.stdout):.0f}; {taken} images taken back from"
           f" the dead, after {longest / 1000:.2f} s at most (lease {LEASE_S} s)",
           "none issued twice, none held 1 s beyond the lease", right and longest < (LEASE_S + 1) * 1000)
    server.close()


if __name__ == "__main__":
    bench_queue(*map(int, sys.argv[2:4]))
