"""A referral from a ServiceRequest that stands alone: what it contains, and what of its author's earlier
documents it refers to, as the transaction that would have said the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from referral_contracts.errors import Issue
from referral_contracts.fhir.references import all_references, rewritten

_REUSED = ("Patient", "Consent")
"""What of an earlier referral may be referred to again; the new referral keeps a copy of its own."""

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assembled:
    """The Bundle, and where each of its entries stands in what was posted."""

    bundle: dict[str, Any]
    places: tuple[str, ...]

    def at_home(self, issues: Sequence[Issue]) -> list[Issue]:
        """The issues of the Bundle with the places in the ServiceRequest that was posted."""
        return [
            replace(issue, expression=tuple(self._place(text) for text in issue.expression))
            for issue in issues
        ]

    def _place(self, expression: str) -> str:
        for index, place in enumerate(self.places):
            entry = f"Bundle.entry[{index}]"
            if expression == entry or expression.startswith(f"{entry}."):
                return place + expression.removeprefix(entry).removeprefix(".resource")
        return self.places[0] if expression.startswith("Bundle") else expression


def earlier_documents(request: Resource) -> list[tuple[str, str]]:
    """(type, id) of the Patient and Consent that `request` names by a relative reference, each once."""
    found = [
        (kind, resource_id)
        for _, text in all_references(request, "")
        for kind, _, resource_id in [text.partition("/")]
        if kind in _REUSED and resource_id and "/" not in resource_id
    ]
    return list(dict.fromkeys(found))


def dangling(request: Resource, earlier: Sequence[Resource]) -> list[Issue]:
    """One issue for each reference to a Patient or Consent that is not among the `earlier` documents:
    nobody's, or somebody else's, which is told alike."""
    there = {f"{one['resourceType']}/{one['id']}" for one in earlier}
    return [
        Issue("dangling-reference", (place,))
        for place, text in all_references(request, "ServiceRequest")
        if text.partition("/")[0] in _REUSED and text not in there
    ]


def assembled(request: Resource, earlier: Sequence[Resource]) -> Assembled:
    """The transaction of the structurally sound `request`, and of its author's `earlier` documents as they
    are served."""
    contained: list[Resource] = list(request.get("contained", ()))
    urls = {f"#{one.get('id')}": f"urn:uuid:{uuid4()}" for one in contained}
    urls |= {f"{one['resourceType']}/{one['id']}": f"urn:uuid:{uuid4()}" for one in earlier}
    whole = {name: content for name, content in request.items() if name not in ("contained", "id")}
    entries = [_entry(f"urn:uuid:{uuid4()}", whole, urls)]
    places = ["ServiceRequest"]
    for index, one in enumerate(contained):
        entries.append(_entry(urls[f"#{one.get('id')}"], one, urls))
        places.append(f"ServiceRequest.contained[{index}]")
    for one in earlier:
        entries.append(_entry(urls[f"{one['resourceType']}/{one['id']}"], _unversioned(one), urls))
        places.append(
            "ServiceRequest." + ("subject" if one["resourceType"] == "Patient" else "supportingInfo")
        )
    return Assembled({"resourceType": "Bundle", "type": "transaction", "entry": entries}, tuple(places))


def _unversioned(document: Resource) -> dict[str, Any]:
    """Without our version; labels such as turvakielto go with the copy."""
    meta = {k: v for k, v in document.get("meta", {}).items() if k not in ("versionId", "lastUpdated")}
    rest = {name: content for name, content in document.items() if name != "meta"}
    return rest | ({"meta": meta} if meta else {})


def _entry(url: str, resource: Resource, urls: Mapping[str, str]) -> dict[str, Any]:
    content = {name: value for name, value in resource.items() if name != "id"}
    return {
        "fullUrl": url,
        "resource": rewritten(content, urls.get),
        "request": {"method": "POST", "url": resource["resourceType"]},
    }
