"""A system as it is and with a part taken out, measured in turns, as the machine has its moods."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lahetti.composition.processes import RoleProcess
from system import restart


@dataclass(frozen=True)
class Pairs:
    """Rates a second of neighbours in time, and what the one is of the other: each pair's, and the median."""

    whole: Sequence[float]
    other: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        return [round(whole / other, 3) for whole, other in zip(self.whole, self.other, strict=True)]

    @property
    def ratio(self) -> float:
        return round(statistics.median(self.ratios), 3)


async def beside(
    roles: Sequence[RoleProcess], variant: str, rate: Callable[[int], Awaitable[float]]
) -> Pairs:
    """Six pairs of `rate`, which gets the number of the turn: with `roles` as they are, and as the script
    `variant` has them."""
    rates: dict[str, list[float]] = {"": [], variant: []}
    for turn, form in enumerate(("", variant, variant, "") * 3):
        await asyncio.gather(*(restart(role, form) for role in roles))
        rates[form].append(round(await rate(turn), 1))
    return Pairs(rates[""], rates[variant])
