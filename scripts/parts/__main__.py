"""Start and stop this clone's own Apache Kafka, PostgreSQL and Redis: `python scripts/parts COMMAND [PART…]`.

up, down     all three, or the parts named: kafka, postgres, redis
env          the addresses as environment variables (also in .run/parts.env); exit code 1 unless all run
status       what runs
browser      where Chromium is

All state lives in `.run/`, except PostgreSQL's data (see postgres.py). Missing Debian packages are installed
when root. Needs only Python's standard library. Exit codes: 0 done, 1 a part did not start, 2 wrong usage,
3 a program is missing, and the line printed says how to install it.
"""

import argparse
import sys

import broker
import chromium
import postgres
import redis_server
from folder import RUN, exclusive
from packages import MissingProgramError
from servers import PartFailedError, down, running, up

PARTS = {part.name: part for part in (broker.PART, postgres.PART, redis_server.PART)}


def main(arguments: list[str]) -> int:
    """Do one command; print what happened in plain lines."""
    parser = argparse.ArgumentParser(
        prog="python scripts/parts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["up", "down", "env", "status", "browser"])
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    try:
        return _run(chosen.command, chosen.parts or list(PARTS))
    except MissingProgramError as missing:
        print(missing, file=sys.stderr)
        return 3
    except PartFailedError as failed:
        print(failed, file=sys.stderr)
        return 1


def _run(command: str, names: list[str]) -> int:
    if command == "env":
        return _print_environment()
    if command == "status":
        return _print_status()
    if command == "browser":
        print(chromium.path())
        return 0
    with exclusive():
        if command == "up":
            for name in names:
                print(up(PARTS[name]), flush=True)
        else:
            for name in reversed(names):
                print(down(PARTS[name]), flush=True)
        _write_environment()
    return 0


def _environment() -> list[str]:
    return [f"{part.variable}={url}" for part in PARTS.values() if (url := running(part))]


def _write_environment() -> None:
    path = RUN / "parts.env"
    if lines := _environment():
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n")
    else:
        path.unlink(missing_ok=True)


def _print_environment() -> int:
    lines = _environment()
    print("\n".join(lines))
    if len(lines) == len(PARTS):
        return 0
    print("Not all parts run: python scripts/parts up", file=sys.stderr)
    return 1


def _print_status() -> int:
    for part in PARTS.values():
        print(f"{part.name:9} {'runs' if running(part) else 'stopped'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
