"""Asks an application of this process as a client would, through its whole edge."""

from collections.abc import Mapping

from starlette.types import Message, Scope

from service_runtime.http import Answer
from service_runtime.service import ASGIApp


async def ask(
    app: ASGIApp, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """The answer of `app` to one request. `target` is path and query, ASCII; the answer's headers have
    lower-case names."""
    path, _, query = target.partition("?")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()
        ]
        + [(b"content-length", str(len(body)).encode())],
        "client": None,
        "server": None,
    }
    waiting = [body]
    said: list[Message] = []

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    await app(scope, receive, send)
    told = {name.decode("latin-1"): text.decode("latin-1") for name, text in said[0]["headers"]}
    return Answer(said[0]["status"], told, b"".join(one.get("body", b"") for one in said[1:]))
