"""Each county's own story on Apache Kafka, PostgreSQL and Redis, each role a process of its own."""

from pathlib import Path

import pytest
from lahetti.demo.county_story import STORIES
from support.performances import check, perform, processes_world, story_of

pytestmark = pytest.mark.engines


@pytest.mark.parametrize("county", sorted(STORIES))
def test_every_case_of_the_county_ends_as_its_data_says(county: str, tmp_path: Path) -> None:
    story = story_of(county)
    evidence = perform(processes_world(tmp_path, story), story.cases)
    assert len(evidence) == len(story.cases)
    check(evidence, *evidence)
