-- A step of development that was entered by mistake is taken back: the row stays, with when (Unix milliseconds), by which
-- account and why, and no longer counts. All three are there or none is.
ALTER TABLE party_step ADD COLUMN taken_back_at BIGINT;
ALTER TABLE party_step ADD COLUMN taken_back_by UUID;
ALTER TABLE party_step ADD COLUMN taken_back_reason TEXT;
