"""The canonical addresses of code systems, extensions and profiles that travel in resources."""

CANONICAL = "https://lahetti.example/fhir"

STATUS_REASON = f"{CANONICAL}/CodeSystem/referral-status-reason"
PROGRESS = f"{CANONICAL}/CodeSystem/referral-progress"
PATHWAY = f"{CANONICAL}/CodeSystem/pathway"
REFERRAL_REASON = f"{CANONICAL}/CodeSystem/referral-reason"
ERROR = f"{CANONICAL}/CodeSystem/error"
OUTPUT_TYPE = f"{CANONICAL}/CodeSystem/referral-output"

INITIATIVE_EXTENSION = f"{CANONICAL}/StructureDefinition/initiative"
CHANNEL_EXTENSION = f"{CANONICAL}/StructureDefinition/channel"
CONTACT_ATTEMPTS_EXTENSION = f"{CANONICAL}/StructureDefinition/contact-attempts"

TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
REQUEST_STATUS_REASON_EXTENSION = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
INTERPRETER_EXTENSION = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"

HETU = "urn:oid:1.2.246.21"
MUNICIPALITY_CODES = "urn:oid:1.2.246.537.6.21"
MUNICIPALITY_EXTENSION = "https://hl7.fi/fhir/finnish-base-profiles/StructureDefinition/municipality-code"
SECURITY_LABELS_FI = "https://hl7.fi/fhir/finnish-base-profiles/CodeSystem/fi-base-security-label-cs"
PROTECTED = "TURVAKIELTO"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
TEST = "HTEST"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
