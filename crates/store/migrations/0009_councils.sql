-- Councils: charters with versions, seats and who speaks for them, the duty rota, meetings, proposals, votes, resolutions,
-- and matters between parties. Where a row is a part of another (an item of a meeting, a version of a text), its key begins
-- with that of the whole. `revision` counts the changes of a row with its parts: who saves must have read the last one.

CREATE TABLE council (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  code TEXT,
  name TEXT NOT NULL,
  sort_key TEXT COLLATE "C" NOT NULL,
  level TEXT NOT NULL,
  place_id UUID NOT NULL,
  area_id UUID,
  preset TEXT,
  parent_id UUID,
  convener_id UUID,
  seed BIGINT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code),
  CHECK (until_date IS NULL OR from_date < until_date),
  CHECK (parent_id IS NULL OR parent_id <> id),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id),
  FOREIGN KEY (community_id, parent_id) REFERENCES council (community_id, id),
  FOREIGN KEY (community_id, convener_id) REFERENCES member (community_id, id)
);
CREATE INDEX council_by_name ON council (community_id, sort_key, id);
CREATE INDEX council_by_level ON council (community_id, level, sort_key, id);
CREATE INDEX council_by_area ON council (community_id, area_id, sort_key, id);
CREATE INDEX council_by_place ON council (community_id, place_id);
CREATE INDEX council_by_parent ON council (community_id, parent_id);
CREATE INDEX council_by_convener ON council (community_id, convener_id);

-- `is_public`: the charter under which it was taken shows resolutions to everybody.
CREATE TABLE resolution (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  level TEXT NOT NULL,
  place_id UUID NOT NULL,
  area_id UUID,
  matter TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  decided_on TEXT COLLATE "C" NOT NULL,
  charter_version BIGINT NOT NULL,
  meeting_id UUID,
  proposal_id UUID,
  vote_id UUID,
  owner_kind TEXT,
  owner_id UUID,
  due_on TEXT COLLATE "C",
  state TEXT NOT NULL,
  is_public BOOLEAN NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, council_id, number),
  CHECK ((owner_id IS NULL) = (owner_kind IS NULL) AND (owner_id IS NULL) = (due_on IS NULL)),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id),
  FOREIGN KEY (community_id, owner_id) REFERENCES member (community_id, id)
);
CREATE INDEX resolution_by_day ON resolution (community_id, decided_on, id);
CREATE INDEX resolution_by_council ON resolution (community_id, council_id, decided_on, id);
CREATE INDEX resolution_by_level ON resolution (community_id, level, decided_on, id);
CREATE INDEX resolution_by_area ON resolution (community_id, area_id, decided_on, id);
CREATE INDEX resolution_by_place ON resolution (community_id, place_id, decided_on, id);
CREATE INDEX resolution_by_due ON resolution (community_id, state, due_on, id);
CREATE INDEX resolution_by_owner ON resolution (community_id, owner_id, state, due_on);

CREATE TABLE resolution_progress (
  community_id UUID NOT NULL,
  resolution_id UUID NOT NULL,
  position BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_id UUID NOT NULL,
  state TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (community_id, resolution_id, position),
  FOREIGN KEY (community_id, resolution_id) REFERENCES resolution (community_id, id)
);

CREATE TABLE charter_version (
  community_id UUID NOT NULL,
  council_id UUID NOT NULL,
  number BIGINT NOT NULL CHECK (number > 0),
  from_date TEXT COLLATE "C" NOT NULL,
  charter TEXT NOT NULL,
  resolution_id UUID,
  PRIMARY KEY (community_id, council_id, number),
  UNIQUE (community_id, council_id, from_date),
  CHECK (number = 1 OR resolution_id IS NOT NULL),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id),
  FOREIGN KEY (community_id, resolution_id) REFERENCES resolution (community_id, id)
);

CREATE TABLE seat (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  number BIGINT NOT NULL CHECK (number > 0),
  holder_kind TEXT NOT NULL,
  holder_id UUID NOT NULL,
  office TEXT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  CHECK (until_date IS NULL OR from_date < until_date),
  UNIQUE (community_id, council_id, number, from_date),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id),
  FOREIGN KEY (community_id, holder_id) REFERENCES member (community_id, id)
);
CREATE UNIQUE INDEX seat_one_at_a_number ON seat (community_id, council_id, number) WHERE until_date IS NULL;
CREATE INDEX seat_by_holder ON seat (community_id, holder_id);

