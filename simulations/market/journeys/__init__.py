"""Single people followed through a market of consumers: contacts, visits, devices and purchases in their order.

``people`` draws what the aggregate multiplies; ``moments``, ``episodes``, ``research`` and ``devices`` tell when, why
and on what; ``material`` holds their draws and ``build`` cuts them into journeys; ``figures`` counts them and
``calibrate`` turns the dials; ``seen`` is the company's log, ``agreement`` holds the journeys against the panel.
"""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Figures": "simulations.market.journeys.figures",
    "JourneySettings": "simulations.market.journeys.spec",
    "Journeys": "simulations.market.journeys.journeys",
    "company_log": "simulations.market.journeys.seen",
    "Sample": "simulations.market.journeys.sample",
    "figures_of": "simulations.market.journeys.figures",
    "sample_journeys": "simulations.market.journeys.sample",
    "whole_log": "simulations.market.journeys.seen",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
