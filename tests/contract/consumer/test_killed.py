"""A consumer's process is killed while its transaction is open."""

import json
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
import support.consumer_process
from support.consumers import Handler, event, eventually

TESTS = Path(support.consumer_process.__file__).parents[1]


@pytest.mark.kill
@pytest.mark.parametrize("most", [1, 7, 20])
async def test_each_event_has_its_effect_once_although_the_consumer_is_killed(
    log, workplace, database_url, schema, most
):
    """INVARIANT: handling and inbox commit together; a position committed before them would lose events."""
    for first in range(0, 40, 10):
        await workplace.event_log.publish([event(f"key-{n % 8}", n) for n in range(first, first + 10)])
    settings = {"log": log.url, "prefix": log.prefix, "database": database_url, "schema": schema}
    process = await create_subprocess_exec(
        sys.executable,
        support.consumer_process.__file__,
        json.dumps(settings | {"most": most}),
        stdout=PIPE,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )
    seen: list[int] = []
    while len(seen) < most:
        assert process.stdout is not None
        seen += json.loads(await process.stdout.readline())
    in_flight = 40 - await workplace.committed()
    assert in_flight > 0, "the kill must come while a transaction is open"
    process.kill()
    await process.wait()

    handler = Handler()
    consumer = workplace.consumer(handler, member="0")
    async with workplace.running(consumer):
        await eventually(lambda: _committed(workplace, 40))
    assert len(handler.order) == in_flight
    assert await consumer.lag() == 0


async def _committed(workplace, number):
    return await workplace.committed() == number
