"""The numbers of agreements in a table: taken by an UPDATE that checks the limit, so no two take the last
one.
"""

from collections.abc import Mapping, Sequence

from service_runtime.database.statements import any_of, insert_ignore, table_of
from sqlalchemy import bindparam, select, update

from referral_gateway.adapters.tables import Quota
from referral_gateway.ports import Session

_QUOTAS = table_of(Quota)
_TAKE = (
    update(_QUOTAS)
    .where(_QUOTAS.c.key == bindparam("which"), _QUOTAS.c.used < bindparam("number"))
    .values(used=_QUOTAS.c.used + 1)
    .returning(_QUOTAS.c.used)
)
_GIVE_BACK = (
    update(_QUOTAS)
    .where(_QUOTAS.c.key == bindparam("which"))
    .values(used=_QUOTAS.c.used - bindparam("count"))
)


class TableQuotas:
    """Implements `ports.Quotas`. A period's row is made when it is first needed."""

    def __init__(self) -> None:
        self._there: set[str] = set()

    async def begin(self, session: Session, key: str) -> bool:
        if key in self._there:
            return False
        made = await session.execute(insert_ignore(session, Quota, [{"key": key, "used": 0}], _QUOTAS.c.key))
        if made.first() is None:
            self._there.add(key)  # a row that somebody else committed stays; our own may yet be rolled back
        return True

    async def take(self, session: Session, key: str, number: int) -> bool:
        wanted = {"which": key, "number": number}
        if (await session.execute(_TAKE, wanted)).first() is not None:
            return True
        await self.begin(session, key)
        return (await session.execute(_TAKE, wanted)).first() is not None

    async def give_back(self, session: Session, counts: Mapping[str, int]) -> None:
        # In one order always: transactions that give back several must not wait for each other.
        rows = [{"which": key, "count": counts[key]} for key in sorted(counts)]
        if rows:
            await session.execute(_GIVE_BACK, rows)

    async def used(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]:
        wanted = select(_QUOTAS.c.key, _QUOTAS.c.used).where(any_of(_QUOTAS.c.key, list(keys)))
        return {row.key: row.used for row in await session.execute(wanted)}
