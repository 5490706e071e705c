"""Reads a county's folder, or says everything that is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, get_args

from referral_gateway.adapters.county_agreements import agreement, number_problems
from referral_gateway.adapters.county_clients import client_problems, ehr_client
from referral_gateway.adapters.county_courses import course_problems
from referral_gateway.adapters.county_directory import Directory, read_directory
from referral_gateway.adapters.county_documents import CountyFile, digest, literal_secrets, read_file
from referral_gateway.adapters.county_recording import procedure_problems, with_recordings
from referral_gateway.adapters.county_rules import rule_problems, rule_table
from referral_gateway.adapters.county_schemas import Kind, schema_problems
from referral_gateway.domain.agreements import WAITING_DAYS
from referral_gateway.domain.county import County, CountyError, CountyProblem
from referral_gateway.domain.pathways import Clocks, Pathway, Reason
from referral_gateway.domain.texts import Texts

_NOT_DATA = (".md", ".txt")
_MOST_FILES = 2000
WAITING = "waiting_days"
_Made = TypeVar("_Made")


@dataclass
class _Folder:
    """The files by what they hold, those that the schemas accept, and what is wrong with the rest."""

    by_kind: dict[Kind, list[CountyFile]] = field(
        default_factory=lambda: {kind: [] for kind in get_args(Kind)}
    )
    directory: list[CountyFile] = field(default_factory=list[CountyFile])
    problems: list[CountyProblem] = field(default_factory=list[CountyProblem])


def read_county(files: Mapping[str, str]) -> County:
    """The county that `files` (text by path relative to its folder, with forward slashes) describe.

    Raises CountyError with every problem found: what cannot be read, what a schema refuses, what is not
    FHIR, literal secrets, ids that stand twice or point nowhere, municipalities that are not the county's.
    The order of files, keys and lines changes nothing in the result, nor in its digests.
    """
    folder = _sorted_out(files)
    if len(folder.by_kind["county"]) != 1 and not any(one.file == "county.yaml" for one in folder.problems):
        folder.problems.append(
            CountyProblem("county.yaml", "", "The file is missing.", "Write it: id, names, municipalities.")
        )
    directory = read_directory(folder.directory)
    folder.problems += directory.problems
    folder.problems += _twice(folder)
    if not folder.problems:
        folder.problems += _cross_problems(folder, directory)
    if folder.problems:
        raise CountyError(
            tuple(sorted(folder.problems, key=lambda one: (one.file, one.line or 0, one.place)))
        )
    return _county(folder, directory)


def _sorted_out(files: Mapping[str, str]) -> _Folder:
    folder = _Folder()
    if len(files) > _MOST_FILES:
        raise CountyError((CountyProblem("", "", "There are too many files.", f"At most {_MOST_FILES}."),))
    for name, text in sorted(files.items()):
        notes = name.endswith(_NOT_DATA)
        folder.problems += literal_secrets(name, text, prose=notes)
        if notes:
            continue
        read = read_file(name, text)
        if isinstance(read, CountyProblem):
            folder.problems.append(read)
        else:
            _place_file(read, folder)
    return folder


def _place_file(file: CountyFile, folder: _Folder) -> None:
    kind = _kind(file.name)
    if kind is None:
        if file.name.startswith("directory/") and file.name.endswith(".json"):
            folder.directory.append(file)
        else:
            folder.problems.append(
                CountyProblem(
                    file.name,
                    "",
                    "This file does not belong to a county's folder.",
                    "Files are county.yaml, clients.yaml, procedures.yaml, pathways/*.yaml, rules/*.yaml, "
                    "agreements/*.yaml and directory/*.json.",
                )
            )
        return
    refused = list(schema_problems(file, kind))
    folder.problems += refused
    if not refused:
        folder.by_kind[kind].append(file)


def _kind(name: str) -> Kind | None:
    exact: dict[str, Kind] = {
        "county.yaml": "county",
        "clients.yaml": "clients",
        "procedures.yaml": "procedures",
    }
    folders: dict[str, Kind] = {"pathways": "pathway", "agreements": "agreement", "rules": "rules"}
    head, _, tail = name.partition("/")
    return exact.get(name) or (folders.get(head) if tail.endswith((".yaml", ".yml")) else None)


def _twice(folder: _Folder) -> Iterator[CountyProblem]:
    """Ids and codes that stand twice where each must be its own."""
    ids: list[tuple[str, CountyFile, tuple[str | int, ...], str]] = []
    for kind in ("pathway", "agreement"):
        ids += [(kind, file, ("id",), file.content["id"]) for file in folder.by_kind[kind]]
    ids += [("rules", file, ("pathway",), file.content["pathway"]) for file in folder.by_kind["rules"]]
    for file in folder.by_kind["pathway"]:
        ids += _listed(file, "reasons", "code", f"reason of {file.content['id']}")
    for file in folder.by_kind["clients"]:
        ids += _listed(file, "clients", "id", "client")
    for file in folder.by_kind["county"]:
        ids += _listed(file, "municipalities", "code", "municipality")
    seen: set[tuple[str, str]] = set()
    for what, file, place, name in ids:
        if (what, name) in seen:
            yield file.problem(place, f"`{name}` stands twice.", "Give each its own.")
        seen.add((what, name))


def _listed(
    file: CountyFile, name: str, key: str, what: str
) -> list[tuple[str, CountyFile, tuple[str | int, ...], str]]:
    return [(what, file, (name, index, key), one[key]) for index, one in enumerate(file.content[name])]


def _cross_problems(folder: _Folder, directory: Directory) -> Iterator[CountyProblem]:
    """What points to something that is not there, or does not fit it. Every file is sound by now."""
    municipalities = {one["code"] for one in folder.by_kind["county"][0].content["municipalities"]}
    pathways = {
        file.content["id"]: {reason["code"] for reason in file.content["reasons"]}
        for file in folder.by_kind["pathway"]
    }
    for file in folder.by_kind["pathway"]:
        yield from _clock_problems(file)
    for file in folder.by_kind["rules"]:
        yield from rule_problems(file, pathways, municipalities, directory.services.values())
    for file in folder.by_kind["procedures"]:
        yield from procedure_problems(file, pathways)
    for file in folder.by_kind["clients"]:
        yield from client_problems(file)
    for file in folder.by_kind["agreement"]:
        content = file.content
        if content["pathway"] not in pathways:
            yield file.problem(
                ("pathway",), "There is no such pathway.", "Name the id of a file under pathways/."
            )
        if "until" in content["valid"] and content["valid"]["until"] < content["valid"]["from"]:
            yield file.problem(("valid",), "It ends before it begins.", "Mend `from` or `until`.")
        for index in range(len(content["parties"])):
            yield from _party_problems(file, index, directory, municipalities)
        yield from course_problems(file)
        yield from number_problems(file)


def _clock_problems(file: CountyFile) -> Iterator[CountyProblem]:
    for name, clocks in file.content["clocks"].items():
        if clocks["contact"] < clocks["accept"]:
            yield file.problem(
                ("clocks", name), "Contact is due before acceptance.", "Make it later, or the same day."
            )


def _party_problems(
    file: CountyFile, index: int, directory: Directory, municipalities: set[str]
) -> Iterator[CountyProblem]:
    party = file.content["parties"][index]
    place = ("parties", index)
    service = directory.services.get(party["service"])
    if party["provider"] not in directory.providers:
        yield file.problem(
            (*place, "provider"), "There is no such provider.", "Name an Organization of directory/."
        )
    elif service is None or service.provider != party["provider"]:
        yield file.problem(
            (*place, "service"),
            "The provider has no such service.",
            "Name a HealthcareService that it provides.",
        )
    elif file.content["pathway"] not in service.pathways:
        yield file.problem(
            (*place, "service"),
            "The service is not of this pathway.",
            "Add the pathway to its category, or name another.",
        )
    if party["municipalities"] != "all":
        for number, code in enumerate(party["municipalities"]):
            if code not in municipalities:
                yield file.problem(
                    (*place, "municipalities", number),
                    "The municipality is not of this county.",
                    "Use a code of county.yaml, in quotes.",
                )


def _county(folder: _Folder, directory: Directory) -> County:
    content = folder.by_kind["county"][0].content
    clients = [one for file in folder.by_kind["clients"] for one in file.content["clients"]]
    items = {f"{item.type}/{item.id}": item.digest for item in directory.items}
    items |= {f"pathway/{file.content['id']}": digest(file.content) for file in folder.by_kind["pathway"]}
    items |= {f"rules/{file.content['pathway']}": digest(file.content) for file in folder.by_kind["rules"]}
    items |= {f"agreement/{file.content['id']}": digest(file.content) for file in folder.by_kind["agreement"]}
    items |= {f"procedures/{file.name}": digest(file.content) for file in folder.by_kind["procedures"]}
    items |= {f"client/{one['id']}": digest(one) for one in clients}
    items |= {f"municipality/{one['code']}": digest(one) for one in content["municipalities"]}
    own = [content["id"], content["names"], *([content[WAITING]] if WAITING in content else [])]
    items |= {f"county/{content['id']}": digest(own)}
    return County(
        id=content["id"],
        names=Texts(**content["names"]),
        municipalities={one["code"]: Texts(**one["names"]) for one in content["municipalities"]},
        providers=directory.providers,
        services=directory.services,
        endpoints=directory.endpoints,
        pathways=_pathways(folder, content["names"]),
        agreements=_by_id(folder.by_kind["agreement"], agreement),
        clients={one["id"]: ehr_client(one) for one in clients},
        directory=tuple(directory.items),
        digest=digest(items),
        waiting_days=content.get(WAITING, WAITING_DAYS),
        items=items,
    )


def _by_id(found: list[CountyFile], make: Callable[[dict[str, Any]], _Made]) -> dict[str, _Made]:
    return {file.content["id"]: make(file.content) for file in found}


def _pathways(folder: _Folder, county: Mapping[str, str]) -> dict[str, Pathway]:
    files = folder.by_kind["pathway"]
    phrases = {file.content["id"]: file.content["phrase"] for file in files if "phrase" in file.content}
    ruled = _with_rules(_by_id(files, _pathway), folder.by_kind["rules"])
    return with_recordings(ruled, phrases, folder.by_kind["procedures"], county)


def _with_rules(pathways: Mapping[str, Pathway], tables: list[CountyFile]) -> dict[str, Pathway]:
    known = {file.content["pathway"]: rule_table(file.content) for file in tables}
    return {name: replace(pathway, rules=known.get(name)) for name, pathway in pathways.items()}


def _pathway(content: dict[str, Any]) -> Pathway:
    reasons = [
        Reason(one["code"], Texts(**one["names"]), one.get("needs_text", False)) for one in content["reasons"]
    ]
    return Pathway(
        id=content["id"],
        names=Texts(**content["names"]),
        reasons={reason.code: reason for reason in reasons},
        routine=Clocks(**content["clocks"]["routine"]),
        urgent=Clocks(**content["clocks"]["urgent"]),
        needs_municipality="municipality" in content.get("needs", []),
    )
