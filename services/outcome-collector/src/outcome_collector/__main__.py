"""`python -m outcome_collector ROLE…`: api, consumer, dispatcher, relay, or all."""

from service_runtime.processes import run_roles

from outcome_collector.bootstrap import NAME, build, pending_migrations
from outcome_collector.settings import Settings

if __name__ == "__main__":
    run_roles(NAME, Settings, build, pending_migrations)
