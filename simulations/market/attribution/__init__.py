"""Who gets the credit: rules, removal effect and Shapley value on logs of journeys, held against a market's truth.

``log`` is the file, ``paths`` the journeys in it; ``rules``, ``removal`` and ``shapley`` share out what was sold;
``methods`` names them; ``table`` shows what each gets wrong.
"""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Comparison": "simulations.market.attribution.table",
    "Method": "simulations.market.attribution.methods",
    "Paths": "simulations.market.attribution.paths",
    "attribute": "simulations.market.attribution.methods",
    "compare_methods": "simulations.market.attribution.table",
    "paths_of_log": "simulations.market.attribution.log",
    "read_log": "simulations.market.attribution.log",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
