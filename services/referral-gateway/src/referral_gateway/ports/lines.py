"""What use cases need of waitlists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from referral_gateway.domain.agreements import Quota
from referral_gateway.domain.waiting import Waiting


class Lines(Protocol):
    """Who waits: the urgent before the others, then in the order of acceptance; never more in a line than its
    number."""

    async def join(self, session: AsyncConnection, line: Quota, waiting: Waiting) -> bool:
        """Stand in the line; False where it is full."""
        ...

    async def joined(self, session: AsyncConnection, referral: str) -> Waiting | None:
        """How the referral waits, or waited; None for one that had a place at once."""
        ...

    async def first(self, session: AsyncConnection, most: int) -> Sequence[Waiting]:
        """The first `most` of each line, in its order; those who are stranded behind the others."""
        ...

    async def urgent(self, session: AsyncConnection, lines: Sequence[str]) -> Mapping[str, int]:
        """How many urgent ones wait in each of those lines; none stands for 0."""
        ...

    async def still(self, session: AsyncConnection, referrals: Sequence[str]) -> frozenset[str]:
        """Those of the referrals that wait now."""
        ...

    async def strand(self, session: AsyncConnection, referral: str, at: datetime) -> None:
        """Note that a person was asked: what it waits for cannot come as things are."""
        ...

    async def due(self, session: AsyncConnection, at: datetime, most: int) -> Sequence[Waiting]:
        """At most so many of those who wait whose `tell_at` or `permitted_until` has come."""
        ...

    async def told(self, session: AsyncConnection, referral: str) -> None:
        """Note that a person was told how long it waits."""
        ...

    async def leave(
        self,
        session: AsyncConnection,
        referrals: Sequence[str],
        at: datetime,
        left_as: Literal["placed", "ended", "lapsed"],
    ) -> None:
        """Let those of them that wait leave their lines, which so become shorter."""
        ...
