"""A person's rows at the gateway: found, told, and erased."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from service_runtime.database.statements import any_of, table_of
from sqlalchemy import and_, delete, select, update

from referral_gateway.adapters.tables import Evidence, Outbox, Referral, Resource
from referral_gateway.domain.persons import PatientOf, identities
from referral_gateway.ports import Document, Session

_REFERRALS, _RESOURCES = table_of(Referral), table_of(Resource)
_EVIDENCE, _OUTBOX = table_of(Evidence), table_of(Outbox)
_AT_ONCE = 500
ERASED = "urn:lahetti:erased"


class PersonRows:
    """Implements `PersonVault` of the use cases."""

    async def patients(self, session: Session) -> Sequence[PatientOf]:
        """All referrals' Patients by what identifies them, read in steps: nothing that identifies a person is
        kept beside the documents, so there is nothing to look them up by.
        """
        found: list[PatientOf] = []
        after = ""
        while True:
            rows = (await session.execute(_patients(after))).all()
            found += [PatientOf(row.referral, identities(row.client, orjson.loads(row.body))) for row in rows]
            if len(rows) < _AT_ONCE:
                return found
            after = rows[-1].id

    async def referrals(self, session: Session, ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """Id, client, times of acceptance and closing of those of the referrals that are here, by id."""
        columns = [_REFERRALS.c[name] for name in ("id", "client", "accepted_at", "closed_at")]
        wanted = select(*columns).where(any_of(_REFERRALS.c.id, list(ids))).order_by(_REFERRALS.c.id)
        return [dict(row) for row in (await session.execute(wanted)).mappings()]

    async def documents(self, session: Session, ids: Sequence[str]) -> Sequence[Document]:
        """Every version of each document of the referrals."""
        names = ("type", "id", "version", "body", "last_updated", "referral")
        wanted = select(*(_RESOURCES.c[name] for name in names)).where(
            any_of(_RESOURCES.c.referral, list(ids))
        )
        ordered = wanted.order_by(
            _RESOURCES.c.referral, _RESOURCES.c.type, _RESOURCES.c.id, _RESOURCES.c.version
        )
        return [Document(*row) for row in await session.execute(ordered)]

    async def evidence(self, session: Session, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The bytes as they were received, by referral."""
        wanted = select(_EVIDENCE.c.referral, _EVIDENCE.c.body).where(any_of(_EVIDENCE.c.referral, list(ids)))
        return {row.referral: row.body for row in await session.execute(wanted)}

    async def erase(self, session: Session, ids: Sequence[str]) -> Mapping[str, int]:
        """Remove what is about the person; the rows of referral, routings and cases stay, to be counted."""
        chosen = list(ids)
        published = and_(any_of(_OUTBOX.c.key, chosen), _OUTBOX.c.published_at.is_not(None))
        removed = {
            "documents": delete(_RESOURCES).where(any_of(_RESOURCES.c.referral, chosen)),
            "received": delete(_EVIDENCE).where(any_of(_EVIDENCE.c.referral, chosen)),
            "events": delete(_OUTBOX).where(published),
        }
        counts = {name: (await session.execute(statement)).rowcount for name, statement in removed.items()}
        for referral in chosen:
            blank = {"identifier_system": ERASED, "identifier_value": referral, "content_hash": b""}
            links = {"task_a": None, "ehr_request": None}
            emptied = update(_REFERRALS).where(_REFERRALS.c.id == referral).values(blank | links)
            await session.execute(emptied)
        return counts


def _patients(after: str) -> Any:
    """The next Patients by their ids. A Patient has one version: nobody may change what was posted."""
    wanted = (
        select(_RESOURCES.c.id, _RESOURCES.c.referral, _RESOURCES.c.body, _REFERRALS.c.client)
        .join(_REFERRALS, _REFERRALS.c.id == _RESOURCES.c.referral)
        .where(_RESOURCES.c.type == "Patient", _RESOURCES.c.version == 1)
    )
    return wanted.where(_RESOURCES.c.id > after).order_by(_RESOURCES.c.id).limit(_AT_ONCE)
