"""A batch when the other service is away, and when its answers grow too large."""

from collections.abc import Mapping
from typing import Any

import orjson
from referral_contracts.errors import refuse
from referral_gateway.entrypoints.batch import Batches
from service_runtime.caller import Caller
from service_runtime.http import Answer
from starlette.requests import Request

BASE = "https://lahetti.example"
CALLER = Caller("kotka", "provider", frozenset(), None, "1")
TASK = orjson.dumps({"resourceType": "Task", "note": [{"text": "x" * 400}]})


class Collector:
    """Answers for every Task, unless it is away; remembers what it was asked."""

    def __init__(self, *, away: bool = False) -> None:
        self._away = away
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []

    async def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append((method, target, headers))
        if self._away:
            raise refuse("unavailable")
        return Answer(200, {"etag": 'W/"1"'}, TASK)


async def answered(batches: Batches, count: int) -> list[dict[str, Any]]:
    headers = [(b"authorization", b"Bearer t"), (b"accept-language", b"sv"), (b"cookie", b"c=1")]
    request = Request({"type": "http", "method": "POST", "path": "/fhir", "headers": headers})
    entries = [{"request": {"method": "GET", "url": f"Task/{number}"}} for number in range(count)]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    return orjson.loads((await batches.answer(request, CALLER, bundle)).body)["entry"]


async def test_what_would_make_the_answer_too_large_is_not_done_and_says_so() -> None:
    collector = Collector()
    entries = await answered(Batches(collector, BASE, most_bytes=1000), 5)
    statuses = [entry["response"]["status"].split()[0] for entry in entries]
    assert statuses == ["200"] * 2 + ["413"] * 3
    assert len(collector.asked) == 2
    (issue,) = entries[2]["response"]["outcome"]["issue"]
    assert (issue["details"]["coding"][0]["code"], issue["expression"]) == (
        "batch-too-large", ["Bundle.entry[2]"]
    )  # fmt: skip


async def test_while_the_collector_is_away_each_entry_says_so_in_the_caller_s_language() -> None:
    entries = await answered(Batches(Collector(away=True), BASE), 2)
    assert [entry["response"]["status"] for entry in entries] == ["503 Service Unavailable"] * 2
    (issue,) = entries[0]["response"]["outcome"]["issue"]
    assert issue["details"]["text"] == "Tjänsten är inte tillgänglig just nu; försök igen."


async def test_the_caller_s_own_token_goes_along_and_nothing_else_of_its_request() -> None:
    collector = Collector()
    await answered(Batches(collector, BASE), 1)
    ((method, target, headers),) = collector.asked
    assert (method, target) == ("GET", "/fhir/Task/0")
    assert headers["authorization"] == "Bearer t"
    assert set(headers) == {"authorization", "accept-language", "traceparent"}
