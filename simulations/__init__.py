"""What would happen: scenarios on business as usual, and a simulated market with known truth."""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Scenario": "simulations.scenario",
    "ScenarioResults": "simulations.results",
    "ScenarioSet": "simulations.scenario",
    "World": "simulations.market.world",
    "backtest": "simulations.backtest",
    "beats": "simulations.compare",
    "compare": "simulations.compare",
    "simulate": "simulations.run",
    "simulate_market": "simulations.market.simulate",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
