-- Full-text search: tokens are made by the app; PostgreSQL keeps the vector in step and indexes it.
CREATE TABLE search_doc (
  id BIGSERIAL PRIMARY KEY,
  community_id UUID NOT NULL,
  subject_id UUID NOT NULL,
  kind TEXT NOT NULL,
  tokens TEXT NOT NULL,
  vector TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', tokens)) STORED,
  UNIQUE (community_id, subject_id)
);
CREATE INDEX search_by_vector ON search_doc USING GIN (vector);
