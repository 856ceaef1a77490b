-- history.db of version 2: what version 1 became.
BEGIN TRANSACTION;
CREATE TABLE checks (  -- one profile in one run
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        profile TEXT NOT NULL,
        at TEXT NOT NULL,
        platform TEXT NOT NULL,
        handle TEXT NOT NULL,
        account TEXT NOT NULL,  -- platform and folded handle: another one is another account
        verdict TEXT NOT NULL,
        silent INTEGER,  -- NULL: not known
        strength TEXT NOT NULL,
        summary TEXT NOT NULL,
        rules TEXT NOT NULL,
        failed INTEGER NOT NULL,
        PRIMARY KEY (run_id, profile)
    );
INSERT INTO "checks" VALUES('20261102T090000Z-aaaaaa','jane','2026-11-02T09:00:00.000000Z','medium','@jane','medium jane','visible',NULL,'confirmed','The profile is visible.','["profile.shown"]',0);
INSERT INTO "checks" VALUES('20261103T090000Z-aaaaaa','jane','2026-11-03T09:00:00.000000Z','medium','@jane','medium jane','suspended',1,'confirmed','The profile is suspended.','["profile.says-suspended"]',0);
INSERT INTO "checks" VALUES('20261104T090000Z-aaaaaa','jane','2026-11-04T09:00:00.000000Z','medium','@jane','medium jane','suspended',1,'confirmed','The profile is suspended.','["profile.says-suspended"]',0);
INSERT INTO "checks" VALUES('20261106T090000Z-aaaaaa','jane','2026-11-06T09:00:00.000000Z','medium','@jane','medium jane','visible',NULL,'confirmed','The profile is visible.','["profile.shown"]',0);
CREATE TABLE days (  -- series by day: what the latest run that tells of a day says of it
        profile TEXT NOT NULL,
        account TEXT NOT NULL,
        fact TEXT NOT NULL,
        day TEXT NOT NULL,
        value INTEGER NOT NULL,
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        at TEXT NOT NULL,
        PRIMARY KEY (profile, account, fact, day)
    );
INSERT INTO "days" VALUES('jane','medium jane','views','2026-11-01',81,'20261102T090000Z-aaaaaa','2026-11-02T09:00:00.000000Z');
INSERT INTO "days" VALUES('jane','medium jane','views','2026-11-02',40,'20261103T090000Z-aaaaaa','2026-11-03T09:00:00.000000Z');
INSERT INTO "days" VALUES('jane','medium jane','views','2026-11-03',0,'20261104T090000Z-aaaaaa','2026-11-04T09:00:00.000000Z');
CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        channel TEXT NOT NULL,
        kind TEXT NOT NULL,
        profile TEXT,
        incident TEXT,  -- no foreign key: what was sent was sent, whatever became of the incident
        ok INTEGER NOT NULL,
        detail TEXT NOT NULL
    );
CREATE TABLE events (
        number INTEGER PRIMARY KEY,  -- in the order in which they happened
        incident TEXT NOT NULL REFERENCES incidents ON DELETE CASCADE,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        run_id TEXT,  -- NULL: a person said it
        message_id TEXT
    );
INSERT INTO "events" VALUES(1,'jane-20261103-1','2026-11-03T09:00:00.000000Z','opened','suspended','20261103T090000Z-aaaaaa',NULL);
INSERT INTO "events" VALUES(2,'jane-20261103-1','2026-11-03T12:00:00.000000Z','appealed','by mail',NULL,'<1@mail.example>');
INSERT INTO "events" VALUES(3,'jane-20261103-1','2026-11-04T08:00:00.000000Z','case','T-77',NULL,NULL);
INSERT INTO "events" VALUES(4,'jane-20261103-1','2026-11-06T09:00:00.000000Z','restored','','20261106T090000Z-aaaaaa',NULL);
CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        profile TEXT NOT NULL,
        platform TEXT NOT NULL,
        handle TEXT NOT NULL,
        state TEXT NOT NULL,
        verdict TEXT NOT NULL,
        silent INTEGER,
        summary TEXT NOT NULL,
        last_good_at TEXT,
        last_good_run TEXT,
        first_bad_at TEXT NOT NULL,
        first_bad_run TEXT NOT NULL,
        last_bad_at TEXT NOT NULL,
        last_bad_run TEXT NOT NULL,
        over_at TEXT,
        over_run TEXT,
        case_number TEXT NOT NULL
    );
INSERT INTO "incidents" VALUES('jane-20261103-1','jane','medium','@jane','restored','suspended',1,'The profile is suspended.','2026-11-02T09:00:00.000000Z','20261102T090000Z-aaaaaa','2026-11-03T09:00:00.000000Z','20261103T090000Z-aaaaaa','2026-11-04T09:00:00.000000Z','20261104T090000Z-aaaaaa','2026-11-06T09:00:00.000000Z','20261106T090000Z-aaaaaa','T-77');
CREATE TABLE numbers (
        run_id TEXT NOT NULL,
        profile TEXT NOT NULL,
        who TEXT NOT NULL,  -- the viewpoint, the handle of a live control, or `days`: of a series
        fact TEXT NOT NULL,
        value INTEGER,  -- NULL: looked for and not found
        day TEXT,  -- the last whole day of a series, which the value is of
        PRIMARY KEY (run_id, profile, who, fact),
        FOREIGN KEY (run_id, profile) REFERENCES checks ON DELETE CASCADE
    );
