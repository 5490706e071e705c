"""docs/asyncapi.json is generated: it says what the models say, and every event has one topic."""

import json
from pathlib import Path

from referral_contracts import asyncapi, events

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "asyncapi.json"


def test_the_committed_description_is_what_the_models_say() -> None:
    assert json.loads(COMMITTED.read_text()) == json.loads(json.dumps(asyncapi.document("1"))), (
        "run .venv/bin/python scripts/asyncapi.py"
    )


def test_every_event_travels_on_exactly_one_topic() -> None:
    placed = [model for _, models in asyncapi.CHANNELS.values() for model in models]
    assert sorted(model.type for model in placed) == sorted(model.type for model in events.ALL)
