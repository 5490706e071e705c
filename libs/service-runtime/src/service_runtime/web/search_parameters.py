"""The parameters of a search, from the address and from a posted form, without saying what they mean."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from service_runtime.web.problems import Problem

Given = list[tuple[str, str]]
MOST_PARAMETERS = 200


def in_address(request: Request) -> Given:
    """Names and values of the query string. Raises Problem `unreadable-request` where there are too many."""
    return pairs(request.scope["query_string"])


async def in_body(request: Request) -> Given:
    """Names and values of the posted form. Raises Problem `unreadable-request` where it is none."""
    return pairs(await request.body())


def pairs(text: bytes) -> Given:
    """Names and values of an encoded query. Raises Problem `unreadable-request`."""
    try:
        return parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise Problem("unreadable-request") from None
