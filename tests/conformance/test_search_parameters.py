"""Every search parameter that /metadata lists is R4's own: the name, the type and the canonical address that
R4 publishes for it, on that resource type."""

import json
import os
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from referral_gateway.domain.capability import capability_statement

[REST] = capability_statement("https://lahetti.example.org")["rest"]
LISTED = [
    pytest.param(one["type"], how, id=f"{one['type']}-{how['name']}")
    for one in REST["resource"]
    for how in one.get("searchParam", ())
]


@cache
def published() -> Mapping[str, dict[str, Any]]:
    """R4's SearchParameters by canonical address."""
    found: dict[str, dict[str, Any]] = {}
    with tarfile.open(Path(os.environ["LAHETTI_R4_EXAMPLES"])) as archive:
        for member in archive:
            if member.name.startswith("package/SearchParameter-"):
                content = archive.extractfile(member)
                assert content is not None
                one = json.loads(content.read())
                found[one["url"]] = one
    return found


@pytest.mark.parametrize(("resource_type", "listed"), LISTED)
def test_it_is_r4_s_own(resource_type: str, listed: dict[str, str]) -> None:
    definition = published()[listed["definition"]]
    assert (definition["code"], definition["type"]) == (listed["name"], listed["type"])
    assert {resource_type, "Resource"} & set(definition["base"])
