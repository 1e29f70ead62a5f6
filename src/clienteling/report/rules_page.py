"""The report on a model of rules: its segments, who goes where, and what to offer."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from clienteling.data.whole_files import aside
from clienteling.offers.catalogue import Catalogue, catalogue_for
from clienteling.offers.recommend import offers_of
from clienteling.plots.palette import colour_of, shape_of
from clienteling.report.figures import centre_value, counted, day, percent
from clienteling.segmentation.rules import Rule, RuleFeature, RulesModel

__all__ = ["render_rules", "write_rules_report"]


def render_rules(model: RulesModel, offers: str | Path | Catalogue | None = None) -> str:
    """Return the report as one HTML page that needs nothing else: no script, no other file.

    Parameters
    ----------
    model : the rules and their segments
    offers : a catalogue; by default the built-in one of the model's playbook

    Raises
    ------
    DocumentError
        The catalogue has faults.

    Examples
    --------
    >>> import pandas as pd
    >>> import clienteling as cl
    >>> days = pd.date_range("2024-01-01", periods=100)
    >>> lines = pd.DataFrame({"customer": [i % 17 for i in range(100)], "date": days, "amount": 5})
    >>> page = render_rules(cl.rfm_model(cl.rfm(lines)))
    >>> "Champions" in page, "<script" in page
    (True, False)
    """
    catalogue = catalogue_for(model, offers)
    style = _style(model)
    environment = Environment(
        loader=PackageLoader("clienteling.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("rules_template.html.j2").render(
        model=model,
        catalogue=catalogue,
        offers={each.id: offers_of(each, catalogue) for each in model.segments},
        rules={
            each.id: [
                rule_words(rule, model.features) for rule in model.rules if rule.segment == each.key
            ]
            for each in model.segments
        },
        bands={each.name: _bands(each) for each in model.features},
        shapes={each.id: shape_of(each.id) for each in model.segments},
        centre_value=centre_value,
        counted=counted,
        day=day,
        percent=percent,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def write_rules_report(
    path: str | Path, model: RulesModel, offers: str | Path | Catalogue | None = None
) -> None:
    """Write the report as one HTML file, whole or not at all.

    Parameters
    ----------
    path : the file; one that is there is replaced
    model, offers : as for :func:`render_rules`

    Raises
    ------
    OutputError
        The file can't be written.
    """
    page = render_rules(model, offers)
    with aside(Path(path)) as place:
        place.write_text(page, encoding="utf-8", newline="\n")


def rule_words(rule: Rule, features: Sequence[RuleFeature]) -> str:
    """Return a rule for people.

    Examples
    --------
    >>> features = [
    ...     RuleFeature(name=each, label=each, best="high", thresholds=[1.0, 2.0, 3.0, 4.0])
    ...     for each in ("recency", "frequency")
    ... ]
    >>> rule_words(Rule(segment="a", scores={"recency": [4, 5], "frequency": [1, 1]}), features)
    'recency 4 to 5, frequency 1'
    >>> rule_words(Rule(segment="a", scores={}), features)
    'everyone else'
    """
    said = []
    for each in features:
        low, high = rule.scores.get(each.name, (1, len(each.thresholds) + 1))
        if (low, high) != (1, len(each.thresholds) + 1):
            said.append(f"{each.label} {low}" + (f" to {high}" if high > low else ""))
    return ", ".join(said) or "everyone else"


def _bands(feature: RuleFeature) -> list[str]:
    """Return the values of each score, from score 1 up; an empty band is a dash."""
    cuts = [f"{each:,.10g}" for each in feature.thresholds]
    bands = [f"up to {cuts[0]}"]
    for low, high in itertools.pairwise(cuts):
        bands.append(f"to {high}" if low != high else "–")
    bands.append(f"above {cuts[-1]}")
    return bands[::-1] if feature.best == "low" else bands


def _style(model: RulesModel) -> str:
    sheet = (resources.files("clienteling.report") / "style.css").read_text(encoding="utf-8")
    return sheet + "".join(
        f".segment-{each.id} {{ --colour: {colour_of(each.id)}; --share: {each.share:.6f}; }}\n"
        for each in model.segments
    )
