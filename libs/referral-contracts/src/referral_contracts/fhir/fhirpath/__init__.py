"""FHIRPath, as far as invariants use it, compiled once and evaluated on plain JSON.

Not a general engine: what an expression needs and is not here raises NotSupportedError when it is compiled,
never when it is evaluated. Tests hold it against an engine that is not ours.
"""

from referral_contracts.fhir.fhirpath.compiling import compiled, condition
from referral_contracts.fhir.fhirpath.logic import Condition
from referral_contracts.fhir.fhirpath.parsing import NotSupportedError
from referral_contracts.fhir.fhirpath.values import Around

__all__ = ["Around", "Condition", "NotSupportedError", "compiled", "condition"]
