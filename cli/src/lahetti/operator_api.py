"""What the tools ask a running installation over HTTP, with a token that they sign for themselves."""

from pathlib import Path
from typing import Any, Self

import aiohttp
import orjson
from service_runtime.tokens import TokenSigner
from service_runtime.tokens.keys import KeyFileError

from lahetti.refusals import BAD_INPUT, ENVIRONMENT_MISSING, FAILED, Refused
from lahetti.state import Whereabouts

OPERATOR = "lahetti"
ASK_SECONDS = 30
TOKEN_SECONDS = 60
SCOPE = (
    "lahetti/agreements.r lahetti/cases.r lahetti/county.w lahetti/trace.r lahetti/topics.r lahetti/secrets.w"
    " lahetti/pins.w lahetti/clients.r lahetti/clients.w lahetti/person.r lahetti/person.w"
    " system/AuditEvent.s"
)


class NotThere(Refused):
    """The installation answered 404."""


class OperatorApi:
    """The staff routes of one installation."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self._base_url = whereabouts.base_url
        try:
            self._signer = TokenSigner(Path(whereabouts.key_file))
        except KeyFileError as error:
            raise Refused(str(error), exit_code=ENVIRONMENT_MISSING) from None
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ASK_SECONDS), trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON object at `path`. Raises Refused on anything but success."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send `body`; the JSON object that comes back. Raises Refused with a line a problem."""
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        token = self._signer.sign(client_id=OPERATOR, kind="staff", scope=SCOPE, seconds=TOKEN_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else orjson.dumps(body)
        url = f"{self._base_url}/{path}"
        try:
            async with self._session.request(method, url, data=data, headers=headers) as response:
                content = await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            raise Refused(
                f"{self._base_url} does not answer: `lahetti doctor` says what is missing",
                exit_code=ENVIRONMENT_MISSING,
            ) from None
        answer = _object(content)
        if status == 404:
            raise NotThere(*_problems(path, status, answer))
        if status >= 300:
            exit_code = BAD_INPUT if status in {400, 413, 422} else FAILED
            raise Refused(*_problems(path, status, answer), exit_code=exit_code)
        return answer


def _object(content: bytes) -> dict[str, Any]:
    try:
        parsed = orjson.loads(content)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _problems(path: str, status: int, answer: dict[str, Any]) -> list[str]:
    """One line a problem, from an OperationOutcome or from a list of `problems`."""
    lines = [_issue_line(issue) for issue in answer.get("issue", [])]
    lines += [_problem_line(problem) for problem in answer.get("problems", [])]
    return lines or [f"{path} was answered {status}"]


def _issue_line(issue: dict[str, Any]) -> str:
    text = issue.get("details", {}).get("text") or issue.get("diagnostics") or issue.get("code", "")
    places = ", ".join(issue.get("expression", []))
    return f"{places}: {text}" if places else str(text)


def _problem_line(problem: dict[str, Any]) -> str:
    where = " ".join(str(problem[part]) for part in ("file", "place") if problem.get(part))
    text = problem.get("problem") or problem.get("text") or ""
    remedy = problem.get("remedy")
    return f"{where}: {text}" + (f" ({remedy})" if remedy else "")
