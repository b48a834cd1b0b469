"""Where a person is reached by a channel other than e-mail."""

from sqlmodel import Field

from models.base import Record
from models.constraint import written


class Address(Record, table=True):
    """A person's address on one channel: a bot's key, an account, a telephone number, an https address.

    ``value`` is sealed (see ``notifications.secret``): several of these let anyone write who knows them.
    """

    __tablename__ = "addresses"
    __table_args__ = (written("channel", 40), written("value", 4000))

    person_id: int = Field(primary_key=True, foreign_key="people.id")
    channel: str = Field(primary_key=True)
    value: str
