"""Which topics a subscription reads."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Topics by name, and all that start with one of the prefixes, those that appear later included."""

    topics: frozenset[str]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, topics: Sequence[str], prefixes: Sequence[str]) -> "Wanted":
        """Raises ValueError where nothing is named: such a subscription would wait for ever."""
        if not topics and not prefixes:
            raise ValueError("a subscription needs a topic or a prefix")
        return cls(frozenset(topics), tuple(prefixes))

    def includes(self, topic: str) -> bool:
        """Whether the topic of this logical name is read."""
        return topic in self.topics or topic.startswith(self.prefixes)
