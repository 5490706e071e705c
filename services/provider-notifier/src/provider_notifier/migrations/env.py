from service_runtime.database.migrations import run_env

from provider_notifier.adapters.tables import Base

run_env(Base.metadata)
