"""A service's outbox, inbox and leases as the runtime's tests have them."""

from service_runtime.rows import InboxRow, LeaseRow, OutboxRow
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Base(SQLModel, registry=registry()):
    pass


class Outbox(OutboxRow, Base, table=True):
    pass


class Inbox(InboxRow, Base, table=True):
    pass


class Lease(LeaseRow, Base, table=True):
    pass
