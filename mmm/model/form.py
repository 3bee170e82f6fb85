"""Which form of the model is sampled: chosen from the spec, said in the report, and the same model either way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mmm.model.spec import ModelSpec, Noise


class Form(StrEnum):
    """FAST: the linear part is integrated out, and density and gradients are one compiled kernel.

    GENERAL: every parameter is sampled; media are one compiled kernel, the rest is PyTensor. PLAIN: all PyTensor, the
    reference that the others are tested against (minutes to compile).
    """

    FAST = "fast"
    GENERAL = "general"
    PLAIN = "plain"


@dataclass(frozen=True)
class Choice:
    """A form and the reason for it, in a sentence."""

    form: Form
    why: str


def choose_form(spec: ModelSpec, *, custom_term: bool = False) -> Choice:
    """Choose the form: fast wherever the linear part can be integrated out exactly."""
    if spec.noise is Noise.STUDENT_T:
        return Choice(
            Form.GENERAL,
            "Student-t residuals do not let the linear part be integrated out, so every parameter is sampled: slower, "
            "with the same meaning.",
        )
    if custom_term:
        return Choice(
            Form.GENERAL, "A custom term is part of the mean, so every parameter is sampled: slower, the same meaning."
        )
    return Choice(
        Form.FAST,
        "Residuals are normal and the baseline is linear, so the baseline is integrated out exactly and drawn "
        "afterwards: faster, with the same meaning.",
    )
