-- A vote that is closed or cancelled does not change any more, whoever writes to the database: neither the vote, nor its
-- roll, who took part, what was voted, the papers and the proxies. Only the casting vote on a tie comes after the end, once.
CREATE FUNCTION vote_state(community UUID, vote_id UUID) RETURNS TEXT LANGUAGE sql STABLE AS
  'SELECT v.state FROM vote v WHERE v.community_id = $1 AND v.id = $2';

CREATE FUNCTION vote_has_ended() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the vote has ended' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION vote_part_is_open() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND vote_state(OLD.community_id, OLD.vote_id) <> 'open')
    OR (TG_OP <> 'DELETE' AND vote_state(NEW.community_id, NEW.vote_id) <> 'open') THEN
    RAISE EXCEPTION 'the vote has ended' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION roll_is_frozen() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the roll is frozen' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION casting_vote_is_due() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' OR vote_state(NEW.community_id, NEW.vote_id) <> 'closed' THEN
    RAISE EXCEPTION 'the casting vote is given once, on a closed vote' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER vote_ended BEFORE UPDATE OR DELETE ON vote FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION vote_has_ended();
CREATE TRIGGER vote_casting_once BEFORE INSERT OR UPDATE OR DELETE ON vote_casting FOR EACH ROW EXECUTE FUNCTION casting_vote_is_due();
CREATE TRIGGER roll_entry_area BEFORE UPDATE ON roll_entry FOR EACH ROW WHEN (OLD.area <> NEW.area) EXECUTE FUNCTION roll_is_frozen();
CREATE TRIGGER roll_entry_ended BEFORE INSERT OR UPDATE OR DELETE ON roll_entry FOR EACH ROW EXECUTE FUNCTION vote_part_is_open();
CREATE TRIGGER vote_entry_ended BEFORE INSERT OR UPDATE OR DELETE ON vote_entry FOR EACH ROW EXECUTE FUNCTION vote_part_is_open();
CREATE TRIGGER turnout_ended BEFORE INSERT OR UPDATE OR DELETE ON turnout FOR EACH ROW EXECUTE FUNCTION vote_part_is_open();
CREATE TRIGGER vote_sheet_ended BEFORE INSERT OR UPDATE OR DELETE ON vote_sheet FOR EACH ROW EXECUTE FUNCTION vote_part_is_open();
CREATE TRIGGER vote_inclusion_ended BEFORE INSERT OR UPDATE OR DELETE ON vote_inclusion FOR EACH ROW EXECUTE FUNCTION vote_part_is_open();
CREATE TRIGGER vote_proxy_ended BEFORE INSERT OR UPDATE OR DELETE ON vote_proxy FOR EACH ROW EXECUTE FUNCTION vote_part_is_open();
