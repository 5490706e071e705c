"""The other side, in a process of its own: webhook receivers that answer at once, and an EHR with Tasks.

Prints its origin, reads a JSON line `{"completes": bool, "tokens": {provider: token}}` from standard input,
runs until standard input closes, then prints its ledger:
`{"hooks": [[time, webhook-id, task url]…], "completed": {task id at the EHR: time}}`.
"""

import asyncio
import json
import sys
import time
from typing import Any

import aiohttp
from aiohttp import web

STEPS = ("accepted", "in-progress", "completed")


class Peers:
    """Receivers of all providers and one EHR, with a ledger of what arrived when."""

    def __init__(self) -> None:
        self.plan: dict[str, Any] = {}
        self.hooks: list[tuple[float, str, str]] = []
        self.completed: dict[str, float] = {}
        self._tasks: dict[str, tuple[int, dict[str, Any]]] = {}
        self._under_way = set[asyncio.Task[None]]()
        self._session: aiohttp.ClientSession | None = None

    def application(self) -> web.Application:
        application = web.Application()
        application.add_routes(
            [
                web.post("/hook/{provider}", self._hook),
                web.get("/fhir/Task/{id}", self._read),
                web.put("/fhir/Task/{id}", self._write),
            ]
        )
        return application

    async def _hook(self, request: web.Request) -> web.Response:
        now = time.time()
        body = json.loads(await request.read())
        task = _focus(body)
        self.hooks.append((now, request.headers["webhook-id"], task))
        if self.plan.get("completes"):
            work = asyncio.create_task(self._complete(request.match_info["provider"], task))
            self._under_way.add(work)
            work.add_done_callback(self._under_way.discard)
        return web.Response()

    async def _complete(self, provider: str, task: str) -> None:
        headers = {
            "Authorization": f"Bearer {self.plan['tokens'][provider]}",
            "Content-Type": "application/json-patch+json",
        }
        self._session = self._session or aiohttp.ClientSession(trust_env=False)
        async with self._session.get(task, headers=headers) as answer:
            etag = answer.headers["ETag"]
            await answer.read()
        for status in STEPS:
            change = json.dumps([{"op": "replace", "path": "/status", "value": status}])
            async with self._session.patch(
                task, data=change, headers={**headers, "If-Match": etag}
            ) as answer:
                await answer.read()
                if answer.status == 412:  # `delivered` came in between: read again and go on
                    async with self._session.get(task, headers=headers) as again:
                        etag = again.headers["ETag"]
                        await again.read()
                    async with self._session.patch(
                        task, data=change, headers={**headers, "If-Match": etag}
                    ) as answer_again:
                        answer_again.raise_for_status()
                        etag = answer_again.headers["ETag"]
                        continue
                answer.raise_for_status()
                etag = answer.headers["ETag"]

    async def _read(self, request: web.Request) -> web.Response:
        task = request.match_info["id"]
        version, resource = self._tasks.get(task, (1, _requested(task)))
        return web.json_response(resource, headers={"ETag": f'W/"{version}"'})

    async def _write(self, request: web.Request) -> web.Response:
        task = request.match_info["id"]
        version, _ = self._tasks.get(task, (1, None))
        if request.headers.get("If-Match") != f'W/"{version}"':
            return web.Response(status=412)
        resource = json.loads(await request.read())
        self._tasks[task] = (version + 1, resource)
        if resource["status"] == "completed":
            self.completed[task] = time.time()
        return web.json_response(resource, headers={"ETag": f'W/"{version + 1}"'})

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def _focus(bundle: dict[str, Any]) -> str:
    return next(entry["fullUrl"] for entry in bundle["entry"] if "/Task/" in entry.get("fullUrl", ""))


def _requested(task: str) -> dict[str, Any]:
    return {"resourceType": "Task", "id": task, "status": "requested", "intent": "order"}


async def main() -> None:
    peers = Peers()
    runner = web.AppRunner(peers.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(f"http://127.0.0.1:{port}", flush=True)
    loop = asyncio.get_running_loop()
    peers.plan = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps({"hooks": peers.hooks, "completed": peers.completed}), flush=True)
    await peers.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
