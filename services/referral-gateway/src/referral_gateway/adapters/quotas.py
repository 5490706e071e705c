"""The numbers of agreements in a table: taken by an UPDATE that checks the limit, so no two take the last
one.
"""

from collections.abc import Mapping, Sequence

from service_runtime import logs
from service_runtime.database.engine import tell_after_commit
from service_runtime.database.statements import any_of, insert_ignore, table_of
from sqlalchemy import bindparam, exists, select, update

from referral_gateway.adapters import tables
from referral_gateway.domain.agreements import Quota
from referral_gateway.ports import Session

_QUOTAS = table_of(tables.Quota)
_LINE = _QUOTAS.alias("line")
_TAKE = (
    update(_QUOTAS)
    .where(_QUOTAS.c.key == bindparam("which"), _QUOTAS.c.used < bindparam("number"))
    .values(used=_QUOTAS.c.used + 1)
    .returning(_QUOTAS.c.used)
)
_TAKE_IF_NOBODY_WAITS = _TAKE.where(~exists().where(_LINE.c.key == bindparam("line"), _LINE.c.used > 0))
_GIVE_BACK = (
    update(_QUOTAS)
    .where(_QUOTAS.c.key == bindparam("which"))
    .values(used=_QUOTAS.c.used - bindparam("count"))
)

logs.allow_keys("quota")  # names agreement, provider and period
_log = logs.logger()


def tell_reached(session: Session, quota: Quota, used: int) -> None:
    """One line, once committed, where the quota came to be nearly or wholly used up by the last one."""
    state = quota.reached(used)
    if state is not None:
        tell_after_commit(
            session, lambda: _log.warning("agreement.reached", quota=quota.key, state=state, count=used)
        )


class TableQuotas:
    """Implements `ports.Quotas`. A period's row is made when it is first needed."""

    def __init__(self) -> None:
        self._there: set[str] = set()

    def has_begun(self, key: str) -> bool:
        """Whether there is a row for `key`; False where that is not known yet."""
        return key in self._there

    async def begin(self, session: Session, key: str) -> None:
        """See that there is a row for `key`."""
        if key in self._there:
            return
        made = await session.execute(
            insert_ignore(session, tables.Quota, [{"key": key, "used": 0}], _QUOTAS.c.key)
        )
        if made.first() is None:
            self._there.add(key)  # a row that somebody else committed stays; our own may yet be rolled back

    async def take(self, session: Session, quota: Quota) -> bool:
        used = await self.count(session, quota)
        if used is not None:
            tell_reached(session, quota, used)
        return used is not None

    async def count(self, session: Session, quota: Quota) -> int | None:
        """As `take`, and tells nobody: how many are used now, None where none was left."""
        statement, wanted = _TAKE, {"which": quota.key, "number": quota.most}
        if quota.line is not None:
            statement, wanted = _TAKE_IF_NOBODY_WAITS, wanted | {"line": quota.line.key}
        if (used := (await session.execute(statement, wanted)).scalar()) is not None:
            return used
        await self.begin(session, quota.key)
        return (await session.execute(statement, wanted)).scalar()

    async def give_back(self, session: Session, counts: Mapping[str, int]) -> None:
        # In one order always: transactions that give back several must not wait for each other.
        rows = [{"which": key, "count": counts[key]} for key in sorted(counts)]
        if rows:
            await session.execute(_GIVE_BACK, rows)

    async def used(self, session: Session, keys: Sequence[str]) -> Mapping[str, int]:
        wanted = select(_QUOTAS.c.key, _QUOTAS.c.used).where(any_of(_QUOTAS.c.key, list(keys)))
        return {row.key: row.used for row in await session.execute(wanted)}
