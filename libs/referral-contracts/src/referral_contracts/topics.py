"""The topics, by their logical names; an installation may put a prefix before them."""

REFERRALS = "lahetti.referrals.v1"
DELIVERIES = "lahetti.deliveries.v1"
OUTCOMES = "lahetti.outcomes.v1"
DIRECTORY = "lahetti.directory.v1"
DEAD_LETTERS = "lahetti.dead-letters.v1"

TASKS_PREFIX = "lahetti.tasks."

SHARED = (REFERRALS, DELIVERIES, OUTCOMES, DIRECTORY, DEAD_LETTERS)


def tasks_topic(provider: str) -> str:
    """The topic of one provider's tasks; a provider id holds only letters, digits and hyphens."""
    return f"{TASKS_PREFIX}{provider}.v1"
