"""Mixins for the tables that every service has; each service declares its own tables from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from service_runtime.database.types import Document, Id, Sequence, UtcDateTime


class OutboxRow(SQLModel):
    """An event that the same transaction made true; the relay publishes it (at least once)."""

    sequence: int | None = Field(
        default=None, primary_key=True, sa_type=Sequence, sa_column_kwargs={"autoincrement": True}
    )
    id: str = Field(sa_type=Id, unique=True)
    topic: str
    key: str
    headers: bytes = Field(sa_type=Document)
    value: bytes = Field(sa_type=Document)
    created_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    republished: int = 0

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """The rows to publish stay few while those kept grow: the relay reads an index of them, in its
        order; `key` finds what was told of one referral. And SQLite never gives a sequence twice, not even
        after the newest rows were deleted."""
        waiting = text("published_at IS NULL")
        return (
            Index("outbox_waiting", "sequence", postgresql_where=waiting, sqlite_where=waiting),
            Index("outbox_key", "key"),
            {"sqlite_autoincrement": True},
        )


class InboxRow(SQLModel):
    """An event that a consumer has handled; the same one again changes nothing."""

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True, sa_type=Id)
    handled_at: datetime = Field(sa_type=UtcDateTime, index=True)


class LeaseRow(SQLModel):
    """Who may do a thing of which there is one (relay, sweep); compared with the database's clock only."""

    name: str = Field(primary_key=True)
    token: str = Field(sa_type=Id)
    until: datetime = Field(sa_type=UtcDateTime)


class BarRow(SQLModel):
    """Tokens that are refused though they are valid; see `tokens.bars`. The name is a digest."""

    name: str = Field(primary_key=True)
    issued_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Tokens issued until then are refused; None for all."""
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the row may be forgotten, because its token has expired by then; None for never."""
