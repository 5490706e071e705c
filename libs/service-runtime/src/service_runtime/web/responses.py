"""Answers whose bytes are ready: nothing is rendered twice."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from service_runtime.web.media_types import FHIR_JSON


class FhirResponse(Response):
    """A resource as JSON bytes, `application/fhir+json`."""

    media_type = FHIR_JSON


class JsonResponse(Response):
    """Any document as JSON, for routes that are ours and not FHIR."""

    media_type = "application/json"

    def __init__(
        self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(orjson.dumps(content), status_code, headers)
