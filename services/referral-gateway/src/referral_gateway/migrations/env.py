from service_runtime.database.migrations import run_env

from referral_gateway.adapters.tables import Base

run_env(Base.metadata)
