"""The first tables: everything a call needs from its opening to the register."""

import sqlalchemy as sa
from alembic import op

from models.instant import Instant
from models.json_column import Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "bureaus",
    "calendars",
    "clock",
    "files",
    "people",
    "sweeps",
    "counters",
    "organisations",
    "revisions",
    "experts",
    "roles",
    "subjects",
    "calls",
    "deadlines",
    "documents",
    "events",
    "incidents",
    "members",
    "panel_members",
    "panels",
    "register_entries",
    "scores",
    "visits",
    "defences",
    "cases",
    "ledger",
    "notices",
    "publicity",
    "timers",
    "work_items",
    "deliveries",
    "publicity_entries",
    "objections",
    "objection_evidence",
)

SQLITE_GUARDS = (
    """
    CREATE TRIGGER events_keep BEFORE UPDATE ON events
    WHEN new.personal IS NOT NULL
      OR new.subject_id IS NOT old.subject_id
      OR new.seq IS NOT old.seq
      OR new.kind IS NOT old.kind
      OR new.schema_version IS NOT old.schema_version
      OR new.effective_at IS NOT old.effective_at
      OR new.recorded_at IS NOT old.recorded_at
      OR new.person_id IS NOT old.person_id
      OR new.role IS NOT old.role
      OR new.on_behalf_of IS NOT old.on_behalf_of
      OR new.act IS NOT old.act
      OR new.act_key IS NOT old.act_key
      OR new.data IS NOT old.data
      OR new.prev_hash IS NOT old.prev_hash
      OR new.hash IS NOT old.hash
    BEGIN SELECT RAISE(ABORT, 'events are append-only: only personal may be set to NULL'); END
    """,
    """
    CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
    """,
    """
    CREATE TRIGGER ledger_keep BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_stay BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END
    """,
    """
    CREATE TRIGGER deliveries_keep BEFORE UPDATE ON deliveries
    BEGIN SELECT RAISE(ABORT, 'deliveries are append-only'); END
    """,
    """
    CREATE TRIGGER deliveries_stay BEFORE DELETE ON deliveries
    BEGIN SELECT RAISE(ABORT, 'deliveries are append-only'); END
    """,
    """
    CREATE TRIGGER clock_keep BEFORE UPDATE ON clock WHEN new.story IS NOT old.story
    BEGIN SELECT RAISE(ABORT, 'clock: whether a database is a story is settled at its creation'); END
    """,
    """
    CREATE TRIGGER clock_stay BEFORE DELETE ON clock
    BEGIN SELECT RAISE(ABORT, 'clock: its row stays'); END
    """,
)

POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION beian_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE FUNCTION beian_events_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.personal IS NOT NULL OR to_jsonb(NEW) - 'personal' <> to_jsonb(OLD) - 'personal' THEN
            RAISE EXCEPTION 'events are append-only: only personal may be set to NULL'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION beian_clock_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.story = OLD.story THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'clock: whether a database is a story is settled at its creation'
            USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER events_keep BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION beian_events_keep()",
    "CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION beian_append_only()",
    "CREATE TRIGGER events_whole BEFORE TRUNCATE ON events EXECUTE FUNCTION beian_append_only()",
    """
    CREATE TRIGGER ledger_stay BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    "CREATE TRIGGER ledger_whole BEFORE TRUNCATE ON ledger EXECUTE FUNCTION beian_append_only()",
    """
    CREATE TRIGGER deliveries_stay BEFORE UPDATE OR DELETE ON deliveries
    FOR EACH ROW EXECUTE FUNCTION beian_append_only()
    """,
    "CREATE TRIGGER deliveries_whole BEFORE TRUNCATE ON deliveries EXECUTE FUNCTION beian_append_only()",
    """
    CREATE TRIGGER clock_keep BEFORE UPDATE OR DELETE ON clock
    FOR EACH ROW EXECUTE FUNCTION beian_clock_keep()
    """,
    "CREATE TRIGGER clock_whole BEFORE TRUNCATE ON clock EXECUTE FUNCTION beian_clock_keep()",
)

POSTGRESQL_FUNCTIONS = ("beian_append_only", "beian_events_keep", "beian_clock_keep")


def upgrade() -> None:
    _create()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in POSTGRESQL_FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")


def _create() -> None:
    op.create_table(
        "bureaus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("city_zh", sa.String(), nullable=False),
        sa.Column("city_en", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(level = 'district') = (kind IS NOT NULL)", name=op.f("ck_bureaus_kind_of_district")
        ),
        sa.CheckConstraint(
            "(level = 'district') = (parent_id IS NOT NULL)", name=op.f("ck_bureaus_parent_of_district")
        ),
        sa.CheckConstraint(
            "kind IN ('county', 'county_level_city', 'district', 'functional_zone', 'high_tech_zone')",
            name=op.f("ck_bureaus_kind"),
        ),
        sa.CheckConstraint("level IN ('city', 'district')", name=op.f("ck_bureaus_level")),
        sa.CheckConstraint("length(city_en) BETWEEN 1 AND 100", name=op.f("ck_bureaus_city_en_length")),
        sa.CheckConstraint("length(city_zh) BETWEEN 1 AND 100", name=op.f("ck_bureaus_city_zh_length")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_bureaus_code_length")),
        sa.CheckConstraint("length(name_en) BETWEEN 1 AND 200", name=op.f("ck_bureaus_name_en_length")),
        sa.CheckConstraint("length(name_zh) BETWEEN 1 AND 200", name=op.f("ck_bureaus_name_zh_length")),
        sa.ForeignKeyConstraint(["parent_id"], ["bureaus.id"], name=op.f("fk_bureaus_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureaus")),
        sa.UniqueConstraint("code", name=op.f("uq_bureaus_code")),
        sa.UniqueConstraint("parent_id", "code", name=op.f("uq_bureaus_parent_id_code")),
    )
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.CheckConstraint("length(document) BETWEEN 1 AND 300", name=op.f("ck_calendars_document_length")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_calendars_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("year", "version", name=op.f("uq_calendars_year_version")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("story", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_single")),
        sa.CheckConstraint("story = (at IS NOT NULL)", name=op.f("ck_clock_moved_only_in_a_story")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "files",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_files_digest_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_files_size")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_files")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("id_digest", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_people_language")),
        sa.CheckConstraint("length(email) <= 254", name=op.f("ck_people_email_length")),
        sa.CheckConstraint("length(handle) BETWEEN 1 AND 64", name=op.f("ck_people_handle_length")),
        sa.CheckConstraint("length(id_digest) = 64", name=op.f("ck_people_id_digest_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_people_name_length")),
        sa.CheckConstraint("length(phone) <= 40", name=op.f("ck_people_phone_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("handle", name=op.f("uq_people_handle")),
        sa.UniqueConstraint("id_digest", name=op.f("uq_people_id_digest")),
    )
    op.create_table(
        "sweeps",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(lane) BETWEEN 1 AND 100", name=op.f("ck_sweeps_lane_length")),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_sweeps")),
    )
    op.create_table(
        "counters",
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_counters_name_length")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_counters_value")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_counters_bureau_id")),
        sa.PrimaryKeyConstraint("bureau_id", "name", name=op.f("pk_counters")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('enterprise', 'university', 'institute', 'new_rnd_institution', "
            "'innovation_body', 'service_agency', 'medical_institution', 'government', 'other')",
            name=op.f("ck_organisations_kind"),
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_organisations_name_length")),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("ck_organisations_uscc_length")),
        sa.ForeignKeyConstraint(["district_id"], ["bureaus.id"], name=op.f("fk_organisations_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisations_uscc")),
    )
    op.create_index(op.f("ix_organisations_district_id"), "organisations", ["district_id"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 100", name=op.f("ck_revisions_code_length")),
        sa.CheckConstraint("length(content_hash) = 64", name=op.f("ck_revisions_content_hash_length")),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name=op.f("fk_revisions_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("code", "content_hash", name=op.f("uq_revisions_code_content_hash")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_revisions_content_hash")),
    )
    op.create_table(
        "experts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=True),
        sa.Column("fields", Json(), nullable=False),
        sa.Column("ties", Json(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_experts_bureau_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["organisations.id"], name=op.f("fk_experts_employer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_experts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experts")),
        sa.UniqueConstraint("person_id", name=op.f("uq_experts_person_id")),
    )
    op.create_index(op.f("ix_experts_bureau_id"), "experts", ["bureau_id"])
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(role IN ('applicant', 'member')) = (bureau_id IS NULL)", name=op.f("ck_roles_bureau_scope")
        ),
        sa.CheckConstraint(
            "(role IN ('applicant', 'member')) = (organisation_id IS NOT NULL)",
            name=op.f("ck_roles_organisation_scope"),
        ),
        sa.CheckConstraint(
            "role IN ('applicant', 'member', 'district_officer', 'city_officer', "
            "'city_leader', 'administrator', 'expert', 'operations')",
            name=op.f("ck_roles_role"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_roles_validity")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_roles_bureau_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_roles_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roles_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
    )
    op.create_index(
        "uq_roles_scope",
        "roles",
        ["person_id", "role", sa.text("coalesce(bureau_id, 0)"), sa.text("coalesce(organisation_id, 0)")],
        unique=True,
    )
    op.create_index(op.f("ix_roles_bureau_id_role"), "roles", ["bureau_id", "role"])
    op.create_index(op.f("ix_roles_organisation_id_role"), "roles", ["organisation_id", "role"])
    op.create_table(
        "subjects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("wake_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('call', 'application', 'evaluation', 'change', 'revocation', 'claim')",
            name=op.f("ck_subjects_kind"),
        ),
        sa.CheckConstraint("length(head) = 64", name=op.f("ck_subjects_head_length")),
        sa.CheckConstraint("length(outcome) BETWEEN 1 AND 100", name=op.f("ck_subjects_outcome_length")),
        sa.CheckConstraint("length(stage) BETWEEN 1 AND 100", name=op.f("ck_subjects_stage_length")),
        sa.CheckConstraint(
            "outcome IS NULL OR wake_at IS NULL", name=op.f("ck_subjects_closed_stays_closed")
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_subjects_version")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_subjects_bureau_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["subjects.id"], name=op.f("fk_subjects_parent_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_subjects_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subjects")),
    )
    op.create_index(op.f("ix_subjects_bureau_id_kind_stage"), "subjects", ["bureau_id", "kind", "stage"])
    op.create_index(
        "ix_subjects_due",
        "subjects",
        ["wake_at"],
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_subjects_parent_id_stage"), "subjects", ["parent_id", "stage"])
    op.create_index(
        "ix_subjects_waking",
        "subjects",
        ["kind", "parent_id", "stage", "wake_at"],
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_table(
        "calls",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=True),
        sa.Column("dates", Json(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_calls_window")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 100", name=op.f("ck_calls_code_length")),
        sa.CheckConstraint("length(title_en) BETWEEN 1 AND 300", name=op.f("ck_calls_title_en_length")),
        sa.CheckConstraint("length(title_zh) BETWEEN 1 AND 300", name=op.f("ck_calls_title_zh_length")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_calls_bureau_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_calls_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_calls")),
        sa.UniqueConstraint("bureau_id", "code", name=op.f("uq_calls_bureau_id_code")),
    )
    op.create_table(
        "deadlines",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("base_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state <> 'running' OR due_at IS NOT NULL", name=op.f("ck_deadlines_running_is_due")
        ),
        sa.CheckConstraint(
            "state <> 'suspended' OR due_at IS NULL", name=op.f("ck_deadlines_suspended_is_not_due")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'suspended', 'overdue', 'met', 'lapsed', 'cancelled')",
            name=op.f("ck_deadlines_state"),
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_deadlines_name_length")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_deadlines_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "name", "occurrence", name=op.f("pk_deadlines")),
    )
    op.create_index(
        "ix_deadlines_running",
        "deadlines",
        ["due_at"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("attached_at", Instant(), nullable=False),
        sa.Column("attached_by", sa.Integer(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_documents_digest_length")),
        sa.CheckConstraint("length(material) BETWEEN 1 AND 100", name=op.f("ck_documents_material_length")),
        sa.CheckConstraint(
            "length(media_type) BETWEEN 1 AND 255", name=op.f("ck_documents_media_type_length")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_documents_name_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_documents_size")),
        sa.ForeignKeyConstraint(["attached_by"], ["people.id"], name=op.f("fk_documents_attached_by")),
        sa.ForeignKeyConstraint(["digest"], ["files.digest"], name=op.f("fk_documents_digest")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_documents_organisation_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_documents_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_digest"), "documents", ["digest"])
    op.create_index(op.f("ix_documents_subject_id"), "documents", ["subject_id"])
    op.create_table(
        "events",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("effective_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(), nullable=True),
        sa.Column("act_key", sa.String(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=True),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("length(act_key) BETWEEN 1 AND 200", name=op.f("ck_events_act_key_length")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_events_hash_length")),
        sa.CheckConstraint("length(prev_hash) = 64", name=op.f("ck_events_prev_hash_length")),
        sa.CheckConstraint("schema_version >= 1", name=op.f("ck_events_schema_version")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_events_seq")),
        sa.ForeignKeyConstraint(["on_behalf_of"], ["people.id"], name=op.f("fk_events_on_behalf_of")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_events_person_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_events_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_recorded_at"), "events", ["recorded_at"])
    op.create_index(
        "uq_events_act_key",
        "events",
        ["subject_id", "act_key"],
        unique=True,
        sqlite_where=sa.text("act_key IS NOT NULL"),
        postgresql_where=sa.text("act_key IS NOT NULL"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("first_seen", Instant(), nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'closed')", name=op.f("ck_incidents_state")),
        sa.CheckConstraint("last_seen >= first_seen", name=op.f("ck_incidents_seen")),
        sa.CheckConstraint(
            "length(fingerprint) BETWEEN 1 AND 200", name=op.f("ck_incidents_fingerprint_length")
        ),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 100", name=op.f("ck_incidents_kind_length")),
        sa.CheckConstraint("length(summary) BETWEEN 1 AND 1000", name=op.f("ck_incidents_summary_length")),
        sa.CheckConstraint("occurrences >= 1", name=op.f("ck_incidents_occurrences")),
        sa.ForeignKeyConstraint(["assigned_to"], ["people.id"], name=op.f("fk_incidents_assigned_to")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_incidents_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_incidents_fingerprint")),
    )
    op.create_index(op.f("ix_incidents_state_last_seen"), "incidents", ["state", "last_seen"])
    op.create_index(op.f("ix_incidents_subject_id"), "incidents", ["subject_id"])
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("core_layer", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("invited_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("details", Json(), nullable=False),
        sa.CheckConstraint(
            "status IN ('invited', 'confirmed', 'declined', 'removed')", name=op.f("ck_members_status")
        ),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 64", name=op.f("ck_members_kind_length")),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name=op.f("fk_members_answered_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_members_organisation_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_members_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint(
            "subject_id", "organisation_id", name=op.f("uq_members_subject_id_organisation_id")
        ),
    )
    op.create_index(op.f("ix_members_organisation_id"), "members", ["organisation_id"])
    op.create_table(
        "panel_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('assigned', 'conflicted', 'replaced')", name=op.f("ck_panel_members_state")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_panel_members_expert_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_panel_members_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_members")),
        sa.UniqueConstraint("subject_id", "expert_id", name=op.f("uq_panel_members_subject_id_expert_id")),
    )
    op.create_index(op.f("ix_panel_members_expert_id"), "panel_members", ["expert_id"])
    op.create_table(
        "panels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("named_at", Instant(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_panels_size")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_panels_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panels")),
        sa.UniqueConstraint("subject_id", "occurrence", name=op.f("uq_panels_subject_id_occurrence")),
    )
    op.create_table(
        "register_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('valid', 'expired', 'revoked', 'dissolved')", name=op.f("ck_register_entries_state")
        ),
        sa.CheckConstraint("length(direction) <= 200", name=op.f("ck_register_entries_direction_length")),
        sa.CheckConstraint(
            "length(document_number) <= 200", name=op.f("ck_register_entries_document_number_length")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 300", name=op.f("ck_register_entries_name_length")),
        sa.CheckConstraint(
            "length(number) BETWEEN 1 AND 100", name=op.f("ck_register_entries_number_length")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_register_entries_validity")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_register_entries_bureau_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisations.id"], name=op.f("fk_register_entries_lead_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_register_entries_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entries")),
        sa.UniqueConstraint("bureau_id", "name", name=op.f("uq_register_entries_bureau_id_name")),
        sa.UniqueConstraint("bureau_id", "number", name=op.f("uq_register_entries_bureau_id_number")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_register_entries_subject_id")),
    )
    op.create_index(op.f("ix_register_entries_lead_id"), "register_entries", ["lead_id"])
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("scored_at", Instant(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(comment) <= 4000", name=op.f("ck_scores_comment_length")),
        sa.CheckConstraint("score BETWEEN 0 AND 10000", name=op.f("ck_scores_score")),
        sa.CheckConstraint("length(stage) BETWEEN 1 AND 100", name=op.f("ck_scores_stage_length")),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_scores_expert_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_scores_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint(
            "subject_id", "stage", "expert_id", name=op.f("uq_scores_subject_id_stage_expert_id")
        ),
    )
    op.create_index(op.f("ix_scores_expert_id"), "scores", ["expert_id"])
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("scheduled_for", Instant(), nullable=False),
        sa.Column("team", Json(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("findings", sa.String(), nullable=True),
        sa.CheckConstraint("result IN ('passed', 'failed')", name=op.f("ck_visits_result")),
        sa.CheckConstraint("length(findings) <= 8000", name=op.f("ck_visits_findings_length")),
        sa.CheckConstraint(
            "result IS NULL OR visited_on IS NOT NULL", name=op.f("ck_visits_result_of_a_visit")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_visits_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_subject_id"), "visits", ["subject_id"])
    op.create_table(
        "defences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("scheduled_for", Instant(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("held_at", Instant(), nullable=True),
        sa.CheckConstraint("(attended IS NULL) = (held_at IS NULL)", name=op.f("ck_defences_held")),
        sa.CheckConstraint("length(place) BETWEEN 1 AND 200", name=op.f("ck_defences_place_length")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_defences_position")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.subject_id"], name=op.f("fk_defences_call_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_defences_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defences")),
    )
    op.create_index(op.f("ix_defences_subject_id"), "defences", ["subject_id"])
    op.create_index(
        "uq_defences_position",
        "defences",
        ["call_id", "day", "position"],
        unique=True,
        sqlite_where=sa.text("attended IS NULL OR attended = true"),
        postgresql_where=sa.text("attended IS NULL OR attended = true"),
    )
    op.create_index(
        "uq_defences_ahead",
        "defences",
        ["subject_id"],
        unique=True,
        sqlite_where=sa.text("attended IS NULL"),
        postgresql_where=sa.text("attended IS NULL"),
    )
    op.create_table(
        "cases",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("bureau_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(direction) <= 200", name=op.f("ck_cases_direction_length")),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 100", name=op.f("ck_cases_number_length")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_cases_bureau_id")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.subject_id"], name=op.f("fk_cases_call_id")),
        sa.ForeignKeyConstraint(["district_id"], ["bureaus.id"], name=op.f("fk_cases_district_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisations.id"], name=op.f("fk_cases_lead_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_cases_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_cases")),
        sa.UniqueConstraint("bureau_id", "number", name=op.f("uq_cases_bureau_id_number")),
    )
    op.create_index(op.f("ix_cases_call_id"), "cases", ["call_id"])
    op.create_index(op.f("ix_cases_district_id"), "cases", ["district_id"])
    op.create_index(op.f("ix_cases_lead_id"), "cases", ["lead_id"])
    op.create_index(
        "uq_cases_open_lead",
        "cases",
        ["call_id", "lead_id"],
        unique=True,
        sqlite_where=sa.text("closed = false"),
        postgresql_where=sa.text("closed = false"),
    )
    op.create_table(
        "ledger",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due_before", Instant(), nullable=True),
        sa.Column("due_after", Instant(), nullable=True),
        sa.Column("remaining", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("calendar", sa.String(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('started', 'suspended', 'resumed', 'extended', 'met', "
            "'overdue', 'lapsed', 'cancelled', 'recalculated', 'restored')",
            name=op.f("ck_ledger_kind"),
        ),
        sa.CheckConstraint("length(reason) <= 2000", name=op.f("ck_ledger_reason_length")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ledger_person_id")),
        sa.ForeignKeyConstraint(
            ["subject_id", "name", "occurrence"],
            ["deadlines.subject_id", "deadlines.name", "deadlines.occurrence"],
            name=op.f("fk_ledger_subject_id_name_occurrence"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            name=op.f("fk_ledger_subject_id_seq"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("subject_id", "name", "occurrence", "entry", name=op.f("pk_ledger")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("context", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("possibly_twice", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'dead')", name=op.f("ck_notices_state")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notices_attempts")),
        sa.CheckConstraint("length(channel) BETWEEN 1 AND 40", name=op.f("ck_notices_channel_length")),
        sa.CheckConstraint("length(message_id) BETWEEN 1 AND 200", name=op.f("ck_notices_message_id_length")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 100", name=op.f("ck_notices_text_length")),
        sa.ForeignKeyConstraint(["recipient_id"], ["people.id"], name=op.f("fk_notices_recipient_id")),
        sa.ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            name=op.f("fk_notices_subject_id_seq"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_notices_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notices_message_id")),
        sa.UniqueConstraint(
            "subject_id",
            "seq",
            "recipient_id",
            "channel",
            name=op.f("uq_notices_subject_id_seq_recipient_id_channel"),
        ),
    )
    op.create_index(op.f("ix_notices_recipient_id"), "notices", ["recipient_id"])
    op.create_index(
        "ix_notices_unsent",
        "notices",
        ["not_before", "created_at"],
        sqlite_where=sa.text("state IN ('pending', 'sending', 'failed')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'failed')"),
    )
    op.create_table(
        "publicity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot_hash", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(version = 1) = (reason IS NULL)", name=op.f("ck_publicity_reason_of_a_change")),
        sa.CheckConstraint("length(document) BETWEEN 1 AND 300", name=op.f("ck_publicity_document_length")),
        sa.CheckConstraint("length(reason) <= 2000", name=op.f("ck_publicity_reason_length")),
        sa.CheckConstraint("length(snapshot_hash) = 64", name=op.f("ck_publicity_snapshot_hash_length")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 300", name=op.f("ck_publicity_title_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_publicity_number")),
        sa.CheckConstraint("until > published_at OR version > 1", name=op.f("ck_publicity_window")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_publicity_version")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.subject_id"], name=op.f("fk_publicity_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity")),
        sa.UniqueConstraint("call_id", "number", "version", name=op.f("uq_publicity_call_id_number_version")),
    )
    op.create_table(
        "timers",
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'fired', 'skipped', 'cancelled')", name=op.f("ck_timers_state")
        ),
        sa.CheckConstraint("length(rung) BETWEEN 1 AND 100", name=op.f("ck_timers_rung_length")),
        sa.ForeignKeyConstraint(
            ["subject_id", "deadline", "occurrence"],
            ["deadlines.subject_id", "deadlines.name", "deadlines.occurrence"],
            name=op.f("fk_timers_subject_id_deadline_occurrence"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("subject_id", "deadline", "occurrence", "rung", name=op.f("pk_timers")),
    )
    op.create_index(
        "ix_timers_pending",
        "timers",
        ["at"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "work_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("bureau_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureaus.id"], name=op.f("fk_work_items_bureau_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_work_items_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_work_items_person_id")),
        sa.ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            name=op.f("fk_work_items_subject_id_seq"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_work_items_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
    )
    op.create_index(
        "ix_work_items_desk",
        "work_items",
        ["role", "bureau_id", "due_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_work_items_organisation",
        "work_items",
        ["organisation_id", "due_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_work_items_person",
        "work_items",
        ["person_id", "due_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(op.f("ix_work_items_subject_id"), "work_items", ["subject_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_deliveries_attempt")),
        sa.CheckConstraint("duration_ms >= 0", name=op.f("ck_deliveries_duration_ms")),
        sa.CheckConstraint("length(answer) <= 4000", name=op.f("ck_deliveries_answer_length")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("notice_id", "attempt", name=op.f("uq_deliveries_notice_id_attempt")),
    )
    op.create_table(
        "publicity_entries",
        sa.Column("publicity_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lead_name", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(direction) <= 300", name=op.f("ck_publicity_entries_direction_length")),
        sa.CheckConstraint(
            "length(lead_name) BETWEEN 1 AND 300", name=op.f("ck_publicity_entries_lead_name_length")
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_publicity_entries_position")),
        sa.ForeignKeyConstraint(
            ["publicity_id"], ["publicity.id"], name=op.f("fk_publicity_entries_publicity_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("fk_publicity_entries_subject_id")
        ),
        sa.PrimaryKeyConstraint("publicity_id", "subject_id", name=op.f("pk_publicity_entries")),
        sa.UniqueConstraint(
            "publicity_id", "position", name=op.f("uq_publicity_entries_publicity_id_position")
        ),
    )
    op.create_index(op.f("ix_publicity_entries_subject_id"), "publicity_entries", ["subject_id"])
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publicity_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lodged_at", Instant(), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_objections_decision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (result IS NULL)", name=op.f("ck_objections_decision_with_result")
        ),
        sa.CheckConstraint("length(decision) <= 8000", name=op.f("ck_objections_decision_length")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 8000", name=op.f("ck_objections_text_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_objections_number")),
        sa.CheckConstraint("result IN ('upheld', 'dismissed')", name=op.f("ck_objections_result")),
        sa.ForeignKeyConstraint(
            ["publicity_id", "subject_id"],
            ["publicity_entries.publicity_id", "publicity_entries.subject_id"],
            name=op.f("fk_objections_publicity_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id", "seq"],
            ["events.subject_id", "events.seq"],
            name=op.f("fk_objections_subject_id_seq"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        sa.UniqueConstraint("subject_id", "number", name=op.f("uq_objections_subject_id_number")),
    )
    op.create_index(op.f("ix_objections_publicity_id"), "objections", ["publicity_id"])
    op.create_table(
        "objection_evidence",
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_objection_evidence_name_length")),
        sa.ForeignKeyConstraint(["digest"], ["files.digest"], name=op.f("fk_objection_evidence_digest")),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objections.id"], name=op.f("fk_objection_evidence_objection_id")
        ),
        sa.PrimaryKeyConstraint("objection_id", "digest", name=op.f("pk_objection_evidence")),
    )
    op.create_index(op.f("ix_objection_evidence_digest"), "objection_evidence", ["digest"])
