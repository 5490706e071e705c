"""The installation that `lahetti up` keeps running."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lahetti.composition.blueprint import PRODUCT
from lahetti.composition.embedded import embedded, embedded_blueprint, free_port, must_be_free
from lahetti.operator_api import OperatorApi
from lahetti.output import print_json, say
from lahetti.simulators.mailbox import Mailbox
from lahetti.state import StateFolder, Whereabouts
from lahetti.try_by_hand import lines_to_try, page_lines, write_referral


async def stand(folder: StateFolder, files: Mapping[str, str], *, port: int, as_json: bool) -> None:
    """Run everything until cancelled; a port of 0 takes a free one."""
    if port:
        must_be_free(port)
    mail = folder.path / "mail"
    mailbox = Mailbox(lambda raw: _keep(mail, raw))
    await mailbox.start()
    try:
        blueprint = embedded_blueprint(
            folder, port=port or free_port(), county="kymenlaakso", schedule=PRODUCT, smtp_port=mailbox.port
        )
        async with embedded(blueprint) as running:
            async with OperatorApi(running.whereabouts) as api:
                await api.post("gateway/county", {"files": dict(files)})
            _tell(running.whereabouts, folder, mailbox.port, as_json)
            await asyncio.Event().wait()
    finally:
        await mailbox.close()


def _keep(folder: Path, raw: bytes) -> None:
    """Put a mail where a person can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{time.time_ns()}.eml").write_bytes(raw)


def _tell(whereabouts: Whereabouts, folder: StateFolder, smtp_port: int, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "base_url": whereabouts.base_url,
                "state": str(folder.path),
                "smtp_port": smtp_port,
                "ready": True,
            }
        )
        return
    for line in _welcome(whereabouts, folder):
        say(line)


def _welcome(whereabouts: Whereabouts, folder: StateFolder) -> Sequence[str]:
    return [
        f"Lähetti runs at {whereabouts.base_url}",
        f"  FHIR base          {whereabouts.base_url}/fhir   (what it can do: /fhir/metadata)",
        f"  health, metrics    {whereabouts.base_url}/readyz  /livez  /metrics",
        f"  state, keys, logs  {folder.path}",
        f"  mail to providers  {folder.path / 'mail'}",
        "",
        "Try it by hand, in another terminal of this folder, line by line:",
        "",
        *lines_to_try(whereabouts.base_url, folder.path, write_referral(folder.path)),
        "",
        "The provider has only email: its mail holds a link to a page. A PIN to open it with:",
        "",
        *page_lines(whereabouts.base_url, folder.path),
        "",
        "Ctrl-C stops all of it.",
    ]
