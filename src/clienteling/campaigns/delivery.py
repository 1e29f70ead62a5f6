"""Write a plan down: the decisions, the files for mail tools, and all that it was made of.

A campaign's folder is whole or not there at all: it is written aside and moved at the end. It is
never replaced, since a plan may have gone out; the same plan once more is no fault.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clienteling.campaigns.decision_table import (
    check_table,
    drop_left,
    drop_table,
    kept_address,
    write_table,
)
from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.figures import Figures, count_decisions, figures_of
from clienteling.campaigns.mail import carried_columns, write_mail
from clienteling.campaigns.places_aside import clear_aside, is_taken, mark_whole, still_written
from clienteling.campaigns.plan import CampaignPlan, model_fingerprint
from clienteling.campaigns.policy_state import policy_state
from clienteling.data.destinations import Destination, Progress, write_to
from clienteling.data.differences import differences_in_words
from clienteling.data.read import read
from clienteling.data.table import Table
from clienteling.errors import InputError, OutputError

if TYPE_CHECKING:
    from clienteling.ledger.store import Store

__all__ = [
    "MOST_ROWS",
    "Delivered",
    "check_campaign_folder",
    "deliver",
    "plan_document",
    "whole_folder",
]

#: Of more contacts CSV files are made only when asked for.
MOST_ROWS = 1_000_000
_PLAN = "plan.json"


@dataclass(frozen=True)
class Delivered:
    """A plan that was written down.

    Parameters
    ----------
    plan : the campaign
    figures : its numbers
    document : what stands in ``plan.json``
    out : the folder
    files : in it
    repeated : whether the same plan was there already, and nothing was written
    notes : what is worth to be said
    """

    plan: CampaignPlan
    figures: Figures
    document: dict[str, Any]
    out: Path
    files: tuple[Path, ...]
    repeated: bool
    notes: tuple[str, ...]


def check_campaign_folder(out: str | Path) -> dict[str, Any] | None:
    """Return the plan that lies in a folder, None where there is no such folder yet.

    Raises
    ------
    OutputError
        It holds something else than a campaign.
    """
    folder = Path(out)
    if not is_taken(folder):
        return None
    if not folder.is_dir():
        raise OutputError(f"{out}: is a file, not a folder.", hint="Name another with --out.")
    try:
        document = json.loads((folder / _PLAN).read_text(encoding="utf-8"))
        if isinstance(document, dict) and "campaign" in document:
            return document
    except (OSError, ValueError):
        pass
    raise OutputError(
        f"{out}: holds something else than a campaign.", hint="Name another folder with --out."
    )


def deliver(
    plan: CampaignPlan,
    out: str | Path,
    *,
    csv: bool = False,
    base_rate: float | None = None,
    progress: Progress | None = None,
    decorate: Callable[[CampaignPlan, Figures, Path], None] | None = None,
    store: Store | None = None,
    decisions: str | None = None,
    carry: Sequence[str] = (),
) -> Delivered:
    """Write a campaign's folder: ``decisions/``, ``mail/``, ``plan.json`` and what it was made of.

    Parameters
    ----------
    plan : the campaign
    out : the folder
    csv : whether files for mail tools are made of more than a million contacts, too
    base_rate : see :func:`clienteling.campaigns.figures.figures_of`
    progress : called with the share of the decisions that is written, from 0 to 1
    decorate : adds pages and pictures to the folder before it is moved to its place
    store : where the campaign is recorded, and the stock and money it uses are taken
    decisions : the address of a table, where the customers are, that takes the decisions in place
        of ``decisions/``; it must not be there yet, unless it holds the same ones
    carry : columns of the customers', such as an e-mail address, that stand in the files for mail
        tools, and nowhere else

    Raises
    ------
    InputError
        Another plan lies there, or is recorded under the name; or something else is in the table.
    DataError
        Meanwhile others have taken stock that it needs.
    OutputError
        The folder can't be written; nothing is left half-written.

    Examples
    --------
    >>> import tempfile
    >>> import clienteling as cl
    >>> from clienteling.campaigns.plan import plan_campaign
    >>> plan = plan_campaign(cl.segment("sample"), "sample", name="spring")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = deliver(plan, f"{folder}/spring")
    ...     print(sorted(each.name for each in made.files))
    ['catalogue.yaml', 'email.csv', 'letter.csv', 'model.json', 'part-00000.parquet', \
'plan.json', 'push.csv']
    """
    folder = Path(os.path.abspath(out))
    carried = carried_columns(plan.customers, carry)
    address = check_table(plan.customers, decisions) if decisions is not None else None
    place = kept_address(address) if address is not None else None
    if store is not None:
        from clienteling.campaigns.unfinished import finish_recorded

        finish_recorded(store, plan.name, folder, place)
    earlier = check_campaign_folder(folder)
    drop_left(plan.customers, folder)
    with whole_folder(folder) as made, ExitStack() as undone:
        if address is None:
            decided = _write_decisions(plan, made / "decisions", progress)
        else:
            decided, is_new = write_table(plan, address, made, progress)
            if is_new:
                undone.callback(drop_table, plan.customers, address)
        figures = figures_of(plan, count_decisions(decided), base_rate)
        document = plan_document(plan, figures, digest_of(decided), place)
        if earlier is not None:
            _refuse_another(earlier, document, folder)
            if store is not None:
                from clienteling.campaigns.recorded import record

                record(store, plan, figures, document, folder)
            undone.pop_all()
            shutil.rmtree(made)
            files = tuple(sorted(each for each in folder.rglob("*") if each.is_file()))
            return Delivered(plan, figures, earlier, folder, files, True, plan.notes)
        notes = [*plan.notes]
        if figures.contacted <= MOST_ROWS or csv:
            write_mail(plan, decided, made / "mail", carried)
        else:
            notes.append(
                f"No files for mail tools are made of {figures.contacted:,} contacts; with --csv "
                "they are."
            )
        _write_text(made / "model.json", plan.model.to_json())
        _write_text(made / "catalogue.yaml", _as_yaml(plan))
        if decorate is not None:
            decorate(plan, figures, made)
        _write_text(made / _PLAN, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        mark_whole(made)
        if store is not None:
            from clienteling.campaigns.recorded import record

            # Last, so that nothing is taken for a plan that can't be written. Where this stops
            # before the folder is moved, the next plan of that name begins by moving it.
            record(store, plan, figures, document, folder)
        undone.pop_all()  # from here on the table is the campaign's
    files = tuple(sorted(each for each in folder.rglob("*") if each.is_file()))
    return Delivered(plan, figures, document, folder, files, False, tuple(notes))


def _write_decisions(plan: CampaignPlan, folder: Path, progress: Progress | None) -> Table:
    write_to(
        Destination("folder", path=folder),
        plan.customers,
        plan.decisions,
        fingerprint=plan.name,
        progress=progress,
    )
    # Only a run that goes on from a stopped one needs it, and this is all or nothing.
    (folder / "_manifest.json").unlink()
    return read(str(folder))


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside the wanted one, and move it there at the end.

    Raises
    ------
    OutputError
        It can't be written, or something is there; nothing is left half-written.
    """
    made = folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_aside(folder)
        with (
            tempfile.TemporaryDirectory(
                prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True
            ) as aside,
            still_written(Path(aside)),
        ):
            made = Path(aside) / "made"
            made.mkdir()
            yield made
            if made.exists():
                if folder.exists():
                    folder.rmdir()  # only where it is empty
                made.rename(folder)
        clear_aside(folder)
    except OutputError as error:
        # The place aside is nobody's concern.
        said = error.message.replace(str(made), str(folder))
        raise OutputError(
            said, faults=error.faults, hint=error.hint or "Free some space or name another --out."
        ) from error
    except OSError as error:
        raise OutputError(
            f"{folder}: can't be written ({error.strerror or error}); nothing is left of it.",
            hint="Free some space or name another place with --out." if error.errno == 28 else "",
        ) from error


def _write_text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def _as_yaml(plan: CampaignPlan) -> str:
    import yaml

    content = plan.catalogue.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


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


def _refuse_another(earlier: dict[str, Any], document: dict[str, Any], folder: Path) -> None:
    """Refuse to plan a campaign twice, unless it is word for word the same."""
    now = json.loads(json.dumps(document))
    # What an earlier version did not write down can't be another.
    told = [key for key in now if key != "created_at" and key in earlier]
    other = [key for key in told if now[key] != earlier[key]]
    if other:
        raise InputError(
            f'{folder}: the campaign "{earlier["campaign"]}" is planned there already, and '
            f"differs: {differences_in_words(other)}.",
            hint="Name another folder with --out, and another campaign with --name.",
        )
