"""A county whose provider wants a waitlist, and what becomes of those who wait."""

from typing import Any

import orjson
from referral_gateway.adapters import tables
from referral_gateway.bootstrap.loops import give_places
from support.gateway import Gateway, bundle, moved
from support.gateway_county import KOTKA, county_files

NUMBER = "exercise/kotka/2026"
LINE = "exercise/kotka/waitlist"


def waitlist_files(most: int, waitlist: Any = True, *, backup: bool = False, **terms: Any) -> dict[str, str]:
    """Kotka takes `most` a year and lets `waitlist` wait; `terms` are further ones of the agreement."""
    files = county_files(numbers={"kotka": most}, backup=backup)
    agreement = orjson.loads(files["agreements/exercise.yaml"]) | terms
    kotka = next(one for one in agreement["parties"] if one["provider"] == "kotka")
    if waitlist is not None:
        kotka["number"]["waitlist"] = waitlist
    return files | {"agreements/exercise.yaml": orjson.dumps(agreement).decode()}


async def give(gateway: Gateway) -> int:
    """One round of giving places, as the relay's process does it."""
    gateway.base.counties.look_again()
    await gateway.base.counties.look()
    async with gateway.base.database.write() as session:
        return await give_places(gateway.parts, gateway.base)(session)


async def refer_in_order(gateway: Gateway, count: int, **said: Any) -> list[str]:
    """Referrals a second apart, so that there is no doubt who came first."""
    made: list[str] = []
    for _ in range(count):
        gateway.clock.move(1)
        made.append(await gateway.refer(municipality=KOTKA, at=gateway.clock.now(), **said))
    return made


async def used(gateway: Gateway) -> dict[str, int]:
    return {row.key: row.used for row in await gateway.rows(tables.Quota)}


async def in_line(gateway: Gateway) -> list[str]:
    """The referrals that wait, in their order: the urgent, then who has waited longest."""
    rows = await gateway.rows(tables.Waiting)
    rows.sort(key=lambda row: (not row.urgent, row.since, row.referral))
    return [row.referral for row in rows if row.left_at is None]


async def placed(gateway: Gateway) -> list[str]:
    """The referrals that have a routing, in the order in which they got it."""
    return [row.referral for row in sorted(await gateway.rows(tables.Routing), key=lambda row: row.routed_at)]


async def set_free(gateway: Gateway, referral: str) -> None:
    """The client of `referral` declines: its place comes back."""
    await gateway.hear(moved(await gateway.routing(referral), "rejected", releases_quota=True))


async def status_of_a_post(gateway: Gateway, identifier: str, **more: Any) -> int:
    """As an honest record system posts: what could not be served just now is sent again."""
    said = bundle(identifier=identifier, municipality=KOTKA, **more)
    while (status := (await gateway.post(said)).status_code) == 503:
        pass
    return status
