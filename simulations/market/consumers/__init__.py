"""A market made of consumers: aggregate states, moved week by week by nature, media, rivals and sales.

``states`` and ``kernel`` are the vocabulary; ``world`` is the file; each module of the market has a file of its own;
``engine`` runs them in order.
"""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Axis": "simulations.market.consumers.states",
    "ConsumerMarket": "simulations.market.consumers.market",
    "ConsumerWorld": "simulations.market.consumers.world",
    "Kernel": "simulations.market.consumers.kernel",
    "Reach": "simulations.market.consumers.kernel",
    "Step": "simulations.market.consumers.kernel",
    "simulate_consumers": "simulations.market.consumers.simulate",
    "simulate_replicates": "simulations.market.consumers.simulate",
    "following_truth": "simulations.market.consumers.truth",
    "owned_truth": "simulations.market.consumers.owned_truth",
    "sized": "simulations.market.consumers.sizing",
    "weekly_shares": "simulations.market.consumers.shares",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
