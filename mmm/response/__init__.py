"""Posterior draws of every response as plain arrays, compiled for planning; curves and metrics; safe storage."""

from typing import TYPE_CHECKING

from mmm.lazy import lazy_exports

if TYPE_CHECKING:
    from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual
    from mmm.response.decompose import decomposition
    from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
    from mmm.response.forecast import total_outcome
    from mmm.response.horizon import Curvature, Evaluation, HorizonResponse
    from mmm.response.labelled import response_curves, table, weekly_contributions
    from mmm.response.metrics import contribution, mroas, response_curve, roas, summarise
    from mmm.response.predict import predict, predict_draws
    from mmm.response.storage import load_response, save_response
    from mmm.response.weekly import draw_chunks, fitted_by_week, fitted_mean, media_by_week

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
    "decomposition": "mmm.response.decompose",
    "draw_chunks": "mmm.response.weekly",
    "fitted_by_week": "mmm.response.weekly",
    "fitted_mean": "mmm.response.weekly",
    "load_response": "mmm.response.storage",
    "media_by_week": "mmm.response.weekly",
    "mroas": "mmm.response.metrics",
    "predict": "mmm.response.predict",
    "predict_draws": "mmm.response.predict",
    "response_curve": "mmm.response.metrics",
    "response_curves": "mmm.response.labelled",
    "roas": "mmm.response.metrics",
    "save_response": "mmm.response.storage",
    "summarise": "mmm.response.metrics",
    "table": "mmm.response.labelled",
    "total_outcome": "mmm.response.forecast",
    "weekly_contributions": "mmm.response.labelled",
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
    "decomposition",
    "draw_chunks",
    "fitted_by_week",
    "fitted_mean",
    "load_response",
    "media_by_week",
    "mroas",
    "predict",
    "predict_draws",
    "response_curve",
    "response_curves",
    "roas",
    "save_response",
    "summarise",
    "table",
    "total_outcome",
    "weekly_contributions",
]
