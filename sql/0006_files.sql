-- Files of teams: paths that name content. Folders exist as far as files are in them.

CREATE TABLE team_file (
    id         $ID,
    team_id    $INT NOT NULL REFERENCES team (id),
    path       $TEXT NOT NULL, -- "/folder/name", as domain/file.c makes it
    hash       $TEXT NOT NULL, -- base64 SHA-256 of the content
    size       $INT NOT NULL,
    mime       $TEXT NOT NULL, -- by the ending of the name
    created_by $INT REFERENCES users (id),
    created_at $INT NOT NULL,
    updated_at $INT NOT NULL,
    removed_at $INT
);
CREATE UNIQUE INDEX team_file_by_path ON team_file (team_id, path) WHERE removed_at IS NULL;
CREATE INDEX team_file_by_hash ON team_file (hash) WHERE removed_at IS NULL;

-- Kept in the transaction that changes the files.
CREATE TABLE team_storage (
    team_id $INT PRIMARY KEY REFERENCES team (id),
    size    $INT NOT NULL
);
