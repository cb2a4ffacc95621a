-- The platform's own state. Times are RFC 3339, UTC, fixed width: they sort as text.

CREATE TABLE work_order (
    no              TEXT PRIMARY KEY,           -- given by the community's platform
    platform_ref    TEXT NOT NULL UNIQUE,       -- given by us
    state           TEXT NOT NULL,
    since           TEXT NOT NULL,              -- when that state was entered
    opened_at       TEXT NOT NULL,
    seq             INTEGER NOT NULL,           -- updates said so far; never restarts
    title           TEXT NOT NULL,
    urgency         TEXT NOT NULL,
    department      TEXT NOT NULL,
    deadline        TEXT,                       -- the last date that was promised
    deadlines       TEXT NOT NULL,              -- JSON [[stage, moment]]; stage "" is overall
    urged           INTEGER NOT NULL,           -- 督办, times
    score           INTEGER CHECK (score BETWEEN 1 AND 5),
    subject_version INTEGER,                    -- of the last message taken
    traceparent     TEXT NOT NULL
) STRICT;
CREATE INDEX work_order_state ON work_order (state, since);

-- 主动发现问题库: the hard cases (8+X), each behind one order.
CREATE TABLE library_entry (
    no                TEXT PRIMARY KEY,
    work_order_no     TEXT NOT NULL UNIQUE REFERENCES work_order (no),
    slot              TEXT NOT NULL,
    slot_name         TEXT NOT NULL,
    catalogue_version TEXT NOT NULL,
    entered_at        TEXT NOT NULL
) STRICT;

-- What came in, once per message_id. `waits_until` stands while a message waits for an earlier
-- one ("" = without a limit, for the opening itself).
CREATE TABLE message (
    message_id      TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    work_order_no   TEXT NOT NULL,
    subject_version INTEGER,
    traceparent     TEXT NOT NULL,
    body            TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    outcome         TEXT NOT NULL,
    waits_until     TEXT
) STRICT;
CREATE INDEX message_waiting ON message (work_order_no, subject_version)
    WHERE waits_until IS NOT NULL;

-- Everything that ever happened to an order: our updates (with seq) and the messages about it.
CREATE TABLE history (
    id            INTEGER PRIMARY KEY,
    work_order_no TEXT NOT NULL REFERENCES work_order (no),
    at            TEXT NOT NULL,
    kind          TEXT NOT NULL,                -- "update", or the message's type
    seq           INTEGER,
    state         TEXT NOT NULL,
    actor_role    TEXT NOT NULL,
    department    TEXT NOT NULL,
    note          TEXT NOT NULL,
    deadline      TEXT,
    attachments   TEXT NOT NULL,                -- JSON [upload id]
    message_id    TEXT NOT NULL
) STRICT;
CREATE INDEX history_order ON history (work_order_no, id);

-- What goes out. Written in the transaction of the step itself, published afterwards, so that
-- a crash in between repeats the very same message and never loses or changes one.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id    TEXT NOT NULL UNIQUE,
    work_order_no TEXT NOT NULL REFERENCES work_order (no),
    seq           INTEGER NOT NULL,
    body          TEXT NOT NULL,
    headers       TEXT NOT NULL,                -- JSON
    created_at    TEXT NOT NULL,
    sent_at       TEXT,
    UNIQUE (work_order_no, seq)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (id) WHERE sent_at IS NULL;

-- The automatic mode's next steps. A row per order that it will move.
CREATE TABLE timer (
    work_order_no TEXT PRIMARY KEY REFERENCES work_order (no),
    due_at        TEXT NOT NULL
) STRICT;
CREATE INDEX timer_due ON timer (due_at);
