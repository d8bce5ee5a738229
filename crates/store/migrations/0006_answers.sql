-- Whether one side of the match was handed in for it alone: somebody answered a need or an offer on the spot.
ALTER TABLE service_match ADD COLUMN is_answer BOOLEAN NOT NULL DEFAULT FALSE;
