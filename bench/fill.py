"""Fill a data directory with many jobs, straight into SQLite, as the server would have stored them.

Usage: fill.py DATA JOBS TEAMS   (the server must not be running; DATA made by labeld init and demo)
"""

import sqlite3
import sys

STATUSES = ["pending", "in_progress", "on_review", "completed", "stopped"]


def fill(path, jobs, teams):
    db = sqlite3.connect(f"{path}/labeld.db", isolation_level=None)
    one = lambda sql, *a: db.execute(sql, a).fetchone()[0]
    now = one("SELECT created_at FROM users WHERE id = 1")
    project, dataset = one("SELECT MIN(id) FROM project"), one("SELECT MIN(id) FROM dataset")
    db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF; BEGIN")
    users = []
    for n in range(40):
        db.execute("INSERT INTO users (login, login_key, name, password, created_at, updated_at)"
                   " VALUES (?, ?, '', 'x', ?, ?)", (f"bench_{n}", f"bench_{n}", now, now))
        users.append(one("SELECT last_insert_rowid()"))
    team_ids = [one("SELECT MIN(id) FROM team")]
    for n in range(1, teams):
        db.execute("INSERT INTO team (name, created_by, created_at, updated_at) VALUES (?, 1, ?, ?)",
                   (f"bench {n}", now, now))
        team_ids.append(one("SELECT last_insert_rowid()"))
        db.execute("INSERT INTO member VALUES (?, 1, 1, ?)", (team_ids[-1], now))
    text = "annotation manual for fruits in markdown format here (optional)"
    db.executemany(
        "INSERT INTO job (team_id, project_id, dataset_id, name, readme, description, created_by, user_id,"
        " reviewer_id, status, images_count, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, 'short description is here (optional)', ?, ?, ?, ?, 6, ?, ?)",
        ((team_ids[n % teams], project, dataset, f"job number {n}", text, users[n % 7], users[n % 40],
          users[n % 11] if n % 3 else None, STATUSES[n % 5], now + n, now + n) for n in range(jobs)))
    db.execute("INSERT INTO job_entity (job_id, entity_id) SELECT j.id, i.id FROM job j, image i"
               " WHERE i.dataset_id = ? AND j.images_count = 6 AND NOT EXISTS"
               " (SELECT 1 FROM job_entity e WHERE e.job_id = j.id) ORDER BY j.id, i.id", (dataset,))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return team_ids, users


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
