-- Labeling queues: a pool of images that are handed out one by one.

CREATE TABLE queue (
    id                $ID,
    team_id           $INT NOT NULL REFERENCES team (id),
    project_id        $INT NOT NULL REFERENCES project (id),
    dataset_id        $INT NOT NULL REFERENCES dataset (id),
    collection_id     $INT, -- the pool grows with it; dataset_id is then only where its jobs stand
    name              $TEXT NOT NULL,
    readme            $TEXT NOT NULL DEFAULT '', -- texts of its jobs, for those who join later
    description       $TEXT NOT NULL DEFAULT '',
    created_by        $INT NOT NULL REFERENCES users (id),
    status            $TEXT NOT NULL DEFAULT 'pending',
    disabled          $INT NOT NULL DEFAULT 0,
    own_reviews       $INT NOT NULL DEFAULT 0, -- reviewers may get what they labeled themselves
    keep_open         $INT NOT NULL DEFAULT 0, -- jobs stay open when nothing is left
    wants_check       $INT NOT NULL DEFAULT 0, -- accepted images need a quality check, too
    lease_ms          $INT NOT NULL,           -- how long an image is held without a sign of life
    meta              $TEXT NOT NULL,          -- JSON object as it was sent
    entities_count    $INT NOT NULL DEFAULT 0, -- counters are kept by the changing transaction
    pending_count     $INT NOT NULL DEFAULT 0, -- in the pool
    in_progress_count $INT NOT NULL DEFAULT 0, -- handed out or rejected
    done_count        $INT NOT NULL DEFAULT 0, -- confirmed, waiting for a verdict
    accepted_count    $INT NOT NULL DEFAULT 0, -- by a reviewer
    checked_count     $INT NOT NULL DEFAULT 0, -- and by the quality check
    created_at        $INT NOT NULL,
    updated_at        $INT NOT NULL,
    finished_at       $INT,
    removed_at        $INT
);
CREATE INDEX queue_by_team ON queue (team_id, disabled, id) WHERE removed_at IS NULL;
CREATE INDEX queue_by_project ON queue (project_id) WHERE removed_at IS NULL;
CREATE INDEX queue_by_collection ON queue (collection_id) WHERE collection_id IS NOT NULL;

-- Who works in it, each with a job of their own that fills as they pull.
CREATE TABLE queue_user (
    queue_id $INT NOT NULL REFERENCES queue (id),
    user_id  $INT NOT NULL REFERENCES users (id),
    kind     $INT NOT NULL, -- enum queue_user_kind
    job_id   $INT NOT NULL REFERENCES job (id),
    PRIMARY KEY (queue_id, user_id, kind)
) $NOROWID;
CREATE UNIQUE INDEX queue_user_by_job ON queue_user (job_id);
CREATE INDEX queue_user_by_user ON queue_user (user_id, queue_id);

CREATE TABLE queue_entity (
    queue_id      $INT NOT NULL REFERENCES queue (id),
    entity_id     $INT NOT NULL REFERENCES image (id),
    status        $TEXT,                    -- review status; null = in the pool
    skips         $INT NOT NULL DEFAULT 0,  -- those that were skipped come last
    job_id        $INT REFERENCES job (id), -- of the labeler who has it, for good once confirmed
    review_job_id $INT REFERENCES job (id), -- of the reviewer who has it, for good once accepted
    check_job_id  $INT REFERENCES job (id), -- of the quality checker, the same
    held_by       $INT REFERENCES job (id), -- whichever of these has to do it now
    lease_until   $INT,                     -- and until when, without a sign of life
    reviewed_at   $INT,                     -- of the last verdict
    PRIMARY KEY (queue_id, entity_id)
) $NOROWID;
-- what can be handed out: to labelers (status null), reviewers (done), checkers (accepted)
CREATE INDEX queue_entity_pool ON queue_entity (queue_id, status, held_by, skips, entity_id);
CREATE INDEX queue_entity_lease ON queue_entity (queue_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX queue_entity_held ON queue_entity (held_by) WHERE held_by IS NOT NULL;
CREATE INDEX queue_entity_by_image ON queue_entity (entity_id);
