"""The official validator has nothing against what we answer and send."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.oracle import Oracle, Question
from support.our_answers import our_answers
from support.routes_world import World, referred_world

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with referred_world(tmp_path_factory.mktemp("answers")) as made:
        yield made


async def test_the_official_validator_has_nothing_against_it(world: World, oracle: Oracle) -> None:
    answers = await our_answers(world)
    verdicts = oracle.verdicts([Question(one, None) for one in answers.values()])
    kinds = {one["resourceType"] for one in answers.values()}
    print(f"{len(answers)} answers of {len(kinds)} types: {', '.join(sorted(kinds))}")
    faults = {name: verdict.faults for name, verdict in zip(answers, verdicts, strict=True)}
    wrong = {name: found for name, found in faults.items() if found}
    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())
