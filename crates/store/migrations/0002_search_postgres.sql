-- Full-text search: tokens are made by the app, one space between; PostgreSQL keeps the vector in step and indexes it. Each
-- token is taken as it is: PostgreSQL's own parser would split words and numbers otherwise than SQLite does.
CREATE TABLE search_doc (
  id BIGSERIAL PRIMARY KEY,
  community_id UUID NOT NULL,
  subject_id UUID NOT NULL,
  kind TEXT NOT NULL,
  tokens TEXT NOT NULL,
  vector TSVECTOR GENERATED ALWAYS AS (array_to_tsvector(string_to_array(tokens, ' '))) STORED,
  UNIQUE (community_id, subject_id)
);
CREATE INDEX search_by_vector ON search_doc USING GIN (vector);
