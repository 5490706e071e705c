"""Each caller reads what is its own, while it may, and each look at a person is written down."""

import pytest
from referral_gateway.adapters import tables
from service_runtime.ids import new_id
from support.gateway import Gateway, issues, moved
from support.gateway_county import EHR, KOTKA

DOCUMENTS = ("ServiceRequest", "Patient", "Consent", "PractitionerRole")


async def test_an_ehr_reads_its_own_referral(gateway: Gateway) -> None:
    referral = await gateway.refer()
    for name in DOCUMENTS:
        response = await gateway.get(f"{name}/{referral}", gateway.as_ehr())
        assert response.status_code == 200
        assert response.json()["id"] == referral
        assert response.headers["etag"] == 'W/"1"'
        assert response.headers["last-modified"] == "Mon, 02 Mar 2026 09:00:00 GMT"
        assert response.headers["content-type"] == "application/fhir+json"


async def test_to_another_ehr_the_referral_does_not_exist(gateway: Gateway) -> None:
    referral = await gateway.refer()
    for name in DOCUMENTS:
        response = await gateway.get(f"{name}/{referral}", gateway.as_ehr(EHR))
        assert response.status_code == 404
        assert issues(response) == issues(await gateway.get(f"{name}/{new_id()}", gateway.as_ehr(EHR)))


async def test_the_provider_reads_its_order_the_person_and_the_permission(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)
    for headers in (gateway.as_provider("kotka"), gateway.as_page_of("kotka")):
        for path in (f"ServiceRequest/{routing.id}", f"Patient/{referral}", f"Consent/{referral}"):
            assert (await gateway.get(path, headers)).status_code == 200


async def test_a_provider_never_reads_the_ehrs_own_request(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    assert (await gateway.get(f"ServiceRequest/{referral}", gateway.as_provider("kotka"))).status_code == 404


async def test_to_another_provider_the_referral_does_not_exist(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)
    for headers in (gateway.as_provider("hamina"), gateway.as_page_of("hamina")):
        for path in (f"ServiceRequest/{routing.id}", f"Patient/{referral}", f"Consent/{referral}"):
            assert (await gateway.get(path, headers)).status_code == 404


async def test_a_service_by_itself_reads_the_order_and_never_a_person(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)
    assert (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_service())).status_code == 200
    for path in (f"ServiceRequest/{referral}", f"Patient/{referral}", f"Consent/{referral}"):
        assert (await gateway.get(path, gateway.as_service())).status_code == 404


async def test_a_provider_whose_routing_ended_reads_nothing_of_the_person_any_more(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)
    await gateway.hear(moved(routing, "rejected", releases_quota=True, reroute="automatic"))
    assert (await gateway.routing(referral)).provider == "liikkujat"

    for path in (f"Patient/{referral}", f"Consent/{referral}"):
        refused = await gateway.get(path, gateway.as_provider("kotka"))
        assert refused.status_code == 403
        assert issues(refused)[0][0] == "routing-ended"
        assert (await gateway.get(path, gateway.as_provider("liikkujat"))).status_code == 200


