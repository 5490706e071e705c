"""The command `lahetti`."""

import os
import sys
from typing import Any

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from lahetti.commands import (
    agreements,
    cases,
    county,
    demo,
    doctor,
    keys,
    manage_clients,
    migrate,
    person,
    topics,
    trace,
    up,
)
from lahetti.output import complain
from lahetti.refusals import BAD_INPUT, EXIT_CODES, FAILED, Refused

INTERRUPTED = 130

app = typer.Typer(
    name="lahetti",
    help=f"Lähetti closes the loop of a wellbeing referral.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up", epilog=EXIT_CODES)(up.up)
app.command("demo", epilog=EXIT_CODES)(demo.demo)
app.command("migrate", epilog=EXIT_CODES)(migrate.migrate)
app.command("cases", epilog=EXIT_CODES)(cases.cases)
app.command("agreements", epilog=EXIT_CODES)(agreements.agreements)
app.command("topics", epilog=EXIT_CODES)(topics.topics)
app.command("doctor", epilog=EXIT_CODES)(doctor.doctor)
app.command("trace", epilog=EXIT_CODES)(trace.trace)
app.add_typer(county.app, name="county")
app.add_typer(manage_clients.app, name="clients")
app.add_typer(keys.app, name="keys")
app.add_typer(person.app, name="person")


def main() -> None:
    """Run the command; whatever goes wrong is told in lines, never as a traceback."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of `lahetti` with these arguments."""
    command: Any = get_command(app)
    try:
        answered = command.main(args=arguments, prog_name="lahetti", standalone_mode=False)
    except Refused as refused:
        for line in refused.lines:
            complain(f"lahetti: {line}")
        return refused.exit_code
    except TyperException as wrong:
        return _wrong_usage(wrong)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        # The last line of defence: people get a line, whoever mends it asks for the traceback.
        if os.environ.get("LAHETTI_TRACEBACK"):
            raise
        complain(f"lahetti: {type(error).__name__}: {error} (LAHETTI_TRACEBACK=1 shows where)")
        return FAILED
    return answered if isinstance(answered, int) else 0


def _wrong_usage(wrong: TyperException) -> int:
    text = wrong.format_message()
    if text.startswith("Usage:"):  # nothing was asked for: the help says what there is
        complain(text)
    else:
        complain(f"lahetti: {' '.join(text.split())} (`lahetti --help` shows what there is)")
    return BAD_INPUT


if __name__ == "__main__":
    main()
