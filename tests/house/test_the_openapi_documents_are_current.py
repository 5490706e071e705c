"""docs/openapi is generated: it names every route of every service, its scope and its callers."""

import json
from pathlib import Path

from support.openapi_documents import documents

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi"


async def test_the_committed_documents_are_what_the_routes_say(tmp_path: Path) -> None:
    told = await documents(tmp_path)
    committed = {file.stem: json.loads(file.read_text()) for file in COMMITTED.glob("*.json")}
    assert committed == json.loads(json.dumps(told)), "run .venv/bin/python scripts/openapi.py"
