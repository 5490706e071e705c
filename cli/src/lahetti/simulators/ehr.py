"""An EHR's FHIR server, as far as a referral concerns it: it keeps Task A, with all versions."""

import json
import time
import uuid
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import jsonpatch
from aiohttp import web
from aiohttp.web_routedef import AbstractRouteDef

from lahetti.simulators.loopback import LoopbackServer
from lahetti.simulators.platform_token import PlatformTokens, TokenRefusedError

FHIR_JSON = "application/fhir+json"
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EhrRequest:
    """One line of the raw ledger: what came in, and what was answered."""

    at: float
    method: str
    path: str
    if_match: str | None
    authorized: bool
    answered: int


class EhrSimulator:
    """Keeps Tasks by version, enforces If-Match (412), takes writes only with the platform's token for it.

    `server` can go down. `change_before_next_write` lets the EHR's own user change a Task between the
    platform's read and its write, once, so that the write meets a 412.
    """

    def __init__(self, jwks_url: str) -> None:
        self.server = LoopbackServer(self._routes)
        self.base = f"{self.server.origin}/fhir"
        self.requests: list[EhrRequest] = []
        self._tasks: dict[str, list[Resource]] = {}
        self._change_before_write: dict[str, Callable[[Resource], None]] = {}
        self._tokens = PlatformTokens(jwks_url, self.base)

    def new_task_url(self) -> str:
        """An address for a Task A that the EHR is about to keep."""
        return f"{self.base}/Task/{uuid.uuid4()}"

    def keep_task(self, url: str, task: Resource) -> None:
        """Let the EHR's own side write Task A: its first version, before the referral is posted."""
        self._store(_id_of(url), task)

    def change_before_next_write(self, url: str, change: Callable[[Resource], None]) -> None:
        """At the platform's next write of this Task, first change it here, exactly once."""
        self._change_before_write[_id_of(url)] = change

    def task(self, url: str) -> Resource:
        """Task A as it is now."""
        return deepcopy(self._tasks[_id_of(url)][-1])

    def versions(self, url: str) -> list[Resource]:
        """Every version of Task A, oldest first."""
        return deepcopy(self._tasks[_id_of(url)])

    def statuses(self, url: str) -> list[str]:
        """The statuses that Task A went through, repeats left out."""
        history: list[str] = []
        for version in self._tasks[_id_of(url)]:
            if not history or history[-1] != version["status"]:
                history.append(version["status"])
        return history

    def answers(self, url: str, method: str) -> list[int]:
        """What was answered to each `method` request on this Task, in order."""
        path = f"/fhir/Task/{_id_of(url)}"
        return [line.answered for line in self.requests if (line.method, line.path) == (method, path)]

    def _routes(self) -> Iterable[AbstractRouteDef]:
        return [
            web.get("/fhir/Task/{id}", self._recorded(self._read)),
            web.put("/fhir/Task/{id}", self._recorded(self._write)),
            web.patch("/fhir/Task/{id}", self._recorded(self._write)),
            web.post("/fhir/Task", self._recorded(self._create)),
        ]

    def _recorded(self, handle: Any) -> Any:
        async def recording(request: web.Request) -> web.Response:
            authorized = False
            try:
                await self._tokens.check(request.headers.get("Authorization"))
                authorized = True
                response = await handle(request)
            except TokenRefusedError as refused:
                response = _outcome(401, "login", str(refused))
            line = EhrRequest(
                at=time.time(), method=request.method, path=request.path, authorized=authorized,
                if_match=request.headers.get("If-Match"), answered=response.status,
            )  # fmt: skip
            self.requests.append(line)
            return response

        return recording

    async def _read(self, request: web.Request) -> web.Response:
        versions = self._tasks.get(request.match_info["id"])
        if versions is None:
            return _outcome(404, "not-found", "no such Task")
        return _task_response(200, versions[-1])

    async def _create(self, request: web.Request) -> web.Response:
        task = await _resource(request)
        if task is None:
            return _outcome(400, "structure", "not a Task")
        task_id = str(uuid.uuid4())
        self._store(task_id, task)
        return _task_response(201, self._tasks[task_id][-1])

    async def _write(self, request: web.Request) -> web.Response:
        task_id = request.match_info["id"]
        if task_id not in self._tasks:
            return _outcome(404, "not-found", "no such Task")
        body = await request.read()
        if change := self._change_before_write.pop(task_id, None):
            changed = deepcopy(self._tasks[task_id][-1])
            change(changed)
            self._store(task_id, changed)
        current = self._tasks[task_id][-1]
        if request.headers.get("If-Match") != f'W/"{current["meta"]["versionId"]}"':
            return _outcome(412, "conflict", "If-Match does not name the current version")
        written = _written(request.method, body, current)
        if written is None or written.get("id") != task_id:
            return _outcome(400, "structure", "not this Task")
        self._store(task_id, written)
        return _task_response(200, self._tasks[task_id][-1])

    def _store(self, task_id: str, task: Resource) -> None:
        versions = self._tasks.setdefault(task_id, [])
        kept: Resource = deepcopy(task) | {"id": task_id}
        kept.setdefault("meta", {})["versionId"] = str(len(versions) + 1)
        versions.append(kept)


def _id_of(url: str) -> str:
    return url.rsplit("/", 1)[-1]


async def _resource(request: web.Request) -> Resource | None:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) and body.get("resourceType") == "Task" else None


def _written(method: str, body: bytes, current: Resource) -> Resource | None:
    try:
        sent = json.loads(body)
        written = sent if method == "PUT" else jsonpatch.apply_patch(current, sent)
    except (ValueError, TypeError, jsonpatch.JsonPatchException):
        return None
    return written if isinstance(written, dict) and written.get("resourceType") == "Task" else None


def _task_response(status: int, task: Resource) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(task).encode(),
        content_type=FHIR_JSON,
        headers={"ETag": f'W/"{task["meta"]["versionId"]}"'},
    )


def _outcome(status: int, code: str, text: str) -> web.Response:
    issue = {"severity": "error", "code": code, "details": {"text": text}}
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
    return web.Response(status=status, body=body, content_type=FHIR_JSON)
