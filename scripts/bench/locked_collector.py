"""The collector that decides reports under row locks, in a transaction: what `patch` is compared with.

Only here: the product has no such switch, and this changes it from outside.
"""

from collections.abc import Awaitable, Callable

from outcome_collector.adapters.unit import TableUnits
from outcome_collector.bootstrap import NAME, build, pending_migrations
from outcome_collector.ports import Decided, OneChange
from outcome_collector.settings import Settings
from service_runtime.processes import run_roles


async def _under_locks(units: TableUnits, decide: Callable[[OneChange], Awaitable[Decided]]) -> Decided:
    async with units.write() as unit:
        return await decide(unit)


if __name__ == "__main__":
    TableUnits.change = _under_locks
    run_roles(NAME, Settings, build, pending_migrations)
