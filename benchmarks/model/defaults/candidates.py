"""The candidates: overlays on ``model.yaml``, one change each from the base form, and stacks of several forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Named changes; ``a+b`` applies both.
PARTS: dict[str, dict[str, Any]] = {
    "hill": {"saturation": "hill"},
    "hill_free_slope": {"saturation": "hill_free_slope", "priors": {"slope": {"median": 1.0, "q95": 1.8}}},
    "hill_tight_slope": {"saturation": "hill_free_slope", "priors": {"slope": {"median": 1.0, "q95": 1.3}}},
    "hill_high_slope": {"saturation": "hill_free_slope", "priors": {"slope": {"median": 1.2, "q95": 2.0}}},
    "logistic": {"saturation": "logistic"},
    # Medians and 95 % quantiles of Beta(1, 3), Beta(3, 3) and Beta(2, 3).
    "carry_1_3": {"priors": {"carryover": {"median": 0.20630, "q95": 0.63160}}},
    "carry_3_3": {"priors": {"carryover": {"median": 0.5, "q95": 0.81074}}},
    "carry_2_3": {"priors": {"carryover": {"median": 0.38573, "q95": 0.75140}}},
    "no_trend": {"trend": "none"},
    "linear": {"trend": "linear"},
    "piecewise": {"trend": "piecewise"},
    "flexible": {"trend": "flexible"},
    "roas_wide": {"priors": {"roas": {"median": 1.2, "q95": 12.0}}},
    "roas_usual": {"priors": {"roas": {"median": 1.2, "q95": 7.0}}},
    "roas_tight": {"priors": {"roas": {"median": 1.2, "q95": 4.0}}},
    "half_wide": {"priors": {"half_saturation": {"median": 1.5, "q95": 15.0}}},
    "half_tight": {"priors": {"half_saturation": {"median": 1.5, "q95": 4.5}}},
}
#: Fitted in the selection half.
SINGLE = (
    "hill", "hill_tight_slope", "hill_free_slope", "logistic", "hill+carry_1_3", "hill+carry_3_3",
    "hill+piecewise", "hill+flexible", "hill_free_slope+flexible", "logistic+flexible",
    "hill+roas_wide", "hill+roas_tight",
)  # fmt: skip
#: Fitted in the confirmation half beside the winner.
ALWAYS = ("hill", "hill_free_slope")


@dataclass(frozen=True)
class Stack:
    """Several forms together: weights from leave-one-out predictions, or equal draws of each."""

    members: tuple[str, ...]
    by_loo: bool

    @property
    def name(self) -> str:
        return f"{'loo' if self.by_loo else 'equal'}({', '.join(self.members)})"


STACKS = tuple(
    Stack(members, by_loo)
    for members in (
        ("hill", "logistic"),
        ("hill_free_slope", "logistic"),
        ("hill+flexible", "logistic+flexible"),
        ("hill", "hill_free_slope", "logistic"),
    )
    for by_loo in (True, False)
)


def stack_of(name: str) -> Stack | None:
    """Return the stack of that name, e.g. ``loo(hill, logistic)``; None where the name is a single form's."""
    kind, _, rest = name.partition("(")
    if kind not in ("loo", "equal") or not rest.endswith(")"):
        return None
    return Stack(tuple(part.strip() for part in rest[:-1].split(",")), kind == "loo")


def forms_of(name: str) -> tuple[str, ...]:
    """Return the single forms that a candidate needs."""
    stack = stack_of(name)
    return stack.members if stack else (name,)


def overlay(name: str) -> dict[str, Any]:
    """Return the changes to ``model.yaml`` of a single form: ``hill+flexible``.

    Raises
    ------
    ValueError
        A part is not known.
    """
    merged: dict[str, Any] = {}
    for part in name.split("+"):
        if part not in PARTS:
            raise ValueError(f"there is no part '{part}': choose from {', '.join(PARTS)}")
        merged = merge(merged, PARTS[part])
    return merged


def merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one nested mapping over another."""
    result = dict(one)
    for key, value in other.items():
        below = result.get(key)
        result[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result
