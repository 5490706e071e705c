"""The consumer: reads a group's topics and hands the events to a service, each once."""

from service_runtime.consumer.loop import Consumer
from service_runtime.consumer.transactions import Handle

__all__ = ["Consumer", "Handle"]
