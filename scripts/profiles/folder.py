"""Where the profiles' sources, results and tools are."""

import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
PROFILES = CLONE / "fhir-profiles"
RESOURCES = PROFILES / "resources"
PACKAGE = PROFILES / "package"
PAGES = CLONE / "docs" / "profiles"
CONTRACTS = CLONE / "libs" / "referral-contracts" / "src" / "referral_contracts"
TOOLS = CLONE / ".run" / "profiles"

sys.path.append(str(CLONE / "scripts" / "parts"))  # Debian's programs are found and installed there
