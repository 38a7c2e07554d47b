-- First schema. One text for both engines: $ID, $INT, $TEXT, $BLOB and $NOROWID are spelled by the
-- driver (src/db). Never edit a released file; add the next number.
--
-- Times are milliseconds since 1970 UTC. 0/1 integers are booleans. Nothing that others may refer
-- to is ever deleted: *_at columns mark it archived or removed, and partial indexes free its name.

CREATE TABLE setting (
    name  $TEXT PRIMARY KEY,
    value $TEXT NOT NULL
);

-- Rewritten from roles.tbl at every start, so that the table in the source is the truth.
CREATE TABLE role (
    id         $INT PRIMARY KEY,
    name       $TEXT NOT NULL UNIQUE,
    perms      $INT NOT NULL, -- bits of enum perm
    created_at $INT NOT NULL,
    updated_at $INT NOT NULL
);

CREATE TABLE users (
    id            $ID,
    login         $TEXT NOT NULL,
    login_key     $TEXT NOT NULL UNIQUE, -- lower case: Anna and anna are one login
    name          $TEXT NOT NULL DEFAULT '',
    email         $TEXT,
    password      $TEXT NOT NULL, -- argon2id string
    is_admin      $INT NOT NULL DEFAULT 0, -- of the whole instance
    is_restricted $INT NOT NULL DEFAULT 0, -- no team of their own
    disabled      $INT NOT NULL DEFAULT 0,
    logins        $INT NOT NULL DEFAULT 0,
    last_login    $INT,
    created_at    $INT NOT NULL,
    updated_at    $INT NOT NULL
);
CREATE INDEX users_by_login ON users (login);

CREATE TABLE token (
    id         $ID,
    user_id    $INT NOT NULL REFERENCES users (id),
    hash       $BLOB NOT NULL UNIQUE, -- SHA-256 of the token; the token itself is not kept
    name       $TEXT NOT NULL DEFAULT '',
    created_at $INT NOT NULL,
    expires_at $INT,
    revoked_at $INT
);
CREATE INDEX token_by_user ON token (user_id);

CREATE TABLE team (
    id          $ID,
    name        $TEXT NOT NULL,
    description $TEXT NOT NULL DEFAULT '',
    created_by  $INT REFERENCES users (id),
    created_at  $INT NOT NULL,
    updated_at  $INT NOT NULL,
    archived_at $INT
);
-- not unique: strangers must not learn of each other's teams by their names
CREATE INDEX team_by_name ON team (name) WHERE archived_at IS NULL;

CREATE TABLE member (
    team_id    $INT NOT NULL REFERENCES team (id),
    user_id    $INT NOT NULL REFERENCES users (id),
    role_id    $INT NOT NULL REFERENCES role (id),
    created_at $INT NOT NULL,
    PRIMARY KEY (team_id, user_id)
) $NOROWID;
CREATE INDEX member_by_user ON member (user_id, team_id);

CREATE TABLE workspace (
    id          $ID,
    team_id     $INT NOT NULL REFERENCES team (id),
    name        $TEXT NOT NULL,
    description $TEXT NOT NULL DEFAULT '',
    hidden      $INT NOT NULL DEFAULT 0,
    created_by  $INT REFERENCES users (id),
    created_at  $INT NOT NULL,
    updated_at  $INT NOT NULL,
    archived_at $INT
);
CREATE UNIQUE INDEX workspace_by_name ON workspace (team_id, name) WHERE archived_at IS NULL;

CREATE TABLE project (
    id              $ID,
    workspace_id    $INT NOT NULL REFERENCES workspace (id),
    team_id         $INT NOT NULL REFERENCES team (id),
    name            $TEXT NOT NULL,
    description     $TEXT NOT NULL DEFAULT '',
    readme          $TEXT NOT NULL DEFAULT '',
    type            $TEXT NOT NULL,
    settings        $TEXT NOT NULL DEFAULT '{}', -- JSON object, merged by top-level key
    custom_data     $TEXT NOT NULL DEFAULT '{}', -- JSON object, kept as it was sent
    images_count    $INT NOT NULL DEFAULT 0,     -- kept in the transaction that changes it
    datasets_count  $INT NOT NULL DEFAULT 0,
    size            $INT NOT NULL DEFAULT 0,     -- bytes of all images
    created_by      $INT REFERENCES users (id),
    created_at      $INT NOT NULL,
    updated_at      $INT NOT NULL,
    archived_at     $INT
);
CREATE UNIQUE INDEX project_by_name ON project (workspace_id, name) WHERE archived_at IS NULL;
CREATE INDEX project_by_team ON project (team_id, id) WHERE archived_at IS NULL;

