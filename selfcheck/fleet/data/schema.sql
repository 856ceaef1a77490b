-- The fleet's own tables, beside those of Procrastinate, which is the queue.
-- All moments are the database's own: the machines of the workers have no other clock in common.

CREATE SCHEMA fleet;

CREATE TABLE fleet.settings (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version integer NOT NULL,
    clock_offset interval NOT NULL DEFAULT '0',  -- for benchmarks and tests, which move the clock
    drain_since timestamptz,  -- workers that started before it take no further job
    told_until timestamptz,  -- the last slot of which a message was sent
    stop_since timestamptz  -- workers that started before it give their jobs back
);
INSERT INTO fleet.settings (version) VALUES (1);

CREATE FUNCTION fleet.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT clock_timestamp() + clock_offset FROM fleet.settings';

-- Of a job that is due then: the longer it is due the higher, and the queue, which seeks by priority, need not
-- pass over those that wait for a later moment.
CREATE FUNCTION fleet.priority(due timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE AS
    'SELECT -extract(epoch FROM due - timestamptz ''2026-01-01 00:00:00Z'')::integer';

CREATE TABLE fleet.profiles (
    name text PRIMARY KEY,
    platform text NOT NULL,
    request jsonb NOT NULL,  -- what profiles.yaml says of it
    basis text NOT NULL CHECK (basis IN ('own', 'consent')),
    basis_on date NOT NULL,
    added_at timestamptz NOT NULL DEFAULT fleet.clock(),
    known_outcome text,  -- of the triage before the last whole look
    known_verdict text,  -- of the last whole look
    whole_at timestamptz
);
CREATE INDEX profiles_by_platform ON fleet.profiles (platform);

CREATE TABLE fleet.permissions (  -- of platforms whose rules forbid programs
    platform text PRIMARY KEY,
    given_by text NOT NULL,
    given_on date NOT NULL
);

CREATE TABLE fleet.slots (  -- what is still to be done; a result takes its place
    profile text NOT NULL REFERENCES fleet.profiles ON DELETE CASCADE,
    due timestamptz NOT NULL,
    stage text NOT NULL DEFAULT 'triage',
    progress jsonb NOT NULL DEFAULT '{}',  -- what the stages before this one found
    looks integer NOT NULL DEFAULT 0,  -- begun so far, also those of killed workers
    PRIMARY KEY (profile, due)
);

CREATE TABLE fleet.results (
    profile text NOT NULL REFERENCES fleet.profiles ON DELETE CASCADE,
    due timestamptz NOT NULL,
    at timestamptz NOT NULL DEFAULT fleet.clock(),
    verdict text NOT NULL,
    strength text NOT NULL,
    outcome text NOT NULL,  -- of the triage
    stage text NOT NULL,  -- the last one that was gone through
    how text NOT NULL,  -- what was looked at, in words
    rules text[] NOT NULL DEFAULT '{}',
    signed_in boolean NOT NULL,  -- without a session `hidden` cannot be said
    looks integer NOT NULL,
    controls integer NOT NULL DEFAULT 0,
    controls_ok integer NOT NULL DEFAULT 0,
    address text NOT NULL,  -- of the worker
    evidence text,  -- the run's folder on the worker's machine, relative to its data folder
    before text,  -- the verdict of the profile's last result before this one
    PRIMARY KEY (profile, due)
);
CREATE INDEX results_by_due ON fleet.results (due);

CREATE TABLE fleet.undelivered (  -- messages about a slot that a channel did not take yet
    due timestamptz NOT NULL,
    channel text NOT NULL,
    PRIMARY KEY (due, channel)
);

CREATE TABLE fleet.platforms (
    platform text PRIMARY KEY,
    serial bigint NOT NULL DEFAULT 0,  -- of its last look
    budget integer NOT NULL DEFAULT 0,  -- looks in 24 hours, as the last worker read it in the platform file
    closed_until timestamptz,
    closed_why text,
    closed_times integer NOT NULL DEFAULT 0  -- in a row
);

CREATE TABLE fleet.gates (
    platform text NOT NULL,
    address text NOT NULL,
    next_at timestamptz NOT NULL,
    parked_at timestamptz NOT NULL,  -- for when the last job was sent back to the queue
    PRIMARY KEY (platform, address)
);

CREATE TABLE fleet.looks (  -- of the last two days
    platform text NOT NULL,
    serial bigint NOT NULL,
    address text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (platform, serial)
);

-- Reserve the moment that is now, or say how long to wait.
-- Granted: it is counted, and nobody else leaves from this address until `departed`, or until this session ends.
-- Where the session ends first, its request may have left at any time until then, and its worker, stopped with a
-- fresh moment in hand, may still use that for `lease` seconds: the next one is a gap behind both.
-- Not granted and `seconds` beyond `patience`: the job goes back to the queue, each one gap behind the last.
-- Those that wait ask often: refused, they change no row, or dead ones would pile up.
CREATE FUNCTION fleet.depart(
    of_platform text, from_address text, views integer, gap double precision, lease double precision,
    most integer, patience double precision, OUT granted boolean, OUT seconds double precision
) LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := fleet.clock();
    earliest timestamptz;
    place fleet.platforms;
    gate fleet.gates;
    spent timestamptz;
BEGIN
    granted := false;
    IF NOT pg_try_advisory_lock(hashtextextended(of_platform || ' ' || from_address, 0)) THEN
        seconds := LEAST(0.25, gap / 4);  -- somebody's request is under way just now
        RETURN;
    END IF;
    SELECT * INTO place FROM fleet.platforms WHERE platform = of_platform FOR UPDATE;
    IF place.budget IS DISTINCT FROM most THEN
        INSERT INTO fleet.platforms (platform, budget) VALUES (of_platform, most)
            ON CONFLICT (platform) DO UPDATE SET budget = excluded.budget RETURNING * INTO place;
    END IF;
    SELECT * INTO gate FROM fleet.gates WHERE platform = of_platform AND address = from_address FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO fleet.gates VALUES (of_platform, from_address, moment, moment) RETURNING * INTO gate;
    END IF;
    moment := fleet.clock();  -- the rows may have been somebody else's for a while
    IF gate.next_at = 'infinity' THEN  -- its holder's session ended without `departed`
        UPDATE fleet.gates SET next_at = moment + make_interval(secs => lease + gap)
            WHERE platform = of_platform AND address = from_address RETURNING * INTO gate;
    END IF;
    SELECT at + interval '24 hours' INTO spent FROM fleet.looks
        WHERE platform = of_platform AND serial = place.serial + views - most;
    earliest := GREATEST(gate.next_at, place.closed_until, spent);
    IF earliest <= moment THEN
        granted := true;
        seconds := 0;
        INSERT INTO fleet.looks
            SELECT of_platform, place.serial + number, from_address, moment FROM generate_series(1, views) number;
        UPDATE fleet.platforms SET serial = place.serial + views WHERE platform = of_platform;
        UPDATE fleet.gates SET next_at = 'infinity' WHERE platform = of_platform AND address = from_address;
        RETURN;
    END IF;
    PERFORM pg_advisory_unlock(hashtextextended(of_platform || ' ' || from_address, 0));
    IF earliest > moment + make_interval(secs => patience) THEN
        earliest := GREATEST(earliest, gate.parked_at + make_interval(secs => gap));
        UPDATE fleet.gates SET parked_at = earliest WHERE platform = of_platform AND address = from_address;
    END IF;
    seconds := extract(epoch FROM earliest - moment);
END $$;

-- The request has arrived: the next one is a gap behind it, however late it was.
CREATE FUNCTION fleet.departed(of_platform text, from_address text, gap double precision) RETURNS void
LANGUAGE sql AS $$
    UPDATE fleet.gates SET next_at = fleet.clock() + make_interval(secs => gap)
        WHERE platform = of_platform AND address = from_address;
    SELECT pg_advisory_unlock(hashtextextended(of_platform || ' ' || from_address, 0));
$$;
