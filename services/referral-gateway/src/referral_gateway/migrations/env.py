from referral_gateway.adapters.tables import Base
from service_runtime.database.migrations import run_env

run_env(Base.metadata)
