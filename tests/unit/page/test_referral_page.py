"""The referral on its page: what is shown, what is recorded, and what happens when it cannot be."""

import pytest
from outcome_collector.adapters import tables
from outcome_collector.domain.task_documents import contact_attempts
from outcome_collector.use_cases.end_tasks import withdraw
from support.collector import EHR, PROVIDER, note, progress_of, reason, reason_of, status
from support.page import FAMILY, GIVEN, PHONE, Site, documents, site

__all__ = ["site"]


async def test_the_page_shows_whom_to_call_how_and_when_why_and_who_referred(site: Site) -> None:
    visitor, task = await site.entered(urgent=True)
    for words in (
        "Soittakaa", f"{GIVEN} {FAMILY}", PHONE, "Viimeistään maanantaina 9. maaliskuuta", "Kiireellinen",
        "Soita mieluiten arkisin kello 12 jälkeen.", "suomi", "liikkumattomuus",
        "Terveydenhoitaja Tarja Testaaja", "Esimerkin sote-keskus", "+358 5 000 0200",
    ):  # fmt: skip
        assert words in visitor.text, words
    assert 'href="tel:+358400000909"' in visitor.answer.text
    routed = (await site.collector.row(task))["service_request"]
    assert {asked[:2] for asked in site.gateway.asked} == {(PROVIDER.client, routed)}


async def test_no_name_is_in_a_title_or_an_address(site: Site) -> None:
    """INVARIANT: titles and addresses end up in histories, on screens that are shared, and in logs."""
    visitor, _ = await site.entered()
    for press in ({}, {"reached": "no"}, {"reason": "client-not-reached"}):
        if press:
            await visitor.press("attempts" if "reached" in press else "end", **press)
        assert visitor.title.removeprefix("Virhe: ") == "Lähete – Lähetti"
        for word in (FAMILY, "Aino", "0909"):
            assert word not in str(visitor.answer.url)
            assert all(word not in str(answer.headers) for answer in visitor.answer.history)
    for line in site.service.lines("http.request"):
        assert FAMILY not in str(line)


async def test_opening_is_shown_to_the_referrer_and_written_down_with_its_session(site: Site) -> None:
    _, task = await site.entered()
    assert progress_of(await site.collector.document(task)) == "opened"
    reads = await site.reads(task)
    assert {(row["client"], row["kind"]) for row in reads} == {(PROVIDER.client, "provider")}
    assert all(row["session"] for row in reads)


async def test_not_reached_takes_an_attempt_and_a_second_visit(site: Site) -> None:
    _, task, link = await site.referred()
    visitor = site.visitor()
    await visitor.enter(link)
    assert "Kirjatkaa ensin yhteydenottoyritys" in visitor.text
    await visitor.press("attempts", reached="no")
    assert "Kirjattu. Kiitos!" in visitor.text
    assert "2.3. kello 11.00 , ei vastausta" in visitor.text
    site.collector.clock.move(86_400)
    again = site.visitor()
    await again.enter(link)
    await again.press("end", reason="client-not-reached")
    assert "Peruuntunut : Asiakasta ei tavoitettu" in again.text
    assert "Kiitos työstänne!" in again.text
    assert FAMILY not in again.answer.text
    document = await site.collector.document(task)
    assert (document["status"], reason_of(document)) == ("rejected", "client-not-reached")
    assert contact_attempts(document["statusReason"]) == 1


async def test_a_referral_is_accepted_started_paused_resumed_and_completed(site: Site) -> None:
    visitor, task = await site.entered()
    await visitor.press("acceptance")
    await visitor.press("start")
    assert "Toiminta on alkanut" not in visitor.text
    await visitor.press("pause", reason="client-away-or-ill", comment="Palaa kahden viikon kuluttua.")
    assert "Odottaa: asiakas poissa tai sairaana" in visitor.text
    assert "Toiminta jatkuu" in visitor.text
    await visitor.press("start")
    await visitor.press("completion", activity="group")
    assert "Toteutunut" in visitor.text
    document = await site.collector.document(task)
    assert document["output"][0]["valueCodeableConcept"]["text"] == "Ryhmä"
    assert [one["text"] for one in document["note"]] == ["Palaa kahden viikon kuluttua."]
    versions = [await site.collector.document(task, v) for v in await site.collector.versions(task)]
    assert [one["status"] for one in versions] == [
        "requested", "requested", "accepted", "in-progress", "on-hold", "in-progress", "completed",
    ]  # fmt: skip


