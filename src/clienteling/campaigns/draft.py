"""A campaign's folder while it is made: its figures, and all that is written beside the decisions.

With a store it is finished under the store's lock: who may not be contacted any more by then is
taken out, and what is written says so.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clienteling.campaigns.decision_table import kept_address
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.figures import Figures, count_decisions, figures_of
from clienteling.campaigns.mail import write_mail
from clienteling.campaigns.places_aside import mark_whole
from clienteling.campaigns.plan import CampaignPlan, model_fingerprint
from clienteling.campaigns.policy_state import policy_state
from clienteling.data.table import Table
from clienteling.data.urls import DatabaseAddress
from clienteling.errors import DataError

if TYPE_CHECKING:
    from clienteling.campaigns.recorded import Settled
    from clienteling.ledger.store import Store

__all__ = ["MOST_ROWS", "PLAN", "Draft", "plan_document", "record_draft"]

#: Of more contacts CSV files are made only when asked for.
MOST_ROWS = 1_000_000
#: The file of a campaign's folder that tells all of it.
PLAN = "plan.json"


@dataclass
class Draft:
    """What is made of a plan, in a folder aside.

    Parameters
    ----------
    plan : the campaign; when customers are taken out, with a note
    made : the folder aside
    decided : the decisions, as they lie
    address : of the table that they lie in; else they lie in the folder
    csv, decorate, carried : see :func:`clienteling.campaigns.delivery.deliver`
    figures, document : the numbers, and what stands in ``plan.json``; there after :meth:`count`
    notes : what is worth to be said
    """

    plan: CampaignPlan
    made: Path
    decided: Table
    address: DatabaseAddress | None
    csv: bool
    decorate: Callable[[CampaignPlan, Figures, Path], None] | None
    carried: Sequence[str]
    figures: Figures = field(init=False)
    document: dict[str, Any] = field(init=False)
    notes: list[str] = field(init=False)

    def count(self) -> None:
        """Work out the numbers of the decisions as they lie."""
        self.figures = figures_of(self.plan, count_decisions(self.decided))
        place = kept_address(self.address) if self.address is not None else None
        self.document = plan_document(self.plan, self.figures, digest_of(self.decided), place)

    def fill(self) -> None:
        """Write all that stands beside the decisions; what stood there goes."""
        self.count()
        self.notes = [*self.plan.notes]
        shutil.rmtree(self.made / "mail", ignore_errors=True)
        if self.figures.contacted <= MOST_ROWS or self.csv:
            write_mail(self.plan, self.decided, self.made / "mail", self.carried)
        else:
            self.notes.append(
                f"No files for mail tools are made of {self.figures.contacted:,} contacts; with "
                "--csv they are."
            )
        _write_text(self.made / "model.json", self.plan.model.to_json())
        _write_text(self.made / "catalogue.yaml", self.plan.catalogue.to_yaml())
        if self.decorate is not None:
            self.decorate(self.plan, self.figures, self.made)
        content = json.dumps(self.document, ensure_ascii=False, indent=1)
        _write_text(self.made / PLAN, content + "\n")

    def leave_out(self, store: Store) -> bool:
        """Take out who may not be contacted any more; return whether there was anybody."""
        from clienteling.campaigns.last_look import take_out, taken_out

        late = taken_out(store, self.plan, self.decided)
        if len(late):
            take_out(self.decided, late, self.address)
            self.plan = replace(self.plan, notes=(*self.plan.notes, *late.sentences))
        return len(late) > 0


def record_draft(store: Store, draft: Draft, folder: Path, *, fixed: bool = False) -> bool:
    """Finish a campaign's folder, and record the campaign; return whether it is new.

    Parameters
    ----------
    store : the store
    draft : the campaign
    folder : where it will be
    fixed : whether its decisions may have gone out already, so that nobody can be taken out

    Raises
    ------
    InputError
        Another campaign of this name is planned already.
    DataError
        Meanwhile others have taken stock that it needs, or contacted its customers where nobody
        can be taken out; nothing is recorded.
    """
    from clienteling.campaigns.last_look import taken_out
    from clienteling.campaigns.recorded import record
    from clienteling.ledger.campaigns import campaigns

    if not fixed:
        # Most of it before the store is locked, so that decisions wait for the last moments alone.
        if draft.plan.name not in {each.id for each in campaigns(store)}:
            draft.leave_out(store)
        draft.fill()

    def settle(recorded: bool) -> Settled:
        if not recorded and fixed:
            late = taken_out(store, draft.plan, draft.decided)
            if len(late):
                raise DataError(
                    f'The campaign "{draft.plan.name}" lies in {folder}, and may have gone out; '
                    "meanwhile some of its customers may not be contacted any more.",
                    faults=late.sentences,
                    hint="Plan another campaign of another name, with the store.",
                )
        elif not recorded and draft.leave_out(store):
            draft.fill()
        if not fixed:
            mark_whole(draft.made)
        return draft.document, draft.figures

    return record(store, draft.plan, folder, settle)


def _write_text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def plan_document(
    plan: CampaignPlan, figures: Figures, digest: str, decisions: str | None = None
) -> dict[str, Any]:
    """Return what stands in ``plan.json``: the numbers, and all that decides for one customer."""
    return {
        "schema_version": 1,
        "campaign": plan.name,
        "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "day": plan.day.isoformat(),
        "last_day": plan.last_day.isoformat(),
        "source": plan.customers.source,
        "policy": plan.kind,
        "shop": plan.holdout.shop,
        "holdout": plan.holdout.share,
        "global_holdout": plan.holdout.global_share,
        "model": model_fingerprint(plan.model),
        "catalogue": plan.catalogue.fingerprint,
        "limits": {
            "budget": plan.limits.budget,
            "contacts": plan.limits.contacts,
            "channels": dict(plan.limits.channels),
            "stock": dict(plan.limits.stock),
            "floors": [
                {"segment_id": segment, "customers": n} for segment, n in plan.limits.floors.items()
            ],
        },
        "features": list(plan.cells.kept),
        **figures.as_document(),
        "planned": figures.planned,
        "bound": plan.budget.bound if plan.budget else None,
        "prices": [
            {"limit": limit.words, "price": price}
            for limit, price in (plan.budget.allocation.binding if plan.budget else ())
        ],
        "ladder": [asdict(each) for each in plan.ladder],
        "decisions": decisions,
        "digest": digest,
        "notes": list(plan.notes),
        "state": {
            "policy": policy_state(plan.policy),
            "rations": [{"offer": offer, **asdict(each)} for offer, each in plan.rations.items()],
        },
    }
