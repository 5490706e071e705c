"""The catalogue of texts: whole in three languages, nothing missing, nothing left over."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from outcome_collector.domain.task_state import STATUSES
from outcome_collector.entrypoints.page import rendering, texts
from outcome_collector.entrypoints.page.reports import ACTIVITIES, REACHED
from outcome_collector.entrypoints.page.texts import LANGUAGES, text

TEMPLATES = sorted((rendering.HERE / "templates").glob("*.html"))
MODULES = sorted(path for path in rendering.HERE.glob("*.py") if not path.name.startswith("texts"))
BY_PREFIX = {"status_": STATUSES, "attempt_option_": tuple(REACHED), "complete_option_": ACTIVITIES}


@pytest.mark.parametrize("key", sorted(texts.keys()))
def test_a_text_says_the_same_in_three_languages(key: str) -> None:
    wanted: set[frozenset[str]] = set()
    for language in LANGUAGES:
        words = texts._TEXTS[key][LANGUAGES.index(language)]
        assert words == words.strip()
        assert words
        wanted.add(frozenset(name for _, name, _, _ in string.Formatter().parse(words) if name))
    assert len(wanted) == 1, "the languages are filled with different things"
    assert len({words[-1] in ".!?" for words in texts._TEXTS[key]}) == 1, "one is a sentence, another is none"


def test_every_text_that_a_template_asks_for_is_there() -> None:
    asked = {key for path in TEMPLATES for key in _asked_by(path)}
    assert len(asked) > 50
    for key in asked:
        if key.endswith("_"):
            assert {key + end for end in BY_PREFIX[key]} <= texts.keys()
        else:
            assert key in texts.keys(), key  # noqa: SIM118 - a function, no mapping


def test_no_text_is_left_over() -> None:
    used = {prefix + end for prefix, ends in BY_PREFIX.items() for end in ends}
    for path in TEMPLATES:
        used |= {node.value for node in _parsed(path).find_all(nodes.Const) if isinstance(node.value, str)}
    for path in MODULES:
        used |= set(re.findall(r'"([a-z][a-z_-]+)"', path.read_text()))
    used |= {f"{key}_title" for key in used}
    assert texts.keys() - used == set()


def test_no_text_is_said_twice() -> None:
    assert len(texts.keys()) == sum(len(part) for part in (texts.DOOR, texts.REFERRAL, texts.FORMS))


def test_an_unknown_text_is_an_error_and_no_empty_space() -> None:
    with pytest.raises(KeyError):
        text("nothing", "fi")


def _parsed(path: Path) -> nodes.Template:
    return Environment(autoescape=True).parse(path.read_text())


def _asked_by(path: Path) -> Iterator[str]:
    """The keys in calls of `t`, both ways of a condition; `status_` begins several."""
    for call in _parsed(path).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            yield from _constants(call.args[0])


def _constants(node: nodes.Node) -> Iterator[str]:
    match node:
        case nodes.Const(value=str(value)):
            yield value
        case nodes.CondExpr():
            yield from _constants(node.expr1)
            if node.expr2 is not None:
                yield from _constants(node.expr2)
        case nodes.Concat():
            yield from _constants(node.nodes[0])
        case nodes.Getitem(node=nodes.Dict(items=items)):
            for item in items:
                yield from _constants(item.value)
        case _:
            return
