-- What jobs of queues are for: said by the job itself, since its place in the queue may go before it does.
ALTER TABLE job ADD COLUMN queue_kind $INT; -- enum queue_user_kind; null = not of a queue
UPDATE job SET queue_kind = (SELECT w.kind FROM queue_user w WHERE w.job_id = job.id) WHERE queue_id IS NOT NULL;
UPDATE job SET queue_kind = CASE WHEN reviewer_id = user_id THEN 2 ELSE 1 END
    WHERE queue_id IS NOT NULL AND queue_kind IS NULL;
CREATE INDEX job_by_queue ON job (queue_id) WHERE queue_id IS NOT NULL;

-- When a figure came to its image: copies may show the date of what they were made of. null = created_at
ALTER TABLE figure ADD COLUMN added_at $INT;
