"""The validation table: what the profiles and R4's own types ask, one JSON row a line.

The validator of `referral_contracts` reads a row when it first meets the type. Made from the snapshots alone,
so that nothing is asked twice: whoever changes the FSH changes what is refused.
"""

import json
from collections.abc import Mapping
from typing import Any

from base_table import Row, Vocabulary, base_rows
from definitions import by_url, core, structure
from folder import CONTRACTS
from profile_table import profile_row

FILE = CONTRACTS / "fhir" / "table.jsonl"
_CORE_EXTENSIONS = ("patient-interpreterRequired", "request-statusReason")
"""R4's own extensions that our profiles use."""


def table(resources: Mapping[str, dict[str, Any]]) -> str:
    """The table made of our `resources` (by file name) and of R4's definitions."""
    ours = by_url(resources.values())
    vocabulary = Vocabulary({**core(), **ours})
    rows: dict[str, Row] = dict(base_rows(vocabulary))
    profiles = {url: one for url, one in ours.items() if one["resourceType"] == "StructureDefinition"}
    extensions = {one["url"]: one for one in map(structure, _CORE_EXTENSIONS)}
    for url, profile in {**profiles, **extensions}.items():
        rows[url] = profile_row(profile, vocabulary, profiles)
    rows |= {url: dict(codes) for url, codes in vocabulary.rows.items()}
    elements = [told for one in rows.values() for told in one.get("elements", {}).values()]
    rows["choices"] = {"names": sorted({told["choice"] for told in elements if "choice" in told})}
    lines = (
        json.dumps([name, rows[name]], ensure_ascii=False, separators=(",", ":")) for name in sorted(rows)
    )
    return "".join(f"{line}\n" for line in lines)