CREATE TABLE dataset (
    id           $ID,
    project_id   $INT NOT NULL REFERENCES project (id),
    parent_id    $INT REFERENCES dataset (id),
    name         $TEXT NOT NULL,
    description  $TEXT NOT NULL DEFAULT '',
    custom_data  $TEXT NOT NULL DEFAULT '{}',
    images_count $INT NOT NULL DEFAULT 0,
    size         $INT NOT NULL DEFAULT 0,
    created_by   $INT REFERENCES users (id),
    created_at   $INT NOT NULL,
    updated_at   $INT NOT NULL,
    archived_at  $INT
);
CREATE UNIQUE INDEX dataset_by_name ON dataset (project_id, COALESCE(parent_id, 0), name)
    WHERE archived_at IS NULL;
CREATE INDEX dataset_by_parent ON dataset (parent_id) WHERE archived_at IS NULL;

CREATE TABLE object_class (
    id              $ID,
    project_id      $INT NOT NULL REFERENCES project (id),
    name            $TEXT NOT NULL,
    shape           $TEXT NOT NULL,
    color           $TEXT NOT NULL,
    geometry_config $TEXT NOT NULL DEFAULT '{}', -- JSON, kept as it was sent
    hotkey          $TEXT NOT NULL DEFAULT '',
    description     $TEXT NOT NULL DEFAULT '',
    settings        $TEXT NOT NULL DEFAULT '{}',
    created_at      $INT NOT NULL,
    updated_at      $INT NOT NULL,
    removed_at      $INT
);
CREATE UNIQUE INDEX object_class_by_name ON object_class (project_id, name)
    WHERE removed_at IS NULL;

CREATE TABLE tag_meta (
    id              $ID,
    project_id      $INT NOT NULL REFERENCES project (id),
    name            $TEXT NOT NULL,
    value_type      $TEXT NOT NULL,
    options         $TEXT, -- JSON array of strings, in the given order; only for oneof_string
    color           $TEXT NOT NULL,
    hotkey          $TEXT NOT NULL DEFAULT '',
    applicable_type $TEXT NOT NULL DEFAULT 'all',
    target_type     $TEXT NOT NULL DEFAULT 'all',
    more            $TEXT NOT NULL DEFAULT '{}', -- keys we only store and echo
    created_at      $INT NOT NULL,
    updated_at      $INT NOT NULL,
    removed_at      $INT
);
CREATE UNIQUE INDEX tag_meta_by_name ON tag_meta (project_id, name) WHERE removed_at IS NULL;

-- Classes a tag may be put on; none = all. By id, so that a renamed class keeps its tags.
CREATE TABLE tag_meta_class (
    tag_id   $INT NOT NULL REFERENCES tag_meta (id),
    class_id $INT NOT NULL REFERENCES object_class (id),
    PRIMARY KEY (tag_id, class_id)
) $NOROWID;

CREATE TABLE blob (
    hash       $TEXT PRIMARY KEY, -- base64 of the SHA-256, the API's content hash
    size       $INT NOT NULL,
    mime       $TEXT NOT NULL,
    width      $INT,
    height     $INT,
    created_at $INT NOT NULL
) $NOROWID;

