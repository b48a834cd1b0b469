"""Every constraint refuses what it should, under its own name, on both engines."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Column, Engine, Integer, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from valid_rows import DAY, LATER, NOW, ROWS, TABLES, fill, refused_by

from models.database import writing

Attempt = tuple[str, dict[str, Any], str]

HASH = "e" * 64

# A second row beside the first, equal only where the constraint looks.
TWINS: list[Attempt] = [
    ("bureaus", {"id": 9, "parent_id": None}, "uq_bureaus_code"),
    ("organisations", {"id": 9}, "uq_organisations_uscc"),
    ("people", {"id": 9, "id_digest": None}, "uq_people_handle"),
    ("people", {"id": 9, "handle": "wang"}, "uq_people_id_digest"),
    ("roles", {"id": 9}, "uq_roles_scope"),
    ("delegations", {}, "pk_delegations"),
    ("supervisors", {"person_id": 1}, "pk_supervisors"),
    ("revisions", {"id": 9, "code": "qingdao-2025"}, "uq_revisions_content_hash"),
    ("calls", {"subject_id": 2}, "uq_calls_bureau_id_code"),
    ("cases", {"subject_id": 3, "call_id": None}, "uq_cases_bureau_id_number"),
    ("cases", {"subject_id": 3, "number": "2024-002"}, "uq_cases_open_lead"),
    ("events", {"act_key": None}, "pk_events"),
    ("events", {"seq": 2}, "uq_events_act_key"),
    ("members", {"id": 9}, "uq_members_subject_id_organisation_id"),
    ("files", {}, "pk_files"),
    ("deadlines", {}, "pk_deadlines"),
    ("ledger", {}, "pk_ledger"),
    ("timers", {}, "pk_timers"),
    ("notices", {"id": 9, "message_id": "<9@beian>"}, "uq_notices_subject_id_cause_recipient_id_channel"),
    (
        "notices",
        {
            "id": 9,
            "subject_id": None,
            "seq": None,
            "cause": "daily 2024-07-04",
            "channel": "sms",
            "message_id": "<9@b>",
        },
        "uq_notices_of_no_subject",
    ),
    ("notices", {"id": 9, "channel": "sms"}, "uq_notices_message_id"),
    ("deliveries", {"id": 9}, "uq_deliveries_notice_id_attempt"),
    ("addresses", {}, "pk_addresses"),
    ("breakers", {}, "pk_breakers"),
    ("experts", {"id": 9}, "uq_experts_person_id"),
    ("pool_changes", {"kind": "changed"}, "pk_pool_changes"),
    ("panels", {"id": 9}, "uq_panels_subject_id_occurrence"),
    ("panel_members", {"id": 9}, "uq_panel_members_subject_id_expert_id"),
    ("scores", {"id": 9}, "uq_scores_subject_id_stage_expert_id"),
    ("defences", {"id": 9, "subject_id": 3}, "uq_defences_position"),
    ("defences", {"id": 9, "subject_id": 3, "attended": True, "held_at": LATER}, "uq_defences_position"),
    ("defences", {"id": 9, "position": 2}, "uq_defences_ahead"),
    ("publicity", {"id": 9}, "uq_publicity_call_id_number_version"),
    ("publicity_entries", {"position": 2}, "pk_publicity_entries"),
    ("publicity_entries", {"subject_id": 3}, "uq_publicity_entries_publicity_id_position"),
    ("objections", {"id": 9}, "uq_objections_subject_id_number"),
    ("objection_evidence", {"name": "b"}, "pk_objection_evidence"),
    ("register_entries", {"id": 9, "subject_id": 3, "name": "b"}, "uq_register_entries_bureau_id_number"),
    ("register_entries", {"id": 9, "subject_id": 3, "number": "b"}, "uq_register_entries_valid_name"),
    ("register_entries", {"id": 9, "number": "b", "name": "b"}, "uq_register_entries_subject_id"),
    ("matters", {}, "pk_matters"),
    ("matters", {"subject_id": 1, "round_id": None, "cause_id": None}, "uq_matters_bureau_id_number"),
    ("matters", {"subject_id": 1, "number": "b", "cause_id": None}, "uq_matters_round"),
    ("matters", {"subject_id": 1, "number": "b", "round_id": None}, "uq_matters_cause"),
    ("consents", {}, "pk_consents"),
    ("bars", {}, "pk_bars"),
    ("credit_records", {}, "pk_credit_records"),
    ("grants", {}, "pk_grants"),
    ("register_states", {}, "pk_register_states"),
    ("counters", {}, "pk_counters"),
    (
        "achievements",
        {"id": 9, "struck_at": None, "struck_by": None, "struck_reason": None},
        "uq_achievements_standing",
    ),
    ("incidents", {"id": 9}, "uq_incidents_fingerprint"),
    ("incident_cases", {}, "pk_incident_cases"),
    ("calendars", {"id": 9}, "uq_calendars_year_version"),
    ("sweeps", {}, "pk_sweeps"),
    ("credentials", {}, "pk_credentials"),
    ("saved_views", {"id": 9}, "uq_saved_views_person_id_desk_name"),
    ("sessions", {"id": 9}, "uq_sessions_token_digest"),
    ("invitations", {"id": 9}, "uq_invitations_token_digest"),
    ("api_tokens", {"id": 9}, "uq_api_tokens_token_digest"),
    ("identities", {"id": 9}, "uq_identities_issuer_subject"),
]

# A narrower constraint always answers before these.
SHADOWED = {"uq_bureaus_parent_id_code", "uq_revisions_code_content_hash"}

FALSE_VALUES: list[Attempt] = [
    ("bureaus", {"kind": "county"}, "ck_bureaus_kind_of_district"),
    ("bureaus", {"parent_id": 2}, "ck_bureaus_parent_of_district"),
    ("organisations", {"uscc": "9" * 17}, "ck_organisations_uscc_length"),
    ("organisations", {"uscc": "9" * 19}, "ck_organisations_uscc_length"),
    ("roles", {"organisation_id": None}, "ck_roles_organisation_scope"),
    ("roles", {"bureau_id": 1}, "ck_roles_bureau_scope"),
    ("roles", {"valid_to": DAY - timedelta(days=1)}, "ck_roles_validity"),
    ("delegations", {"last_day": DAY - timedelta(days=1)}, "ck_delegations_days"),
    ("delegations", {"ended_at": None}, "ck_delegations_ended"),
    ("delegations", {"ended_by": None}, "ck_delegations_ended"),
    ("subjects", {"version": -1}, "ck_subjects_version"),
    ("subjects", {"outcome": "filed"}, "ck_subjects_closed_stays_closed"),
    ("calls", {"closes_at": NOW}, "ck_calls_window"),
    ("events", {"seq": -1}, "ck_events_seq"),
    ("events", {"schema_version": 0}, "ck_events_schema_version"),
    ("documents", {"size": 0}, "ck_documents_size"),
    ("files", {"size": 0}, "ck_files_size"),
    ("deadlines", {"due_at": None}, "ck_deadlines_running_is_due"),
    ("deadlines", {"state": "suspended"}, "ck_deadlines_suspended_is_not_due"),
    ("notices", {"attempts": -1, "strikes": -1}, "ck_notices_attempts"),
    ("notices", {"strikes": 1}, "ck_notices_strikes"),
    ("notices", {"urgency": 3}, "ck_notices_urgency"),
    ("notices", {"subject_id": None}, "ck_notices_event_of_subject"),
    ("breakers", {"failures": -1}, "ck_breakers_failures"),
    ("breakers", {"retry_at": None}, "ck_breakers_open_has_a_retry"),
    ("deliveries", {"attempt": 0}, "ck_deliveries_attempt"),
    ("deliveries", {"duration_ms": -1}, "ck_deliveries_duration_ms"),
    ("pool_changes", {"seq": 0}, "ck_pool_changes_seq"),
    ("panels", {"size": 0}, "ck_panels_size"),
    ("scores", {"score": 10001}, "ck_scores_score"),
    ("scores", {"score": -1}, "ck_scores_score"),
    ("visits", {"visited_on": None}, "ck_visits_result_of_a_visit"),
    ("defences", {"position": 0}, "ck_defences_position"),
    ("defences", {"attended": False}, "ck_defences_held"),
    ("defences", {"held_at": NOW}, "ck_defences_held"),
    ("publicity", {"until": NOW}, "ck_publicity_window"),
    ("publicity", {"number": 0}, "ck_publicity_number"),
    ("publicity", {"version": 0, "reason": "更正"}, "ck_publicity_version"),
    ("publicity", {"reason": "更正"}, "ck_publicity_reason_of_a_change"),
    ("publicity", {"version": 2}, "ck_publicity_reason_of_a_change"),
    ("publicity_entries", {"position": 0}, "ck_publicity_entries_position"),
    ("objections", {"decision": "驳回"}, "ck_objections_decision"),
    ("objections", {"decided_at": LATER}, "ck_objections_decision"),
    ("objections", {"result": "upheld"}, "ck_objections_decision_with_result"),
    ("objections", {"number": 0}, "ck_objections_number"),
    ("register_entries", {"valid_to": DAY - timedelta(days=1)}, "ck_register_entries_validity"),
    ("counters", {"value": -1}, "ck_counters_value"),
    ("incidents", {"occurrences": 0}, "ck_incidents_occurrences"),
    ("incidents", {"last_seen": NOW - timedelta(days=1)}, "ck_incidents_seen"),
    ("incident_cases", {"occurrences": 0}, "ck_incident_cases_occurrences"),
    ("matters", {"kind": "call"}, "ck_matters_kind"),
    ("matters", {"number": ""}, "ck_matters_number_length"),
    ("matters", {"number": "x" * 201}, "ck_matters_number_length"),
    ("consents", {"answer": "maybe"}, "ck_consents_answer"),
    ("consents", {"answered_at": None}, "ck_consents_answered"),
    ("bars", {"document_number": ""}, "ck_bars_document_number_length"),
    ("bars", {"last_day": DAY - timedelta(days=1)}, "ck_bars_term"),
    ("credit_records", {"facts": ""}, "ck_credit_records_facts_length"),
    ("credit_records", {"source": ""}, "ck_credit_records_source_length"),
    ("credit_records", {"referred_to": ""}, "ck_credit_records_referred_to_length"),
    ("credit_records", {"organisation_id": None, "person_id": None}, "ck_credit_records_of_somebody"),
    ("credit_records", {"referred_on": None}, "ck_credit_records_referred"),
    ("grants", {"amount": 0, "paid": 0, "recovered": 0}, "ck_grants_amount"),
    ("grants", {"paid": 4}, "ck_grants_paid"),
    ("grants", {"recovered": 3}, "ck_grants_recovered"),
    ("grants", {"measure": ""}, "ck_grants_measure_length"),
    ("grants", {"consortium": ""}, "ck_grants_consortium_length"),
    ("grants", {"beneficiary": ""}, "ck_grants_beneficiary_length"),
    ("grants", {"object": ""}, "ck_grants_object_length"),
    ("register_states", {"state": "lost"}, "ck_register_states_state"),
    ("register_states", {"number": 0}, "ck_register_states_number"),
    ("urges", {"number": 0}, "ck_urges_number"),
    ("achievements", {"struck_at": None}, "ck_achievements_struck"),
    ("achievements", {"struck_reason": None}, "ck_achievements_struck"),
    ("urges", {"people": -1}, "ck_urges_people"),
    ("incident_cases", {"last_seen": NOW - timedelta(days=1)}, "ck_incident_cases_seen"),
    ("calendars", {"version": 0}, "ck_calendars_version"),
    ("credentials", {"totp_sealed": None}, "ck_credentials_totp"),
    ("saved_views", {"desk": "expert"}, "ck_saved_views_desk"),
    ("saved_views", {"name": ""}, "ck_saved_views_name_length"),
    ("saved_views", {"query": "x" * 501}, "ck_saved_views_query_length"),
    ("sessions", {"ends_at": NOW}, "ck_sessions_window"),
    ("invitations", {"ends_at": NOW}, "ck_invitations_window"),
    ("invitations", {"belongs": None}, "ck_invitations_judged"),
    ("invitations", {"judged_by": None}, "ck_invitations_judged"),
    ("api_tokens", {"ends_at": NOW}, "ck_api_tokens_window"),
]

# Equal where a constraint does not look.
NEIGHBOURS: list[tuple[str, dict[str, Any]]] = [
    ("people", {"id": 9, "handle": "wang", "id_digest": None}),
    ("roles", {"id": 9, "role": "member"}),
    ("roles", {"id": 9, "organisation_id": 2}),
    ("calls", {"subject_id": 2, "code": "rolling", "closes_at": None}),
    ("cases", {"subject_id": 3, "number": "2024-002", "closed": True}),
    ("cases", {"subject_id": 3, "number": "2024-002", "lead_id": 2}),
    ("events", {"seq": 2, "act_key": None}),
    ("events", {"seq": 2, "act_key": "k" * 200}),
    ("notices", {"id": 9, "channel": "sms", "message_id": "<9@beian>"}),
    ("deadlines", {"occurrence": 2, "state": "suspended", "due_at": None}),
    ("deadlines", {"occurrence": 2, "state": "met", "due_at": LATER}),
    ("deadlines", {"occurrence": 2, "state": "overdue"}),
    ("ledger", {"entry": 2, "kind": "overdue"}),
    ("scores", {"id": 9, "subject_id": 3, "score": 0}),
    ("scores", {"id": 9, "stage": "defence"}),
    ("defences", {"id": 9, "attended": False, "held_at": LATER}),
    ("defences", {"id": 9, "subject_id": 3, "position": None}),
    ("defences", {"id": 9, "position": 2, "attended": True, "held_at": LATER}),
    ("defences", {"id": 9, "subject_id": 3, "day": DAY + timedelta(days=1)}),
    ("defences", {"id": 9, "subject_id": 3, "call_id": None}),
    ("panels", {"id": 9, "occurrence": 2}),
    ("calendars", {"id": 9, "version": 2}),
    ("register_entries", {"id": 9, "subject_id": 3, "number": "b", "name": "b", "valid_to": None}),
]


def _named_checks(table: str) -> dict[str, str]:
    return {
        str(constraint.name): str(constraint.sqltext)
        for constraint in TABLES[table].constraints
        if isinstance(constraint, CheckConstraint)
    }


def _words_and_lengths() -> list[Attempt]:
    """A word that is not in the list, a text one character too long, an empty one."""
    attempts: list[Attempt] = []
    for table in ROWS:
        for name, condition in _named_checks(table).items():
            if found := re.fullmatch(r"(\w+) IN \(.*\)", condition):
                attempts.append((table, {found[1]: "nonsense"}, name))
            if found := re.fullmatch(r"length\((\w+)\) (?:<= |BETWEEN 1 AND )(\d+)", condition):
                attempts.append((table, {found[1]: "字" * (int(found[2]) + 1)}, name))
            if found := re.fullmatch(r"length\((\w+)\) (?:BETWEEN .*|= 64)", condition):
                attempts.append((table, {found[1]: ""}, name))
    return attempts


def _dangling() -> list[Attempt]:
    """A reference to a row that is not there."""
    attempts: list[Attempt] = []
    for table in ROWS:
        for constraint in TABLES[table].foreign_key_constraints:
            column = list(constraint.columns)[-1]
            nowhere = HASH if column.name == "digest" else 999
            attempts.append((table, {column.name: nowhere}, str(constraint.name)))
    return attempts


def _is_lone_key(column: Column[Any]) -> bool:
    return list(column.table.primary_key) == [column]


def _missing() -> list[Attempt]:
    """A needed value left out (SQLite numbers a lone integer key itself)."""
    return [
        (table, {column.name: None}, f"{table}.{column.name} is needed")
        for table in ROWS
        for column in TABLES[table].columns
        if not column.nullable and not (_is_lone_key(column) and isinstance(column.type, Integer))
    ]


class _Accepted(Exception):
    """Rolls an accepted row back."""


def _beside(engine: Engine, table: str, changes: dict[str, Any]) -> str:
    """What a filled database says to a copy of the table's first row with `changes`."""
    try:
        with writing(engine) as connection:
            connection.execute(TABLES[table].insert(), {**ROWS[table][0], **changes})
            raise _Accepted
    except IntegrityError as error:
        return refused_by(engine, error)
    except _Accepted:
        return "accepted"


