"""References inside a Bundle."""

from referral_contracts.fhir.references import all_references, resolve, rewritten
from support.referrals import referral_bundle


def test_a_urn_leads_to_its_entry_and_nothing_else_does() -> None:
    bundle = referral_bundle(identifier="R-1")
    patient = bundle["entry"][0]
    assert resolve(bundle, patient["fullUrl"]) is patient["resource"]
    assert resolve(bundle, "urn:uuid:of-nobody") is None


def test_every_reference_is_found_with_its_place() -> None:
    value = {
        "subject": {"reference": "a"},
        "note": [{"authorReference": {"reference": "b"}}],
        "reference": {"x": 1},
    }
    assert list(all_references(value, "ServiceRequest")) == [
        ("ServiceRequest.subject.reference", "a"),
        ("ServiceRequest.note[0].authorReference.reference", "b"),
    ]


def test_rewriting_makes_a_copy_and_leaves_the_rest() -> None:
    value = {
        "subject": {"reference": "urn:1", "display": "urn:1"},
        "performer": [{"reference": "Organization/x"}],
    }
    after = rewritten(value, {"urn:1": "Patient/1"}.get)
    assert after == {
        "subject": {"reference": "Patient/1", "display": "urn:1"},
        "performer": [{"reference": "Organization/x"}],
    }
    assert value["subject"]["reference"] == "urn:1"