INSERT INTO "numbers" VALUES('20261102T090000Z-aaaaaa','jane','anonymous','followers',NULL,NULL);
INSERT INTO "numbers" VALUES('20261102T090000Z-aaaaaa','jane','author','followers',1202,NULL);
INSERT INTO "numbers" VALUES('20261102T090000Z-aaaaaa','jane','@someone','followers',50,NULL);
INSERT INTO "numbers" VALUES('20261102T090000Z-aaaaaa','jane','days','views',81,'2026-11-01');
INSERT INTO "numbers" VALUES('20261103T090000Z-aaaaaa','jane','anonymous','followers',NULL,NULL);
INSERT INTO "numbers" VALUES('20261103T090000Z-aaaaaa','jane','author','followers',1203,NULL);
INSERT INTO "numbers" VALUES('20261103T090000Z-aaaaaa','jane','@someone','followers',50,NULL);
INSERT INTO "numbers" VALUES('20261103T090000Z-aaaaaa','jane','days','views',40,'2026-11-02');
INSERT INTO "numbers" VALUES('20261104T090000Z-aaaaaa','jane','anonymous','followers',NULL,NULL);
INSERT INTO "numbers" VALUES('20261104T090000Z-aaaaaa','jane','author','followers',1204,NULL);
INSERT INTO "numbers" VALUES('20261104T090000Z-aaaaaa','jane','@someone','followers',50,NULL);
INSERT INTO "numbers" VALUES('20261104T090000Z-aaaaaa','jane','days','views',0,'2026-11-03');
INSERT INTO "numbers" VALUES('20261106T090000Z-aaaaaa','jane','anonymous','followers',NULL,NULL);
INSERT INTO "numbers" VALUES('20261106T090000Z-aaaaaa','jane','author','followers',1206,NULL);
INSERT INTO "numbers" VALUES('20261106T090000Z-aaaaaa','jane','@someone','followers',50,NULL);
CREATE TABLE pages (
        run_id TEXT NOT NULL,
        profile TEXT NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        verdict TEXT NOT NULL,
        silent INTEGER,
        strength TEXT NOT NULL,
        rules TEXT NOT NULL,
        PRIMARY KEY (run_id, profile, position),
        FOREIGN KEY (run_id, profile) REFERENCES checks ON DELETE CASCADE
    );
INSERT INTO "pages" VALUES('20261102T090000Z-aaaaaa','jane',0,'profile','https://medium.com/@jane','visible',NULL,'confirmed','["profile.shown"]');
INSERT INTO "pages" VALUES('20261103T090000Z-aaaaaa','jane',0,'profile','https://medium.com/@jane','suspended',1,'confirmed','["profile.says-suspended"]');
INSERT INTO "pages" VALUES('20261104T090000Z-aaaaaa','jane',0,'profile','https://medium.com/@jane','suspended',1,'confirmed','["profile.says-suspended"]');
INSERT INTO "pages" VALUES('20261106T090000Z-aaaaaa','jane',0,'profile','https://medium.com/@jane','visible',NULL,'confirmed','["profile.shown"]');
CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        at TEXT NOT NULL,  -- when it began
        finished_at TEXT NOT NULL,
        exit_code INTEGER NOT NULL,
        version TEXT NOT NULL,
        rules_version TEXT NOT NULL
    );
INSERT INTO "runs" VALUES('20261102T090000Z-aaaaaa','2026-11-02T09:00:00.000000Z','2026-11-02T09:00:30.000000Z',0,'0.1.0','2026.2');
INSERT INTO "runs" VALUES('20261103T090000Z-aaaaaa','2026-11-03T09:00:00.000000Z','2026-11-03T09:00:30.000000Z',1,'0.1.0','2026.2');
INSERT INTO "runs" VALUES('20261104T090000Z-aaaaaa','2026-11-04T09:00:00.000000Z','2026-11-04T09:00:30.000000Z',1,'0.1.0','2026.2');
INSERT INTO "runs" VALUES('20261106T090000Z-aaaaaa','2026-11-06T09:00:00.000000Z','2026-11-06T09:00:30.000000Z',0,'0.1.0','2026.2');
CREATE INDEX checks_by_profile ON checks (profile, at, run_id);
CREATE INDEX incidents_by_profile ON incidents (profile, first_bad_at);
CREATE INDEX events_by_incident ON events (incident, number);
CREATE UNIQUE INDEX deliveries_once
        ON deliveries (at, channel, kind, ifnull(profile, ''), ifnull(incident, ''));
CREATE INDEX days_by_run ON days (run_id);
COMMIT;
PRAGMA user_version = 2;
