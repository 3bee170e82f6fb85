"""What the data say: from a file to a validated panel, a fitted model and its response draws.

Nothing heavy is imported until it is used: ``import mmm`` loads neither PyMC nor PyTensor nor ArviZ.
"""

from typing import TYPE_CHECKING

from mmm.lazy import lazy_exports

if TYPE_CHECKING:
    from mmm.data.lift_tests import LiftTest
    from mmm.data.panel import Panel
    from mmm.data.read_lift_tests import read_lift_tests
    from mmm.exceptions import DataError, FitError, InfeasibleError, MixwiseError, SolverError, SpecError
    from mmm.model.compare import compare_fits
    from mmm.model.describe import prior_table
    from mmm.model.distributions import Parameter
    from mmm.model.equations import equations
    from mmm.model.fit import Fit, fit_model
    from mmm.model.graph_text import model_graph
    from mmm.model.overview import describe_model
    from mmm.model.panel import read_panel
    from mmm.model.prior_words import prior_sentences
    from mmm.model.spec import ModelSpec
    from mmm.model.stack import stack_responses, stacking_weights
    from mmm.model.validation.run import validate
    from mmm.response.decompose import decomposition
    from mmm.response.draws import ResponseDraws
    from mmm.response.labelled import response_curves, table, weekly_contributions
    from mmm.response.metrics import contribution, mroas, response_curve, roas
    from mmm.response.predict import predict
    from mmm.response.storage import load_response

_EXPORTS = {
    "DataError": "mmm.exceptions",
    "Fit": "mmm.model.fit",
    "FitError": "mmm.exceptions",
    "InfeasibleError": "mmm.exceptions",
    "LiftTest": "mmm.data.lift_tests",
    "MixwiseError": "mmm.exceptions",
    "ModelSpec": "mmm.model.spec",
    "Panel": "mmm.data.panel",
    "Parameter": "mmm.model.distributions",
    "ResponseDraws": "mmm.response.draws",
    "SolverError": "mmm.exceptions",
    "SpecError": "mmm.exceptions",
    "compare_fits": "mmm.model.compare",
    "contribution": "mmm.response.metrics",
    "decomposition": "mmm.response.decompose",
    "describe_model": "mmm.model.overview",
    "equations": "mmm.model.equations",
    "fit_model": "mmm.model.fit",
    "load_response": "mmm.response.storage",
    "model_graph": "mmm.model.graph_text",
    "mroas": "mmm.response.metrics",
    "predict": "mmm.response.predict",
    "prior_sentences": "mmm.model.prior_words",
    "prior_table": "mmm.model.describe",
    "read_lift_tests": "mmm.data.read_lift_tests",
    "read_panel": "mmm.model.panel",
    "response_curve": "mmm.response.metrics",
    "response_curves": "mmm.response.labelled",
    "roas": "mmm.response.metrics",
    "stack_responses": "mmm.model.stack",
    "stacking_weights": "mmm.model.stack",
    "table": "mmm.response.labelled",
    "validate": "mmm.model.validation.run",
    "weekly_contributions": "mmm.response.labelled",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = [
    "DataError",
    "Fit",
    "FitError",
    "InfeasibleError",
    "LiftTest",
    "MixwiseError",
    "ModelSpec",
    "Panel",
    "Parameter",
    "ResponseDraws",
    "SolverError",
    "SpecError",
    "compare_fits",
    "contribution",
    "decomposition",
    "describe_model",
    "equations",
    "fit_model",
    "load_response",
    "model_graph",
    "mroas",
    "predict",
    "prior_sentences",
    "prior_table",
    "read_lift_tests",
    "read_panel",
    "response_curve",
    "response_curves",
    "roas",
    "stack_responses",
    "stacking_weights",
    "table",
    "validate",
    "weekly_contributions",
]
