"""Tables, constraints, indexes and the engine. No decisions are taken here."""

from models.achievement import Achievement
from models.address import Address
from models.api_token import ApiToken
from models.bar import Bar
from models.base import Record
from models.breaker import Breaker
from models.bureau import Bureau
from models.calendar import Calendar
from models.call import Call
from models.case import Case
from models.clock import Clock
from models.consent import Consent
from models.counter import Counter
from models.credential import Credential
from models.credit_record import CreditRecord
from models.deadline import Deadline, LedgerEntry
from models.defence import Defence
from models.delegation import Delegation, Supervisor
from models.document import Document, StoredFile
from models.event import Event
from models.expert import Expert
from models.grant import Grant
from models.identity import Identity
from models.incident import Incident, IncidentCase, IncidentEntry
from models.instant import Instant
from models.invitation import Invitation
from models.json_column import Json, JsonText
from models.matter import Matter
from models.member import Member
from models.no_conflict import NoConflict
from models.notice import Delivery, Notice
from models.organisation import Organisation
from models.panel import Panel, PanelMember, Score
from models.person import Person
from models.pool_change import PoolChange
from models.publicity import Objection, ObjectionEvidence, Publicity, PublicityEntry
from models.register_entry import RegisterEntry
from models.register_state import RegisterState
from models.revision import Revision
from models.role import Role
from models.saved_view import SavedView
from models.session import Session
from models.sign_in_attempt import SignInAttempt
from models.subject import Subject
from models.sweep import Sweep
from models.timer import Timer
from models.urge import Urge
from models.visit import Visit
from models.work_item import WorkItem

__all__ = [
    "Achievement",
    "Address",
    "ApiToken",
    "Bar",
    "Breaker",
    "Bureau",
    "Calendar",
    "Call",
    "Case",
    "Clock",
    "Consent",
    "Counter",
    "Credential",
    "CreditRecord",
    "Deadline",
    "Defence",
    "Delegation",
    "Delivery",
    "Document",
    "Event",
    "Expert",
    "Grant",
    "Identity",
    "Incident",
    "IncidentCase",
    "IncidentEntry",
    "Instant",
    "Invitation",
    "Json",
    "JsonText",
    "LedgerEntry",
    "Matter",
    "Member",
    "NoConflict",
    "Notice",
    "Objection",
    "ObjectionEvidence",
    "Organisation",
    "Panel",
    "PanelMember",
    "Person",
    "PoolChange",
    "Publicity",
    "PublicityEntry",
    "Record",
    "RegisterEntry",
    "RegisterState",
    "Revision",
    "Role",
    "SavedView",
    "Score",
    "Session",
    "SignInAttempt",
    "StoredFile",
    "Subject",
    "Supervisor",
    "Sweep",
    "Timer",
    "Urge",
    "Visit",
    "WorkItem",
]
