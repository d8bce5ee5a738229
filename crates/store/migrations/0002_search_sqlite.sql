-- Full-text search: tokens are made by the app; FTS5 indexes them, triggers keep the index in step.
CREATE TABLE search_doc (
  id INTEGER PRIMARY KEY,
  community_id UUID NOT NULL,
  subject_id UUID NOT NULL,
  kind TEXT NOT NULL,
  tokens TEXT NOT NULL,
  UNIQUE (community_id, subject_id)
);
CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content = 'search_doc', content_rowid = 'id');
CREATE TRIGGER search_doc_insert AFTER INSERT ON search_doc BEGIN INSERT INTO search_index (rowid, tokens) VALUES (new.id, new.tokens); END;
CREATE TRIGGER search_doc_delete AFTER DELETE ON search_doc BEGIN INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', old.id, old.tokens); END;
CREATE TRIGGER search_doc_update AFTER UPDATE ON search_doc BEGIN INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', old.id, old.tokens); INSERT INTO search_index (rowid, tokens) VALUES (new.id, new.tokens); END
