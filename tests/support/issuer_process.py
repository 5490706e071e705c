"""An OpenID Connect issuer of somebody else's, as a process: `python issuer_process.py PORT`.

It publishes its discovery document and its keys; POST /sign signs the claims that it is sent, as it
is told to.
"""

import asyncio
import sys
from typing import Any

import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

KEYS: dict[str, Key] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
}
STRANGE = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})


def application(base: str) -> web.Application:
    """The issuer at `base`."""

    async def discovery(_: web.Request) -> web.Response:
        return web.json_response({"issuer": base, "jwks_uri": f"{base}/keys"})

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False) for key in KEYS.values()]})

    async def sign(request: web.Request) -> web.Response:
        asked: dict[str, Any] = orjson.loads(await request.read())
        algorithm = asked["alg"]
        key = STRANGE if asked.get("strange") else KEYS[algorithm]
        header = {"alg": algorithm, "kid": key.kid, "typ": "at+jwt"}
        return web.Response(text=jwt.encode(header, asked["claims"], key, algorithms=[algorithm]))

    routes = web.Application()
    routes.router.add_get("/.well-known/openid-configuration", discovery)
    routes.router.add_get("/keys", keys)
    routes.router.add_post("/sign", sign)
    return routes


async def serve(port: int) -> None:
    """Until the process is ended."""
    runner = web.AppRunner(application(f"http://127.0.0.1:{port}"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
