"""Answers probes from a thread of its own, so that a blocked event loop can be told of."""

import asyncio
import threading
from collections.abc import Coroutine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from service_runtime.health import Health, Report
from service_runtime.metrics import CONTENT_TYPE, Metrics
from service_runtime.web.server import PortBusyError

LOOP_SECONDS = 4.0


class HealthServer:
    """/livez, /readyz and /metrics on a port of their own.

    /livez only reads the beats; the other two ask the event loop and answer 503 where it says nothing in 4 s.
    Raises PortBusyError where the port is taken.
    """

    def __init__(self, host: str, port: int, *, health: Health, metrics: Metrics) -> None:
        self._health = health
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        try:
            self._server = ThreadingHTTPServer((host, port), self._handler())
        except OSError as error:
            raise PortBusyError(f"cannot listen on {host}:{port}: {error.strerror}") from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body for `path`; called from a thread of the server."""
        if path == "/livez":
            return _say(self._health.alive())
        if path == "/readyz":
            return _say(self._ask(self._health.ready()) or Report("failing", {"event-loop": "no answer"}))
        if path == "/metrics":
            text = self._ask(self._metrics.render())
            return (503, CONTENT_TYPE, b"") if text is None else (200, CONTENT_TYPE, text)
        return 404, "application/json", b"{}"

    def _ask(self, question: Coroutine[Any, Any, Any]) -> Any:
        try:
            future = asyncio.run_coroutine_threadsafe(question, self._loop)
        except RuntimeError:  # the loop has closed
            question.close()
            return None
        try:
            return future.result(LOOP_SECONDS)
        except TimeoutError:
            future.cancel()
            return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                status, media_type, body = server.answer(self.path)
                self.send_response_only(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
                """Nothing: probes come every few seconds."""

        return Handler


def _say(report: Report) -> tuple[int, str, bytes]:
    body = orjson.dumps({"status": report.status, "parts": dict(report.parts)})
    return report.http_status, "application/json", body