async def test_another_reason_needs_words_and_what_was_chosen_stays(site: Site) -> None:
    visitor, task = await site.entered("sv")
    await visitor.press("end", reason="other", comment="  ")
    assert visitor.answer.status_code == 422
    assert "Berätta orsaken med några ord." in visitor.text
    assert visitor.title == "Fel: Remiss – Lähetti"
    assert 'name="end-reason" open' in visitor.answer.text
    assert "aria-invalid" in visitor.answer.text
    assert (await site.collector.row(task))["status"] == "requested"
    await visitor.press("end", reason="other", comment="Flyttade <utomlands>")
    assert "Blev inte av : Annan orsak" in visitor.text
    assert (await site.collector.document(task))["note"][0]["text"] == "Flyttade <utomlands>"


async def test_a_text_that_is_too_long_is_refused_and_given_back(site: Site) -> None:
    visitor, _ = await site.entered("en")
    comment = "<b>" + "a" * 1000
    await visitor.press("end", reason="client-declined", comment=comment)
    assert visitor.answer.status_code == 422
    assert "up to 1000 characters fit" in visitor.text
    assert comment in visitor.text
    assert "<b>" not in visitor.answer.text


async def test_a_reason_that_is_not_offered_is_refused(site: Site) -> None:
    visitor, task = await site.entered()
    form = visitor.forms("end")[0]
    for forged in ("client-not-reached", "no-response-in-time", "permission-withdrawn", "withheld", "x"):
        await visitor.send(form, reason=forged)
        assert visitor.answer.status_code == 422, forged
        assert "Kirjaus ei tallentunut." in visitor.text
    assert (await site.collector.row(task))["status"] == "requested"


async def test_the_same_form_sent_twice_counts_once_and_shows_how_things_stand(site: Site) -> None:
    visitor, task = await site.entered()
    form = visitor.forms("attempts")[0]
    await visitor.send(form, reached="no")
    await visitor.send(form, reached="no")
    assert visitor.answer.status_code == 412
    assert "katsokaa, onko kirjauksenne jo siinä" in visitor.text
    assert visitor.text.count("ei vastausta") == 1
    assert (await site.collector.row(task))["contact_attempts"] == 1
    await visitor.press("attempts", reached="yes")
    assert "Asiakas tavoitettu" in visitor.text


async def test_what_was_written_survives_a_change_in_between(site: Site) -> None:
    visitor, task = await site.entered()
    await site.collector.patch(task, status("accepted"))
    await visitor.press("end", reason="client-declined", comment="Ehtii vasta syksyllä.")
    assert visitor.answer.status_code == 412
    assert "Otettu vastaan" in visitor.text
    assert "Ehtii vasta syksyllä." in visitor.text
    await visitor.press("end", reason="client-declined")
    assert (await site.collector.document(task))["status"] == "failed"


async def test_once_the_referral_was_cancelled_nobody_is_shown_and_nothing_is_asked(site: Site) -> None:
    routed, task, link = await site.referred()
    visitor = site.visitor()
    await visitor.enter(link)
    form = visitor.forms("acceptance")[0]
    await site.collector.patch(routed.referral, status("cancelled"), reason("no-longer-needed"), by=EHR)
    await visitor.send(form)
    assert visitor.answer.status_code == 412
    assert "Lähete on peruttu." in visitor.text
    assert FAMILY not in visitor.answer.text
    assert visitor.forms("end") == []
    outside = site.visitor()
    await outside.open(link)
    assert "lähete on päättynyt" in outside.text
    assert "odottaa" not in outside.text
    assert (await site.collector.row(task))["status"] == "cancelled"


async def test_a_withdrawn_permission_is_told_before_and_after_the_task_has_ended(site: Site) -> None:
    routed, task, link = await site.referred()
    visitor = site.visitor()
    await visitor.enter(link)
    site.gateway.given = None
    for _ in ("the gateway refuses already", "the Task has ended too"):
        await visitor.open(f"{link}/referral")
        assert visitor.answer.status_code == 200
        assert "Lupa ei ole enää voimassa" in visitor.text
        assert "Älkää ottako asiakkaaseen enää yhteyttä" in visitor.text
        assert "Odottaa vastaustanne" not in visitor.text
        assert FAMILY not in visitor.answer.text
        assert visitor.forms("end") == visitor.forms("attempts") == []
        clock = site.collector.clock
        async with site.collector.units.write() as unit:
            await withdraw(unit, routed.referral, now=clock.now, patience=site.collector.patience)
        await visitor.open(f"{link}/referral")
        assert visitor.answer.status_code == 410, "the link and its session are dead"
        link = await site.link_to(task)
        visitor = site.visitor()
        await visitor.enter(link)
    assert "Peruttu : Lupa peruttu" in visitor.text
    assert "Yhteydenottoyritykset" not in visitor.text


async def test_a_gateway_that_does_not_answer_is_our_trouble_and_nothing_is_lost(site: Site) -> None:
    visitor, task = await site.entered("en")
    site.gateway.down = True
    await visitor.press("attempts", reached="no")
    assert visitor.answer.status_code == 503
    assert "The fault is ours, and the referral is safe." in visitor.text
    assert visitor.title == "The referral could not be opened right now – Lähetti"
    site.gateway.down = False
    await visitor.open(str(visitor.answer.url.path) + "?lang=en")
    assert "no answer" in visitor.text
    assert (await site.collector.row(task))["contact_attempts"] == 1


