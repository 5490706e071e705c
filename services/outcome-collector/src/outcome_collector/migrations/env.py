from service_runtime.database.migrations import run_env

from outcome_collector.adapters.tables import Base

run_env(Base.metadata)
