-- The figures of a period are counted from the indexes alone, without reading the rows themselves.
DROP INDEX intent_by_age;
CREATE INDEX intent_by_age ON intent (community_id, side, created_at, id, state, category, care_kind, area_id, place_id, member_id, visibility);
DROP INDEX delivery_by_time;
CREATE INDEX delivery_by_time ON delivery (community_id, happened_at, area_id, receiver_id, giver_id, minutes, rating, match_id);
DROP INDEX match_by_need;
CREATE INDEX match_by_need ON service_match (community_id, need_id, id, accepted_at);
DROP INDEX delivery_by_match;
CREATE INDEX delivery_by_match ON delivery (community_id, match_id, happened_at);
