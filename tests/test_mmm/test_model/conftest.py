from __future__ import annotations

from pathlib import Path

import pytest

from mmm.data.panel import Panel
from mmm.data.read import read_panel
from mmm.model.fit import Fit, fit_model
from mmm.model.spec import ModelSpec
from tests.test_mmm.test_model.market import make_market


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_market().write(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session")
def spec(model_file: Path) -> ModelSpec:
    return ModelSpec.from_yaml(model_file)


@pytest.fixture(scope="session")
def panel(spec: ModelSpec, model_file: Path) -> Panel:
    return read_panel(spec, model_file.parent)


@pytest.fixture(scope="session")
def fit(spec: ModelSpec, panel: Panel) -> Fit:
    """The one real fit that most tests share."""
    return fit_model(spec, panel, seed=3, progress=False)
