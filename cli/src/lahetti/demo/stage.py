"""Sets the stage: simulators around a running installation, its county loaded, secrets and PINs given out."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from service_runtime.tokens import TokenSigner

from lahetti.commands.clients import DEFAULT_SCOPES, Kind
from lahetti.demo.story import Actor, DemoClient, Story
from lahetti.demo.topic_reader import TopicReader
from lahetti.demo.world import EhrSide, World
from lahetti.operator_api import OPERATOR, SCOPE, OperatorApi
from lahetti.refusals import Refused
from lahetti.simulators.ehr import EhrSimulator
from lahetti.simulators.facts import until_answered
from lahetti.simulators.fhir_client import FhirClient
from lahetti.simulators.mailbox import Mailbox
from lahetti.simulators.provider import ProviderSimulator
from lahetti.state import Whereabouts

TOKEN_SECONDS = 3600

MakeClient = Callable[[str, Callable[[], str]], FhirClient]
"""From the base and what gives the token."""


@asynccontextmanager
async def stage(
    whereabouts: Whereabouts,
    mailbox: Mailbox,
    story: Story,
    county_folder: Path,
    make_client: MakeClient = FhirClient,
) -> AsyncGenerator[World]:
    """The world of `story`, ready to play; the generated county is also written to `county_folder`.

    `make_client` makes the clients of EHRs, providers and the operator."""
    signer = TokenSigner(Path(whereabouts.key_file))
    topics = TopicReader(whereabouts)
    world = _world(story, whereabouts, signer, mailbox, topics, make_client)
    try:
        clients = [
            DemoClient(side.client_id, side.server.base if side.server else None)
            for side in world.ehrs.values()
        ]
        addresses = {actor.endpoint: _address(world, actor) for actor in story.actors}
        world.county |= story.files(addresses, clients)
        _write_county(world.county, county_folder)
        for side in world.ehrs.values():
            if side.server:
                await side.server.server.come_up()
        async with OperatorApi(whereabouts) as operator:
            await operator.post("gateway/county", {"files": world.county})
            for actor in story.actors:
                await _give_out(operator, world, actor)
        yield world
    finally:
        await world.close()
        await topics.close()


def _write_county(files: Mapping[str, str], folder: Path) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _world(
    story: Story,
    whereabouts: Whereabouts,
    signer: TokenSigner,
    mailbox: Mailbox,
    topics: TopicReader,
    make_client: MakeClient,
) -> World:
    base, fhir = whereabouts.base_url, f"{whereabouts.base_url}/fhir"
    jwks_url = f"{base}/.well-known/jwks.json"
    ehrs = {
        name: EhrSide(f"ehr-{name}", make_client(fhir, _tokens(signer, Kind.EHR, f"ehr-{name}")), server)
        for name, server in (
            *((name, EhrSimulator(jwks_url)) for name in story.ehrs),
            (story.polling, None),
        )
    }
    providers = {
        one.provider: ProviderSimulator(
            one.provider, make_client(fhir, _tokens(signer, Kind.PROVIDER, one.provider))
        )
        for one in story.actors
        if one.channel == "webhook"
    }
    operator = make_client(
        base,
        lambda: signer.sign(client_id=OPERATOR, kind="staff", scope=SCOPE, seconds=TOKEN_SECONDS),
    )
    return World(ehrs, providers, mailbox, {}, operator, topics.read)


def _tokens(signer: TokenSigner, kind: Any, client_id: str) -> Callable[[], str]:
    token = signer.sign(
        client_id=client_id, kind=kind.value, scope=DEFAULT_SCOPES[kind], seconds=TOKEN_SECONDS
    )
    return lambda: token


def _address(world: World, actor: Actor) -> str:
    return f"mailto:{actor.mail}" if actor.mail else world.providers[actor.provider].webhook_url


async def _give_out(operator: OperatorApi, world: World, actor: Actor) -> None:
    """A webhook provider gets the secret that signs for it, one with only email its PIN."""
    if actor.channel == "email":
        answer = await operator.post(f"collector/providers/{actor.provider}/pin", {})
        world.pins[actor.provider] = answer["pin"]
        return
    simulator = world.providers[actor.provider]
    path = f"notifier/endpoints/{actor.endpoint}/secret"

    async def secret() -> str | None:
        try:
            return (await operator.post(path, {}))["secret"]
        except Refused:
            # The notifier hears of a new endpoint over the directory's topic, a moment after the load.
            return None

    simulator.secret = await until_answered(f"the notifier knows the endpoint of {actor.provider}", secret)
    await simulator.server.come_up()
