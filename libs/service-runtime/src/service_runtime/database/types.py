"""The only column types that services use: they mean the same on PostgreSQL and SQLite."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String, TypeDecorator
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time to the microsecond; epoch microseconds on SQLite. A naive time raises ValueError."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        kind: Any = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value if dialect.name == "postgresql" else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else EPOCH + value * _MICROSECOND


class Id(TypeDecorator[str]):
    """A UUID as its 36-character text in Python; native on PostgreSQL."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        kind = UUID(as_uuid=False) if dialect.name == "postgresql" else String(36)
        return dialect.type_descriptor(kind)


class Document(TypeDecorator[bytes]):
    """Bytes as they were received or rendered; never parsed by the database."""

    impl = LargeBinary
    cache_ok = True


# A sequence that the database gives; SQLite autoincrements only an INTEGER key.
Sequence = BigInteger().with_variant(Integer, "sqlite")
