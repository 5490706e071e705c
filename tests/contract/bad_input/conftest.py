"""One world for all bad input: nothing of it may change anything, so nobody needs one of their own."""

from collections.abc import AsyncIterator
from io import StringIO

import pytest
import pytest_asyncio
from service_runtime import logs
from support.routes_attempts import Watch
from support.routes_world import World, referred_world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with referred_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def watch(world: World, strict_logs: None) -> Watch:
    """Looks at tables and log around a request; the log is caught from now on, at its most talkative."""
    stream = StringIO()
    logs.configure(service="test", level="debug", stream=stream)
    return Watch(world, stream)