CREATE TABLE seat_sitting (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  seat_id UUID NOT NULL,
  person_id UUID NOT NULL,
  role TEXT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  CHECK (until_date IS NULL OR from_date < until_date),
  UNIQUE (community_id, council_id, person_id, from_date),
  FOREIGN KEY (community_id, seat_id) REFERENCES seat (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);
CREATE UNIQUE INDEX seat_sitting_one_representative ON seat_sitting (community_id, seat_id)
  WHERE role = 'representative' AND until_date IS NULL;
CREATE UNIQUE INDEX seat_sitting_one_seat ON seat_sitting (community_id, council_id, person_id) WHERE until_date IS NULL;
CREATE INDEX seat_sitting_by_seat ON seat_sitting (community_id, seat_id);
CREATE INDEX seat_sitting_by_person ON seat_sitting (community_id, person_id, council_id, from_date, until_date);

-- Turns of the duty (轮值). A turn whose seat changes is to be reminded of anew.
CREATE TABLE duty_turn (
  community_id UUID NOT NULL,
  council_id UUID NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C" NOT NULL,
  seat_id UUID NOT NULL,
  hand_over TEXT,
  hand_over_by UUID,
  hand_over_on TEXT COLLATE "C",
  reminded_at BIGINT,
  PRIMARY KEY (community_id, council_id, from_date),
  CHECK (from_date < until_date),
  UNIQUE (community_id, council_id, until_date),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id),
  FOREIGN KEY (community_id, seat_id) REFERENCES seat (community_id, id)
);
CREATE INDEX duty_turn_by_day ON duty_turn (community_id, from_date);
CREATE INDEX duty_turn_by_seat ON duty_turn (community_id, seat_id);

CREATE TABLE duty_swap (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  asks_id UUID NOT NULL,
  own_date TEXT COLLATE "C" NOT NULL,
  asked_id UUID NOT NULL,
  other_date TEXT COLLATE "C" NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (community_id, id),
  CHECK (asks_id <> asked_id),
  FOREIGN KEY (community_id, asks_id) REFERENCES seat (community_id, id),
  FOREIGN KEY (community_id, asked_id) REFERENCES seat (community_id, id)
);
CREATE INDEX duty_swap_by_council ON duty_swap (community_id, council_id, state);

-- `convener_id` is the seat on duty; meetings that come again have one `series_id`.
CREATE TABLE meeting (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  series_id UUID,
  title TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  place TEXT NOT NULL,
  convener_id UUID,
  state TEXT NOT NULL,
  called_at BIGINT,
  opened_at BIGINT,
  closed_at BIGINT,
  minutes TEXT NOT NULL,
  approved_by UUID,
  approved_at BIGINT,
  reason TEXT,
  revision BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  CHECK (from_at < until_at),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id)
);
CREATE INDEX meeting_by_council ON meeting (community_id, council_id, from_at, id);
CREATE INDEX meeting_by_time ON meeting (community_id, from_at, id);
CREATE INDEX meeting_by_state ON meeting (community_id, state, from_at, id);
CREATE INDEX meeting_by_series ON meeting (community_id, series_id);

CREATE TABLE agenda_item (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  meeting_id UUID NOT NULL,
  position BIGINT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  by_id UUID,
  proposal_id UUID,
  notes TEXT NOT NULL,
  outcome TEXT,
  outcome_text TEXT,
  resolution_id UUID,
  owner_kind TEXT,
  owner_id UUID,
  due_on TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  CHECK ((outcome IS NULL) = (outcome_text IS NULL)),
  CHECK (outcome <> 'follow_up' OR (owner_kind IS NOT NULL AND owner_id IS NOT NULL AND due_on IS NOT NULL)),
  FOREIGN KEY (community_id, meeting_id) REFERENCES meeting (community_id, id)
);
CREATE INDEX agenda_item_by_meeting ON agenda_item (community_id, meeting_id, position);
CREATE INDEX agenda_item_by_proposal ON agenda_item (community_id, proposal_id);
CREATE INDEX agenda_item_by_due ON agenda_item (community_id, due_on, id);
CREATE INDEX agenda_item_by_owner ON agenda_item (community_id, owner_id, due_on);

CREATE TABLE agenda_attachment (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  item_id UUID NOT NULL,
  file_name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL CHECK (size >= 0),
  content BYTEA NOT NULL,
  added_by UUID,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  FOREIGN KEY (community_id, item_id) REFERENCES agenda_item (community_id, id) ON DELETE CASCADE
);
CREATE INDEX agenda_attachment_by_item ON agenda_attachment (community_id, item_id);

