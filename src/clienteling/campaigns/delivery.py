"""Write a plan down: the decisions, the files for mail tools, and all that it was made of.

A campaign's folder is whole or not there at all: it is written aside and moved at the end. It is
never replaced, since a plan may have gone out; the same plan once more is no fault.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clienteling.campaigns.decision_table import (
    check_table,
    drop_left,
    drop_table,
    kept_address,
    write_table,
)
from clienteling.campaigns.draft import PLAN, Draft, record_draft
from clienteling.campaigns.figures import Figures
from clienteling.campaigns.mail import carried_columns
from clienteling.campaigns.places_aside import clear_aside, is_taken, mark_whole, still_written
from clienteling.campaigns.plan import CampaignPlan
from clienteling.data.destinations import Destination, Progress, write_to
from clienteling.data.differences import differences_in_words
from clienteling.data.read import read
from clienteling.data.table import Table
from clienteling.errors import InputError, OutputError

if TYPE_CHECKING:
    from clienteling.ledger.store import Store

__all__ = ["Delivered", "check_campaign_folder", "deliver", "whole_folder"]


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
        document = json.loads((folder / PLAN).read_text(encoding="utf-8"))
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
    progress : called with the share of the decisions that is written, from 0 to 1
    decorate : adds pages and pictures to the folder before it is moved to its place
    store : where the campaign is recorded, and the stock and money it uses are taken; who was
        meanwhile contacted as often as is allowed, or has opted out, gets nothing
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
        draft = Draft(plan, made, decided, address, csv, decorate, carried)
        if earlier is not None:
            draft.count()
            _refuse_another(earlier, draft.document, folder)
            if store is not None:
                record_draft(store, draft, folder, fixed=True)
            undone.pop_all()
            shutil.rmtree(made)
            files = tuple(sorted(each for each in folder.rglob("*") if each.is_file()))
            return Delivered(plan, draft.figures, earlier, folder, files, True, plan.notes)
        if store is None:
            draft.fill()
            mark_whole(made)
        else:
            # Last, so that nothing is taken for a plan that can't be written. Where this stops
            # before the folder is moved, the next plan of that name begins by moving it.
            record_draft(store, draft, folder)
        undone.pop_all()  # from here on the table is the campaign's
    files = tuple(sorted(each for each in folder.rglob("*") if each.is_file()))
    return Delivered(
        draft.plan, draft.figures, draft.document, folder, files, False, tuple(draft.notes)
    )


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


def _refuse_another(earlier: dict[str, Any], document: dict[str, Any], folder: Path) -> None:
    """Refuse to plan a campaign twice, unless it is word for word the same."""
    now = json.loads(json.dumps(document))
    # What an earlier version did not write down can't be another; and notes tell how a plan came
    # about, such as that customers were taken out when it was recorded.
    told = [key for key in now if key not in ("created_at", "notes") and key in earlier]
    other = [key for key in told if now[key] != earlier[key]]
    if other:
        raise InputError(
            f'{folder}: the campaign "{earlier["campaign"]}" is planned there already, and '
            f"differs: {differences_in_words(other)}.",
            hint="Name another folder with --out, and another campaign with --name.",
        )
