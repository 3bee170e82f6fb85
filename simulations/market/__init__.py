"""A simulated market whose truth is known: a world is written, drawn, and rerun under other spend.

``protocol`` says what every market can do; a world is a file (``read``, ``world``) or one of the package's ``presets``.
Two engines make markets: here effects have a parametric form (``demand``, ``controls``, ``hidden``, ``patterns`` and
``media`` draw its parts, ``together`` and ``regions`` join them, ``simulate`` lets it happen); in ``consumers`` they
follow from what people do. ``truth``, ``future`` and ``experiments`` run a market again; ``optimum`` plans from it.
"""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "ChannelTruth": "simulations.market.truth",
    "GeoExperiment": "simulations.market.experiments",
    "Market": "simulations.market.market",
    "PeopleExperiment": "simulations.market.experiments",
    "PlanTask": "simulations.market.planning",
    "RunExperiment": "simulations.market.experiments",
    "SimulatedMarket": "simulations.market.protocol",
    "Truth": "simulations.market.truth",
    "TruePlan": "simulations.market.optimum",
    "World": "simulations.market.world",
    "assign_experiment": "simulations.market.experiments",
    "best_plan": "simulations.market.optimum",
    "future_outcome": "simulations.market.future",
    "oracle": "simulations.market.optimum",
    "plan_task": "simulations.market.planning",
    "plan_value": "simulations.market.future",
    "preset": "simulations.market.presets",
    "preset_names": "simulations.market.presets",
    "random_world": "simulations.market.generate",
    "read_world": "simulations.market.read",
    "simulate_market": "simulations.market.simulate",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
