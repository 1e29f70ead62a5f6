"""The report on a model of rules: its segments, who goes where, and what to offer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from clienteling.data.whole_files import aside
from clienteling.offers.catalogue import Catalogue, catalogue_for
from clienteling.offers.ranking import offers_of
from clienteling.plots.palette import shape_of
from clienteling.report.template import fill
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
    return fill(
        "rules_template.html.j2",
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
    )


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
