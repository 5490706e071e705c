#!/usr/bin/env python3
"""Writes the gateway's table of Finnish holidays from the library `holidays`, which takes 17 MB to import."""

from pathlib import Path

import holidays

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "services/referral-gateway/src/referral_gateway/domain/finnish_holidays.py"
YEARS = range(2020, 2101)
HEAD = '''"""The public holidays of Finland and the eves that are kept like them, by year, as month and day.

Written by scripts/holidays_table.py from the library `holidays`; a test holds the two together."""

BY_YEAR = {
'''


def table() -> str:
    """The module's text."""
    lines = [f'    {year}: "{_days(year)}",\n' for year in YEARS]
    return f"{HEAD}{''.join(lines)}}}\n"


def _days(year: int) -> str:
    return " ".join(f"{day:%m%d}" for day in sorted(holidays.country_holidays("FI", years=year)))


if __name__ == "__main__":
    TABLE.write_text(table())