-- `voter_id`: the seat, or who stands on the roll.
CREATE TABLE invitation (
  community_id UUID NOT NULL,
  meeting_id UUID NOT NULL,
  voter_id UUID NOT NULL,
  sent_at BIGINT NOT NULL,
  answer TEXT,
  answered_at BIGINT,
  PRIMARY KEY (community_id, meeting_id, voter_id),
  CHECK ((answer IS NULL) = (answered_at IS NULL)),
  FOREIGN KEY (community_id, meeting_id) REFERENCES meeting (community_id, id)
) WITHOUT ROWID;
CREATE INDEX invitation_by_voter ON invitation (community_id, voter_id);

CREATE TABLE attendance (
  community_id UUID NOT NULL,
  meeting_id UUID NOT NULL,
  position BIGINT NOT NULL,
  voter_id UUID NOT NULL,
  person_id UUID NOT NULL,
  arrived_at BIGINT NOT NULL,
  left_at BIGINT,
  PRIMARY KEY (community_id, meeting_id, position),
  CHECK (left_at IS NULL OR arrived_at <= left_at),
  FOREIGN KEY (community_id, meeting_id) REFERENCES meeting (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);
CREATE INDEX attendance_by_person ON attendance (community_id, person_id);

-- `by_id`: the seat, or who of the roll, that put it.
CREATE TABLE proposal (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  matter TEXT NOT NULL,
  title TEXT NOT NULL,
  by_id UUID NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id)
);
CREATE INDEX proposal_by_council ON proposal (community_id, council_id, created_at, id);
CREATE INDEX proposal_by_state ON proposal (community_id, state, created_at, id);
CREATE INDEX proposal_by_age ON proposal (community_id, created_at, id);
CREATE INDEX proposal_by_author ON proposal (community_id, by_id);

CREATE TABLE proposal_text (
  community_id UUID NOT NULL,
  proposal_id UUID NOT NULL,
  number BIGINT NOT NULL,
  text TEXT NOT NULL,
  at BIGINT NOT NULL,
  amendment_id UUID,
  PRIMARY KEY (community_id, proposal_id, number),
  FOREIGN KEY (community_id, proposal_id) REFERENCES proposal (community_id, id)
);

CREATE TABLE proposal_backer (
  community_id UUID NOT NULL,
  proposal_id UUID NOT NULL,
  backer_id UUID NOT NULL,
  PRIMARY KEY (community_id, proposal_id, backer_id),
  FOREIGN KEY (community_id, proposal_id) REFERENCES proposal (community_id, id)
) WITHOUT ROWID;

CREATE TABLE amendment (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  proposal_id UUID NOT NULL,
  position BIGINT NOT NULL,
  by_id UUID NOT NULL,
  base BIGINT NOT NULL,
  text TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, proposal_id, position),
  FOREIGN KEY (community_id, proposal_id) REFERENCES proposal (community_id, id)
);

-- What is said on a proposal. One that is taken back stays, with when and by whom.
CREATE TABLE proposal_comment (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  proposal_id UUID NOT NULL,
  reply_to UUID,
  person_id UUID NOT NULL,
  text TEXT NOT NULL,
  at BIGINT NOT NULL,
  taken_back_at BIGINT,
  taken_back_by UUID,
  PRIMARY KEY (community_id, id),
  CHECK ((taken_back_at IS NULL) = (taken_back_by IS NULL)),
  FOREIGN KEY (community_id, proposal_id) REFERENCES proposal (community_id, id),
  FOREIGN KEY (community_id, reply_to) REFERENCES proposal_comment (community_id, id),
  FOREIGN KEY (community_id, person_id) REFERENCES member (community_id, id)
);
CREATE INDEX proposal_comment_by_proposal ON proposal_comment (community_id, proposal_id, at, id);

-- Exclusive parts (专有部分) of buildings and who owns them, from which the roll of an owners' vote is made; `size` in 0.01 m².
CREATE TABLE exclusive_part (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  place_id UUID NOT NULL,
  area_id UUID,
  owner_kind TEXT NOT NULL,
  owner_id UUID NOT NULL,
  size BIGINT NOT NULL CHECK (size > 0),
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code, from_date),
  CHECK (until_date IS NULL OR from_date < until_date),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id),
  FOREIGN KEY (community_id, owner_id) REFERENCES member (community_id, id)
);
CREATE UNIQUE INDEX exclusive_part_one_owner ON exclusive_part (community_id, code) WHERE until_date IS NULL;
CREATE INDEX exclusive_part_by_area ON exclusive_part (community_id, area_id, code);
CREATE INDEX exclusive_part_by_place ON exclusive_part (community_id, place_id, code);
CREATE INDEX exclusive_part_by_owner ON exclusive_part (community_id, owner_id);

