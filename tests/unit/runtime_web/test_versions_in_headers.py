"""Entity tags and wishes, as clients write them."""

import pytest
from service_runtime.web.problems import Problem
from service_runtime.web.versions import expected_version, names, wanted_return
from starlette.requests import Request


def request(**headers: str) -> Request:
    """A request with these headers, underscores for hyphens; a value with `|` stands for two lines."""
    lines = [
        (name.replace("_", "-").lower().encode(), one.encode("latin-1"))
        for name, value in headers.items()
        for one in value.split("|")
    ]
    return Request({"type": "http", "headers": lines})


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


@pytest.mark.parametrize(
    ("prefer", "wanted"),
    [
        ("", "minimal"),
        ("return=everything", "minimal"),
        ("return=representation", "representation"),
        ("return=OperationOutcome", "OperationOutcome"),
    ],
)
def test_what_is_wanted_back_where_little_is_usual(prefer: str, wanted: str) -> None:
    assert wanted_return(prefer, otherwise="minimal") == wanted


@pytest.mark.parametrize(
    ("if_match", "version"),
    [
        (None, None),
        ("", None),
        ('W/"3"', 3),
        (' "3" ', 3),
        ("*", 0),
        ('W/"x"', 0),
        ('"1234567890"', 0),
        ('""', 0),
    ],
)
def test_the_version_that_a_change_was_made_on(if_match: str | None, version: int | None) -> None:
    given = {} if if_match is None else {"If_Match": if_match}
    assert expected_version(request(**given)) == version


@pytest.mark.parametrize("if_match", ['"3', "3", "W/3", 'w/"3"', 'W/"3", W/"4"', 'W/"3"|W/"4"', '*,"3"', "ä"])
def test_what_names_no_version_or_several_is_malformed(if_match: str) -> None:
    with pytest.raises(Problem) as refused:
        expected_version(request(If_Match=if_match))
    assert (refused.value.slug, refused.value.http_status) == ("version-malformed", 400)


@pytest.mark.parametrize("if_none_match", ["*", 'W/"3"'])
def test_a_version_that_is_wanted_not_to_be_there_is_none(if_none_match: str) -> None:
    assert expected_version(request(If_Match='W/"3"', If_None_Match=if_none_match)) == 0
