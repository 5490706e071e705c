"""What each service takes and answers, as OpenAPI 3.1, made from its table of routes."""

from referral_contracts.openapi.describing import Route, document

__all__ = ["Route", "document"]
