"""The files of a county's folder as plain data, with the line of every place in them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import yaml

from referral_gateway.domain.county import CountyProblem

Place = tuple[str | int, ...]

_SECRET_NAME = re.compile(
    r"""(?i)["']?[\w-]*(?:secret|passw|api[_-]?key|private[_-]?key|token|authorization)[\w-]*["']?\s*:\s*["']?"""
    r"""(?!file:|env:)[^\s"'#{\[]"""
)
_SECRET_VALUE = re.compile(
    r"whsec_\w{8,}|-----BEGIN [A-Z ]*KEY|\beyJ[\w-]{10,}\.[\w-]+\.|://[^/\s:@]+:[^/\s@]+@|(?i:\bBearer\s+\w{8,})"
)


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: a date stays text, a key may stand only once in a mapping, and there are no
    aliases, which could make a small file grow without bound."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases are not read here", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        twice = next((key for key, _ in node.value if names.count(key.value) > 1), None)
        if twice is not None:
            raise yaml.MarkedYAMLError(problem="the same key stands twice", problem_mark=twice.start_mark)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class CountyFile:
    """One parsed file. JSON is read with the YAML reader too where only lines are asked for."""

    name: str
    text: str
    content: Any

    @cached_property
    def _tree(self) -> yaml.Node | None:
        try:
            return yaml.compose(self.text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            return None

    def line(self, place: Place) -> int | None:
        """The line, from 1, where `place` stands, or the innermost part of it that exists."""
        node = self._tree
        line = None if node is None else node.start_mark.line + 1
        for step in place:
            found = _step(node, step)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line

    def problem(self, place: Place, problem: str, remedy: str) -> CountyProblem:
        """A problem at `place` of this file."""
        return CountyProblem(self.name, written(place), problem, remedy, self.line(place))


def written(place: Place) -> str:
    """A place as people read it: `parties[2].provider`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read_file(name: str, text: str) -> CountyFile | CountyProblem:
    """The file's content, or why it cannot be read."""
    try:
        content = orjson.loads(text) if name.endswith(".json") else _yaml(text)
    except orjson.JSONDecodeError as error:
        return CountyProblem(name, "", "This is not JSON.", "Mend the syntax at this line.", error.lineno)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "unreadable"
        line = None if mark is None else mark.line + 1
        return CountyProblem(
            name, "", f"This is not YAML as we read it: {what}.", "Mend the syntax here.", line
        )
    except (ValueError, RecursionError):
        return CountyProblem(name, "", "This cannot be read.", "Write plain YAML or JSON.")
    return CountyFile(name, text, content)


def literal_secrets(name: str, text: str, *, prose: bool = False) -> Iterator[CountyProblem]:
    """A problem for each line that holds a secret itself; the text of the problem never repeats it. In
    `prose` a word such as password with a colon behind it is only a word."""
    for number, line in enumerate(text.splitlines(), 1):
        if _SECRET_VALUE.search(line) or (not prose and _SECRET_NAME.search(line)):
            yield CountyProblem(
                name,
                "",
                "This line seems to hold a secret.",
                "Take it out and change it wherever it is used: a county's folder is for everyone to read. "
                "Secrets are made with `lahetti endpoints secret`, or named as `file:` or `env:`.",
                number,
            )


def digest(content: Any) -> str:
    """SHA-256 (hexadecimal) of parsed content, whatever its key order and layout were."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 a SafeLoader that reads less


def _step(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The nodes of the key (or item) and of the value that `step` leads to."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    return None
