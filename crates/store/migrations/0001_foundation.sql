-- The foundation: territory, members, service, identity, record. One text for both databases.
-- Ids are UUIDv7; instants are milliseconds since 1970 UTC; dates are ISO text; enumerations are their stable codes.
-- Texts that order a list are compared byte by byte on both (SQLite always does), whatever the locale of the server.
-- Every key is led by community_id, so that the data shards by community.

CREATE TABLE community (
  id UUID NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE place (
  community_id UUID NOT NULL REFERENCES community (id),
  id UUID NOT NULL,
  parent_id UUID,
  area_id UUID,
  kind TEXT NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code),
  FOREIGN KEY (community_id, parent_id) REFERENCES place (community_id, id)
);

CREATE TABLE member (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  code TEXT,
  name TEXT NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  place_id UUID NOT NULL,
  area_id UUID,
  phone TEXT,
  email TEXT,
  birth_date TEXT,
  sex TEXT,
  registered BOOLEAN NOT NULL,
  retired BOOLEAN NOT NULL,
  organisation_kind TEXT,
  contact TEXT,
  given_minutes BIGINT NOT NULL DEFAULT 0,
  received_minutes BIGINT NOT NULL DEFAULT 0,
  given_count BIGINT NOT NULL DEFAULT 0,
  received_count BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);
CREATE INDEX member_by_name ON member (community_id, kind, sort_key, id);
CREATE INDEX member_by_area ON member (community_id, area_id, kind, sort_key, id);
CREATE INDEX member_by_place ON member (community_id, place_id, sort_key, id);

-- Sensitive: read only by use cases that are allowed to, each look recorded.
CREATE TABLE care_group (
  community_id UUID NOT NULL,
  member_id UUID NOT NULL,
  care_group TEXT NOT NULL,
  PRIMARY KEY (community_id, member_id, care_group),
  FOREIGN KEY (community_id, member_id) REFERENCES member (community_id, id)
);

CREATE TABLE intent (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  side TEXT NOT NULL,
  code TEXT,
  member_id UUID NOT NULL,
  entered_by UUID,
  place_id UUID NOT NULL,
  area_id UUID,
  category TEXT NOT NULL,
  care_kind TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  rrule TEXT,
  slots BIGINT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  urgency TEXT NOT NULL,
  reach TEXT NOT NULL,
  visibility TEXT NOT NULL,
  committed BIGINT NOT NULL,
  fulfilled BIGINT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code),
  CHECK (from_at < until_at),
  CHECK (committed >= fulfilled AND fulfilled >= 0 AND committed <= quantity),
  FOREIGN KEY (community_id, member_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);
CREATE INDEX intent_by_state ON intent (community_id, side, state, created_at, id);
CREATE INDEX intent_by_age ON intent (community_id, side, created_at, id);
CREATE INDEX intent_by_area ON intent (community_id, side, area_id, state, created_at, id);
CREATE INDEX intent_by_place ON intent (community_id, side, place_id, created_at, id);
CREATE INDEX intent_by_category ON intent (community_id, side, category, state, created_at, id);
CREATE INDEX intent_by_member ON intent (community_id, member_id, side, created_at);
CREATE INDEX intent_by_end ON intent (community_id, state, until_at);

CREATE TABLE service_match (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  need_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  receiver_id UUID NOT NULL,
  giver_id UUID NOT NULL,
  area_id UUID,
  category TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  delivered BIGINT NOT NULL,
  asked TEXT NOT NULL,
  state TEXT NOT NULL,
  arranged_from BIGINT,
  arranged_until BIGINT,
  reason TEXT,
  reasons TEXT NOT NULL,
  run_id UUID,
  proposed_at BIGINT NOT NULL,
  accepted_at BIGINT,
  closed_at BIGINT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  CHECK (delivered >= 0 AND delivered <= quantity),
  FOREIGN KEY (community_id, need_id) REFERENCES intent (community_id, id),
  FOREIGN KEY (community_id, offer_id) REFERENCES intent (community_id, id)
);
CREATE INDEX match_by_need ON service_match (community_id, need_id);
CREATE INDEX match_by_offer ON service_match (community_id, offer_id);
CREATE INDEX match_by_receiver ON service_match (community_id, receiver_id, state);
CREATE INDEX match_by_giver ON service_match (community_id, giver_id, state);
CREATE INDEX match_by_area ON service_match (community_id, state, area_id, arranged_from);

CREATE TABLE delivery (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  match_id UUID NOT NULL,
  receiver_id UUID NOT NULL,
  giver_id UUID NOT NULL,
  area_id UUID,
  category TEXT NOT NULL,
  happened_at BIGINT NOT NULL,
  minutes BIGINT NOT NULL CHECK (minutes >= 0),
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  note TEXT NOT NULL,
  recorded_by UUID,
  recorded_at BIGINT NOT NULL,
  giver_confirmed_at BIGINT,
  receiver_confirmed_at BIGINT,
  settled_at BIGINT,
  reminded_at BIGINT,
  settled BOOLEAN NOT NULL,
  rating BIGINT,
  comment TEXT,
  PRIMARY KEY (community_id, id),
  FOREIGN KEY (community_id, match_id) REFERENCES service_match (community_id, id)
);
CREATE INDEX delivery_by_match ON delivery (community_id, match_id);
CREATE INDEX delivery_by_time ON delivery (community_id, happened_at);
CREATE INDEX delivery_open ON delivery (community_id, settled, recorded_at);

CREATE TABLE match_run (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  place_id UUID NOT NULL,
  state TEXT NOT NULL,
  summary TEXT NOT NULL,
  created_by UUID,
  created_at BIGINT NOT NULL,
  decided_at BIGINT,
  PRIMARY KEY (community_id, id)
);

CREATE TABLE match_run_item (
  community_id UUID NOT NULL,
  run_id UUID NOT NULL,
  position BIGINT NOT NULL,
  need_id UUID NOT NULL,
  offer_id UUID,
  quantity BIGINT NOT NULL,
  points BIGINT NOT NULL,
  reasons TEXT NOT NULL,
  decision TEXT NOT NULL,
  match_id UUID,
  PRIMARY KEY (community_id, run_id, position),
  FOREIGN KEY (community_id, run_id) REFERENCES match_run (community_id, id)
);

CREATE TABLE account (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  login TEXT COLLATE "C" NOT NULL,
  password_hash TEXT NOT NULL,
  person_id UUID NOT NULL,
  disabled BOOLEAN NOT NULL,
  failures BIGINT NOT NULL,
  failed_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, login),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);

CREATE TABLE held_post (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  kind TEXT NOT NULL,
  place_id UUID NOT NULL,
  organisation_id UUID,
  from_date TEXT NOT NULL,
  until_date TEXT,
  PRIMARY KEY (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);
CREATE INDEX held_post_by_person ON held_post (community_id, person_id);

CREATE TABLE session (
  token_hash TEXT NOT NULL PRIMARY KEY,
  community_id UUID NOT NULL,
  account_id UUID NOT NULL,
  csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_account ON session (community_id, account_id);

CREATE TABLE api_token (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  account_id UUID NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id)
);

CREATE TABLE idempotency (
  community_id UUID NOT NULL,
  account_id UUID NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  response TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, account_id, idempotency_key)
);

CREATE TABLE record (
  community_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  account_id UUID,
  capacity TEXT NOT NULL,
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  data TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (community_id, seq)
);
CREATE INDEX record_by_subject ON record (community_id, subject_id, seq);
CREATE INDEX record_by_account ON record (community_id, account_id, seq);

CREATE TABLE chain_head (
  community_id UUID NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);
