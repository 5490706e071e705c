"""A provider's PIN: the second factor behind every link, shown once to whoever sets it."""

from referral_contracts.errors import refuse

from outcome_collector.domain.page_access import PinState, check_pin, is_provider, new_pin
from outcome_collector.ports import PinHasher, Units


async def set_pin(units: Units, hasher: PinHasher, provider: str, pin: str | None = None) -> str:
    """Sets `pin`, or a new one of eight digits, and answers it. Sessions opened with the old one end, a
    lock is
    lifted. Raises `pin-unusable`, or `not-found` for what cannot be a provider's id."""
    if not is_provider(provider):
        raise refuse("not-found")
    chosen = pin if pin is not None else new_pin()
    check_pin(chosen)
    hashed = await hasher.hashed(chosen)
    async with units.write() as unit:
        await unit.pages.save_pin(PinState(provider, hashed))
        await unit.pages.end_sessions(provider)
    return chosen
