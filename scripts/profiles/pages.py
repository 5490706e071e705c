"""The readable pages in `docs/profiles`, made from the committed JSON and nothing else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import page_examples
from folder import RESOURCES
from page_tables import element_rows, last_part, rule_rows, table

Resource = Mapping[str, Any]
_MADE = "<!-- Made by `make profiles` from fhir-profiles/resources; do not edit. -->"
_ELEMENTS = ("Element", "Card.", "Must support", "Type", "Value or binding", "Note")
_LANGUAGES = ("fi", "sv", "en")
_ABOUT = (
    "FHIR R4 (4.0.1). The sources are in [fhir-profiles/input/fsh](../../fhir-profiles/input/fsh), what they"
    " compile to is in [resources](../../fhir-profiles/resources), and all of it is one FHIR package in"
    " [package](../../fhir-profiles/package). `make profiles` builds them, `make profiles-check` tells"
    " whether what is committed is what they compile to."
)
_MUST_SUPPORT = (
    "**Must support** means: whoever sends may leave the element out where its cardinality allows; if it is"
    " sent, Lähetti keeps it, acts on it or shows it to the one whom it is for, and whoever receives it"
    " reads it."
)


def made() -> dict[str, str]:
    """Every page's text by its file name."""
    resources = [json.loads(file.read_text()) for file in sorted(RESOURCES.glob("*.json"))]
    structures = [one for one in resources if one["resourceType"] == "StructureDefinition"]
    profiles = [one for one in structures if one["type"] != "Extension"]
    extensions = [one for one in structures if one["type"] == "Extension"]
    systems = [one for one in resources if one["resourceType"] == "CodeSystem"]
    sets = [one for one in resources if one["resourceType"] == "ValueSet"]
    pages = {f"{one['id']}.md": _text(_profile_page(one)) for one in profiles}
    pages["extensions.md"] = _text(_extensions_page(extensions))
    pages["terminology.md"] = _text(_terminology_page(systems, sets))
    pages |= {
        f"{one['id']}.md": _text(_capability_page(one))
        for one in resources
        if one["resourceType"] == "CapabilityStatement"
    }
    operations = [one for one in resources if one["resourceType"] == "OperationDefinition"]
    pages["operations.md"] = _text(_operations_page(operations))
    pages["README.md"] = _text(_index(profiles))
    return pages


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _index(profiles: list[Resource]) -> Iterator[str]:
    yield from (_MADE, "", "# Profiles", "")
    yield from (_ABOUT, "", _MUST_SUPPORT, "")
    rows = [(f"[{one['title']}]({one['id']}.md)", one["type"], one["description"]) for one in profiles]
    yield from table(("Profile", "Resource", "What it is"), rows)
    links = (
        "[Extensions](extensions.md)",
        "[Code systems and value sets](terminology.md)",
        "[What Lähetti offers](lahetti-server.md)",
        "[What is asked of a patient record system](lahetti-ehr.md)",
        "[Operations](operations.md)",
    )
    yield from ("", " · ".join(links))


def _profile_page(profile: Resource) -> Iterator[str]:
    yield from (_MADE, "", f"# {profile['title']}", "", profile["description"], "")
    yield f"`{profile['url']}`, a profile of {last_part(profile['baseDefinition'])}."
    yield from ("", "## Elements", "", *table(_ELEMENTS, element_rows(profile)))
    rules = list(rule_rows(profile))
    if rules:
        yield from ("", "## Rules", "", *table(("Key", "On", "What it asks"), rules))
    examples = page_examples.valid(profile["id"])
    if examples:
        yield from ("", "## Examples", "")
        yield from (f"- [{'/'.join(path.split('/')[-2:])}](../../{path})" for path in examples)
    faults = list(page_examples.invalid(profile["id"]))
    if faults:
        yield from ("", "## Examples that are refused", "")
        folder = "../../fhir-profiles/examples/invalid"
        rows = [(f"[{name}]({folder}/{name})", place, slug) for name, place, slug in faults]
        yield from table(("Example", "Where", "Refusal"), rows)


def _extensions_page(extensions: list[Resource]) -> Iterator[str]:
    yield from (_MADE, "", "# Extensions", "")
    rows: list[tuple[str, ...]] = []
    for one in extensions:
        value = next(e for e in one["snapshot"]["element"] if e["id"] == "Extension.value[x]")
        types = ", ".join(kind["code"] for kind in value["type"])
        context = ", ".join(place["expression"] for place in one["context"])
        rows.append((f"`{one['url']}`", context, types, one["description"]))
    yield from table(("Extension", "On", "Value", "What it says"), rows)


