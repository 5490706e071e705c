"""The whole performance: an installation, the stage around it, and all cases of the story."""

from lahetti.composition.blueprint import SHORT
from lahetti.composition.embedded import embedded, embedded_blueprint, free_port
from lahetti.composition.engines import engines, room
from lahetti.composition.processes import processes, processes_blueprint
from lahetti.demo.play import show
from lahetti.demo.stage import stage
from lahetti.demo.story import Story
from lahetti.simulators.mailbox import Mailbox
from lahetti.state import StateFolder

POLL_SECONDS = 0.5


async def perform_embedded(folder: StateFolder, story: Story, *, as_json: bool) -> bool:
    """All services in this process. True only if every case ended as it should."""
    mailbox = Mailbox()
    await mailbox.start()
    blueprint = embedded_blueprint(
        folder,
        port=free_port(),
        county=story.county,
        schedule=SHORT,
        smtp_port=mailbox.port,
        poll_seconds=POLL_SECONDS,
    )
    async with (
        embedded(blueprint) as running,
        stage(running.whereabouts, mailbox, story, folder.path / "county") as world,
    ):
        return await show(story.cases, world, schedule=SHORT.name, as_json=as_json)


async def perform_on_engines(folder: StateFolder, story: Story, *, as_json: bool) -> bool:
    """Every role its own process, on Apache Kafka, PostgreSQL and Redis."""
    mailbox = Mailbox()
    await mailbox.start()
    async with room(engines()) as own:
        blueprint = processes_blueprint(
            folder, own, county=story.county, schedule=SHORT, smtp_port=mailbox.port
        )
        async with (
            processes(blueprint) as running,
            stage(running.whereabouts, mailbox, story, folder.path / "county") as world,
        ):
            return await show(story.cases, world, schedule=SHORT.name, as_json=as_json)