async def test_of_a_child_the_guardian_is_called_first(site: Site) -> None:
    site.gateway.given = documents(child=True)
    visitor, _ = await site.entered()
    assert f"Soittakaa huoltajalle Huoltaja {FAMILY} {PHONE}" in visitor.text
    assert f"Lähete koskee lasta: {GIVEN} {FAMILY}" in visitor.text


async def test_of_a_protected_person_only_name_and_phone_are_shown_with_a_warning(site: Site) -> None:
    site.gateway.given = documents(protected=True, hetu=True)
    visitor, _ = await site.entered(protected=True)
    assert "Turvakielto: näytämme vain nimen ja puhelinnumeron." in visitor.text
    assert PHONE in visitor.text
    assert "140578-901" not in visitor.answer.text


async def test_the_need_of_an_interpreter_is_shown(site: Site) -> None:
    site.gateway.given = documents(interpreter=True)
    visitor, _ = await site.entered("en")
    assert "The client needs an interpreter." in visitor.text
    assert "Arabic" in visitor.text


async def test_a_test_referral_says_so_on_both_sides_of_the_door(site: Site) -> None:
    _, _, link = await site.referred(test=True)
    visitor = site.visitor()
    await visitor.open(link)
    assert "TESTI" in visitor.text
    await visitor.enter(link)
    assert "TESTI" in visitor.text


@pytest.mark.parametrize(("agrees", "ends"), [(True, "cancelled"), (False, "in-progress")])
async def test_a_wish_to_stop_what_has_started_is_answered_on_the_page(
    site: Site, agrees: bool, ends: str
) -> None:
    routed, task, _ = await site.referred()
    for step in ("accepted", "in-progress"):
        await site.collector.patch(task, status(step))
    wish = (status("cancelled"), reason("no-longer-needed"), note("Sai ajan muualta."))
    await site.collector.patch(routed.referral, *wish, by=EHR)
    (stop,) = [row for row in await site.collector.rows(tables.Task) if row["kind"] == "stop"]
    visitor = site.visitor()
    await visitor.enter(await site.link_to(stop["id"]))
    for words in ("Lähetteen tekijä pyytää lopettamaan", "Ei enää tarpeen", "Sai ajan muualta."):
        assert words in visitor.text
    assert await site.reads(stop["id"]) != []
    form = visitor.forms("stop")[0]
    await visitor.press("stop", answer="agree" if agrees else "go-on")
    assert "Kirjattu. Kiitos!" in visitor.text
    assert "pyytää lopettamaan" not in visitor.text
    assert (await site.collector.row(task))["status"] == ends
    answered = await site.collector.row(stop["id"])
    assert (answered["status"], answered["reason"]) == (
        ("accepted", None) if agrees else ("rejected", "other")
    )
    await visitor.send(form, answer="agree")
    assert visitor.answer.status_code == 412
    assert (await site.collector.row(task))["status"] == ends
    await visitor.send(form, answer="perhaps")
    assert visitor.answer.status_code == 422


@pytest.mark.parametrize(
    ("chosen", "asked", "shown"), [("sv", "fi", "sv"), ("xx", "en", "en"), ("", "de", "fi")]
)
async def test_the_language_is_kept_from_page_to_page(
    site: Site, chosen: str, asked: str, shown: str
) -> None:
    _, _, link = await site.referred()
    visitor = site.visitor(asked)
    await visitor.open(f"{link}?lang={chosen}")
    expected = f'<html lang="{shown}">'
    assert expected in visitor.answer.text
    visitor.language = "de"
    await visitor.send(visitor.page.form_with("pin"), pin="00000000")
    assert expected in visitor.answer.text
    await visitor.send(visitor.page.form_with("pin"), pin="20260302")
    assert expected in visitor.answer.text
    await visitor.press("attempts", reached="no")
    assert expected in visitor.answer.text
    await visitor.press("close")
    assert expected in visitor.answer.text


async def test_languages_can_be_changed_on_every_page_a_refused_form_included(site: Site) -> None:
    visitor, _ = await site.entered()
    await visitor.press("end", reason="other")
    target = visitor.answer.text.partition('<a href="/p/')[2].partition("?lang=fi")[0]
    await visitor.open(f"/p/{target}?lang=en")
    assert (visitor.answer.status_code, "<h1>Referral" in visitor.answer.text) == (200, True)
    await visitor.open(f"/p/{target.replace('/referral', '/end')}?lang=sv")
    assert (visitor.answer.status_code, "<h1>Remiss" in visitor.answer.text) == (200, True)