CREATE TABLE image (
    id           $ID,
    project_id   $INT NOT NULL REFERENCES project (id),
    dataset_id   $INT NOT NULL REFERENCES dataset (id),
    name         $TEXT NOT NULL,
    description  $TEXT NOT NULL DEFAULT '',
    hash         $TEXT REFERENCES blob (hash),
    link         $TEXT, -- where a remote image lives
    mime         $TEXT NOT NULL,
    size         $INT NOT NULL DEFAULT 0,
    width        $INT NOT NULL DEFAULT 0,
    height       $INT NOT NULL DEFAULT 0,
    labels_count $INT NOT NULL DEFAULT 0,
    parent_id    $INT REFERENCES image (id), -- the image it belongs to, as clients say
    meta         $TEXT NOT NULL DEFAULT '{}',
    custom_sort  $TEXT, -- meta.customSort, for sorting
    embedded_at  $INT,  -- when a search index last saw it, as its program says
    created_by   $INT REFERENCES users (id),
    created_at   $INT NOT NULL,
    updated_at   $INT NOT NULL,
    removed_at   $INT,
    annotated_at $INT, -- last change of its annotation
    big_data     $TEXT NOT NULL DEFAULT '{}' -- customBigData of its annotation; often long, so last
);
CREATE UNIQUE INDEX image_by_name ON image (dataset_id, name) WHERE removed_at IS NULL;
CREATE INDEX image_by_dataset ON image (dataset_id, id) WHERE removed_at IS NULL;
CREATE INDEX image_by_project ON image (project_id, id) WHERE removed_at IS NULL;
CREATE INDEX image_by_hash ON image (hash);

CREATE TABLE image_tag (
    id          $ID,
    image_id    $INT NOT NULL REFERENCES image (id),
    tag_id      $INT NOT NULL REFERENCES tag_meta (id),
    value       $TEXT, -- JSON scalar, kept as it was sent; null for tags without a value
    custom_data $TEXT NOT NULL DEFAULT '{}',
    created_by  $INT REFERENCES users (id),
    created_at  $INT NOT NULL,
    updated_at  $INT NOT NULL
);
CREATE INDEX image_tag_by_image ON image_tag (image_id);
CREATE INDEX image_tag_by_tag ON image_tag (tag_id, image_id);

-- A hand-picked set of images of a project, or what a search by a model has found there.
CREATE TABLE entities_collection (
    id          $ID,
    project_id  $INT NOT NULL REFERENCES project (id),
    name        $TEXT NOT NULL,
    description $TEXT NOT NULL DEFAULT '',
    type        $TEXT NOT NULL,              -- default, aiSearch
    meta        $TEXT NOT NULL DEFAULT '{}', -- JSON object, kept as it was sent
    created_by  $INT REFERENCES users (id),
    created_at  $INT NOT NULL,
    updated_at  $INT NOT NULL,
    removed_at  $INT
);
CREATE UNIQUE INDEX entities_collection_by_name ON entities_collection (project_id, name)
    WHERE removed_at IS NULL;

CREATE TABLE entities_collection_item (
    id            $ID,
    collection_id $INT NOT NULL REFERENCES entities_collection (id),
    entity_id     $INT NOT NULL REFERENCES image (id),
    score         $REAL, -- how well it fits the search
    created_by    $INT REFERENCES users (id),
    created_at    $INT NOT NULL
);
CREATE UNIQUE INDEX entities_collection_item_by_entity
    ON entities_collection_item (collection_id, entity_id);

