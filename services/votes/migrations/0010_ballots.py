"""Ballots, the bulletin, its heads and proofs.

The tables of the casting refer to no poll: an opening and a close lock the poll's row, and wait for
its head, which a batch of ballots holds.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE poll_heads (
        poll_id text NOT NULL,
        seq bigint NOT NULL,
        hash text NOT NULL,
        leaves integer DEFAULT 0 NOT NULL,
        gone integer DEFAULT 0 NOT NULL,
        untold boolean DEFAULT false NOT NULL,
        told_at timestamptz,
        PRIMARY KEY (poll_id),
        FOREIGN KEY (poll_id) REFERENCES polls (id) ON DELETE CASCADE
    ) WITH (fillfactor = 20)
    """,
    """
    CREATE TABLE ledger_entries (
        poll_id text NOT NULL,
        seq bigint NOT NULL,
        kind text NOT NULL,
        payload text NOT NULL,
        hash text NOT NULL,
        PRIMARY KEY (poll_id, seq),
        FOREIGN KEY (poll_id) REFERENCES poll_heads (poll_id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE signed_heads (
        poll_id text NOT NULL,
        seq bigint NOT NULL,
        hash text NOT NULL,
        leaves integer NOT NULL,
        root text NOT NULL,
        at text NOT NULL,
        public_key text NOT NULL,
        signature text NOT NULL,
        PRIMARY KEY (poll_id, seq),
        FOREIGN KEY (poll_id) REFERENCES poll_heads (poll_id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE merkle_blocks (
        poll_id text NOT NULL,
        number integer NOT NULL,
        root text COLLATE "C" NOT NULL,
        PRIMARY KEY (poll_id, number)
    )
    """,
    """
    CREATE TABLE poll_boxes (
        poll_id text NOT NULL,
        pair text NOT NULL,
        public text NOT NULL,
        private text,
        PRIMARY KEY (poll_id),
        FOREIGN KEY (poll_id) REFERENCES polls (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE poll_audits (
        poll_id text NOT NULL,
        person_id text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (poll_id, person_id, at),
        FOREIGN KEY (poll_id) REFERENCES polls (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE ballot_leaves (
        poll_id text NOT NULL,
        position integer NOT NULL,
        leaf text COLLATE "C" NOT NULL,
        receipt text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        superseded bigint,
        PRIMARY KEY (poll_id, position)
    )
    """,
    "CREATE UNIQUE INDEX ballot_leaves_receipt ON ballot_leaves (receipt)",
    """
    CREATE TABLE sealed_ballots (
        poll_id text NOT NULL,
        position integer NOT NULL,
        sealed text NOT NULL,
        code text,
        tag text,
        PRIMARY KEY (poll_id, position)
    )
    """,
    "CREATE INDEX sealed_ballots_code ON sealed_ballots (poll_id, code) WHERE code IS NOT NULL",
    # What was deleted leaves the disk soon, however small the table: the key of a box, its ballots.
    "ALTER TABLE poll_boxes SET (autovacuum_vacuum_threshold = 0, "
    "autovacuum_vacuum_scale_factor = 0)",
    "ALTER TABLE sealed_ballots SET (autovacuum_vacuum_threshold = 0, "
    "autovacuum_vacuum_scale_factor = 0)",
    """
    CREATE TABLE ballot_choices (
        poll_id text NOT NULL,
        number integer NOT NULL,
        choice text NOT NULL,
        PRIMARY KEY (poll_id, number)
    )
    """,
    """
    CREATE TABLE named_ballots (
        poll_id text NOT NULL,
        position integer NOT NULL,
        choice text NOT NULL,
        area bigint NOT NULL,
        heads text NOT NULL,
        code text NOT NULL,
        salt text NOT NULL,
        PRIMARY KEY (poll_id, position)
    )
    """,
    """
    CREATE TABLE ballot_totals (
        poll_id text NOT NULL,
        choice text NOT NULL,
        entries integer NOT NULL,
        area bigint NOT NULL,
        heads text NOT NULL,
        PRIMARY KEY (poll_id, choice)
    )
    """,
    """
    CREATE TABLE ballot_answers (
        id text COLLATE "C" NOT NULL,
        poll_id text NOT NULL,
        sealed text NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ballot_answers_poll ON ballot_answers (poll_id)",
)


def upgrade() -> None:
    """Only adds: version 0009's code goes on working."""
    for statement in DDL:
        op.execute(statement)
