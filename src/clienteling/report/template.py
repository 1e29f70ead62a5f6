"""Fill a report's template: one page of text that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from clienteling.measurement.digits import lift_places, same_decimals
from clienteling.plots.palette import colour_of
from clienteling.report import figures, trials, wording
from clienteling.report.learned_section import rate_places
from clienteling.segmentation.load import AnyModel
from clienteling.segmentation.model_segments import share_words

__all__ = ["fill"]

_DIGITS: dict[str, Any] = {"lift_places": lift_places, "same_decimals": same_decimals}


def fill(template: str, model: AnyModel | None = None, **values: Any) -> str:
    """Return the page: the template with its values, and the style sheet that it allows alone.

    Parameters
    ----------
    template : its file in this package
    model : named in the template; its segments have a class each, for their colour and share
    values : what the template names
    """
    style = (resources.files("clienteling.report") / "style.css").read_text(encoding="utf-8")
    style += "".join(
        f".segment-{each.id} {{ --colour: {colour_of(each.id)}; --share: {each.share:.6f}; }}\n"
        for each in (model.segments if model is not None else ())
    )
    page = (
        _environment()
        .get_template(template)
        .render(
            model=model,
            **values,
            style=Markup(style),
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        )
    )
    # A file's name may hold bytes that are no text; the page is text throughout.
    return page.encode("utf-8", "replace").decode("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("clienteling.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    modules = (figures, trials, wording)
    names: dict[str, Any] = {
        each: getattr(module, each) for module in modules for each in module.__all__
    }
    environment.globals.update(names, share_words=share_words, rate_places=rate_places, **_DIGITS)
    return environment
