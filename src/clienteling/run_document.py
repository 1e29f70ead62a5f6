"""A run as one JSON document, and as a row per segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from clienteling.offers.ranking import OFFERS
from clienteling.offers.reach import Reach
from clienteling.run import Run
from clienteling.segmentation.model import Model
from clienteling.segmentation.no_groups import no_groups

__all__ = ["as_document", "segment_rows"]


def as_document(found: Run) -> dict[str, Any]:
    """Return the run as one JSON document, as ``clienteling run --json`` prints it."""
    model, comparison = found.model, found.comparison
    return {
        "k": model.k,
        "why_k": model.why_k,
        "inertia": model.inertia,
        "silhouette": model.silhouette,
        "features": model.columns,
        "customers": found.prepared.usable.rows,
        "scored": found.prepared.usable.usable,
        "playbook": model.playbook,
        "catalogue": found.catalogue.catalogue,
        "warning": " ".join(no_groups(model)),
        "segments": [
            {
                "id": each.id,
                "name": each.name,
                "size": each.size,
                "share": each.share,
                "centre": model.centre_of(each),
                "description": each.description,
                "strategy": each.strategy,
                "explanation": each.explanation,
                "fit": each.fit,
                "traits": [trait.model_dump() for trait in each.traits],
                "typical": each.typical,
                "rule": {**each.rule.model_dump(), "sentence": each.rule.sentence}
                if each.rule
                else None,
                "stability": each.stability,
                "warning": each.warning,
                "offers": [
                    {
                        "rank": sent.rank,
                        "id": sent.offer.id,
                        "title": sent.offer.title,
                        "text": sent.offer.text,
                        "channel": sent.offer.channel,
                        "reason": sent.reason,
                        "customers": sent.customers,
                    }
                    for sent in found.reach[each.id].sent
                ],
                "closed_offers": [
                    {"id": closed.offer.id, "title": closed.offer.title, "why": closed.why}
                    for closed in found.reach[each.id].closed
                ],
                "without_offer": found.reach[each.id].without,
                "profile": [figure.model_dump() for figure in each.profile],
            }
            for each in model.segments
        ],
        "associations": [each.model_dump() for each in model.associations],
        "dbscan": {
            "eps": comparison.eps,
            "min_samples": comparison.min_samples,
            "clusters": comparison.clusters,
            "noise": comparison.noise,
            "silhouette": comparison.silhouette,
            "agreement": comparison.agreement,
            "verdict": comparison.verdict,
            "sizes": list(comparison.sizes),
            "customers": comparison.customers,
            "sweep": [asdict(each) for each in comparison.sweep],
        },
        "choose_k": [asdict(each) for each in found.choice.rows],
        "elbow_k": found.choice.elbow_k,
        "silhouette_k": found.choice.silhouette_k,
        "structure": asdict(found.choice.structure) if found.choice.structure else None,
        "stability": asdict(found.choice.stability) if found.choice.stability else None,
        "notes": list(found.notes),
    }


def segment_rows(model: Model, reached: Mapping[int, Reach]) -> list[dict[str, Any]]:
    """Return a row per segment, as ``segments.csv`` has it."""
    rows = []
    for each in model.segments:
        row: dict[str, Any] = {
            "id": each.id,
            "name": each.name,
            "size": each.size,
            "share": round(each.share, 6),
            **model.centre_of(each),
            "description": each.description,
            "strategy": each.strategy,
            "explanation": each.explanation,
            "fit": each.fit,
            "apart": model.apart(each),
            "typical": model.typical_words(each),
            "rule": each.rule.sentence if each.rule else "",
            "stability": each.stability,
            "warning": each.warning,
            "profile": "; ".join(figure.words for figure in each.profile),
        }
        own = reached[each.id]
        for rank in range(1, OFFERS + 1):
            sent = own.sent[rank - 1] if rank <= len(own.sent) else None
            row[f"offer_{rank}"] = sent.offer.title if sent else None
            row[f"reason_{rank}"] = sent.reason if sent else None
            row[f"customers_{rank}"] = sent.customers if sent else None
        row["more_offers"] = "; ".join(
            f"{sent.offer.title} ({sent.customers:,})" for sent in own.sent[OFFERS:]
        )
        row["closed_offers"] = "; ".join(f"{no.offer.title}: {no.why}" for no in own.closed)
        row["without_offer"] = own.without
        rows.append(row)
    return rows
