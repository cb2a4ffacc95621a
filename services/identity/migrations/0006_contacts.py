"""Addresses for messages, the tickets that open them, and mail addresses on trial."""

from alembic import op

revision = "0006"
down_revision = "0005"

DDL: tuple[str, ...] = (
    """
    CREATE TABLE contacts (
        id text NOT NULL,
        person_id text NOT NULL,
        channel text NOT NULL,
        address_sealed text NOT NULL,
        kept_at timestamptz NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY (person_id) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX contacts_one ON contacts (person_id, channel)",
    """
    CREATE TABLE contact_tickets (
        id text NOT NULL,
        ticket_hash text NOT NULL,
        person_id text,
        community_id text,
        channel text NOT NULL,
        robot_sealed text,
        given_at timestamptz NOT NULL,
        day date,
        looks integer DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY (person_id) REFERENCES persons (id),
        CONSTRAINT contact_tickets_whose CHECK (
            (person_id IS NULL) <> (community_id IS NULL)
            AND (community_id IS NULL) = (robot_sealed IS NULL)
        )
    )
    """,
    "CREATE UNIQUE INDEX contact_tickets_hash ON contact_tickets (ticket_hash)",
    """
    CREATE UNIQUE INDEX contact_tickets_person ON contact_tickets (person_id, channel)
    WHERE person_id IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX contact_tickets_community ON contact_tickets (community_id)
    WHERE community_id IS NOT NULL
    """,
    """
    CREATE TABLE mail_codes (
        id text NOT NULL,
        person_id text NOT NULL,
        address_sealed text NOT NULL,
        code_sealed text NOT NULL,
        ticket_hash text NOT NULL,
        tries smallint NOT NULL,
        looks smallint NOT NULL,
        sent_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        day date NOT NULL,
        sent_today smallint NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY (person_id) REFERENCES persons (id)
    )
    """,
    "CREATE UNIQUE INDEX mail_codes_person ON mail_codes (person_id)",
    "CREATE UNIQUE INDEX mail_codes_ticket ON mail_codes (ticket_hash)",
    "CREATE INDEX mail_codes_expiry ON mail_codes (expires_at)",
)


def upgrade() -> None:
    """Only adds: version 0005's code goes on working."""
    for statement in DDL:
        op.execute(statement)
