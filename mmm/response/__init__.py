"""Posterior draws of every response as plain arrays, compiled for planning; curves and metrics; safe storage."""

from typing import TYPE_CHECKING

from mmm.lazy import lazy_exports

if TYPE_CHECKING:
    from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual
    from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
    from mmm.response.forecast import total_outcome
    from mmm.response.horizon import Curvature, Evaluation, HorizonResponse
    from mmm.response.metrics import contribution, mroas, response_curve, roas, summarise
    from mmm.response.storage import load_response, save_response

_EXPORTS = {
    "BaselineDraws": "mmm.response.draws",
    "BaselineRule": "mmm.response.calendar",
    "Curvature": "mmm.response.horizon",
    "DemandIndex": "mmm.response.draws",
    "Evaluation": "mmm.response.horizon",
    "HorizonResponse": "mmm.response.horizon",
    "MediaDraws": "mmm.response.draws",
    "ResponseDraws": "mmm.response.draws",
    "SpendCalendar": "mmm.response.calendar",
    "business_as_usual": "mmm.response.calendar",
    "contribution": "mmm.response.metrics",
    "load_response": "mmm.response.storage",
    "mroas": "mmm.response.metrics",
    "response_curve": "mmm.response.metrics",
    "roas": "mmm.response.metrics",
    "save_response": "mmm.response.storage",
    "summarise": "mmm.response.metrics",
    "total_outcome": "mmm.response.forecast",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = [
    "BaselineDraws",
    "BaselineRule",
    "Curvature",
    "DemandIndex",
    "Evaluation",
    "HorizonResponse",
    "MediaDraws",
    "ResponseDraws",
    "SpendCalendar",
    "business_as_usual",
    "contribution",
    "load_response",
    "mroas",
    "response_curve",
    "roas",
    "save_response",
    "summarise",
    "total_outcome",
]
