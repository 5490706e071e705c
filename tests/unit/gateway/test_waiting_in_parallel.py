"""Waitlists while everything happens at once, and after a process was lost."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from referral_gateway.adapters import tables
from referral_gateway.bootstrap.loops import give_places
from service_runtime.database.connecting import DatabaseError
from support.gateway import Gateway, moved, start_gateway
from support.waitlists import (
    LINE,
    NUMBER,
    give,
    in_line,
    placed,
    refer_in_order,
    set_free,
    status_of_a_post,
    used,
    waitlist_files,
)


async def test_invariant_of_many_at_once_each_gets_one_place_or_one_stand_and_no_number_is_exceeded(
    gateway: Gateway,
) -> None:
    """INVARIANT: used never exceeds the number, nor a line its length. Counting who waits before joining
    breaks this."""
    await gateway.load_county(waitlist_files(5, 7))

    answers = await asyncio.gather(*(status_of_a_post(gateway, f"R-{number}") for number in range(40)))

    assert Counter(answers) == {200: 12, 422: 28}
    assert await used(gateway) == {NUMBER: 5, LINE: 7}
    assert len(await gateway.rows(tables.Routing)) == 5
    assert len(await in_line(gateway)) == 7
    assert len(await gateway.rows(tables.Referral)) == 12


async def test_invariant_places_are_given_once_and_in_order_whoever_gives_them(gateway: Gateway) -> None:
    """INVARIANT: one place, one referral, the longest waiting first, whatever happens beside it. A round that
    counts who waits without holding them gives two places to one, or one place to two."""
    await gateway.load_county(waitlist_files(6))
    first = await refer_in_order(gateway, 6)
    waiting = await refer_in_order(gateway, 10)
    gateway.clock.move(1)

    async def ended(referral: str) -> None:
        await set_free(gateway, referral)

    async def rounds() -> None:
        for _ in range(6):
            await _patiently(gateway)
            await asyncio.sleep(0)

    newcomers = [status_of_a_post(gateway, f"N-{number}") for number in range(8)]
    await asyncio.gather(*(ended(one) for one in first), *(rounds() for _ in range(4)), *newcomers)
    while await give(gateway):
        """What came free last."""

    assert await used(gateway) == {NUMBER: 6, LINE: 12}
    assert Counter(await placed(gateway)).most_common(1)[0][1] == 1
    assert set(await placed(gateway)) == {*first, *waiting[:6]}
    assert (await in_line(gateway))[:4] == waiting[6:]
    routed = Counter(event["referral"] for event in await gateway.told("referral.routed"))
    assert routed == dict.fromkeys([*first, *waiting[:6]], 1)


async def test_invariant_of_64_at_once_no_place_is_given_twice_and_the_urgent_get_theirs_first(
    gateway: Gateway,
) -> None:
    """INVARIANT: a place has one holder and a referral one place, and while an urgent one waits no other gets
    one. Ordering the line in the process that gives, or giving what was counted before others gave, breaks
    this."""
    await gateway.load_county(waitlist_files(4))
    posts = [
        status_of_a_post(gateway, f"R-{number}", priority="urgent" if number % 4 == 0 else "routine")
        for number in range(64)
    ]
    assert Counter(await asyncio.gather(*posts)) == {200: 64}
    at_once, line = await placed(gateway), await in_line(gateway)
    assert (len(at_once), len(line)) == (4, 60)
    more = 30
    await gateway.load_county(waitlist_files(4 + more))

    await asyncio.gather(*(_patiently(gateway) for _ in range(8)))
    while await give(gateway):
        """What a busy database left."""

    given = await placed(gateway)
    assert Counter(given).most_common(1)[0][1] == 1
    assert set(given) - set(at_once) == set(line[:more]), "the urgent, then the longest waiting"
    assert await in_line(gateway) == line[more:]
    assert await used(gateway) == {NUMBER: 4 + more, LINE: 60 - more}
    routed = Counter(event["referral"] for event in await gateway.told("referral.routed"))
    assert routed == dict.fromkeys(given, 1)


async def _patiently(gateway: Gateway) -> None:
    """A round; a database that is busy is asked again, as the sweep does."""
    while True:
        try:
            await give(gateway)
        except DatabaseError:
            continue
        return


async def test_a_place_that_comes_with_a_revocation_is_nobody_s_twice(gateway: Gateway) -> None:
    """Who is revoked in the moment of the place has it or has it not, and what is not had goes on."""
    await gateway.load_county(waitlist_files(1))
    (current,) = await refer_in_order(gateway, 1)
    for _ in range(5):
        second, third = await refer_in_order(gateway, 2)
        await set_free(gateway, current)
        headers = gateway.as_ehr() | {"content-type": "application/json-patch+json", "if-match": 'W/"1"'}
        revoked = gateway.http.patch(
            f"/fhir/ServiceRequest/{second}",
            json=[{"op": "replace", "path": "/status", "value": "entered-in-error"}],
            headers=headers,
        )
        answer, *_ = await asyncio.gather(revoked, _patiently(gateway), _patiently(gateway))
        assert answer.status_code == 200
        while await give(gateway):
            """Until nothing is left to give."""
        if await gateway.rows(tables.Routing, referral=second):
            cancelled = moved(await gateway.routing(second), "cancelled", releases_quota=True)
            await gateway.hear(cancelled)
            assert await give(gateway) == 1
        assert await used(gateway) == {NUMBER: 1, LINE: 0}
        current = third
        assert (await gateway.routing(third)).quota_taken


async def test_a_round_that_is_lost_in_the_middle_leaves_all_as_it_was(
    gateway: Gateway, gateway_database: str, tmp_path: Path
) -> None:
    """The process dies before its commit; another one, which heard of nothing, does it from the tables."""
    await gateway.load_county(waitlist_files(1))
    first, second = await refer_in_order(gateway, 2)
    await set_free(gateway, first)
    before = await gateway.counts()

    async def killed() -> None:
        async with gateway.base.database.write() as session:
            assert await give_places(gateway.parts, gateway.base)(session) == 1
            raise ProcessLookupError

    with pytest.raises(ProcessLookupError):
        await killed()
    assert await gateway.counts() == before
    assert await in_line(gateway) == [second]

    other = await start_gateway(gateway_database, tmp_path / "other")
    try:
        other.clock.at = gateway.clock.at
        assert await give(other) == 1
        assert await give(gateway) == 0
    finally:
        await other.close()
        await other.parts.close()
    assert await used(gateway) == {NUMBER: 1, LINE: 0}
    assert (await gateway.routing(second)).provider == "kotka"
