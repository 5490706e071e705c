"""Writes docs/openapi/<service>.json from the routes of each service; a house test compares the two."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
sys.path.append(str(CLONE / "tests"))  # the services in one place, with their routes as data

from support.openapi_documents import documents  # noqa: E402

TARGET = CLONE / "docs" / "openapi"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = asyncio.run(documents(Path(folder)))
    TARGET.mkdir(exist_ok=True)
    for service, document in told.items():
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (TARGET / f"{service}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