def _terminology_page(systems: list[Resource], sets: list[Resource]) -> Iterator[str]:
    yield from (_MADE, "", "# Code systems and value sets", "")
    for system in systems:
        yield from (f"## {system['title']}", "", f"`{system['url']}`. {system['description']}", "")
        properties = [one["code"] for one in system.get("property", ())]
        yield from table(
            ("Code", *_LANGUAGES, *properties), [_concept(one, properties) for one in system["concept"]]
        )
        for one in system.get("property", ()):
            yield from ("", f"`{one['code']}`: {one['description']}")
        yield ""
    yield from ("## Value sets", "")
    rows = [(f"`{one['url']}`", one["description"], _members(one)) for one in sets]
    yield from table(("Value set", "What it is", "Codes"), rows)


def _operations_page(operations: list[Resource]) -> Iterator[str]:
    yield from (_MADE, "", "# Operations", "")
    for one in operations:
        places = ", ".join(f"`POST [base]/{kind}/${one['code']}`" for kind in one["resource"])
        yield from (f"## {one['title']}", "", f"{places} · `{one['url']}`", "", one["description"], "")
        rows = [
            (way, f"`{name}`", f"{part['min']}..{part['max']}", part.get("type", ""), part["documentation"])
            for parameter in one["parameter"]
            for way, name, part in _parts_of(parameter)
        ]
        yield from (*table(("", "Parameter", "Card.", "Type", "What it is"), rows), "")


def _parts_of(parameter: Resource) -> Iterator[tuple[str, str, Resource]]:
    """A parameter, then its parts by `name.part`."""
    yield parameter["use"], parameter["name"], parameter
    for part in parameter.get("part", ()):
        yield "", f"{parameter['name']}.{part['name']}", part


def _capability_page(statement: Resource) -> Iterator[str]:
    yield from (
        _MADE,
        "",
        f"# {statement['title']}",
        "",
        statement["description"],
        "",
        f"`{statement['url']}`",
    )
    for side in statement["rest"]:
        yield from ("", f"## As a {side['mode']}", "", side["documentation"], "")
        rows = [("", f"`{one['code']}`", one.get("documentation", "")) for one in side.get("interaction", ())]
        for one in side["resource"]:
            rows += _capability_rows(one)
        yield from table(("Resource", "Interaction", "How"), rows)


def _capability_rows(one: Resource) -> Iterator[tuple[str, str, str]]:
    """A resource type of a statement: what it is, its interactions and operations, what it is found by."""
    profiles = ", ".join(
        f"[{last_part(url)}]({last_part(url)}.md)" for url in one.get("supportedProfile", ())
    )
    yield f"{one['type']}: {profiles}" if profiles else one["type"], "", one.get("documentation", "")
    for how in one.get("interaction", ()):
        yield "", f"`{how['code']}`", how.get("documentation", "")
    for how in one.get("operation", ()):
        yield "", f"`${how['name']}`", f"`{how['definition']}`"
    if found := [f"`{how['name']}`" for how in one.get("searchParam", ())]:
        yield "", "found by", ", ".join(found)
    includes = [f"`_include={text}`" for text in one.get("searchInclude", ())]
    if includes := [*includes, *(f"`_revinclude={text}`" for text in one.get("searchRevInclude", ()))]:
        yield "", "with", ", ".join(includes)


def _concept(concept: Resource, properties: list[str]) -> list[str]:
    words = {"fi": concept["display"]} | {
        one["language"]: one["value"] for one in concept.get("designation", ())
    }
    said: dict[str, list[str]] = {}
    for one in concept.get("property", ()):
        value = one.get("valueCode", one.get("valueBoolean"))
        said.setdefault(one["code"], []).append(str(value).lower())
    return [f"`{concept['code']}`", *(words[language] for language in _LANGUAGES)] + [
        ", ".join(said.get(code, ())) for code in properties
    ]


def _members(value_set: Resource) -> str:
    parts: list[str] = []
    for part in value_set["compose"]["include"]:
        codes = [f"`{one['code']}`" for one in part.get("concept", ())]
        parts.append(", ".join(codes) if codes else f"all of {last_part(part['system'])}")
    return ", ".join(parts)
