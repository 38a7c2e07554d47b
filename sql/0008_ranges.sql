-- Images that are ranges of a file of a team, and what projects count and note besides.

-- Files that images are ranges of, with the content they had then: the file of the team may be
-- replaced or removed, the bytes stay as long as images need them.
CREATE TABLE source_file (
    id         $ID,
    team_id    $INT NOT NULL REFERENCES team (id),
    hash       $TEXT NOT NULL,
    size       $INT NOT NULL,
    created_at $INT NOT NULL
);
CREATE UNIQUE INDEX source_file_by_hash ON source_file (hash, team_id);

CREATE TABLE image_range (
    image_id    $INT PRIMARY KEY REFERENCES image (id),
    source_id   $INT NOT NULL REFERENCES source_file (id),
    range_start $INT NOT NULL,
    range_end   $INT NOT NULL -- behind the last byte
);
CREATE INDEX image_range_by_source ON image_range (source_id);

-- A blob without a file of its own: its bytes are read out of that one.
ALTER TABLE blob ADD COLUMN source_id $INT REFERENCES source_file (id);
ALTER TABLE blob ADD COLUMN source_start $INT;
CREATE INDEX blob_by_source ON blob (source_id) WHERE source_id IS NOT NULL;

-- Images whose bytes are elsewhere, at their links; kept in the transaction that changes it.
ALTER TABLE dataset ADD COLUMN remote_count $INT NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN remote_count $INT NOT NULL DEFAULT 0;
UPDATE dataset SET remote_count = (SELECT COUNT(*) FROM image i WHERE i.dataset_id = dataset.id
    AND i.removed_at IS NULL AND i.hash IS NULL);
UPDATE project SET remote_count = (SELECT COALESCE(SUM(d.remote_count), 0) FROM dataset d
    WHERE d.project_id = project.id AND d.archived_at IS NULL);

-- What programs that index the images of a project note about it.
ALTER TABLE project ADD COLUMN embeddings_on $INT NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN embeddings_busy $INT NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN embedded_at $INT;

ALTER TABLE dataset ADD COLUMN favorite $INT NOT NULL DEFAULT 0; -- pinned
