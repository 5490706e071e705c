"""Tokens: ES256 JWTs signed with the installation's key, verified locally by every service."""

from service_runtime.tokens.keys import TokenKeys, drop_key, generate_keys, rotate_keys
from service_runtime.tokens.signer import TokenSigner
from service_runtime.tokens.verifier import TokenVerifier

__all__ = ["TokenKeys", "TokenSigner", "TokenVerifier", "drop_key", "generate_keys", "rotate_keys"]
