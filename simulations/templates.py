"""Changes with a value left open: a list of values to cross (``values``), or a range to sweep (``from``, ``to``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulations.patch_values import as_share

#: Keys whose value is a relative change, said in percent.
_SHARES = ("change", "demand", "cost_per_exposure", "price")


@dataclass(frozen=True)
class Template:
    """A change as a person writes it, with one key's value open.

    Attributes
    ----------
    patch : Mapping
        The other keys.
    key : str
        The open one.
    """

    patch: Mapping[str, Any]
    key: str

    def at(self, value: object) -> dict[str, Any]:
        """Return the change with a value in the open place."""
        return {name: value if name == self.key else given for name, given in self.patch.items()}


def open_key(written: object, marks: Sequence[str]) -> str | None:
    """Return the key of a written change whose value has one of the marks, such as ``values``; None where none has."""
    if not isinstance(written, dict):
        return None
    found = [key for key, value in written.items() if isinstance(value, dict) and any(mark in value for mark in marks)]
    if len(found) > 1:
        raise ValueError(f"one value may be left open, and there are {len(found)}: {', '.join(map(str, found))}")
    return found[0] if found else None


def label(key: str, value: object) -> str:
    """Say a value as an option's name: ``+20%``, ``1,200,000``."""
    share = as_share(value)
    if isinstance(share, bool) or not isinstance(share, (int, float)):
        return str(value)
    if key in _SHARES:
        text = f"{100.0 * share:+.4g}%".replace("+0%", "0%")
    elif share is not value:
        text = f"{100.0 * share:.4g}%"
    else:
        text = f"{share:,.0f}" if abs(share) >= 1_000 else f"{share:.4g}"
    return text.replace("-", "\u2212")