CREATE TABLE job (
    id                     $ID,
    team_id                $INT NOT NULL REFERENCES team (id),
    project_id             $INT NOT NULL REFERENCES project (id),
    dataset_id             $INT NOT NULL REFERENCES dataset (id),
    name                   $TEXT NOT NULL,
    readme                 $TEXT NOT NULL DEFAULT '',
    description            $TEXT NOT NULL DEFAULT '',
    created_by             $INT NOT NULL REFERENCES users (id),
    user_id                $INT NOT NULL REFERENCES users (id), -- the labeler
    reviewer_id            $INT REFERENCES users (id),
    status                 $TEXT NOT NULL DEFAULT 'pending',
    disabled               $INT NOT NULL DEFAULT 0, -- archived
    queue_id               $INT,
    exam_id                $INT,
    priority               $INT,
    guide_id               $INT,
    images_count           $INT NOT NULL DEFAULT 0, -- counters are kept by the changing transaction
    done_count             $INT NOT NULL DEFAULT 0,
    accepted_count         $INT NOT NULL DEFAULT 0,
    rejected_count         $INT NOT NULL DEFAULT 0,
    figures_limit          $INT, -- per image; null = none
    tags_limit             $INT,
    tags_min               $INT, -- tags an image needs before it can be confirmed
    own_figures            $INT NOT NULL DEFAULT 0, -- the labeler sees only what they made
    own_tags               $INT NOT NULL DEFAULT 0,
    range_start            $INT,
    range_end              $INT,
    by_ids                 $INT NOT NULL DEFAULT 0, -- entities were named one by one
    dynamic_classes        $INT NOT NULL DEFAULT 0,
    dynamic_tags           $INT NOT NULL DEFAULT 0,
    disable_confirm        $INT NOT NULL DEFAULT 0,
    disable_submit         $INT NOT NULL DEFAULT 0,
    intermediate_review    $INT NOT NULL DEFAULT 0,
    allow_restore          $INT NOT NULL DEFAULT 0,
    round                  $INT NOT NULL DEFAULT 1, -- grows when a job is restarted
    src_job_id             $INT REFERENCES job (id), -- the round before
    custom_data            $TEXT NOT NULL DEFAULT '{}',
    meta_more              $TEXT NOT NULL DEFAULT '{}', -- keys of meta we only store and echo
    created_at             $INT NOT NULL,
    updated_at             $INT NOT NULL,
    started_at             $INT,
    annotation_finished_at $INT,
    review_finished_at     $INT,
    finished_at            $INT,
    removed_at             $INT,
    rev                    $INT NOT NULL DEFAULT 1 -- grows with every change of what jobs.info shows
);
-- Wide on purpose: every filter of jobs.list is decided, and counted, inside one of these. Not partial:
-- SQLite would look at each row for removed_at and the index would not cover the query. Each begins with
-- another of the columns that people filter by, so that a list costs what it finds and not what the team has.
CREATE INDEX job_by_team ON job (team_id, removed_at, disabled, id, created_by, user_id, reviewer_id,
    status, project_id, dataset_id, queue_id);
CREATE INDEX job_by_creator ON job (team_id, removed_at, created_by, disabled, id, user_id, reviewer_id,
    status, project_id, dataset_id, queue_id);
CREATE INDEX job_by_labeler ON job (team_id, removed_at, user_id, disabled, id, created_by, reviewer_id,
    status, project_id, dataset_id, queue_id);
CREATE INDEX job_by_reviewer ON job (team_id, removed_at, reviewer_id, disabled, id, created_by,
    user_id, status, project_id, dataset_id, queue_id);
CREATE INDEX job_by_status ON job (team_id, removed_at, status, disabled, id, created_by, user_id,
    reviewer_id, project_id, dataset_id, queue_id);
CREATE INDEX job_by_team_project ON job (team_id, removed_at, project_id, disabled, id, created_by,
    user_id, reviewer_id, status, dataset_id, queue_id);
CREATE INDEX job_by_team_dataset ON job (team_id, removed_at, dataset_id, disabled, id, created_by,
    user_id, reviewer_id, status, project_id, queue_id);
CREATE INDEX job_by_name ON job (name, team_id) WHERE removed_at IS NULL;
CREATE INDEX job_by_dataset ON job (dataset_id, name);
CREATE INDEX job_by_project ON job (project_id);
CREATE INDEX job_by_source ON job (src_job_id) WHERE src_job_id IS NOT NULL;

-- What a job is limited to, in the order of the request.
CREATE TABLE job_label (
    job_id   $INT NOT NULL REFERENCES job (id),
    kind     $INT NOT NULL, -- enum job_label_kind
    pos      $INT NOT NULL,
    ref_id   $INT NOT NULL, -- object_class or tag_meta
    positive $INT NOT NULL DEFAULT 1,
    PRIMARY KEY (job_id, kind, pos)
) $NOROWID;
CREATE INDEX job_label_by_ref ON job_label (ref_id, kind);

CREATE TABLE job_entity (
    job_id     $INT NOT NULL REFERENCES job (id),
    entity_id  $INT NOT NULL REFERENCES image (id),
    status     $TEXT NOT NULL DEFAULT 'none', -- review status
    tool_ms    $INT NOT NULL DEFAULT 0,       -- time with the image open, as tools report it
    editing_ms $INT NOT NULL DEFAULT 0,       -- time of drawing on it
    updated_at $INT,
    PRIMARY KEY (job_id, entity_id)
) $NOROWID;
CREATE INDEX job_entity_by_entity ON job_entity (entity_id, job_id);

