"""/fhir/metadata against the route tables of gateway and collector, both ways.

That each listed interaction answers, and each other one is refused, is tested where there is data to ask for.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.routes import Installation, installation
from support.routes_metadata import listed, routed


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(tmp_path, migrated=False) as opened:
        yield opened


async def test_what_is_listed_is_routed_and_what_is_routed_is_listed(three: Installation) -> None:
    answer = await three.http.get("/fhir/metadata")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    [rest] = answer.json()["rest"]
    assert listed(rest) == routed(three.routes)
    assert {one["code"] for one in rest["interaction"]} == {"transaction", "batch"}
    assert ("POST", "/fhir") in {(route.method, route.path) for route in three.routes}