async def test_when_the_permissions_period_has_ended_a_provider_reads_nothing(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    routing = await gateway.routing(referral)
    gateway.clock.move(366 * 24 * 3600)
    for path in (f"ServiceRequest/{routing.id}", f"Patient/{referral}"):
        refused = await gateway.get(path, gateway.as_provider("kotka"))
        assert refused.status_code == 403
        assert issues(refused)[0][0] == "permission-inactive"


async def test_of_a_protected_person_the_provider_reads_name_and_phone_only(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA, protected=True, hetu=True)
    routing = await gateway.routing(referral)

    person = (await gateway.get(f"Patient/{referral}", gateway.as_provider("kotka"))).json()
    assert set(person) == {"resourceType", "id", "meta", "name", "telecom"}
    assert person["meta"]["security"][0]["code"] == "TURVAKIELTO"
    order = (await gateway.get(f"ServiceRequest/{routing.id}", gateway.as_provider("kotka"))).json()
    assert order["meta"]["security"][0]["code"] == "TURVAKIELTO"
    (event,) = await gateway.told("referral.routed")
    assert event["protected"] is True
    own = (await gateway.get(f"Patient/{referral}", gateway.as_ehr())).json()
    assert {"birthDate", "identifier"} <= set(own)


async def test_each_reading_is_written_down_also_the_refused_one(gateway: Gateway) -> None:
    referral = await gateway.refer(municipality=KOTKA)
    await gateway.get(f"Patient/{referral}", gateway.as_ehr())
    await gateway.get(f"Patient/{referral}", gateway.as_page_of("kotka"))
    await gateway.get(f"Patient/{referral}", gateway.as_provider("hamina"))

    lines = sorted(await gateway.rows(tables.Audit, referral=referral), key=lambda row: row.id)
    assert [(row.client, row.kind, row.on_behalf_of, row.type, row.outcome) for row in lines] == [
        ("ehr-polling", "ehr", None, "Patient", "given"),
        ("outcome-collector", "service", "kotka", "Patient", "given"),
        ("hamina", "provider", None, "Patient", "not-yours"),
    ]
    assert lines[1].session is not None


async def test_versions_and_history_are_kept(gateway: Gateway) -> None:
    referral = await gateway.refer()
    note = {"op": "add", "path": "/note/-", "value": {"text": "Soita myös lauantaina."}}
    await gateway.http.patch(
        f"/fhir/ServiceRequest/{referral}",
        json=[note],
        headers=gateway.as_ehr() | {"if-match": 'W/"1"', "content-type": "application/json-patch+json"},
    )

    first = await gateway.get(f"ServiceRequest/{referral}/_history/1", gateway.as_ehr())
    second = await gateway.get(f"ServiceRequest/{referral}/_history/2", gateway.as_ehr())
    assert (len(first.json()["note"]), len(second.json()["note"])) == (1, 2)
    assert second.headers["etag"] == 'W/"2"'
    history = (await gateway.get(f"ServiceRequest/{referral}/_history", gateway.as_ehr())).json()
    assert history["type"] == "history"
    assert [entry["response"]["etag"] for entry in history["entry"]] == ['W/"2"', 'W/"1"']
    for version in ("3", "x", "0", "99999999999999999999"):
        missing = await gateway.get(f"ServiceRequest/{referral}/_history/{version}", gateway.as_ehr())
        assert missing.status_code == 404


async def test_the_directory_is_read_by_all_and_an_address_only_by_its_provider(gateway: Gateway) -> None:
    for headers in (gateway.as_ehr(), gateway.as_service()):
        assert (await gateway.get("Organization/kotka", headers)).status_code == 200
    assert (await gateway.get("Endpoint/kotka-webhook", gateway.as_service())).status_code == 200
    assert (await gateway.get("Endpoint/kotka-webhook", gateway.as_provider("kotka"))).status_code == 200
    assert (await gateway.get("Endpoint/kotka-webhook", gateway.as_provider("hamina"))).status_code == 404


async def test_the_notifier_finds_all_addresses_and_a_provider_its_own(gateway: Gateway) -> None:
    async def found(query: str, headers: dict[str, str]) -> list[str]:
        answer = (await gateway.get(f"Endpoint{query}", headers)).json()
        assert answer["type"] == "searchset"
        assert answer["total"] == len(answer.get("entry", []))
        return [entry["resource"]["id"] for entry in answer.get("entry", [])]

    assert await found("", gateway.as_service()) == ["hamina-webhook", "kotka-webhook", "liikkujat-webhook"]
    assert await found("", gateway.as_provider("kotka")) == ["kotka-webhook"]
    assert await found("?organization=Organization/hamina", gateway.as_service()) == ["hamina-webhook"]
    assert await found("?status=off", gateway.as_service()) == []


@pytest.mark.parametrize("query", ["?status=sleeping", "?organization="])
async def test_a_search_that_is_not_understood_is_refused(gateway: Gateway, query: str) -> None:
    response = await gateway.get(f"Endpoint{query}", gateway.as_service())
    assert response.status_code == 400, response.text


async def test_an_unknown_parameter_is_named_or_refused_as_the_reader_prefers(gateway: Gateway) -> None:
    strict = gateway.as_service() | {"Prefer": "handling=strict"}
    assert (await gateway.get("Endpoint?name=x", strict)).status_code == 400
    lenient = (await gateway.get("Endpoint?name=x", gateway.as_service())).json()
    (told,) = [one for one in lenient["entry"] if one["search"]["mode"] == "outcome"]
    assert told["resource"]["issue"][0]["severity"] == "warning"
    assert len(lenient["entry"]) == lenient["total"] + 1


async def test_without_a_token_or_the_right_nothing_is_read(gateway: Gateway) -> None:
    referral = await gateway.refer()
    assert (await gateway.get(f"Patient/{referral}", {})).status_code == 401
    assert (await gateway.get(f"Patient/{referral}", gateway.as_staff())).status_code == 403
