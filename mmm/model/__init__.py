"""The model: spec, priors, density, sampling, and what a fit says of itself. The only room that imports PyMC."""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Calibration": "mmm.model.calibration",
    "Fit": "mmm.model.fit",
    "Form": "mmm.model.form",
    "ModelDescription": "mmm.model.overview",
    "ModelSpec": "mmm.model.spec",
    "Parameter": "mmm.model.distributions",
    "Pooling": "mmm.model.spec",
    "Sampling": "mmm.model.spec",
    "SaturationForm": "mmm.model.spec",
    "build_model": "mmm.model.build",
    "choose_form": "mmm.model.form",
    "compare_fits": "mmm.model.compare",
    "describe_model": "mmm.model.overview",
    "equations": "mmm.model.equations",
    "fit_model": "mmm.model.fit",
    "model_graph": "mmm.model.graph_text",
    "prior_sentences": "mmm.model.prior_words",
    "prior_table": "mmm.model.describe",
    "stack_responses": "mmm.model.stack",
    "stacking_weights": "mmm.model.stack",
    "validate": "mmm.model.validation.run",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
