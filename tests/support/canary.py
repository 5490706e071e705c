"""Searches bytes for what is known of people, in every form in which it could travel."""

import base64
import html
import quopri
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

FEWEST_DIGITS = 7
_BETWEEN = {"HETU": "[^0-9]{0,3}"}
"""What may stand between digits: a HETU has a letter among its signs."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_LINE_OF_BASE64 = re.compile(rb"(?<=[A-Za-z0-9+/]{60})\r?\n(?=[A-Za-z0-9+/=])")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BYTES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")


@dataclass(frozen=True)
class Mark:
    """A piece of personal data: `what` it is, and its text. One of seven digits or more is also looked for
    by its digits alone, whatever stands between them."""

    what: str
    text: str

    @property
    def digits(self) -> str:
        """Its digits, a country's prefix and the zero in its place left out; empty where they are too few."""
        digits = re.sub(r"\D", "", self.text)
        if self.what == "phone":
            digits = digits.removeprefix("358").lstrip("0")
        return digits if len(digits) >= FEWEST_DIGITS else ""


@dataclass(frozen=True)
class Finding:
    """A mark that was found, and in which form."""

    what: str
    form: str


class Canary:
    """Looks for `marks` wherever it is asked to."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self.marks = sorted(set(marks), key=lambda mark: (mark.what, mark.text))
        self._folded = [(mark, _folded(mark.text)) for mark in self.marks]
        self._digits = [
            (mark, re.compile(_BETWEEN.get(mark.what, "[^0-9A-Za-z]{0,3}").join(mark.digits)))
            for mark in self.marks
            if mark.digits
        ]

    def found(self, content: bytes) -> set[Finding]:
        """Each mark in `content`, with each form in which it is there."""
        found: set[Finding] = set()
        for form, text in views(content):
            folded = _folded(text)
            found |= {Finding(mark.what, form) for mark, needle in self._folded if needle in folded}
            found |= {
                Finding(mark.what, f"{form}, digits")
                for mark, pattern in self._digits
                if pattern.search(text)
            }
        return found


def views(content: bytes) -> Iterator[tuple[str, str]]:
    """`content` as text: as it is, and with each encoding undone. Case and accents are the searcher's."""
    text = content.decode("utf-8", "replace")
    yield "plain", text
    yield "Latin-1", content.decode("latin-1")
    yield "URL-encoded", unquote_plus(text)
    yield "quoted-printable", quopri.decodestring(content, header=True).decode("utf-8", "replace")
    yield "quoted-printable", quopri.decodestring(content).decode("utf-8", "replace")
    yield "escaped", html.unescape(_unescaped(text))
    yield "base64", "\n".join(_decoded(content))


def _unescaped(text: str) -> str:
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return _BYTES.sub(
        lambda match: bytes.fromhex(match[0].replace("\\x", "")).decode("utf-8", "replace"), text
    )


def _decoded(content: bytes) -> Iterator[str]:
    """What base64 could say: each run of its letters, from each of the places where a group may begin."""
    for run in _BASE64.findall(_LINE_OF_BASE64.sub(b"", content)):
        letters = run.translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            part = letters[start:]
            if len(part) % 4 == 1:
                part = part[:-1]
            yield base64.b64decode(part + b"=" * (-len(part) % 4)).decode("utf-8", "replace")


def _folded(text: str) -> str:
    """Without case and accents: `ÄÄNEKÄS` and `aanekas` are the same name."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def marks_of(bundle: Mapping[str, Any]) -> Iterator[Mark]:
    """What a Bundle says of people: client, guardian, professional, and what was written by hand."""
    for entry in bundle["entry"]:
        resource = entry["resource"]
        yield from _people(resource)
        for contained in resource.get("contained", []):
            yield from _people(contained)
        yield from (Mark("note", note["text"]) for note in resource.get("note", []))
        if instruction := resource.get("patientInstruction"):
            yield Mark("note", instruction)
        if professional := resource.get("practitioner", {}).get("display"):
            yield Mark("professional", professional)
        for reason in resource.get("reasonCode", []):
            yield from (Mark("reason", coding["code"]) for coding in reason["coding"])


def _people(resource: Mapping[str, Any]) -> Iterator[Mark]:
    people = [resource, *resource.get("contact", [])]
    for person in people:
        names = person.get("name", [])
        for name in names if isinstance(names, list) else [names]:
            yield Mark("name", name["family"])
        for telecom in person.get("telecom", []):
            yield Mark("phone", telecom["value"])
    if born := resource.get("birthDate"):
        yield Mark("date of birth", born)
    if resource["resourceType"] == "Patient":
        yield from (Mark("HETU", identifier["value"]) for identifier in resource.get("identifier", []))


def told(channels: Mapping[str, Sequence[bytes]], findings: Mapping[str, set[Finding]]) -> str:
    """A line a channel: how much was searched, and what was found."""
    lines = []
    for name, parts in channels.items():
        found = ", ".join(sorted(f"{one.what} ({one.form})" for one in findings[name])) or "0"
        lines.append(f"  {name:<20} {sum(map(len, parts)):>10} bytes  found: {found}")
    return "\n".join(lines)
