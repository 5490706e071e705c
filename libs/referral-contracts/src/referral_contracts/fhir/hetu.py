"""The Finnish personal identity code (henkilötunnus): its form and its check character.

Source: Digital and Population Data Services Agency, "The personal identity code", with the intermediate
characters added on 1 January 2023 (Y X W V U beside - for the 1900s, B C D E F beside A for the 2000s).
"""

import re
from datetime import date

_CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CENTURY = {"+": 1800} | dict.fromkeys("-YXWVU", 1900) | dict.fromkeys("ABCDEF", 2000)
_FORM = re.compile(r"(\d{2})(\d{2})(\d{2})([-+YXWVUABCDEF])(\d{3})([0-9A-Y])")


def check_character(day_month_year: str, individual: str) -> str:
    """The check character of the six digits `day_month_year` (ddmmyy) and the three digits `individual`."""
    return _CHECK_CHARACTERS[int(day_month_year + individual) % 31]


def birth_date(hetu: str) -> date | None:
    """The date of birth in a valid code; None where the form, the date or the check character is wrong."""
    match = _FORM.fullmatch(hetu)
    if match is None:
        return None
    day, month, year, sign, individual, check = match.groups()
    if int(individual) < 2 or check_character(day + month + year, individual) != check:
        return None
    try:
        return date(_CENTURY[sign] + int(year), int(month), int(day))
    except ValueError:
        return None


def is_valid(hetu: str) -> bool:
    """Whether `hetu` is a well-formed code with the right check character. Artificial codes (900-999) are
    valid."""
    return birth_date(hetu) is not None
