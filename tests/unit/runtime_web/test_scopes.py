"""The grammar of scopes: what is granted, and what grants nothing."""

import pytest
from service_runtime.scopes import is_permission, permissions
from service_runtime.web.access import requires


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("system/Task.r", {"system/Task.r"}),
        ("system/Task.rsu", {"system/Task.r", "system/Task.s", "system/Task.u"}),
        ("system/Task.r  lahetti/cases.r", {"system/Task.r", "lahetti/cases.r"}),
        ("lahetti/county.w", {"lahetti/county.w"}),
        ("", set[str]()),
    ],
)
def test_each_letter_grants_one_permission(scope: str, granted: set[str]) -> None:
    assert permissions(scope) == granted


@pytest.mark.parametrize(
    "scope",
    [
        "system/*.r",
        "*/*.*",
        "system/Task.read",
        "system/Task.*",
        "system/Task.rx",
        "system/Task.w",
        "system/Task.rw",
        "system/Task.",
        "system/Task",
        "user/Task.r",
        "patient/Task.r",
        "system/Task.r?status=requested",
        "system/task.r",
        "SYSTEM/Task.r",
        "lahetti/Cases.r",
        "xsystem/Task.r",
        "system/Task.r,system/Task.u",
    ],
)
def test_what_does_not_fit_grants_nothing(scope: str) -> None:
    assert permissions(scope) == frozenset()


def test_a_route_asks_for_one_letter_of_one_thing() -> None:
    assert is_permission("system/Task.u")
    assert not is_permission("system/Task.us")
    with pytest.raises(ValueError, match=r"system/Task\.us"):
        requires("system/Task.us")
    with pytest.raises(ValueError, match="robot"):
        requires("system/Task.u", "robot")
