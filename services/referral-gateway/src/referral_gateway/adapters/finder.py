"""Documents of referrals, found in tables by who asks and what is sought."""

from collections.abc import Sequence

from service_runtime.database.keyset import Keys, behind, in_order
from service_runtime.database.settled import settled
from service_runtime.database.statements import any_of, table_of
from service_runtime.ids import is_id
from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select

from referral_gateway.adapters.tables import Referral, Resource, Routing
from referral_gateway.domain.finding import Sought
from referral_gateway.ports import Document, Session

_RESOURCES = table_of(Resource)
_NEWER = _RESOURCES.alias("newer")
_REFERRALS = table_of(Referral)
_ROUTINGS = table_of(Routing)
_COLUMNS = tuple(_RESOURCES.c[name] for name in ("type", "id", "version", "body", "last_updated", "referral"))
_IS_NEWEST = ~exists().where(
    _NEWER.c.type == _RESOURCES.c.type,
    _NEWER.c.id == _RESOURCES.c.id,
    _NEWER.c.version > _RESOURCES.c.version,
)


class TableFinder:
    """Implements `search_documents.Finder`."""

    async def find(self, session: Session, wanted: Sought, most: int) -> Sequence[Document]:
        """At most `most` newest versions, in the order that is wanted, behind the cursor."""
        dialect = session.dialect.name
        chosen = select(*_COLUMNS).where(
            _RESOURCES.c.type == wanted.type,
            _IS_NEWEST,
            *_visible(wanted),
            *_named(wanted),
            *_changed(wanted, dialect),
            *(
                or_(*(_holds(needle, dialect) for needle in either))
                for either in wanted.needles
                if all(either)
            ),
            *_behind(wanted),
        )
        page = chosen.order_by(*in_order(_keys(wanted), descending=wanted.descending)).limit(most)
        return [Document(*row) for row in await session.execute(page)]


def _keys(wanted: Sought) -> Keys:
    own = _RESOURCES.c.id
    return [_RESOURCES.c.last_updated, own] if wanted.by_change else [own]


def _visible(wanted: Sought) -> Sequence[ColumnElement[bool]]:
    """An EHR's own referrals; a provider's own orders, and what belongs to a referral that it was asked."""
    if wanted.client is not None:
        own = select(_REFERRALS.c.id).where(_REFERRALS.c.client == wanted.client)
        return (_RESOURCES.c.referral.in_(own),)
    asked = _ROUTINGS.c.provider == wanted.provider
    if wanted.type == "ServiceRequest":
        return (_RESOURCES.c.id.in_(select(cast(_ROUTINGS.c.id, String)).where(asked)),)
    return (_RESOURCES.c.referral.in_(select(_ROUTINGS.c.referral).where(asked)),)


def _named(wanted: Sought) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.ids is not None:
        conditions.append(any_of(_RESOURCES.c.id, wanted.ids))
    if wanted.referrals is not None:
        # A referral's first document of a type has its id, its orders are its routings: no other index leads
        # from a referral to them.
        referrals = [one for one in wanted.referrals if is_id(one)]
        first = select(cast(_REFERRALS.c.id, String)).where(any_of(_REFERRALS.c.id, referrals))
        orders = select(cast(_ROUTINGS.c.id, String)).where(any_of(_ROUTINGS.c.referral, referrals))
        conditions.append(_RESOURCES.c.id.in_(first.union(orders)))
    return conditions


def _changed(wanted: Sought, dialect: str) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for start, end in wanted.changed:
        conditions += [_RESOURCES.c.last_updated >= start] if start is not None else []
        conditions += [_RESOURCES.c.last_updated < end] if end is not None else []
    if wanted.changed and dialect == "postgresql":
        conditions += settled(_RESOURCES.c.written_xid, _RESOURCES.c.last_updated)
    return conditions


def _holds(needle: bytes, dialect: str) -> ColumnElement[bool]:
    # PostgreSQL's position(needle IN body), by its name as a function.
    find = func.pg_catalog.position if dialect == "postgresql" else func.instr
    return find(_RESOURCES.c.body, needle) > 0


def _behind(wanted: Sought) -> Sequence[ColumnElement[bool]]:
    if wanted.cursor is None:
        return ()
    last = (wanted.cursor.last_updated, wanted.cursor.id) if wanted.by_change else (wanted.cursor.id,)
    return (behind(_keys(wanted), last, descending=wanted.descending),)