-- What a job's statistics show, kept by the transactions that change what they count: the time in it
-- as tools report it,
CREATE TABLE job_time (
    job_id     $INT PRIMARY KEY REFERENCES job (id),
    tool_ms    $INT NOT NULL,
    editing_ms $INT NOT NULL
);
-- objects of a class on its images and the images that have some,
CREATE TABLE job_class_count (
    job_id   $INT NOT NULL REFERENCES job (id),
    class_id $INT NOT NULL REFERENCES object_class (id),
    figures  $INT NOT NULL,
    images   $INT NOT NULL,
    PRIMARY KEY (job_id, class_id)
) $NOROWID;
-- and the images and objects that carry a tag (value ''), or one value of a one-of tag (JSON).
CREATE TABLE job_tag_count (
    job_id  $INT NOT NULL REFERENCES job (id),
    tag_id  $INT NOT NULL REFERENCES tag_meta (id),
    value   $TEXT NOT NULL,
    images  $INT NOT NULL,
    figures $INT NOT NULL,
    PRIMARY KEY (job_id, tag_id, value)
) $NOROWID;

-- Time of drawing by class, as tools report it.
CREATE TABLE job_class_time (
    job_id     $INT NOT NULL REFERENCES job (id),
    class_id   $INT NOT NULL REFERENCES object_class (id),
    editing_ms $INT NOT NULL,
    PRIMARY KEY (job_id, class_id)
) $NOROWID;

-- What takes its time in other servers and is polled for by clients. Here it is done when the call that
-- asks for it is answered.
CREATE TABLE task (
    id           $ID,
    team_id      $INT NOT NULL REFERENCES team (id),
    workspace_id $INT REFERENCES workspace (id),
    user_id      $INT NOT NULL REFERENCES users (id),
    type         $TEXT NOT NULL, -- clone, remove
    status       $TEXT NOT NULL,
    meta         $TEXT NOT NULL, -- JSON object: input and output
    created_at   $INT NOT NULL,
    finished_at  $INT
);
CREATE INDEX task_by_workspace ON task (workspace_id, id);

