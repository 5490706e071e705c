"""A person's rows at the notifier: ids only, erased with the rest."""

from collections.abc import Mapping, Sequence

from service_runtime.database.engine import Database
from service_runtime.database.statements import any_of, table_of
from sqlalchemy import and_, delete, select

from provider_notifier.adapters.tables import Outbox, attempts, deliveries

_OUTBOX = table_of(Outbox)


class PersonRows:
    """Removes what is kept of referrals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, referrals: Sequence[str]) -> Mapping[str, int]:
        """Remove the referrals' deliveries, waiting ones too, their attempts and published events."""
        chosen = list(referrals)
        theirs = any_of(deliveries.c.ordering_key, chosen)
        published = and_(any_of(_OUTBOX.c.key, chosen), _OUTBOX.c.published_at.is_not(None))
        statements = {
            "attempts": delete(attempts).where(
                attempts.c.delivery.in_(select(deliveries.c.id).where(theirs))
            ),
            "deliveries": delete(deliveries).where(theirs),
            "events": delete(_OUTBOX).where(published),
        }
        async with self._database.write() as session:
            return {name: (await session.execute(one)).rowcount for name, one in statements.items()}
