"""Writes docs/img/demo.svg: the table of a `lahetti demo` that is run now."""

import json
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "img" / "demo.svg"


def main() -> int:
    command = [str(Path(sys.executable).with_name("lahetti")), "demo", "--json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    table = Table(title="make demo", title_style="bold")
    for name in ("case", "channel", "Task", "reason", "the EHR sees", "seconds", ""):
        table.add_column(name, justify="right" if name == "seconds" else "left")
    for row in rows:
        cells = (row["case"], row["channel"], row["status"], row["reason"], row["ehr_status"])
        done = "[green]ok[/]" if row["ok"] else "[red]FAILED[/]"
        table.add_row(*(str(cell or "") for cell in cells), f"{row['seconds']:.1f}", done)
    console = Console(record=True, width=104, file=sys.stderr)
    console.print(table)
    TARGET.write_text(console.export_svg(title="lahetti demo"))
    return ran.returncode


if __name__ == "__main__":
    raise SystemExit(main())
