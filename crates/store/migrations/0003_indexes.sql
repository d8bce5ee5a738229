-- A member's own needs and offers in the order of lists: without the id at its end, SQLite preferred the index by age and went
-- through all of the community's.
DROP INDEX intent_by_member;
CREATE INDEX intent_by_member ON intent (community_id, member_id, side, created_at, id);
