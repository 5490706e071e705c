"""All that the three services keep, as bytes to be searched."""

import sqlite3

from support.routes import Installation


def everything(three: Installation) -> bytes:
    """Every value of every table of every service, and of the event log beside them, whatever tables there
    are."""
    parts: list[bytes] = []
    folder = next(iter(three.databases.values())).parent
    for file in sorted({*three.databases.values(), *folder.glob("*.db")}):
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in database.execute(f'SELECT * FROM "{name}"'):
                parts += [one if isinstance(one, bytes) else str(one).encode() for one in row]
        database.close()
    return b"\n".join(parts)
