"""`python -m provider_notifier ROLE…`: api, consumer, dispatcher, relay, or all."""

from service_runtime.processes import run_roles

from provider_notifier.bootstrap import NAME, build, pending_migrations
from provider_notifier.settings import Settings

if __name__ == "__main__":
    run_roles(NAME, Settings, build, pending_migrations)
