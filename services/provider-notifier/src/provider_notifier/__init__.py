"""Tells providers that a referral waits, by webhook or email, until it is known to have arrived."""
