"""Checks a county's YAML against the JSON Schemas that ship with the service."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import orjson
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from referral_gateway.adapters.county_documents import CountyFile
from referral_gateway.domain.county import CountyProblem

Kind = Literal["county", "clients", "pathway", "agreement", "rules", "procedures"]


def schema_problems(file: CountyFile, kind: Kind) -> Iterator[CountyProblem]:
    """What the schema refuses in `file`, in the order of the file."""
    errors = sorted(
        _validator(kind).iter_errors(file.content), key=lambda error: list(map(str, error.absolute_path))
    )
    for error in errors:
        place = tuple(error.absolute_path)
        problem, remedy = _said(error)
        yield file.problem(place, problem, remedy)


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    schema = files("referral_gateway.county_schema").joinpath(f"{kind}.schema.json").read_bytes()
    return Draft202012Validator(orjson.loads(schema), format_checker=FormatChecker())


def _said(error: ValidationError) -> tuple[str, str]:
    """Problem and remedy; the schema's own description tells what is wanted."""
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    wanted = str(schema.get("description", "")) or "See the schema of this file."
    match error.validator:
        case "required":
            return f"`{_missing(error)}` is missing.", f"Add it. {wanted}".removesuffix(
                " See the schema of this file."
            )
        case "additionalProperties":
            known: dict[str, Any] = schema.get("properties", {})
            given = error.instance if isinstance(error.instance, dict) else {}
            strange = ", ".join(sorted(str(name) for name in given.keys() - known.keys()))
            return f"Not known here: {strange}.", f"Known keys are: {', '.join(sorted(known))}."
        case "enum" | "const":
            allowed = ", ".join(map(str, schema.get("enum", [schema.get("const")])))
            return "This value is not one of those allowed.", f"Allowed are: {allowed}."
        case "type":
            return f"This should be of type {schema.get('type')}.", _type_remedy(schema, wanted)
        case "minItems" | "minLength":
            return "This is empty.", wanted
        case "minimum" | "maximum":
            return (
                "This number is out of range.",
                f"Allowed: {schema.get('minimum')} to {schema.get('maximum', 'any')}.",
            )
        case _:
            return "This value is not allowed here.", wanted


def _missing(error: ValidationError) -> str:
    names = error.validator_value if isinstance(error.validator_value, list) else []
    given = error.instance if isinstance(error.instance, dict) else {}
    return next((name for name in names if name not in given and f"'{name}'" in error.message), "a key")


def _type_remedy(schema: dict[str, Any], wanted: str) -> str:
    return f"Put it in quotes. {wanted}" if schema.get("type") == "string" else wanted
