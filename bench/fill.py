"""Fill a data directory with many jobs, straight into SQLite, as the server would have stored them.

Usage: fill.py DATA JOBS TEAMS   (the server must not be running; DATA made by labeld init and demo)

Each team has ten projects with a dataset of six images each, 40 people, and jobs spread over all of
them at random.
"""

import random
import sqlite3
import sys

STATUSES = ["pending", "in_progress", "on_review", "completed", "stopped"]
PROJECTS = 10
PEOPLE = 40


class Filler:
    def __init__(self, path):
        self.db = sqlite3.connect(f"{path}/labeld.db", isolation_level=None)
        self.now = self.one("SELECT created_at FROM users WHERE id = 1")
        self.db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;"
                              "PRAGMA foreign_keys = OFF; BEGIN")

    def one(self, sql, *args):
        return self.db.execute(sql, args).fetchone()[0]

    def add(self, table, **row):
        row = {"created_at": self.now, "updated_at": self.now, **row}
        self.db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                        list(row.values()))
        return self.one("SELECT last_insert_rowid()")

    def team(self, number):
        """A team with its projects; (team, [(project, dataset)])."""
        team = self.add("team", name=f"bench {number}", created_by=1)
        self.db.execute("INSERT INTO member VALUES (?, 1, 1, ?)", (team, self.now))
        workspace = self.add("workspace", team_id=team, name="w")
        places = []
        for p in range(PROJECTS):
            project = self.add("project", workspace_id=workspace, team_id=team, name=f"project {p}",
                               type="images")
            dataset = self.add("dataset", project_id=project, name="ds1", images_count=6)
            for i in range(6):
                self.add("image", project_id=project, dataset_id=dataset, name=f"IMG_{i:04}.jpeg",
                         mime="image/jpeg")
            places.append((project, dataset))
        return team, places

    def jobs(self, count, teams, people, statuses):
        rng = random.Random(7)
        text = "annotation manual for fruits in markdown format here (optional)"

        def rows():
            for n in range(count):
                team, places = teams[n % len(teams)]
                project, dataset = rng.choice(places)
                yield (team, project, dataset, f"job number {n}", text, rng.choice(people[:7]),
                       rng.choice(people), rng.choice(people[:11]) if n % 3 else None,
                       rng.choice(statuses), self.now + n, self.now + n)

        self.db.executemany(
            "INSERT INTO job (team_id, project_id, dataset_id, name, readme, description, created_by,"
            " user_id, reviewer_id, status, images_count, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, 'short description is here (optional)', ?, ?, ?, ?, 6, ?, ?)", rows())
        self.db.execute("INSERT INTO job_entity (job_id, entity_id) SELECT j.id, i.id FROM job j"
                        " JOIN image i ON i.dataset_id = j.dataset_id WHERE NOT EXISTS"
                        " (SELECT 1 FROM job_entity e WHERE e.job_id = j.id) ORDER BY j.id, i.id")


def fill(path, jobs, teams, statuses=STATUSES):
    """Returns the ids of the teams and of the people."""
    f = Filler(path)
    people = [f.add("users", login=f"bench_{n}", login_key=f"bench_{n}", password="x")
              for n in range(PEOPLE)]
    made = [f.team(n) for n in range(teams)]
    f.jobs(jobs, made, people, statuses)
    f.db.execute("COMMIT")
    f.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    f.db.close()
    return [team for team, _ in made], people


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
