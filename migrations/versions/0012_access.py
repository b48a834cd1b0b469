"""Access: sealed second factors, tokens for programs, identities elsewhere."""

import os
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from models.database import DatabaseUnusable
from models.instant import Instant
from notifications.secret import Seal

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rename("totp_secret", "totp_sealed", 400)
    _rewrite("totp_sealed", lambda seal, text: seal.seal(text))
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("scope IN ('read', 'act')", name=op.f("ck_api_tokens_scope")),
        sa.CheckConstraint("length(role) BETWEEN 1 AND 40", name=op.f("ck_api_tokens_role_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_api_tokens_name_length")),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_api_tokens_token_digest_length")),
        sa.CheckConstraint("ends_at > made_at", name=op.f("ck_api_tokens_window")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_api_tokens_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_api_tokens_token_digest")),
    )
    op.create_index(op.f("ix_api_tokens_person_id"), "api_tokens", ["person_id"])
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.CheckConstraint("length(issuer) BETWEEN 1 AND 300", name=op.f("ck_identities_issuer_length")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 255", name=op.f("ck_identities_subject_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"])


def downgrade() -> None:
    op.drop_table("identities")
    op.drop_table("api_tokens")
    _rewrite("totp_sealed", lambda seal, text: seal.open(text))
    _rename("totp_sealed", "totp_secret", 64)


def _rename(before: str, after: str, most: int) -> None:
    with op.batch_alter_table("credentials") as credentials:
        credentials.drop_constraint(op.f(f"ck_credentials_{before}_length"), type_="check")
        credentials.drop_constraint(op.f("ck_credentials_totp"), type_="check")
    with op.batch_alter_table("credentials") as credentials:
        credentials.alter_column(before, new_column_name=after, existing_type=sa.String())
    with op.batch_alter_table("credentials") as credentials:
        credentials.create_check_constraint(
            op.f(f"ck_credentials_{after}_length"), f"length({after}) <= {most}"
        )
        credentials.create_check_constraint(
            op.f("ck_credentials_totp"), f"{after} IS NOT NULL OR totp_confirmed = false"
        )


def _rewrite(column: str, change: Callable[[Seal, str], str]) -> None:
    """Seal or open every secret there is; without the key nothing is changed ."""
    bind = op.get_bind()
    credentials = sa.table("credentials", sa.column("person_id"), sa.column(column))
    secret = credentials.c[column]
    rows = bind.execute(sa.select(credentials.c.person_id, secret).where(secret.is_not(None))).all()
    if not rows:
        return
    keys = [key.strip() for key in os.environ.get("BEIAN_SECRET_KEY", "").split(",") if key.strip()]
    if not keys:
        raise DatabaseUnusable(
            "the database cannot be migrated",
            "it holds second factors, which rest sealed, and BEIAN_SECRET_KEY is not set",
            "Set BEIAN_SECRET_KEY (at least 32 characters) and start again; nothing was changed",
        )
    seal = Seal(keys)
    for row in rows:
        bind.execute(
            sa.update(credentials)
            .where(credentials.c.person_id == row.person_id)
            .values({column: change(seal, row[1])})
        )