-- A vote. `plan` and `rule` are as they were when it was opened.
CREATE TABLE vote (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  council_id UUID NOT NULL,
  meeting_id UUID,
  item_id UUID,
  proposal_id UUID,
  matter TEXT NOT NULL,
  secrecy TEXT NOT NULL,
  opens_at BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  plan TEXT NOT NULL,
  rule TEXT NOT NULL,
  entitled TEXT NOT NULL,
  voters BIGINT NOT NULL CHECK (voters > 0),
  presence TEXT NOT NULL,
  orders TEXT NOT NULL,
  state TEXT NOT NULL,
  opened_by UUID,
  opened_at BIGINT NOT NULL,
  ended_at BIGINT,
  reason TEXT,
  PRIMARY KEY (community_id, id),
  CHECK (opens_at < closes_at),
  CHECK ((state = 'open') = (ended_at IS NULL)),
  FOREIGN KEY (community_id, council_id) REFERENCES council (community_id, id),
  FOREIGN KEY (community_id, meeting_id) REFERENCES meeting (community_id, id),
  FOREIGN KEY (community_id, proposal_id) REFERENCES proposal (community_id, id)
);
CREATE INDEX vote_by_council ON vote (community_id, council_id, opens_at, id);
CREATE INDEX vote_by_time ON vote (community_id, opens_at, id);
CREATE INDEX vote_by_end ON vote (community_id, state, closes_at, id);
CREATE INDEX vote_by_meeting ON vote (community_id, meeting_id);
CREATE INDEX vote_by_proposal ON vote (community_id, proposal_id);

-- The casting vote on a tied question: given once, after the vote is closed.
CREATE TABLE vote_casting (
  community_id UUID NOT NULL,
  vote_id UUID NOT NULL,
  question BIGINT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (community_id, vote_id, question),
  FOREIGN KEY (community_id, vote_id) REFERENCES vote (community_id, id)
);

-- The roll, frozen when the vote is opened; `area` in 0.01 m². `present`: there or represented, of a vote at a meeting.
CREATE TABLE roll_entry (
  community_id UUID NOT NULL,
  vote_id UUID NOT NULL,
  voter_id UUID NOT NULL,
  area BIGINT NOT NULL CHECK (area >= 0),
  present BOOLEAN NOT NULL,
  PRIMARY KEY (community_id, vote_id, voter_id),
  FOREIGN KEY (community_id, vote_id) REFERENCES vote (community_id, id)
) WITHOUT ROWID;
CREATE INDEX roll_entry_by_voter ON roll_entry (community_id, voter_id, vote_id);

