"""The model: spec, priors, density, sampling, and what a fit says of itself. The only room that imports PyMC."""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Fit": "mmm.model.fit",
    "ModelSpec": "mmm.model.spec",
    "Sampling": "mmm.model.spec",
    "SaturationForm": "mmm.model.spec",
    "build_model": "mmm.model.build",
    "compare_fits": "mmm.model.compare",
    "fit_model": "mmm.model.fit",
    "stack_responses": "mmm.model.stack",
    "stacking_weights": "mmm.model.stack",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
