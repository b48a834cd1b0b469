"""Accounts: passwords, sessions, invitations, and attempts to sign in."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credentials",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=True),
        sa.Column("totp_confirmed", sa.Boolean(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "length(password_hash) BETWEEN 1 AND 300", name=op.f("ck_credentials_password_hash_length")
        ),
        sa.CheckConstraint("length(totp_secret) <= 64", name=op.f("ck_credentials_totp_secret_length")),
        sa.CheckConstraint(
            "totp_secret IS NOT NULL OR totp_confirmed = false", name=op.f("ck_credentials_totp")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_credentials_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("browser_digest", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_sessions_token_digest_length")),
        sa.CheckConstraint("length(browser_digest) = 64", name=op.f("ck_sessions_browser_digest_length")),
        sa.CheckConstraint("length(browser) <= 200", name=op.f("ck_sessions_browser_length")),
        sa.CheckConstraint("ends_at > started_at", name=op.f("ck_sessions_window")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sessions_token_digest")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"])
    op.create_index(op.f("ix_sessions_browser_digest"), "sessions", ["browser_digest"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_invitations_token_digest_length")),
        sa.CheckConstraint("ends_at > made_at", name=op.f("ck_invitations_window")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitations_token_digest")),
    )
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_digest", sa.String(), nullable=False),
        sa.Column("place_digest", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(account_digest) = 64", name=op.f("ck_sign_in_attempts_account_digest_length")
        ),
        sa.CheckConstraint("length(place_digest) = 64", name=op.f("ck_sign_in_attempts_place_digest_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    for columns in (["account_digest", "place_digest", "at"], ["place_digest", "at"], ["at"]):
        op.create_index(op.f(f"ix_sign_in_attempts_{'_'.join(columns)}"), "sign_in_attempts", columns)


def downgrade() -> None:
    for table in ("sign_in_attempts", "invitations", "sessions", "credentials"):
        op.drop_table(table)
