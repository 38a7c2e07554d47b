-- Objects drawn on images, their tags and their history; who uploaded which bytes.

-- The geometry stands last: reads without it do not touch the pages it overflows to.
CREATE TABLE figure (
    id            $ID,
    image_id      $INT NOT NULL REFERENCES image (id),
    dataset_id    $INT NOT NULL REFERENCES dataset (id),
    project_id    $INT NOT NULL REFERENCES project (id),
    class_id      $INT NOT NULL REFERENCES object_class (id),
    geometry_type $TEXT NOT NULL,
    pos           $INT NOT NULL, -- order in the annotation, which is the drawing order
    priority      $INT,          -- as clients gave it; setting it alone sets pos
    area          $REAL,         -- pixels; null while an alpha mask has no geometry yet
    box_left      $INT,          -- whole pixels around the geometry
    box_top       $INT,
    box_right     $INT,
    box_bottom    $INT,
    description   $TEXT NOT NULL DEFAULT '',
    nn_created    $INT NOT NULL DEFAULT 0,
    nn_updated    $INT NOT NULL DEFAULT 0,
    job_id        $INT REFERENCES job (id), -- the job it was drawn in
    created_by    $INT REFERENCES users (id),
    created_at    $INT NOT NULL,
    updated_at    $INT NOT NULL,
    removed_at    $INT,
    custom_data   $TEXT NOT NULL DEFAULT '{}',
    meta          $TEXT NOT NULL DEFAULT '{}',
    more          $TEXT NOT NULL DEFAULT '{}', -- keys of the object we only store and echo
    geometry      $TEXT NOT NULL -- JSON object of the geometry's own keys, bytes as they were sent
);
CREATE INDEX figure_by_image ON figure (image_id, pos, id) WHERE removed_at IS NULL;
CREATE INDEX figure_removed ON figure (image_id) WHERE removed_at IS NOT NULL;
CREATE INDEX figure_by_dataset ON figure (dataset_id, id) WHERE removed_at IS NULL;
CREATE INDEX figure_by_class ON figure (class_id, image_id) WHERE removed_at IS NULL;
CREATE INDEX figure_by_author ON figure (created_by, image_id) WHERE removed_at IS NULL;

CREATE TABLE figure_tag (
    id          $ID,
    figure_id   $INT NOT NULL REFERENCES figure (id),
    tag_id      $INT NOT NULL REFERENCES tag_meta (id),
    value       $TEXT, -- JSON scalar, kept as it was sent
    custom_data $TEXT NOT NULL DEFAULT '{}',
    created_by  $INT REFERENCES users (id),
    created_at  $INT NOT NULL,
    updated_at  $INT NOT NULL
);
CREATE INDEX figure_tag_by_figure ON figure_tag (figure_id);
CREATE INDEX figure_tag_by_tag ON figure_tag (tag_id, figure_id);

-- What a figure was before a change; what it is now stands in figure.
CREATE TABLE figure_version (
    id            $ID,
    figure_id     $INT NOT NULL REFERENCES figure (id),
    image_id      $INT NOT NULL REFERENCES image (id),
    at            $INT NOT NULL, -- when the change replaced it
    user_id       $INT REFERENCES users (id), -- who changed it
    job_id        $INT,
    action        $TEXT NOT NULL, -- "update_figure", "disable_figure", "restore_figure"
    class_id      $INT NOT NULL,
    geometry_type $TEXT NOT NULL,
    description   $TEXT NOT NULL,
    tags          $TEXT NOT NULL, -- JSON array of {tagId, value}
    geometry      $TEXT NOT NULL
);
CREATE INDEX figure_version_by_figure ON figure_version (figure_id, id);
CREATE INDEX figure_version_by_image ON figure_version (image_id, at);

-- What reviewers say of each object and tag, job by job: none, approved, rejected, or reviewable (to be
-- looked at again). What was said stays when the object goes.
CREATE TABLE figure_verdict (
    job_id          $INT NOT NULL REFERENCES job (id),
    figure_id       $INT NOT NULL REFERENCES figure (id),
    class_status    $TEXT NOT NULL,
    geometry_status $TEXT NOT NULL,
    user_id         $INT NOT NULL REFERENCES users (id),
    updated_at      $INT NOT NULL,
    PRIMARY KEY (job_id, figure_id)
) $NOROWID;
CREATE INDEX figure_verdict_by_figure ON figure_verdict (figure_id);

CREATE TABLE tag_verdict (
    id         $ID,
    job_id     $INT NOT NULL REFERENCES job (id),
    owner_kind $INT NOT NULL, -- enum tag_owner
    tag_row    $INT NOT NULL, -- of image_tag or figure_tag
    gone       $INT NOT NULL DEFAULT 0, -- it was taken off: the row's id may serve another
    status     $TEXT NOT NULL,
    user_id    $INT NOT NULL REFERENCES users (id),
    updated_at $INT NOT NULL
);
CREATE UNIQUE INDEX tag_verdict_by_tag ON tag_verdict (tag_row, owner_kind, job_id) WHERE gone = 0;
CREATE INDEX tag_verdict_by_job ON tag_verdict (job_id);

-- What reviewers write beside their verdict on an image, maybe about one object of it.
CREATE TABLE review_comment (
    id         $ID,
    job_id     $INT NOT NULL REFERENCES job (id),
    image_id   $INT NOT NULL REFERENCES image (id),
    figure_id  $INT REFERENCES figure (id),
    user_id    $INT NOT NULL REFERENCES users (id),
    status     $TEXT NOT NULL, -- review status it came with
    comment    $TEXT NOT NULL,
    created_at $INT NOT NULL
);
CREATE INDEX review_comment_by_image ON review_comment (job_id, image_id, id);

-- Who has sent these bytes: knowing a hash alone must not open somebody else's image.
CREATE TABLE blob_sender (
    hash    $TEXT NOT NULL REFERENCES blob (hash),
    user_id $INT NOT NULL REFERENCES users (id),
    PRIMARY KEY (hash, user_id)
) $NOROWID;