-- Everything that happened, written in the transaction of the change.
CREATE TABLE event (
    id         $ID,
    team_id    $INT,
    at         $INT NOT NULL,
    user_id    $INT,
    action     $TEXT NOT NULL,
    project_id $INT,
    dataset_id $INT,
    image_id   $INT,
    class_id   $INT,
    figure_id  $INT,
    job_id     $INT,
    tag_id     $INT,
    meta       $TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX event_by_team ON event (team_id, at, id);
CREATE INDEX event_by_job ON event (job_id, at, id) WHERE job_id IS NOT NULL;

-- What people talk about; a sub-issue is about something and has its parent's team.
CREATE TABLE issue (
    id         $ID,
    team_id    $INT NOT NULL REFERENCES team (id),
    parent_id  $INT REFERENCES issue (id),
    name       $TEXT NOT NULL DEFAULT '',
    status     $TEXT NOT NULL DEFAULT 'open',
    is_local   $INT NOT NULL DEFAULT 0, -- only for the team; otherwise every account may read it
    is_pinned  $INT NOT NULL DEFAULT 0,
    meta       $TEXT NOT NULL DEFAULT '{}', -- of a sub-issue, kept as it was sent
    created_by $INT NOT NULL REFERENCES users (id),
    created_at $INT NOT NULL,
    updated_at $INT NOT NULL,
    removed_at $INT
);
CREATE INDEX issue_by_team ON issue (team_id, id) WHERE removed_at IS NULL AND parent_id IS NULL;
CREATE INDEX issue_by_parent ON issue (parent_id, id) WHERE removed_at IS NULL;

CREATE TABLE issue_assignee (
    issue_id $INT NOT NULL REFERENCES issue (id),
    user_id  $INT NOT NULL REFERENCES users (id),
    PRIMARY KEY (issue_id, user_id)
) $NOROWID;

-- What a sub-issue is about.
CREATE TABLE issue_binding (
    issue_id   $INT NOT NULL REFERENCES issue (id),
    pos        $INT NOT NULL,
    field      $TEXT NOT NULL, -- imageId, figureId, projectId, jobId
    value      $INT NOT NULL,
    extra      $TEXT NOT NULL DEFAULT '{}', -- JSON object, kept as it was sent
    project_id $INT NOT NULL,
    dataset_id $INT,
    image_id   $INT,
    PRIMARY KEY (issue_id, pos)
) $NOROWID;
CREATE INDEX issue_binding_by_image ON issue_binding (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX issue_binding_by_project ON issue_binding (project_id, dataset_id);

CREATE TABLE issue_comment (
    id         $ID,
    issue_id   $INT NOT NULL REFERENCES issue (id),
    comment    $TEXT NOT NULL, -- Markdown, kept as it was sent
    created_by $INT NOT NULL REFERENCES users (id),
    created_at $INT NOT NULL,
    updated_at $INT NOT NULL
);
CREATE INDEX issue_comment_by_issue ON issue_comment (issue_id, id);

-- Instructions that jobs refer to.
CREATE TABLE guide (
    id          $ID,
    team_id     $INT NOT NULL REFERENCES team (id),
    name        $TEXT NOT NULL,
    description $TEXT NOT NULL DEFAULT '',
    file_path   $TEXT, -- of a team file
    video_id    $INT,
    text        $TEXT NOT NULL DEFAULT '', -- Markdown, kept as it was sent
    created_by  $INT NOT NULL REFERENCES users (id),
    created_at  $INT NOT NULL,
    updated_at  $INT NOT NULL,
    disabled_by $INT REFERENCES users (id),
    disabled_at $INT
);
CREATE INDEX guide_by_team ON guide (team_id, id);

-- Whom to tell what happened.
CREATE TABLE webhook (
    id         $ID,
    team_id    $INT NOT NULL REFERENCES team (id),
    action     $TEXT NOT NULL,
    url        $TEXT NOT NULL,
    meta       $TEXT NOT NULL, -- JSON object: retriesCount, retriesDelay, headers ...
    secret     $TEXT NOT NULL, -- key of the signatures
    created_by $INT REFERENCES users (id),
    created_at $INT NOT NULL,
    updated_at $INT NOT NULL,
    removed_at $INT
);
CREATE INDEX webhook_by_team ON webhook (team_id, action) WHERE removed_at IS NULL;

-- What is to be told: written with the change itself, sent afterwards, kept as a log.
CREATE TABLE webhook_delivery (
    id           $ID,
    webhook_id   $INT NOT NULL REFERENCES webhook (id),
    team_id      $INT NOT NULL REFERENCES team (id),
    uid          $TEXT NOT NULL, -- tells a receiver that it has had this one
    event        $TEXT NOT NULL,
    body         $TEXT NOT NULL, -- JSON object, sent as it stands here
    is_test      $INT NOT NULL DEFAULT 0,
    state        $TEXT NOT NULL DEFAULT 'pending', -- delivered, failed, cancelled
    attempts     $INT NOT NULL DEFAULT 0,
    attempts_max $INT NOT NULL,
    next_at      $INT, -- null: nothing is left to do
    status       $INT, -- HTTP status of the last attempt
    error        $TEXT,
    duration_ms  $INT,
    created_at   $INT NOT NULL,
    tried_at     $INT
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, next_at);
CREATE INDEX webhook_delivery_by_team ON webhook_delivery (team_id, id);

-- Answers of calls that must not take effect twice (src/api/replay.h).
CREATE TABLE replay (
    key         $BLOB PRIMARY KEY, -- SHA-256 of token, method and body
    answered_at $INT NOT NULL,
    settled_at  $INT, -- when the caller closed in good order after the whole answer
    answer      $TEXT NOT NULL
) $NOROWID;
CREATE INDEX replay_by_time ON replay (answered_at);

-- Grows when something is renamed that other rows show by name; caches of rendered rows compare it.
CREATE TABLE epoch (
    id    $INT PRIMARY KEY,
    names $INT NOT NULL
);
INSERT INTO epoch (id, names) VALUES (1, 1);
