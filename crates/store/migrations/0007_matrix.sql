-- The matrix: organisations in line and territory with dates, posts and who holds them, Party membership and its
-- development, letters of appointment, rosters that come in, and merged members. Days are ISO text; `until_date` is the
-- first day after, none while it lasts.

ALTER TABLE member ADD COLUMN staff_count BIGINT;
ALTER TABLE member ADD COLUMN closed_on TEXT;
ALTER TABLE member ADD COLUMN merged_into UUID;
ALTER TABLE member ADD COLUMN phone_digits TEXT;
UPDATE member SET phone_digits =
  REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(phone, ' ', ''), '-', ''), '+', ''), '(', ''), ')', '') WHERE phone IS NOT NULL;
CREATE INDEX member_by_phone ON member (community_id, phone_digits);
-- Whom a row of a roster means.
CREATE INDEX member_by_full_name ON member (community_id, name);

CREATE TABLE standing (
  community_id UUID NOT NULL,
  organisation_id UUID NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  line_id UUID,
  line_outside TEXT,
  place_id UUID NOT NULL,
  area_id UUID,
  reorganisation_id UUID,
  PRIMARY KEY (community_id, organisation_id, from_date),
  CHECK (until_date IS NULL OR from_date < until_date),
  CHECK (line_id IS NULL OR line_id <> organisation_id),
  FOREIGN KEY (community_id, organisation_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id)
);
CREATE INDEX standing_by_line ON standing (community_id, line_id, from_date);
CREATE INDEX standing_by_place ON standing (community_id, place_id, from_date);
CREATE INDEX standing_by_end ON standing (community_id, until_date);

INSERT INTO standing (community_id, organisation_id, from_date, name, kind, place_id, area_id)
SELECT community_id, id, '1900-01-01', name, organisation_kind, place_id, area_id FROM member WHERE kind = 'organisation';

-- The units that a Party branch is set up in: one for a branch of its own, several for a joint branch (S18).
CREATE TABLE hosting (
  community_id UUID NOT NULL,
  branch_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, branch_id, unit_id, from_date),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, branch_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, unit_id) REFERENCES member (community_id, id)
);
CREATE INDEX hosting_by_unit ON hosting (community_id, unit_id);

CREATE TABLE reorganisation (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  effective_on TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  steps TEXT NOT NULL,
  created_by UUID,
  created_at BIGINT NOT NULL,
  decided_by UUID,
  decided_at BIGINT,
  PRIMARY KEY (community_id, id)
);
CREATE INDEX reorganisation_by_day ON reorganisation (community_id, effective_on, id);

CREATE TABLE post (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  code TEXT,
  organisation_id UUID NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  seats BIGINT NOT NULL CHECK (seats > 0),
  term_months BIGINT CHECK (term_months > 0),
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, organisation_id) REFERENCES member (community_id, id)
);
CREATE INDEX post_by_organisation ON post (community_id, organisation_id);

CREATE TABLE cross_requirement (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  post_id UUID NOT NULL,
  kind TEXT NOT NULL,
  organisation_id UUID NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, post_id) REFERENCES post (community_id, id),
  FOREIGN KEY (community_id, organisation_id) REFERENCES member (community_id, id)
);
CREATE INDEX cross_requirement_by_post ON cross_requirement (community_id, post_id);

CREATE TABLE appointment (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  post_id UUID NOT NULL,
  person_id UUID NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  note TEXT NOT NULL,
  PRIMARY KEY (community_id, id),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, post_id) REFERENCES post (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);
CREATE INDEX appointment_by_post ON appointment (community_id, post_id);
CREATE INDEX appointment_by_person ON appointment (community_id, person_id);

CREATE TABLE delegation (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  appointment_id UUID NOT NULL,
  to_person_id UUID NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C" NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (community_id, id),
  CHECK (from_date < until_date),
  FOREIGN KEY (community_id, appointment_id) REFERENCES appointment (community_id, id),
  FOREIGN KEY (community_id, to_person_id) REFERENCES member (community_id, id)
);
CREATE INDEX delegation_by_person ON delegation (community_id, to_person_id);
CREATE INDEX delegation_by_appointment ON delegation (community_id, appointment_id);

-- The posts of the first, simple form become posts of organisations. The table held_post is no longer read.
INSERT INTO post (community_id, id, organisation_id, kind, title, seats, from_date)
SELECT h.community_id, h.id, h.organisation_id,
  CASE h.kind WHEN 'unit' THEN 'agent' WHEN 'social_worker' THEN 'social_worker' WHEN 'secretary' THEN 'secretary' ELSE 'staff' END,
  CASE h.kind WHEN 'unit' THEN '经办人' WHEN 'social_worker' THEN '社工' WHEN 'secretary' THEN '书记' ELSE '工作人员' END,
  1, h.from_date
