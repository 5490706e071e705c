"""Entity tags and wishes, as clients write them."""

import pytest
from service_runtime.web.versions import names, wanted_return


@pytest.mark.parametrize("tags", ['W/"3"', '"3"', "*", ' W/"1" , W/"3"', '"2","3"'])
def test_a_version_is_named(tags: str) -> None:
    assert names(tags, 3)


@pytest.mark.parametrize("tags", [None, "", "3", 'W/"33"', 'W/"2"', 'W/3"', '"*"', 'w/"3"x', '"2""3"'])
def test_a_version_is_not_named(tags: str | None) -> None:
    assert not names(tags, 3)


@pytest.mark.parametrize(
    ("prefer", "wanted"),
    [
        ("", "representation"),
        ("return=minimal", "minimal"),
        ("handling=strict; return=minimal", "minimal"),
        ("respond-async, RETURN = OperationOutcome", "OperationOutcome"),
        ('return="representation"', "representation"),
        ("return=everything", "representation"),
        ("x-return=minimal", "representation"),
        ("handling=return=minimal", "representation"),
    ],
)
def test_what_is_wanted_back(prefer: str, wanted: str) -> None:
    assert wanted_return(prefer) == wanted
