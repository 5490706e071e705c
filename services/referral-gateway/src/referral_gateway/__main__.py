"""`python -m referral_gateway ROLE…`: api, consumer, relay, or all."""

from service_runtime.processes import run_roles

from referral_gateway.bootstrap import NAME, build, pending_migrations
from referral_gateway.settings import Settings

if __name__ == "__main__":
    run_roles(NAME, Settings, build, pending_migrations)
