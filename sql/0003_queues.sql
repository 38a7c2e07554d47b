-- Labeling queues: a pool of images that are handed out one by one.

CREATE TABLE queue (
    id                $ID,
    team_id           $INT NOT NULL REFERENCES team (id),
    project_id        $INT NOT NULL REFERENCES project (id),
    dataset_id        $INT NOT NULL REFERENCES dataset (id),
    name              $TEXT NOT NULL,
    created_by        $INT NOT NULL REFERENCES users (id),
    status            $TEXT NOT NULL DEFAULT 'pending',
    disabled          $INT NOT NULL DEFAULT 0,
    own_reviews       $INT NOT NULL DEFAULT 0, -- reviewers may get what they labeled themselves
    keep_open         $INT NOT NULL DEFAULT 0, -- jobs stay open when nothing is left
    lease_ms          $INT NOT NULL,           -- how long an image is held without a sign of life
    meta              $TEXT NOT NULL,          -- JSON object as it was sent
    entities_count    $INT NOT NULL DEFAULT 0, -- counters are kept by the changing transaction
    pending_count     $INT NOT NULL DEFAULT 0, -- in the pool
    in_progress_count $INT NOT NULL DEFAULT 0, -- handed out or rejected
    done_count        $INT NOT NULL DEFAULT 0, -- confirmed, waiting for a verdict
    accepted_count    $INT NOT NULL DEFAULT 0,
    created_at        $INT NOT NULL,
    updated_at        $INT NOT NULL,
    finished_at       $INT
);
CREATE INDEX queue_by_team ON queue (team_id, disabled, id);

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
    review_job_id $INT REFERENCES job (id), -- of the reviewer who has it
    lease_until   $INT,
    PRIMARY KEY (queue_id, entity_id)
) $NOROWID;
CREATE INDEX queue_entity_pool ON queue_entity (queue_id, status, review_job_id, skips, entity_id);
CREATE INDEX queue_entity_lease ON queue_entity (queue_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX queue_entity_by_image ON queue_entity (entity_id);
