"""The model as a graph: its random variables and what they enter, as DOT text and as a table; nothing is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pymc.model_graph import ModelGraph, NodeType, random_variable_symbol

from mmm.model.build import CustomTerm, build_model
from mmm.model.distributions import Parameter
from mmm.model.form import Form
from mmm.model.media_priors import Maker
from mmm.model.prepared import prepare
from mmm.model.spec import ModelSpec

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm

    from mmm.data.panel import Panel

_SHAPES = {
    NodeType.FREE_RV: "ellipse",
    NodeType.OBSERVED_RV: "ellipse, style=filled",
    NodeType.DETERMINISTIC: "box",
    NodeType.POTENTIAL: "octagon, style=filled",
    NodeType.DATA: 'box, style="rounded,filled"',
}


def model_graph(
    spec: ModelSpec,
    panel: Panel,
    *,
    data: bool = False,
    own_priors: Mapping[tuple[Parameter, str], Maker] | None = None,
    custom_term: CustomTerm | None = None,
) -> str:
    """Return the model that would be fitted as DOT text, for graphviz or any viewer of it.

    Parameters
    ----------
    spec : ModelSpec
    panel : Panel
    data : bool
        Whether the data are nodes too.
    own_priors, custom_term
        As :func:`mmm.fit_model` takes them.

    Returns
    -------
    str
        A ``digraph``: one box for variables that share their dimensions. The graph is that of the plain PyMC model,
        in which every variable is explicit; the fast form is the same model with the linear part integrated out.
    """
    plain = build_model(prepare(spec, panel), Form.PLAIN, own_priors=own_priors, custom_term=custom_term)
    return dot(plain, data=data)


def dot(model: pm.Model, *, data: bool = False) -> str:
    """Return a PyMC model as DOT text; see :func:`model_graph`."""
    graph = ModelGraph(model)
    lines = ["digraph model {", '  node [fontname="Helvetica"];']
    shown = set()
    for number, plate in enumerate(graph.get_plates()):
        nodes = [node for node in plate.variables if data or node.node_type is not NodeType.DATA]
        if not nodes:
            continue
        label = _plate(plate.dim_info)
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(label)};"] if label else []
        for node in sorted(nodes, key=lambda one: str(one.var.name)):
            shown.add(str(node.var.name))
            lines.append(
                f"    {_quoted(node.var.name)} [label={_quoted(_label(node))}, shape={_SHAPES[node.node_type]}];"
            )
        lines += ["  }"] if label else []
    for child, parents in sorted(graph.make_compute_graph().items()):
        lines += [f"  {_quoted(parent)} -> {_quoted(child)};" for parent in sorted(parents) if {parent, child} <= shown]
    return "\n".join([*lines, "}"])


def variables(model: pm.Model) -> pd.DataFrame:
    """Return the random variables of a PyMC model: ``variable``, ``distribution``, ``one_for_each``, ``enters``."""
    import pandas as pd  # noqa: PLC0415  (slow to load; only this table needs it)

    enters: dict[str, list[str]] = {}
    for child, parents in sorted(ModelGraph(model).make_compute_graph().items()):
        for parent in parents:
            enters.setdefault(parent, []).append(child)
    dims: Mapping[str, Any] = model.named_vars_to_dims
    rows = [
        (
            variable.name,
            random_variable_symbol(variable),
            " × ".join(str(dim) for dim in dims.get(variable.name, ())),
            ", ".join(enters.get(variable.name, ())),
        )
        for variable in model.free_RVs
    ]
    return pd.DataFrame(rows, columns=["variable", "distribution", "one_for_each", "enters"])


def _plate(info: Any) -> str:
    """Return the dimensions that variables of a box share, with their lengths."""
    return " × ".join(f"{name} ({n})" if name else str(n) for name, n in zip(info.names, info.lengths, strict=True))


def _label(node: Any) -> str:
    if node.node_type in (NodeType.FREE_RV, NodeType.OBSERVED_RV):
        return f"{node.var.name}\n{random_variable_symbol(node.var)}"
    return str(node.var.name)


def _quoted(text: object) -> str:
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
