"""Apache Kafka from Maven: one node, broker and controller in one process (KRaft)."""

import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from folder import RUN
from packages import require
from servers import Command, Part, PartFailedError

_HERE = Path(__file__).parent
_FOLDER = RUN / "kafka"
_JARS = RUN / "kafka-jars"
_STARTED = b"Kafka Server started"

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={data}
# Topics are made by the product: a typo must not make one.
auto.create.topics.enable=false
delete.topic.enable=true
# One node.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Tests start many groups and let sessions end early.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# The default reserves a quarter of this small heap for the cleaner.
log.cleaner.dedupe.buffer.size=16777216
"""


def _prepare(state: dict[str, Any]) -> Command:
    java = require("java", "openjdk-17-jre-headless")
    _fetch_jars()
    port, controller = state["ports"]
    _FOLDER.mkdir(exist_ok=True)
    data, properties, log = _FOLDER / "data", _FOLDER / "server.properties", _FOLDER / "broker.log"
    properties.write_text(_PROPERTIES.format(port=port, controller=controller, data=data))
    log.write_bytes(b"")
    if not (data / "meta.properties").exists():
        _format(java, properties, log)
    return Command([*_java(java, "-Xms128m", "-Xmx512m"), "kafka.Kafka", str(properties)], log)


def _java(java: str, *options: str) -> list[str]:
    return [
        java,
        *options,
        "-XX:+UseSerialGC",
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}",
        "-cp",
        f"{_JARS}/*",
    ]


def _fetch_jars() -> None:
    """Copy the broker's jars once for each content of the pom."""
    pom = _HERE / "pom.xml"
    done = _JARS / "pom.xml"
    if done.exists() and done.read_bytes() == pom.read_bytes():
        return
    mvn = require("mvn", "maven")
    print("fetching Apache Kafka from Maven (45 MB, once)", flush=True)
    shutil.rmtree(_JARS, ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={_JARS}"]
    fetched = subprocess.run(
        [mvn, "-q", "-B", "-f", str(pom), *goal], capture_output=True, text=True, check=False
    )
    if fetched.returncode != 0:
        raise PartFailedError(
            f"kafka could not be fetched: {(fetched.stdout + fetched.stderr).strip()[-500:]}"
        )
    shutil.copy(pom, done)


def _format(java: str, properties: Path, log: Path) -> None:
    tool = [*_java(java), "kafka.tools.StorageTool"]
    made = subprocess.run([*tool, "random-uuid"], capture_output=True, text=True, check=True)
    cluster = made.stdout.split()[-1]
    command = [*tool, "format", "-t", cluster, "-c", str(properties), "--standalone"]
    with log.open("ab") as output:
        if subprocess.run(command, stdout=output, stderr=output, check=False).returncode != 0:
            raise PartFailedError(f"kafka's storage could not be formatted; see {log}")


def _ready(_: dict[str, Any]) -> bool:
    return _STARTED in (_FOLDER / "broker.log").read_bytes()


def _clean() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)


PART = Part(
    name="kafka",
    variable="LAHETTI_TEST_KAFKA",
    ports=2,
    prepare=_prepare,
    ready=_ready,
    url=lambda state: f"127.0.0.1:{state['ports'][0]}",
    stop_signal=signal.SIGTERM,
    clean=_clean,
)
