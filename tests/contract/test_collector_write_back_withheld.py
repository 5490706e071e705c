"""What may not be returned does not come home either (D2)."""

from datetime import timedelta

from service_runtime.clock import SystemClock
from service_runtime.delivery.classes import AttemptClass
from support.collector import collector, note, progress, reason, status
from support.record_system import OWN, Home, home

__all__ = ["collector", "home"]


async def test_without_a_permission_to_return_the_status_and_withheld_come_home_and_nothing_else(
    home: Home,
) -> None:
    _, task, url = await home.referral(return_permitted=False)
    for step in (
        (status("accepted"), progress("contact-attempted"), note("Ei vastannut.")),
        (status("on-hold"), reason("client-away-or-ill", text="Sairaalassa.")),
        (status("failed"), reason("client-not-reached", text="Kolmesti.")),
    ):
        await home.collector.patch(task, *step)
    for _ in range(3):
        assert (await home.bring()).outcome is AttemptClass.DELIVERED
    assert home.ehr.statuses(url) == ["requested", "accepted", "on-hold", "failed"]
    theirs = home.ehr.task(url)
    assert theirs["statusReason"]["coding"][0]["code"] == "withheld"
    assert theirs["note"] == OWN["note"], "only what was its own"
    assert theirs.keys() - OWN.keys() <= {"id", "meta", "statusReason"}


async def test_what_may_return_for_a_time_comes_home_bare_when_that_is_over(home: Home) -> None:
    """The write-back waited for a record system that was down; the permission ended in the meantime."""
    over = SystemClock().now() - timedelta(seconds=1)
    routed, task, url = await home.referral(return_until=over)
    assert home.collector.clock.now() < over, "it holds when the provider reports"
    await home.collector.patch(task, status("accepted"), progress("scheduled"), note("Aika maanantaina."))
    assert "note" in await home.collector.document(routed.referral)
    assert (await home.bring()).outcome is AttemptClass.DELIVERED
    theirs = home.ehr.task(url)
    assert (theirs["status"], theirs["note"]) == ("accepted", OWN["note"])
    assert "businessStatus" not in theirs
