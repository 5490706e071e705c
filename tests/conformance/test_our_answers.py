"""The official validator has nothing against what we answer and send."""

from pathlib import Path

from support.oracle import Oracle, Question
from support.our_answers import our_answers
from support.routes_world import referred_world


async def test_the_official_validator_has_nothing_against_it(tmp_path: Path, oracle: Oracle) -> None:
    async with referred_world(tmp_path) as world:
        answers = await our_answers(world)
    verdicts = oracle.verdicts([Question(one, None) for one in answers.values()])
    kinds = {one["resourceType"] for one in answers.values()}
    print(f"{len(answers)} answers of {len(kinds)} types: {', '.join(sorted(kinds))}")
    faults = {name: verdict.faults for name, verdict in zip(answers, verdicts, strict=True)}
    wrong = {name: found for name, found in faults.items() if found}
    assert not wrong, "\n".join(f"{name}: {found}" for name, found in wrong.items())