FROM held_post h WHERE h.organisation_id IS NOT NULL AND h.kind <> 'resident';
INSERT INTO appointment (community_id, id, post_id, person_id, from_date, until_date, note)
SELECT h.community_id, h.id, h.id, h.person_id, h.from_date, h.until_date, ''
FROM held_post h WHERE h.organisation_id IS NOT NULL AND h.kind <> 'resident';

-- Letters of appointment (聘书) of a worker for Party building, from an enterprise to a member of the area's organisation.
CREATE TABLE appointment_letter (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  enterprise_id UUID NOT NULL,
  person_id UUID NOT NULL,
  duties TEXT NOT NULL,
  signer TEXT NOT NULL,
  issued_on TEXT COLLATE "C" NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  revoked_on TEXT COLLATE "C",
  revoked_reason TEXT,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, number),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, enterprise_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);
CREATE INDEX appointment_letter_by_enterprise ON appointment_letter (community_id, enterprise_id);
CREATE INDEX appointment_letter_by_person ON appointment_letter (community_id, person_id);

-- Sensitive (political status): the home branch holds the organisational relationship, a registered one is where the
-- member lives or works (S17).
CREATE TABLE party_membership (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  branch_id UUID NOT NULL,
  relation TEXT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, branch_id) REFERENCES member (community_id, id)
);
CREATE INDEX party_membership_by_person ON party_membership (community_id, person_id);
CREATE INDEX party_membership_by_branch ON party_membership (community_id, branch_id);
CREATE UNIQUE INDEX party_membership_one_home ON party_membership (community_id, person_id)
  WHERE relation = 'home' AND until_date IS NULL;

-- Sensitive: the steps by which a person became what it is, applicant to full member (S19).
CREATE TABLE party_step (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  position BIGINT NOT NULL,
  branch_id UUID NOT NULL,
  step TEXT NOT NULL,
  on_date TEXT COLLATE "C" NOT NULL,
  data TEXT NOT NULL,
  note TEXT NOT NULL,
  recorded_by UUID,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, person_id, position),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id),
  FOREIGN KEY (community_id, branch_id) REFERENCES member (community_id, id)
);
CREATE INDEX party_step_by_branch ON party_step (community_id, branch_id, on_date);

CREATE TABLE party_transfer (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  from_branch_id UUID NOT NULL,
  to_branch_id UUID NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_on TEXT COLLATE "C" NOT NULL,
  handed_over_on TEXT COLLATE "C",
  decided_on TEXT COLLATE "C",
  note TEXT NOT NULL,
  PRIMARY KEY (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);
CREATE INDEX party_transfer_by_branch ON party_transfer (community_id, to_branch_id, state);
CREATE INDEX party_transfer_by_home ON party_transfer (community_id, from_branch_id, state);
CREATE INDEX party_transfer_by_person ON party_transfer (community_id, person_id);

-- A roster that somebody brings in: its rows as they stand in the file, how its columns are read, and what became of them.
CREATE TABLE roster (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  state TEXT NOT NULL,
  header TEXT NOT NULL,
  mapping TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  done_count BIGINT NOT NULL,
  report TEXT NOT NULL,
  created_by UUID,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  PRIMARY KEY (community_id, id)
);
CREATE INDEX roster_by_age ON roster (community_id, created_at, id);

CREATE TABLE roster_row (
  community_id UUID NOT NULL,
  roster_id UUID NOT NULL,
  sheet BIGINT NOT NULL,
  line BIGINT NOT NULL,
  cells TEXT NOT NULL,
  choice TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (community_id, roster_id, sheet, line),
  FOREIGN KEY (community_id, roster_id) REFERENCES roster (community_id, id)
);
CREATE INDEX roster_row_by_outcome ON roster_row (community_id, roster_id, sheet, outcome, line);

CREATE TABLE roster_mapping (
  community_id UUID NOT NULL,
  account_id UUID NOT NULL,
  kind TEXT NOT NULL,
  header_hash TEXT NOT NULL,
  mapping TEXT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, account_id, kind, header_hash)
);

-- Two members that were one: what was moved, so that it can be undone.
CREATE TABLE member_merge (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  kept_id UUID NOT NULL,
  gone_id UUID NOT NULL,
  data TEXT NOT NULL,
  merged_by UUID,
  merged_at BIGINT NOT NULL,
  undone_at BIGINT,
  PRIMARY KEY (community_id, id)
);
CREATE INDEX member_merge_by_kept ON member_merge (community_id, kept_id);
CREATE INDEX member_merge_by_gone ON member_merge (community_id, gone_id);

-- Two members that somebody looked at and found to be two; the smaller id first.
CREATE TABLE not_duplicate (
  community_id UUID NOT NULL,
  one_id UUID NOT NULL,
  other_id UUID NOT NULL,
  PRIMARY KEY (community_id, one_id, other_id)
);
