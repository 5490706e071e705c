"""Writes docs/asyncapi.json from the event models; a house test compares the two."""

import json
from pathlib import Path

from referral_contracts.asyncapi import document

TARGET = Path(__file__).resolve().parent.parent / "docs" / "asyncapi.json"


def rendered() -> str:
    return json.dumps(document("1"), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(rendered())
