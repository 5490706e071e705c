"""Two things that kafka-python 3.0.12 gets wrong about a member of a group; the contract suite holds both.

Its consumer has no public sign of them, so this looks at its coordinator.
"""
# pyright: reportAttributeAccessIssue=false
# (its bundled stubs describe kafka-python 2)

from kafka import KafkaConsumer


def is_fenced(consumer: KafkaConsumer) -> bool:
    """Whether another took this member's name: the client only stops its heartbeat then, says nothing, and
    would go on reading lanes that are not its own."""
    coordinator = consumer._coordinator  # noqa: SLF001
    beats = coordinator._heartbeat_enabled  # noqa: SLF001
    return coordinator.stable() and not coordinator.rejoining and not beats


def is_joining(consumer: KafkaConsumer) -> bool:
    """Whether the next poll joins the group; a join that did not end within one poll is made to go on.

    A join that a new topic set off is forgotten otherwise: the member has noted the new topics as joined, so
    nothing seems left to do, and it reads nothing for ever."""
    coordinator = consumer._coordinator  # noqa: SLF001
    if coordinator.rejoining and not coordinator.need_rejoin():
        coordinator.request_rejoin()
    return coordinator.need_rejoin() or not coordinator.stable()
