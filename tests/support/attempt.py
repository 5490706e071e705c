"""One request as it travels, to be changed in one thing at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson


@dataclass(frozen=True)
class Attempt:
    """A request as it travels."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes

    def saying(self, body: Any) -> "Attempt":
        """The same with another body: bytes as they are, anything else as JSON."""
        return replace(self, content=body if isinstance(body, bytes) else orjson.dumps(body))

    def bearing(self, **headers: str | None) -> "Attempt":
        """The same with other headers (underscores for hyphens); None takes one away."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in self.headers.items() if name not in given}
        return replace(
            self, headers=kept | {name: value for name, value in given.items() if value is not None}
        )

    def at(self, path: str) -> "Attempt":
        """The same at another path."""
        return replace(self, path=path)

    @property
    def body(self) -> Any:
        """The body as JSON, to be changed."""
        return orjson.loads(self.content)

    async def send(self, http: httpx.AsyncClient, *, chunked: bool = False) -> httpx.Response:
        """Send it, as it is or with its length left open."""
        content: Any = _chunks(self.content) if chunked else self.content
        return await http.request(self.method, self.path, headers=dict(self.headers), content=content)


async def _chunks(content: bytes) -> Any:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
