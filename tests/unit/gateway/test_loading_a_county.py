"""A county's folder is loaded whole or not at all, and the same folder again changes nothing."""

from referral_gateway.adapters import tables
from support.gateway import Gateway, bundle
from support.gateway_county import KOTKA, county_files


async def test_the_same_folder_again_changes_nothing_and_tells_nobody(gateway: Gateway) -> None:
    before = await gateway.counts()
    response = await gateway.load_county(county_files())
    assert response.status_code == 200
    report = response.json()
    assert (report["version"], report["added"], report["changed"], report["removed"]) == (1, [], [], [])
    assert report["unchanged"] > 10
    assert await gateway.counts() == before


async def test_each_provider_and_address_is_told_once_when_it_is_new(gateway: Gateway) -> None:
    providers = await gateway.told("provider.changed")
    endpoints = await gateway.told("endpoint.changed")
    assert [(event["provider"], event["version"], event["key"]) for event in providers] == [
        (name, 1, name) for name in ("hamina", "kotka", "liikkujat")
    ]
    assert [(event["endpoint"], event["provider"], event["key"]) for event in endpoints] == [
        (f"{name}-webhook", name, name) for name in ("hamina", "kotka", "liikkujat")
    ]
    assert {event["topic"] for event in (*providers, *endpoints)} == {"lahetti.directory.v1"}


async def test_a_changed_address_gets_a_version_and_is_told_and_nothing_else_is(gateway: Gateway) -> None:
    files = county_files()
    files["directory/kotka.json"] = files["directory/kotka.json"].replace("/hook", "/new-hook")

    report = (await gateway.load_county(files)).json()

    assert (report["added"], report["changed"], report["removed"]) == ([], ["Endpoint/kotka-webhook"], [])
    told = await gateway.told("endpoint.changed")
    assert [event["version"] for event in told if event["provider"] == "kotka"] == [1, 2]
    assert len(await gateway.told("provider.changed")) == 3
    response = await gateway.get("Endpoint/kotka-webhook", gateway.as_service())
    assert response.headers["etag"] == 'W/"2"'
    assert response.json()["address"] == "https://kotka.example/new-hook"
    assert (await gateway.get("Endpoint/kotka-webhook/_history/1", gateway.as_service())).status_code == 200


async def test_what_is_gone_from_the_folder_becomes_inactive_and_comes_back(gateway: Gateway) -> None:
    files = county_files(backup=False)
    del files["directory/liikkujat.json"]
    assert (await gateway.load_county(files)).json()["removed"]
    assert (await gateway.get("Organization/liikkujat", gateway.as_service())).json()["active"] is False
    assert (await gateway.get("Endpoint/liikkujat-webhook", gateway.as_service())).json()["status"] == "off"

    await gateway.load_county(county_files())
    back = await gateway.get("Organization/liikkujat", gateway.as_service())
    assert (back.json()["active"], back.headers["etag"]) == (True, 'W/"3"')


async def test_a_folder_with_faults_is_refused_whole_with_place_and_remedy(gateway: Gateway) -> None:
    before = await gateway.counts()
    files = county_files()
    files["agreements/exercise.yaml"] = files["agreements/exercise.yaml"].replace('"kotka"', '"nowhere"')
    files["pathways/exercise.yaml"] = "id: ["

    response = await gateway.load_county(files)

    assert response.status_code == 422
    problems = response.json()["problems"]
    assert {problem["file"] for problem in problems} >= {"pathways/exercise.yaml"}
    assert all(problem["problem"] and problem["remedy"] for problem in problems)
    assert await gateway.counts() == before
    assert (await gateway.post(bundle(identifier="R-1", municipality=KOTKA))).status_code == 200


async def test_a_body_that_is_no_folder_is_refused(gateway: Gateway) -> None:
    for body in (b"[]", b"{}", b'{"files": []}', b'{"files": {"a": 1}}', b"{"):
        headers = gateway.as_staff() | {"content-type": "application/json"}
        response = await gateway.http.post("/gateway/county", content=body, headers=headers)
        assert response.status_code in {400, 422}, body


async def test_only_staff_may_load(gateway: Gateway) -> None:
    response = await gateway.http.post("/gateway/county", json={"files": {}}, headers=gateway.as_ehr())
    assert response.status_code == 403


async def test_another_process_works_by_the_new_folder_within_a_second(gateway: Gateway) -> None:
    await gateway.base.counties.look()  # `base` is opened beside the application: another process, in effect
    await gateway.load_county(county_files(backup=False))
    assert "backup" in gateway.base.counties.current().agreements
    gateway.clock.move(1)
    await gateway.base.counties.look()
    assert "backup" not in gateway.base.counties.current().agreements


async def test_each_load_is_kept_with_who_loaded_it(gateway: Gateway) -> None:
    await gateway.load_county(county_files(backup=False))
    rows = await gateway.rows(tables.CountySnapshot)
    assert sorted((row.version, row.loaded_by) for row in rows) == [(1, "coordinator"), (2, "coordinator")]