# The rows on which no other rule answers before the one under test; elsewhere the first that has a value.
FITTING_ROWS = {("roles", "role"): 1}


def _fitting_row(table: str, changes: dict[str, Any]) -> int:
    having = [n for n, row in enumerate(ROWS[table]) if all(row[column] is not None for column in changes)]
    column = next(iter(changes))
    return FITTING_ROWS.get((table, column), having[0] if having else 0)


def _instead(engine: Engine, table: str, changes: dict[str, Any], chosen: int | None = None) -> str:
    """What an empty database says to the valid rows up to `table`, one of them with `changes`."""
    rows = ROWS[table]
    chosen = _fitting_row(table, changes) if chosen is None else chosen
    earlier = list(ROWS)[: list(ROWS).index(table)]
    try:
        with writing(engine) as connection:
            fill(connection, earlier)
            for row in rows[:chosen]:
                connection.execute(TABLES[table].insert(), row)
            connection.execute(TABLES[table].insert(), {**rows[chosen], **changes})
    except IntegrityError as error:
        return refused_by(engine, error)
    return "accepted"


@pytest.fixture
def filled(engine: Engine) -> Engine:
    with writing(engine) as connection:
        fill(connection)
    return engine


def test_every_table_has_a_valid_row(filled: Engine) -> None:
    assert set(TABLES) - set(ROWS) == {"clock"}


