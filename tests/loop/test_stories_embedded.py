"""Each county's own story, decided by that county's folder, in one process with nothing installed."""

from pathlib import Path

import pytest
from lahetti.demo.county_story import STORIES
from support.performances import check, embedded_world, perform, story_of


@pytest.mark.parametrize("county", sorted(STORIES))
def test_every_case_of_the_county_ends_as_its_data_says(county: str, tmp_path: Path) -> None:
    story = story_of(county)
    evidence = perform(embedded_world(tmp_path, story, poll_seconds=0.5), story.cases)
    assert len(evidence) == len(story.cases)
    check(evidence, *evidence)
