"""An agreement's number is never exceeded, and what it does not use goes to the next provider."""

import asyncio
import json

import pytest
from referral_gateway.adapters import tables
from referral_gateway.adapters.acceptance import TableAcceptances
from referral_gateway.ports import Acceptance, Kept, Session
from support.gateway import Gateway, bundle, issues
from support.gateway_county import KOTKA, county_files


async def used(gateway: Gateway) -> dict[str, int]:
    return {row.key: row.used for row in await gateway.rows(tables.Quota)}


async def test_invariant_of_twenty_at_once_on_a_number_of_five_exactly_five_are_accepted(
    gateway: Gateway,
) -> None:
    """INVARIANT: used never exceeds the number. Reading the count before writing it breaks this."""
    await gateway.load_county(county_files(numbers={"kotka": 5}, backup=False))

    answers = await asyncio.gather(
        *(gateway.post(bundle(identifier=f"R-{number}", municipality=KOTKA)) for number in range(20))
    )

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [422] * 15
    assert await used(gateway) == {"exercise/kotka/2026": 5}
    assert len(await gateway.rows(tables.Referral)) == 5
    assert len(await gateway.told("referral.routed")) == 5


async def test_a_number_that_others_begin_at_the_same_moment_is_not_taken_for_used_up(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: who is told that nothing is left is told the truth. Of the first referrals of a period each
    may find the number not begun, and begun when it looks again."""
    await gateway.load_county(county_files(numbers={"kotka": 5}, backup=False))
    keep = TableAcceptances._in_one_statement  # pyright: ignore[reportPrivateUsage] the moment between

    async def others_begin(self: TableAcceptances, session: Session, acceptance: Acceptance) -> Kept:
        kept = await keep(self, session, acceptance)
        assert acceptance.quota is not None
        for _ in range(2):
            async with gateway.base.database.write() as other:
                await self._quotas.begin(other, acceptance.quota.key)  # pyright: ignore[reportPrivateUsage]
        return kept

    monkeypatch.setattr(TableAcceptances, "_in_one_statement", others_begin)
    assert (await gateway.post(bundle(identifier="R-1", municipality=KOTKA))).status_code == 200


async def test_when_a_number_is_used_up_the_next_provider_with_an_agreement_gets_the_referral(
    gateway: Gateway,
) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 1}))

    referrals = [await gateway.refer(municipality=KOTKA) for _ in range(3)]

    assert [(await gateway.routing(one)).provider for one in referrals] == ["kotka", "liikkujat", "liikkujat"]
    assert await used(gateway) == {"exercise/kotka/2026": 1}


async def test_of_twenty_at_once_the_overflow_goes_to_the_next_provider(gateway: Gateway) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 5}))

    await asyncio.gather(*(gateway.refer(municipality=KOTKA) for _ in range(20)))

    providers = [row.provider for row in await gateway.rows(tables.Routing)]
    assert (providers.count("kotka"), providers.count("liikkujat")) == (5, 15)


async def test_where_nobody_is_left_the_refusal_gives_each_candidates_reason_and_nothing_is_stored(
    gateway: Gateway,
) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 1, "liikkujat": 0}))
    await gateway.refer(municipality=KOTKA)
    before = await gateway.counts("outbox")

    response = await gateway.post(bundle(identifier="R-2", municipality=KOTKA))

    assert response.status_code == 422
    assert [slug for slug, _ in issues(response)] == ["no-candidate", "quota-used-up", "quota-used-up"]
    texts = [issue["details"]["text"] for issue in response.json()["issue"][1:]]
    assert texts[0].startswith("kotka:")
    assert texts[1].startswith("liikkujat:")
    assert await gateway.counts("outbox") == before
    (refused,) = await gateway.told("referral.refused")
    assert (refused["client"], refused["code"]) == ("ehr-polling", "no-candidate")


async def test_a_test_referral_takes_from_no_number(gateway: Gateway) -> None:
    files = county_files(numbers={"kotka": 1})
    endpoint = files["directory/kotka.json"].replace("kotka-webhook", "kotka-test-hook").replace(
        '"resourceType": "Endpoint",',
        '"resourceType": "Endpoint", "meta": {"security": [{"system":'
        ' "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]},',
    )  # fmt: skip
    files["directory/kotka-test.json"] = _only_endpoint(endpoint)
    assert (await gateway.load_county(files)).status_code == 200

    referral = await gateway.refer(municipality=KOTKA, test=True)

    routing = await gateway.routing(referral)
    assert (routing.quota_key, routing.quota_taken) == (None, False)
    assert await used(gateway) == {}
    (event,) = await gateway.told("referral.routed")
    assert event["test"] is True


async def test_a_place_that_came_back_is_given_again_to_the_first_provider(gateway: Gateway) -> None:
    await gateway.load_county(county_files(numbers={"kotka": 1}))
    await gateway.refer(municipality=KOTKA)
    assert (await gateway.routing(await gateway.refer(municipality=KOTKA))).provider == "liikkujat"

    async with gateway.base.database.write() as session:
        await gateway.base.quotas.give_back(session, {"exercise/kotka/2026": 1})

    assert (await gateway.routing(await gateway.refer(municipality=KOTKA))).provider == "kotka"


def _only_endpoint(directory: str) -> str:
    collection = json.loads(directory)
    collection["entry"] = [
        entry for entry in collection["entry"] if entry["resource"]["resourceType"] == "Endpoint"
    ]
    return json.dumps(collection)
