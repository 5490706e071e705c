"""The tables of a profile's page, from its StructureDefinition."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Element = Mapping[str, Any]


def element_rows(profile: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """One row for each element that the profile says something of, with the cardinality that results."""
    whole = {element["id"]: element for element in profile["snapshot"]["element"]}
    for element in profile["differential"]["element"]:
        if element["id"] == profile["type"]:
            continue
        result = whole[element["id"]]
        yield (
            f"`{element['id'].removeprefix(profile['type'] + '.')}`",
            f"{result['min']}..{result['max']}",
            "yes" if result.get("mustSupport") else "",
            _kind(element),
            _value(element),
            " ".join(text for text in (element.get("short"), element.get("comment")) if text),
        )


def rule_rows(profile: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """One row for each invariant of the profile's own."""
    for element in profile["differential"]["element"]:
        for rule in element.get("constraint", ()):
            yield (f"`{rule['key']}`", f"`{element['id']}`", rule["human"])


def table(titles: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    lines = [_line(titles), _line(["---"] * len(titles))]
    return [*lines, *(_line([cell.replace("|", "\\|") for cell in row]) for row in rows)]


def last_part(url: str) -> str:
    """The name at the end of a canonical address."""
    return url.rsplit("/", 1)[-1]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _kind(element: Element) -> str:
    """The types that the profile leaves, with the targets of references."""
    said: list[str] = []
    for kind in element.get("type", ()):
        targets = [last_part(url) for url in kind.get("targetProfile", ())]
        name = last_part(kind["code"])
        if targets:
            said.append(f"{name}({', '.join(targets)})")
        elif kind.get("profile"):
            said.append(f"{name} {', '.join(last_part(url) for url in kind['profile'])}")
        else:
            said.append(name)
    return ", ".join(said)


def _value(element: Element) -> str:
    """The binding, or the value that is fixed."""
    if binding := element.get("binding"):
        return f"{last_part(binding['valueSet'])} ({binding['strength']})"
    for name, value in element.items():
        if name.startswith(("fixed", "pattern")):
            return f"`{_short(value)}`"
    return ""


def _short(value: Any) -> str:
    if isinstance(value, dict):
        coding = value.get("coding", [value])[0]
        return f"{last_part(coding['system'])}#{coding['code']}"
    return str(value)
