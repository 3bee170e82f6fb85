"""The analysts' report: the fit page."""

from __future__ import annotations

from mmm.model.fit_page import fit_page

__all__ = ["fit_page"]
