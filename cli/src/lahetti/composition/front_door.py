"""One address in front of several processes, as an ingress is in a cluster."""

import aiohttp
from aiohttp import web
from yarl import URL

from lahetti.composition.blueprint import HOST, INGRESS

PASS_ON_SECONDS = 60
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}
)
LARGEST_BODY = 16 * 1024 * 1024  # the services refuse what is too large for them, with their own words


class FrontDoor:
    """Leads each request by its path to the service that answers it; `services` are addresses by name."""

    def __init__(self, services: dict[str, str], default: str) -> None:
        self._services = services
        self._default = default
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def open(self, port: int) -> None:
        """Listen on `port`."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PASS_ON_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        assert self._session is not None  # noqa: S101 - open() made it before anything was routed here
        url = URL(f"{self._address(request.path)}{request.raw_path}", encoded=True)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        body = await request.read() or None  # with an empty body the client would invent a content type
        try:
            async with self._session.request(
                request.method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                response = web.Response(status=answer.status, body=await answer.read())
                for name, value in answer.headers.items():
                    if name.lower() not in HOP_BY_HOP:
                        response.headers.add(name, value)
                return response
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=503, headers={"Retry-After": "1"})

    def _address(self, path: str) -> str:
        for prefix, service in INGRESS:
            if path == prefix or path.startswith(f"{prefix}/"):
                return self._services[service]
        return self._services[self._default]
