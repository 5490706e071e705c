"""What we answer and send keeps R4 and the profiles that it names: our own rules hold for ourselves."""

import pytest
import pytest_asyncio
from referral_contracts.fhir.validation import PROFILES, validate
from support.our_answers import Resource, our_answers
from support.routes_world import referred_world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resource]:
    async with referred_world(tmp_path_factory.mktemp("answers")) as world:
        return await our_answers(world)


def test_all_that_we_answer_is_sound(answers: dict[str, Resource]) -> None:
    found = {name: _faults(one) for name, one in answers.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}
    kinds = {one["resourceType"] for one in answers.values()}
    assert kinds >= {
        "Bundle",
        "CapabilityStatement",
        "OperationOutcome",
        "Parameters",
        "Subscription",
        "Task",
    }


def test_every_entry_is_named(answers: dict[str, Resource]) -> None:
    """As R4 asks of every Bundle but a transaction's: a fullUrl, and in a searchset an id."""
    bundles = [one for one in answers.values() if one.get("type") in {"searchset", "history"}]
    entries = [(one["type"], entry) for one in bundles for entry in one.get("entry", ())]
    assert len(entries) > 50
    assert [entry for _, entry in entries if not entry.get("fullUrl")] == []
    assert [entry for kind, entry in entries if kind == "searchset" and "id" not in entry["resource"]] == []


def _faults(answer: Resource) -> list[tuple[str, tuple[str, ...]]]:
    named = (answer.get("meta") or {}).get("profile", [])
    profiles = [None, *(one for one in named if one in PROFILES.values())]
    return [(issue.slug, issue.expression) for one in profiles for issue in validate(answer, one)]