-- Papers and shows of hands, entered by one person and confirmed by another.
CREATE TABLE vote_entry (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  vote_id UUID NOT NULL,
  way TEXT NOT NULL,
  content TEXT NOT NULL,
  handed_in_at BIGINT NOT NULL,
  entered_by UUID NOT NULL,
  entered_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  decided_by UUID,
  decided_at BIGINT,
  reason TEXT,
  PRIMARY KEY (community_id, id),
  CHECK ((state = 'entered') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
  CHECK (state <> 'confirmed' OR entered_by <> decided_by),
  FOREIGN KEY (community_id, vote_id) REFERENCES vote (community_id, id)
);
CREATE INDEX vote_entry_by_vote ON vote_entry (community_id, vote_id, state);

-- Who took part: each voter once, whatever the way. It never says what was voted.
CREATE TABLE turnout (
  community_id UUID NOT NULL,
  vote_id UUID NOT NULL,
  voter_id UUID NOT NULL,
  way TEXT NOT NULL,
  by_id UUID NOT NULL,
  by_proxy BOOLEAN NOT NULL,
  at BIGINT NOT NULL,
  entry_id UUID,
  PRIMARY KEY (community_id, vote_id, voter_id),
  CHECK ((way = 'online') = (entry_id IS NULL)),
  FOREIGN KEY (community_id, vote_id, voter_id) REFERENCES roll_entry (community_id, vote_id, voter_id)
) WITHOUT ROWID;
CREATE INDEX turnout_by_entry ON turnout (community_id, vote_id, entry_id) WHERE entry_id IS NOT NULL;

-- What was voted: under the voter in an open vote, under the hash of a random serial in a secret one. Neither a time nor the
-- order of the rows tells who voted it: SQLite keeps them in the order of their keys, and on PostgreSQL they are written
-- anew in that order when the vote is closed. `area` is what the ballot weighs where the vote is weighed by area.
CREATE TABLE vote_sheet (
  community_id UUID NOT NULL,
  vote_id UUID NOT NULL,
  sheet_key TEXT COLLATE "C" NOT NULL,
  marks TEXT COLLATE "C" NOT NULL,
  area BIGINT NOT NULL CHECK (area >= 0),
  times BIGINT NOT NULL CHECK (times > 0),
  PRIMARY KEY (community_id, vote_id, sheet_key),
  FOREIGN KEY (community_id, vote_id) REFERENCES vote (community_id, id)
) WITHOUT ROWID;

-- The inclusion numbers of secret ballots, apart from the ballots: which belongs to which is stored nowhere.
CREATE TABLE vote_inclusion (
  community_id UUID NOT NULL,
  vote_id UUID NOT NULL,
  inclusion TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (community_id, vote_id, inclusion),
  FOREIGN KEY (community_id, vote_id) REFERENCES vote (community_id, id)
) WITHOUT ROWID;

CREATE TABLE vote_proxy (
  community_id UUID NOT NULL,
  vote_id UUID NOT NULL,
  giver_id UUID NOT NULL,
  holder_id UUID NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (community_id, vote_id, giver_id),
  CHECK (giver_id <> holder_id),
  FOREIGN KEY (community_id, vote_id, giver_id) REFERENCES roll_entry (community_id, vote_id, voter_id),
  FOREIGN KEY (community_id, vote_id, holder_id) REFERENCES roll_entry (community_id, vote_id, voter_id)
);
CREATE INDEX vote_proxy_by_holder ON vote_proxy (community_id, vote_id, holder_id);

-- Matters between parties (S14). `next_due_on` is the first day of what is agreed and not done.
CREATE TABLE matter (
  community_id UUID NOT NULL,
  id UUID NOT NULL,
  code TEXT,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  level TEXT NOT NULL,
  place_id UUID NOT NULL,
  area_id UUID,
  raised_kind TEXT NOT NULL,
  raised_id UUID NOT NULL,
  raised_on TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  meetings TEXT NOT NULL,
  agreed_on TEXT COLLATE "C",
  agreed_text TEXT,
  next_due_on TEXT COLLATE "C",
  closed_on TEXT COLLATE "C",
  reopened TEXT NOT NULL,
  reason TEXT,
  is_public BOOLEAN NOT NULL,
  entered_by UUID,
  revision BIGINT NOT NULL,
  PRIMARY KEY (community_id, id),
  UNIQUE (community_id, code),
  CHECK ((agreed_on IS NULL) = (agreed_text IS NULL)),
  FOREIGN KEY (community_id, place_id) REFERENCES place (community_id, id),
  FOREIGN KEY (community_id, raised_id) REFERENCES member (community_id, id)
);
CREATE INDEX matter_by_day ON matter (community_id, raised_on, id);
CREATE INDEX matter_by_level ON matter (community_id, level, raised_on, id);
CREATE INDEX matter_by_area ON matter (community_id, area_id, raised_on, id);
CREATE INDEX matter_by_state ON matter (community_id, state, raised_on, id);
CREATE INDEX matter_by_due ON matter (community_id, next_due_on, id);
CREATE INDEX matter_by_raiser ON matter (community_id, raised_id);

CREATE TABLE matter_party (
  community_id UUID NOT NULL,
  matter_id UUID NOT NULL,
  position BIGINT NOT NULL,
  party_kind TEXT NOT NULL,
  party_id UUID NOT NULL,
  invited_on TEXT COLLATE "C" NOT NULL,
  answer TEXT,
  PRIMARY KEY (community_id, matter_id, position),
  UNIQUE (community_id, matter_id, party_id),
  FOREIGN KEY (community_id, matter_id) REFERENCES matter (community_id, id),
  FOREIGN KEY (community_id, party_id) REFERENCES member (community_id, id)
);
CREATE INDEX matter_party_by_member ON matter_party (community_id, party_id, matter_id);

CREATE TABLE matter_follow_up (
  community_id UUID NOT NULL,
  matter_id UUID NOT NULL,
  position BIGINT NOT NULL,
  text TEXT NOT NULL,
  owner_kind TEXT NOT NULL,
  owner_id UUID NOT NULL,
  due_on TEXT COLLATE "C" NOT NULL,
  done_on TEXT COLLATE "C",
  PRIMARY KEY (community_id, matter_id, position),
  FOREIGN KEY (community_id, matter_id) REFERENCES matter (community_id, id),
  FOREIGN KEY (community_id, owner_id) REFERENCES member (community_id, id)
);
CREATE INDEX matter_follow_up_by_owner ON matter_follow_up (community_id, owner_id);
