"""What schemathesis makes of each service's OpenAPI document: no fault of ours, and documented answers only.

OPENAPI_CASES chooses how many requests a service gets at least, OPENAPI_SEED which.
"""

import os
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from lahetti.composition.blueprint import COLLECTOR, GATEWAY, NOTIFIER
from support.openapi_cases import PROBES, Pool, fault, send
from support.openapi_documents import document_of
from support.routes_world import World, referred_world

pytestmark = pytest.mark.asyncio(loop_scope="session")

CASES = int(os.environ.get("OPENAPI_CASES", "3000"))
SEED = int(os.environ.get("OPENAPI_SEED", "0")) or int(time.time())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with referred_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.mark.parametrize("service", [GATEWAY, COLLECTOR, NOTIFIER])
async def test_a_service_answers_what_its_document_says(world: World, service: str) -> None:
    routes = [one for one in world.three.routes if one.service == service and one.path not in PROBES]
    document = document_of(service, routes)
    pool = Pool(document, SEED)
    each = -(-CASES // len(routes))
    seen: Counter[int] = Counter()
    wrong: list[str] = []
    for route in routes:
        for number, case in enumerate(pool.cases(route, each)):
            answer = await send(world, route, case, number)
            seen[answer.status_code] += 1
            if said := fault(document, route, answer):
                wrong.append(f"{route}: {answer.status_code} {said}")
    print(f"{service}: {sum(seen.values())} requests, OPENAPI_SEED={SEED}, {dict(sorted(seen.items()))}")
    assert sum(seen.values()) >= CASES
    assert sorted(set(wrong)) == []
