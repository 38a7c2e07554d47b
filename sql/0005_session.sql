-- Answers to calls that their client has named (x-operation-id) are kept longer: a browser that was
-- offline sends again what it does not know the end of.
ALTER TABLE replay ADD COLUMN operation $INT NOT NULL DEFAULT 0;
