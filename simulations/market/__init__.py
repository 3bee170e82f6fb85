"""A simulated market whose truth is known: a world is written, drawn, and rerun under other spend.

``world`` is the file; ``demand``, ``controls``, ``patterns`` and ``media`` draw its parts; ``simulate`` lets it happen;
``truth`` and ``future`` run it again; ``generate`` invents worlds.
"""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "ChannelTruth": "simulations.market.truth",
    "Market": "simulations.market.market",
    "Truth": "simulations.market.truth",
    "World": "simulations.market.world",
    "future_outcome": "simulations.market.future",
    "plan_value": "simulations.market.future",
    "random_world": "simulations.market.generate",
    "simulate_market": "simulations.market.simulate",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
