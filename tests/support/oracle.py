"""The official HL7 validator, as `scripts/conformance` started it: asked over HTTP, one verdict a resource.

Verdicts are kept in a file for one state of the profiles and the validator: a second run asks only what is
new. What the validator merely informs about when it has no terminology server is raised to an error here.
"""

import hashlib
import http.client
import json
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

CANONICAL = "https://lahetti.example/fhir/StructureDefinition/"
_ASKED = {"allowExampleUrls": "true", "extension": "any", "level": "hints"}
_RAISED = (
    "Could not confirm that the codes provided are from the required value set",
    "has not been checked because it could not be found",
)

_SOMETHING = {"extension": [{"url": "https://vendor.example.org/more", "valueString": "x"}]}
"""What stands in place of the translations of a display that is not there itself."""
_DIAGNOSES = "http://hl7.org/fhir/sid/icd-10"

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A resource and the profile that it is held against: the profile's id, or None for plain R4."""

    resource: Resource
    profile: str | None

    @property
    def key(self) -> str:
        """The same for the same question."""
        text = json.dumps([self.profile, self.asked], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def asked(self) -> Any:
        """The resource as it is sent: without the displays of codings, which are for people, come in three
        languages, and decide nothing here or at the gateway (the validator knows one of them), and of their
        translations, whose languages it judges by a terminology server or not at all; and without
        ICD-10 beside another coding, which it judges by a terminology server or not at all."""
        return _judgeable(self.resource)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the validator found wrong: each (FHIRPath to the place, what it says)."""

    faults: tuple[tuple[str, str], ...]

    @property
    def valid(self) -> bool:
        return not self.faults


class Oracle:
    """`urls` are of validators that are alike; each works in one thread."""

    def __init__(self, urls: Sequence[str], kept: Path) -> None:
        self._urls = urls
        self._kept = kept
        self._verdicts: dict[str, Verdict] = {}
        self._writing = threading.Lock()
        self.asked = 0
        if kept.exists():
            for line in kept.read_text().splitlines():
                key, faults = json.loads(line)
                self._verdicts[key] = Verdict(tuple((place, text) for place, text in faults))

    def verdicts(self, questions: Sequence[Question]) -> list[Verdict]:
        """One for each, in order; a question that was asked before is not asked again."""
        open_ones = {one.key: one for one in questions if one.key not in self._verdicts}
        shares = [list(open_ones.values())[n :: len(self._urls)] for n in range(len(self._urls))]
        with ThreadPoolExecutor(len(self._urls)) as threads:
            for done in [threads.submit(self._ask, *work) for work in zip(self._urls, shares, strict=True)]:
                done.result()
        return [self._verdicts[one.key] for one in questions]

    def _ask(self, url: str, questions: Sequence[Question]) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        for question in questions:
            asked = _ASKED | ({"profile": CANONICAL + question.profile} if question.profile else {})
            connection.request(
                "POST",
                f"/validateResource?{urlencode(asked)}",
                json.dumps(question.asked),
                {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"},
            )
            verdict = _read(json.loads(connection.getresponse().read()))
            with self._writing, self._kept.open("a") as file:
                self._verdicts[question.key] = verdict
                self.asked += 1
                file.write(json.dumps([question.key, verdict.faults]) + "\n")
        connection.close()


def started_oracle() -> Oracle:
    """The validators that `scripts/conformance` has started; an AssertionError where it has not."""
    urls = os.environ.get("LAHETTI_ORACLES", "")
    assert urls, "the official validator does not run: use `make conformance`"
    return Oracle(urls.split(","), Path(os.environ["LAHETTI_ORACLE_VERDICTS"]))


def _read(outcome: Mapping[str, Any]) -> Verdict:
    faults = [
        (",".join(issue.get("expression", ())), text)
        for issue in outcome.get("issue", ())
        for text in [issue.get("details", {}).get("text", "")]
        if issue["severity"] in {"error", "fatal"} or any(part in text for part in _RAISED)
    ]
    return Verdict(tuple(faults))


def _judgeable(value: Any) -> Any:
    if isinstance(value, list):
        kept = [part for part in value if not (isinstance(part, dict) and part.get("system") == _DIAGNOSES)]
        return [_judgeable(part) for part in kept or value]
    if not isinstance(value, dict):
        return value
    shown = value.get("display")
    # What stands beside a display are its translations, whose languages it has no list of.
    taken = {"_display"} if isinstance(shown, str) else set[str]()
    if not taken and isinstance(value.get("_display"), dict):
        value = {**value, "_display": _SOMETHING}
    # The coding of a county's rule, told by its version and by a system that is none of HL7's, keeps the
    # display that its profile asks for.
    told = "version" in value or "_version" in value
    of_a_rule = told and not str(value.get("system")).startswith("http://")
    if "code" in value and isinstance(shown, str) and bool(shown.strip()) and not of_a_rule:
        taken.add("display")
    return {name: _judgeable(part) for name, part in value.items() if name not in taken}