def test_a_twin_is_refused(filled: Engine) -> None:
    assert [(table, row, _beside(filled, table, row)) for table, row, _ in TWINS] == TWINS


def test_what_only_resembles_a_twin_is_accepted(filled: Engine) -> None:
    expected = [(table, row, "accepted") for table, row in NEIGHBOURS]
    assert [(table, row, _beside(filled, table, row)) for table, row in NEIGHBOURS] == expected


def test_a_false_value_is_refused(engine: Engine) -> None:
    answers = [(table, row, _instead(engine, table, row, 0)) for table, row, _ in FALSE_VALUES]
    assert answers == FALSE_VALUES


def test_an_unknown_word_or_a_text_of_the_wrong_length_is_refused(engine: Engine) -> None:
    attempts = _words_and_lengths()
    assert [(table, row, _instead(engine, table, row)) for table, row, _ in attempts] == attempts


def test_a_missing_value_is_refused(engine: Engine) -> None:
    attempts = _missing()
    assert [(table, row, _instead(engine, table, row)) for table, row, _ in attempts] == attempts


def test_a_reference_to_nothing_is_refused(engine: Engine) -> None:
    named = engine.dialect.name == "postgresql"
    attempts = [(table, row, name if named else "foreign key") for table, row, name in _dangling()]
    assert [(table, row, _instead(engine, table, row)) for table, row, _ in attempts] == attempts


def test_no_constraint_goes_untested() -> None:
    tested = {name for _, _, name in TWINS + FALSE_VALUES + _words_and_lengths() + _dangling()}
    declared: set[str] = set()
    for table in ROWS:
        declared |= set(_named_checks(table))
        declared |= {str(constraint.name) for constraint in TABLES[table].foreign_key_constraints}
        declared |= {
            str(constraint.name)
            for constraint in TABLES[table].constraints
            if isinstance(constraint, UniqueConstraint)
        }
        declared |= {str(index.name) for index in TABLES[table].indexes if index.unique}
    assert declared - tested == SHADOWED
