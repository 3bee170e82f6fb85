"""The key of the hash: from the environment, never from a file and never into one."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from mmm.data.events.spec import EventsSpec
from mmm.data.privacy import variable_shown
from mmm.exceptions import SpecError

#: Characters of a key; 32 random hexadecimal ones hold 128 bits.
SHORTEST_KEY = 32
_BLOCK = 64


@dataclass(frozen=True)
class KeyedHash:
    """HMAC-SHA-256 (RFC 2104) in two steps, so that DuckDB computes it: H(outer ‖ H(inner ‖ text)).

    Attributes
    ----------
    inner, outer : bytes
        The key xored with 0x36 and with 0x5c, 64 bytes each; they are never shown.
    """

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> KeyedHash:
        """Return the hash of one key."""
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        return cls(bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block))


def key_of(events: EventsSpec, where: str) -> KeyedHash | None:
    """Return the keyed hash that a log asks for, None where it asks for none.

    Raises
    ------
    SpecError
        The environment variable is not set, or its key is short.
    """
    name = events.identifiers_key_from
    if name is None:
        return None
    key = os.environ.get(name, "")
    if len(key) < SHORTEST_KEY or len(set(key)) < 8:
        says = "is not set" if not key else "holds a key that can be guessed"
        raise SpecError(
            f"the environment variable {variable_shown(name)} {says}",
            where=f"{where}.identifiers_key_from",
            do=f"Set it to {SHORTEST_KEY} random characters or more, the same in every run; 'openssl rand -hex 32' "
            "makes some.",
        )
    return KeyedHash.of(key.encode())
