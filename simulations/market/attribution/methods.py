"""The methods by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from mmm.arrays import FloatArray
from simulations.market.attribution import removal, rules, shapley
from simulations.market.attribution.paths import Paths


class Method(StrEnum):
    """A way to share out what was sold over the touches before it."""

    LAST = "last touch"
    FIRST = "first touch"
    LINEAR = "linear"
    POSITION = "position-based"
    REMOVAL = "removal effect"
    SHAPLEY = "Shapley value"
    SHAPLEY_RATE = "Shapley value of rates"


_CREDIT: Mapping[Method, Callable[[Paths], FloatArray]] = {
    Method.LAST: rules.last_touch,
    Method.FIRST: rules.first_touch,
    Method.LINEAR: rules.linear,
    Method.POSITION: rules.position_based,
    Method.REMOVAL: removal.removal_credit,
    Method.SHAPLEY: shapley.shapley_credit,
    Method.SHAPLEY_RATE: shapley.shapley_rate_credit,
}


def attribute(paths: Paths, methods: Iterable[Method] = tuple(Method)) -> dict[Method, FloatArray]:
    """Return each method's credit by channel, (C,) money; each method's add up to ``paths.total``.

    Raises
    ------
    SpecError
        More channels than an exact Shapley value of rates takes.
    """
    return {method: _CREDIT[method](paths) for method in methods}
