"""Every channel by which something could leave an installation, in this process or in several."""

import asyncio
import contextlib
import io
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import aiosmtplib
from aiohttp import web
from lahetti.__main__ import run
from lahetti.demo.world import World
from lahetti.simulators.loopback import LoopbackServer
from lahetti.state import Whereabouts
from service_runtime import logs
from service_runtime.event_log.opening import open_event_log
from service_runtime.event_log.port import Message
from service_runtime.metrics import Metrics
from support.canary import Mark

TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
PLANTED_TOPIC = "lahetti.canary.v1"


@dataclass
class Overheard:
    """What every HTTP client of this process asked for, and the titles of the pages that it got."""

    urls: list[bytes] = field(default_factory=list[bytes])
    titles: list[bytes] = field(default_factory=list[bytes])


@contextlib.contextmanager
def overhearing() -> Iterator[Overheard]:
    """Overhear aiohttp, through which services, simulators and tools alike ask."""
    overheard = Overheard()
    asking: Any = aiohttp.ClientSession._request

    async def request(self: Any, method: str, url: Any, **more: Any) -> aiohttp.ClientResponse:
        overheard.urls.append(str(url).encode())
        answer: aiohttp.ClientResponse = await asking(self, method, url, **more)
        overheard.urls += [str(one.url).encode() for one in (*answer.history, answer)]
        overheard.urls += [value.encode() for value in answer.headers.getall("Location", [])]
        if answer.content_type == "text/html":
            overheard.titles += TITLE.findall(await answer.read())
        return answer

    aiohttp.ClientSession._request = request  # type: ignore[method-assign]
    try:
        yield overheard
    finally:
        aiohttp.ClientSession._request = asking  # type: ignore[method-assign]


@dataclass
class Channels:
    """Where to look, for one installation. `figures` are earlier readings of metrics, `printed` is what the
    tools printed."""

    folder: Path
    world: World
    whereabouts: Whereabouts
    overheard: Overheard
    figures: list[bytes] = field(default_factory=list[bytes])
    printed: list[bytes] = field(default_factory=list[bytes])

    async def collected(self) -> dict[str, list[bytes]]:
        """All bytes of each channel so far."""
        records = await self.world.read_topics()
        mails = [raw.replace(b"\r\n", b"\n").partition(b"\n\n") for raw in self.world.mailbox.raw]
        received = [line for one in self.world.providers.values() for line in one.ledger]
        files = sorted(self.folder.glob("events.db*"))
        figures = [probe.replace("/readyz", "/metrics") for probe in self.whereabouts.probes.values()]
        return {
            "topic key": [record.key.encode() for record in records],
            "topic header": [json.dumps(record.headers, ensure_ascii=False).encode() for record in records],
            "topic value": [record.value for record in records],
            **({"event log's files": [path.read_bytes() for path in files]} if files else {}),
            "log": [path.read_bytes() for path in sorted(self.folder.glob("logs/*.log"))],
            "metric": [*self.figures, *[await _read(one) for one in sorted(set(figures))]],
            "mail header": [header for header, _, _ in mails],
            "mail body": [body for _, _, body in mails],
            "webhook body": [line.body for line in received],
            "URL": list(self.overheard.urls),
            "page title": list(self.overheard.titles),
            "CLI output": list(self.printed),
        }

    async def print_by(self, *arguments: str) -> int:
        """Run `lahetti` with these arguments against the installation, and keep what it prints."""
        return await self.print_from(lambda: run([*arguments, "--state", str(self.folder)]))

    async def print_from(self, tool: Callable[[], Any]) -> Any:
        """Keep what `tool` prints."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            answered = await asyncio.to_thread(tool)
        self.printed += [out.getvalue().encode(), err.getvalue().encode()]
        return answered

    @contextlib.asynccontextmanager
    async def talkative_log(self) -> AsyncGenerator[None]:
        """The log of this process at its most talkative, in a file beside the others."""
        with (self.folder / "logs" / "debug.log").open("a", encoding="utf-8", buffering=1) as file:
            logs.configure(service="lahetti", level="debug", stream=file)
            yield


async def plant(channels: Channels, mark: Mark) -> None:
    """Put `mark` into each channel, as it would travel there."""
    await _plant_in_topic(channels, mark.text)
    logs.logger().info("canary.planted", reason=f"Asiakas {mark.text}")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "a@example.org",
        "b@example.org",
        f"Lähete: {mark.text}",
    )
    message.set_content(f"Soita: {mark.text}, kiitos.\n", cte="base64")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=channels.world.mailbox.port)
    await channels.print_from(lambda: print(f"asiakas {mark.text.upper()}"))
    await _plant_at_addresses(channels, mark.text)


async def _plant_in_topic(channels: Channels, text: str) -> None:
    where = channels.whereabouts
    log = open_event_log(where.event_log_url, topic_prefix=where.topic_prefix, client_id="canary")
    await log.ensure_topics([PLANTED_TOPIC])
    value = json.dumps({"name": text}).encode()
    answers = await log.publish([Message(PLANTED_TOPIC, text, {"ce_subject": text}, value)])
    assert answers == [None]
    await log.close()


async def _plant_at_addresses(channels: Channels, text: str) -> None:
    """In a URL, in a page's title, in a metric, in a webhook's body."""
    metrics = Metrics()
    metrics.counter("canary_planted_total", "Planted.", ("client",)).labels(text).inc()

    async def page(_: web.Request) -> web.Response:
        shown = f"<html><title>Lähete: {text.encode('ascii', 'xmlcharrefreplace').decode()}</title></html>"
        return web.Response(text=shown, content_type="text/html")

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=await metrics.render())

    server = LoopbackServer(lambda: [web.get("/metrics", figures), web.get("/{person}", page)])
    await server.come_up()
    try:
        await _read(f"{server.origin}/{text}?client={text}")
        channels.figures.append(await _read(f"{server.origin}/metrics"))
    finally:
        await server.close()
    provider = next(iter(channels.world.providers.values()))
    async with (
        aiohttp.ClientSession() as session,
        session.post(provider.webhook_url, json={"name": text}) as answer,
    ):
        assert answer.status == 401


async def _read(url: str) -> bytes:
    async with aiohttp.ClientSession(trust_env=False) as session, session.get(url) as answer:
        return await answer.read()
