"""The long checks of a fit: each refits the model to changed data and compares. ``mixwise validate`` runs them all."""

from mmm.lazy import lazy_exports

_EXPORTS = {
    "Check": "mmm.model.validation.settings",
    "Settings": "mmm.model.validation.settings",
    "Validation": "mmm.model.validation.run",
    "panel_of": "mmm.model.validation.rebuild",
    "validate": "mmm.model.validation.run",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
