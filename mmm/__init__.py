"""What the data say: from a file to a validated panel, a fitted model and its response draws.

Nothing heavy is imported until it is used: ``import mmm`` loads neither PyMC nor PyTensor nor ArviZ.
"""

from typing import TYPE_CHECKING

from mmm.lazy import lazy_exports

if TYPE_CHECKING:
    from mmm.data.panel import Panel
    from mmm.exceptions import DataError, FitError, InfeasibleError, MixwiseError, SolverError, SpecError
    from mmm.model.fit import Fit, fit_model
    from mmm.model.panel import read_panel
    from mmm.model.spec import ModelSpec
    from mmm.response.draws import ResponseDraws
    from mmm.response.metrics import contribution, mroas, response_curve, roas
    from mmm.response.storage import load_response

_EXPORTS = {
    "DataError": "mmm.exceptions",
    "Fit": "mmm.model.fit",
    "FitError": "mmm.exceptions",
    "InfeasibleError": "mmm.exceptions",
    "MixwiseError": "mmm.exceptions",
    "ModelSpec": "mmm.model.spec",
    "Panel": "mmm.data.panel",
    "ResponseDraws": "mmm.response.draws",
    "SolverError": "mmm.exceptions",
    "SpecError": "mmm.exceptions",
    "contribution": "mmm.response.metrics",
    "fit_model": "mmm.model.fit",
    "load_response": "mmm.response.storage",
    "mroas": "mmm.response.metrics",
    "read_panel": "mmm.model.panel",
    "response_curve": "mmm.response.metrics",
    "roas": "mmm.response.metrics",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = [
    "DataError",
    "Fit",
    "FitError",
    "InfeasibleError",
    "MixwiseError",
    "ModelSpec",
    "Panel",
    "ResponseDraws",
    "SolverError",
    "SpecError",
    "contribution",
    "fit_model",
    "load_response",
    "mroas",
    "read_panel",
    "response_curve",
    "roas",
]
