"""What is stopped or revoked at the gateway is refused at all three services, within seconds."""

from pathlib import Path

import httpx
import pytest
from lahetti.commands.county import county_files
from support.routes import Installation, installation, until
from support.routes_world import COUNTY, SCOPES, UNKNOWN_REFERRAL

MANAGER = "lahetti/clients.w lahetti/county.w"
READS = {
    "ehr": ["/fhir/Organization/kotka", f"/fhir/Task/{UNKNOWN_REFERRAL}"],
    "provider": ["/fhir/Organization/kotka", f"/fhir/Task/{UNKNOWN_REFERRAL}"],
    "staff": [f"/{name}/trace/{UNKNOWN_REFERRAL}" for name in ("gateway", "collector", "notifier")],
}


async def statuses(three: Installation, kind: str, headers: dict[str, str]) -> set[int]:
    return {(await three.http.get(path, headers=headers)).status_code for path in READS[kind]}


async def change(three: Installation, client: str, **said: str) -> httpx.Response:
    manager = three.token(MANAGER, "staff", "manager")
    return await three.http.post(f"/gateway/clients/{client}", json=said, headers=manager)


@pytest.mark.parametrize(
    ("kind", "client", "said"),
    [
        ("ehr", "ehr-polling", {"change": "disable"}),
        ("ehr", "ehr-polling", {"change": "revoke"}),
        ("provider", "kotka", {"change": "revoke", "kind": "provider"}),
        ("staff", "coordinator", {"change": "revoke", "kind": "staff"}),
    ],
)
async def test_what_the_gateway_stops_no_service_takes(
    tmp_path: Path, kind: str, client: str, said: dict[str, str]
) -> None:
    async with installation(tmp_path) as three, three.loops():
        manager = three.token(MANAGER, "staff", "manager")
        loaded = await three.http.post(
            "/gateway/county", json={"files": county_files(COUNTY)}, headers=manager
        )
        assert loaded.status_code == 200, loaded.text
        token = three.token(SCOPES[kind], kind, client)
        other = three.token(SCOPES[kind], kind, "ehr-kymenlaakso" if kind == "ehr" else "hamina")
        assert 401 not in await statuses(three, kind, token)
        assert (await change(three, client, **said)).status_code == 200

        async def refused_everywhere() -> bool:
            return await statuses(three, kind, token) == {401}

        await until("every service refuses the token", refused_everywhere)
        assert 401 not in await statuses(three, kind, other)
        if said["change"] == "disable":
            assert (await change(three, client, change="enable")).status_code == 200

            async def taken_everywhere() -> bool:
                return 401 not in await statuses(three, kind, token)

            await until("every service takes the token again", taken_everywhere)
