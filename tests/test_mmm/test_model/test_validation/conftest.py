"""Refits are made once a session, in a shared cache, and with few draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.model.fit import Fit
from mmm.model.validation.base import Base
from mmm.model.validation.refits import Refitter
from mmm.model.validation.settings import Settings

#: Small enough for tests: what is asked of the checks does not hang on the last digit.
SMALL = Settings(folds=2, placebos=1, strengths=(0.3,), largest=2, tune=250, draws=250)


@pytest.fixture(scope="session")
def base(fit: Fit) -> Base:
    return Base(fit, SMALL)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refits")


@pytest.fixture
def refitter(fit: Fit, cache: Path) -> Refitter:
    return Refitter(fit.seed, cache)
