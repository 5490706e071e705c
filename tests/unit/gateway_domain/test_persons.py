"""Which referrals are about the same person."""

from referral_gateway.domain.persons import PatientOf, identities, identity, same_person

HETU = "urn:oid:1.2.246.21"
OWN = "https://ehr.example.org/person"


def patient(referral: str, client: str, *identifiers: tuple[str, str]) -> PatientOf:
    resource = {"identifier": [{"system": system, "value": value} for system, value in identifiers]}
    return PatientOf(referral, identities(client, resource))


def test_a_code_is_the_same_everywhere_and_any_other_identifier_at_its_client() -> None:
    patients = [
        patient("1", "a", (HETU, "140578-9018")),
        patient("2", "b", (HETU, "140578-9018")),
        patient("3", "a", (OWN, "7")),
        patient("4", "b", (OWN, "7")),
        patient("5", "a"),
    ]
    assert same_person(patients, known=identity("", HETU, "140578-9018")) == ["1", "2"]
    assert same_person(patients, known=identity("a", OWN, "7")) == ["3"]
    assert same_person(patients, referral="5") == ["5"]
    assert same_person(patients, referral="6") == []


def test_identities_lead_on_from_referral_to_referral_in_whatever_order_they_are_read() -> None:
    chain = [
        patient("1", "a", (OWN, "7")),
        patient("2", "a", (OWN, "7"), (HETU, "140578-9018")),
        patient("3", "b", (HETU, "140578-9018"), (OWN, "9")),
        patient("4", "b", (OWN, "9")),
        patient("5", "b", (OWN, "8")),
    ]
    for patients in (chain, chain[::-1]):
        assert same_person(patients, referral="1") == ["1", "2", "3", "4"]


def test_a_code_with_a_wrong_check_character_and_half_an_identifier_identify_nobody_elsewhere() -> None:
    patients = [
        patient("1", "a", (HETU, "140578-9011")),
        patient("2", "b", (HETU, "140578-9011")),
        patient("3", "a", ("", "7")),
        patient("4", "a", ("", "7")),
    ]
    assert [same_person(patients, referral=one.referral) for one in patients] == [["1"], ["2"], ["3"], ["4"]]
