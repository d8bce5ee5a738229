-- What a viewer may see of the needs and offers of a state, category or place is counted without reading the rows themselves.
DROP INDEX intent_by_state;
CREATE INDEX intent_by_state ON intent (community_id, side, state, created_at, id, visibility, area_id, member_id);
DROP INDEX intent_by_category;
CREATE INDEX intent_by_category ON intent (community_id, side, category, state, created_at, id, visibility, area_id, member_id);
DROP INDEX intent_by_place;
CREATE INDEX intent_by_place ON intent (community_id, side, place_id, state, created_at, id, visibility, area_id, member_id);
-- Persons and organisations in one list by name.
CREATE INDEX member_by_key ON member (community_id, sort_key, id);
