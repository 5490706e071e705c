"""Where the conformance run keeps what it fetches, and the folders of scripts that it builds on."""

import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
RUN = CLONE / ".run" / "conformance"
PACKAGE_FOLDER = CLONE / "fhir-profiles" / "package"

# HL7's packages are fetched and checked by the profiles' script, Debian's programs found by the parts'.
sys.path += [str(CLONE / "scripts" / "profiles"), str(CLONE / "scripts" / "parts")]
