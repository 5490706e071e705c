"""What R4 asks of a data type in its text, and in no definition: addresses, labels, codes.

Each is held as the official validator holds it; a fault is (slug, element below).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from referral_contracts.fhir.primitives import ABSOLUTE
from referral_contracts.fhir.validation.codes import is_unknown

Value = Mapping[str, Any]
Faults = Iterable[tuple[str, str]]
DOUBT = "doubt"
"""In place of a slug: no code system has the code."""

_is_absolute = re.compile(ABSOLUTE).match
_is_whole = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:").match
_URIS = "urn:ietf:rfc:3986"
_CODES_BY = ("http:", "https:", "urn:")
_NAMES_BY = (*_CODES_BY, "ldap:")


def _coding(value: Value, holder: str) -> Faults:
    """A Coding or a Quantity. Of a Coding in a CodeableConcept, which may have others beside it, less is
    asked than of one alone."""
    alone = holder != "CodeableConcept"
    if alone and "code" in value and _is_astray(value, _CODES_BY):
        return [("invalid-value", "system")]
    return [(DOUBT, "")] if is_unknown(value, of_any_version=alone) else ()


def _identifier(value: Value, _holder: str) -> Faults:
    """https://hl7.org/fhir/R4/datatypes.html#Identifier"""
    if _is_astray(value, _NAMES_BY):
        return [("invalid-value", "system")]
    name = value.get("value")
    unfit = value.get("system") == _URIS and isinstance(name, str) and not _is_whole(name)
    return [("invalid-value", "value")] if unfit else ()


def _extension(value: Value, holder: str) -> Faults:
    """https://hl7.org/fhir/R4/extensibility.html: only inside an extension may the address be relative."""
    url = value.get("url")
    unfit = holder != "Extension" and isinstance(url, str) and not _is_absolute(url)
    return [("invalid-value", "url")] if unfit else ()


def _meta(value: Value, _holder: str) -> Faults:
    """https://hl7.org/fhir/R4/resource.html#Meta: the labels are a set."""
    labels = value.get("security")
    if not isinstance(labels, list) or len(labels) < 2:
        return
    known: set[tuple[str, str]] = set()
    for index, label in enumerate(labels):
        if isinstance(label, dict):
            said = (str(label.get("system")), str(label.get("code")))
            if said in known:
                yield "invalid-value", f"security[{index}]"
            known.add(said)


def _entry(value: Value, _holder: str) -> Faults:
    """https://hl7.org/fhir/R4/bundle.html#bundle-unique: what tells an entry from others is absolute."""
    url = value.get("fullUrl")
    return [("invalid-value", "fullUrl")] if isinstance(url, str) and not _is_absolute(url) else ()


def _is_astray(value: Value, schemes: tuple[str, ...]) -> bool:
    system = value.get("system")
    return isinstance(system, str) and not system.startswith(schemes)


FAULTS: Mapping[str, Callable[[Value, str], Faults]] = {
    "Coding": _coding,
    "Quantity": _coding,
    "SimpleQuantity": _coding,
    "Age": _coding,
    "Count": _coding,
    "Distance": _coding,
    "Duration": _coding,
    "Identifier": _identifier,
    "Extension": _extension,
    "Meta": _meta,
    "Bundle.entry": _entry,
}
"""By type, what finds the faults of a value; it is told the type of what holds the value too."""
