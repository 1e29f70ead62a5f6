"""Plan a campaign for a page: as ``clienteling campaign plan`` does, in a store or in memory."""

from __future__ import annotations

import datetime as dt
import io
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from clienteling.app.campaign_file import packed, unpacked
from clienteling.app.page_words import on_page, rephrase
from clienteling.app.study import Opens
from clienteling.app.uploads import MEMORY, THREADS, Upload, open_upload, rename
from clienteling.campaigns.delivery import deliver
from clienteling.campaigns.figures import Figures
from clienteling.campaigns.mail import carried_columns
from clienteling.campaigns.plan import CampaignPlan, plan_campaign
from clienteling.campaigns.words import plan_words
from clienteling.data.columns import find_id
from clienteling.data.csv_safe import write_csv
from clienteling.data.documents import faults_of, with_ids
from clienteling.data.read import read
from clienteling.data.table import Table
from clienteling.errors import ClientelingError, DocumentError
from clienteling.ledger.store_place import StorePlace
from clienteling.offers.catalogue import Catalogue, catalogue_for
from clienteling.offers.limits import Limits
from clienteling.plan_folder import decorate_plan
from clienteling.segmentation.model import Model

if TYPE_CHECKING:
    from clienteling.ledger.store import Store
    from clienteling.measurement.teaching import Teaching

__all__ = ["Planned", "Wishes", "catalogue_of", "columns_to_carry", "plan", "priced"]


@dataclass(frozen=True)
class Wishes:
    """What a visitor asks of a campaign; see :func:`clienteling.plan_campaign`.

    Parameters
    ----------
    name : of the campaign
    day : of the contacts
    days : outcomes of so many days count
    policy : ``strategy``, ``thompson`` or ``budget``
    holdout : the share that is held out
    budget : what all contacts may cost, with the policy ``budget``
    contacts : how many contacts there may be in all, with it
    channels : how many contacts a channel takes, with it
    floors : how many customers of a segment must get an offer, by its id, with it
    base_rate : response rate without an offer, where it is known
    explore : the share that draws its offer by chance, with ``strategy``; the least probability of
        each offer, with ``thompson``
    global_holdout : the share of all customers that no campaign contacts
    carry : columns of the customers' own that the lists for mail tools carry
    earlier : who had which offer when; a store's own contacts come on top
    """

    name: str
    day: dt.date
    days: int = 28
    policy: str = "strategy"
    holdout: float = 0.1
    budget: float | None = None
    contacts: int | None = None
    channels: tuple[tuple[str, int], ...] = ()
    floors: tuple[tuple[int, int], ...] = ()
    base_rate: float | None = None
    explore: float = 0.0
    global_holdout: float = 0.0
    carry: tuple[str, ...] = ()
    earlier: Upload | None = None

    @property
    def limits(self) -> Limits:
        """What the campaign must keep to."""
        return Limits(self.budget, {}, dict(self.channels), self.contacts, dict(self.floors))


@dataclass(frozen=True, eq=False)
class Planned:
    """A campaign that was planned.

    Parameters
    ----------
    wishes : what it was planned by
    figures : its numbers
    words : the numbers in sentences, what matters most first
    titles : of the offers, by their id
    notes : what was assumed
    folder : the campaign's folder, as a ZIP file
    recorded : in a store: ``no``, ``yes``, or ``other`` where another campaign has its name; empty
        without a store
    """

    wishes: Wishes
    figures: Figures
    words: tuple[str, ...]
    titles: Mapping[str, str]
    notes: tuple[str, ...]
    folder: bytes
    recorded: str = ""

    def files(self, under: str) -> list[str]:
        """Return the names of the files in a folder of the campaign's, such as ``mail``."""
        start = f"{self.wishes.name}/{under}/"
        with zipfile.ZipFile(io.BytesIO(self.folder)) as inside:
            return [
                each.removeprefix(start) for each in inside.namelist() if each.startswith(start)
            ]

    def file(self, path: str) -> bytes:
        """Return one file of the campaign's folder."""
        with zipfile.ZipFile(io.BytesIO(self.folder)) as inside:
            return inside.read(f"{self.wishes.name}/{path}")

    def decisions(self, kind: str) -> bytes:
        """Return who gets what as one file: ``parquet``, or ``csv`` for a spreadsheet."""
        with tempfile.TemporaryDirectory(prefix="clienteling-") as aside:
            folder = unpacked(self.folder, self.wishes.name, Path(aside))
            decided = read(str(folder / "decisions"), memory=MEMORY, threads=THREADS)
            made = Path(aside) / f"decisions.{kind}"
            if kind == "csv":
                write_csv(decided, made)
            else:
                decided.to_parquet(made)
            return made.read_bytes()


def plan(
    model: Model,
    opens: Opens,
    catalogue: Catalogue,
    wishes: Wishes,
    place: StorePlace | None = None,
    *,
    record: bool = False,
) -> Planned:
    """Plan a campaign.

    Parameters
    ----------
    model : the segments
    opens : opens the customers
    catalogue : the offers
    wishes : what is asked of it
    place : the store that knows who may be contacted, and what earlier campaigns taught
    record : whether it is recorded in the store, which takes its stock and its contacts; else it
        is a draft

    Raises
    ------
    ClientelingError
        As for ``clienteling campaign plan``, in the words of a page.

    Examples
    --------
    >>> from clienteling.app.session import sample_study
    >>> shown = sample_study()
    >>> wishes = Wishes("spring", dt.date(2026, 3, 1), holdout=0.25)
    >>> made = plan(shown.model, shown.opens, shown.catalogue, wishes)
    >>> made.figures.contacted, made.files("mail")
    (150, ['email.csv', 'letter.csv', 'push.csv'])
    """
    try:
        with (
            opens() as customers,
            tempfile.TemporaryDirectory(prefix="clienteling-", ignore_cleanup_errors=True) as aside,
            _opened(place) as store,
            nullcontext() if wishes.earlier is None else open_upload(wishes.earlier) as earlier,
        ):
            carried = carried_columns(customers, wishes.carry)
            contacts = [] if earlier is None else [earlier]
            planned, teaching = _planned(store, model, customers, catalogue, wishes, contacts)
            # The name was looked at: it can be a folder's.
            folder = Path(aside) / wishes.name
            if record and place is not None:
                folder = place.campaigns / wishes.name
            made = deliver(
                planned,
                folder,
                csv=True,
                decorate=partial(decorate_plan, teaching=teaching),
                store=store if record else None,
                carry=carried,
            )
            return Planned(
                wishes,
                made.figures,
                tuple(map(on_page, plan_words(planned, made.figures))),
                {each.id: each.title for each in catalogue.offers},
                tuple(filter(None, map(on_page, made.notes))),
                packed(made.out),
                _recorded(place, store, made.document, catalogue),
            )
    except ClientelingError as error:
        raise rephrase(error) from error


def _opened(place: StorePlace | None) -> AbstractContextManager[Store | None]:
    if place is None:
        return nullcontext()
    # What a store needs is loaded where there is one.
    from clienteling.ledger.store import open_store

    return open_store(place.address, create=True)


def columns_to_carry(opens: Opens) -> tuple[str, ...]:
    """Return the columns of the customers that the lists for mail tools can carry: all but the id.

    Examples
    --------
    >>> from clienteling.app.session import sample_study
    >>> columns_to_carry(sample_study().opens)[:2]
    ('Gender', 'Age')
    """
    with opens() as customers:
        found = find_id(customers)
        return tuple(each for each in customers.names if found is None or each != found.name)


def _planned(
    store: Store | None,
    model: Model,
    customers: Table,
    catalogue: Catalogue,
    wishes: Wishes,
    contacts: Sequence[Table],
) -> tuple[CampaignPlan, Teaching | None]:
    asked: dict[str, Any] = {
        "name": wishes.name,
        "policy": wishes.policy,
        "holdout": wishes.holdout,
        "global_holdout": wishes.global_holdout,
        "explore": wishes.explore,
        "base_rate": wishes.base_rate,
        "contacts": contacts,
        "limits": wishes.limits,
        "day": wishes.day,
        "days": wishes.days,
    }
    if store is None:
        return plan_campaign(model, customers, catalogue, **asked), None
    from clienteling.measurement.plan_in_store import plan_in_store

    return plan_in_store(store, model, customers, catalogue, **asked)


def _recorded(
    place: StorePlace | None, store: Store | None, document: Mapping[str, Any], catalogue: Catalogue
) -> str:
    """Return whether the store has this very campaign, none, or another by its name."""
    if place is None or store is None:
        return ""
    from clienteling.campaigns.kept import campaign_of_document
    from clienteling.ledger.campaigns import campaigns

    there = next((each for each in campaigns(store) if each.id == document["campaign"]), None)
    if there is None:
        return "no"
    folder = Path(os.path.abspath(place.campaigns / there.id))
    meant = campaign_of_document(document, catalogue.catalogue, folder)
    return "yes" if meant.content == there.content else "other"


def catalogue_of(data: bytes, name: str, model: Model) -> Catalogue:
    """Return the catalogue in a YAML file.

    Parameters
    ----------
    data, name : of the file
    model : whose segments the offers are for

    Raises
    ------
    DocumentError
        It has faults; all of them are listed.
    """
    with tempfile.TemporaryDirectory(prefix="clienteling-") as aside:
        path = Path(aside) / "catalogue.yaml"
        path.write_bytes(data)
        try:
            return catalogue_for(model, path)
        except DocumentError as error:
            rename(error, str(path), name)
            raise


def priced(catalogue: Catalogue, rows: Sequence[Mapping[str, Any]]) -> Catalogue:
    """Return a catalogue with other titles, costs, values and responses.

    Parameters
    ----------
    catalogue : the offers
    rows : for each offer, in order, what is changed: keys of an offer; None where it is not known

    Raises
    ------
    DocumentError
        A value can't be meant; all faults are listed.
    """
    # What was never said stays unsaid: a cost of 0 is known, and a missing one is not.
    content = catalogue.model_dump(exclude_unset=True)
    for each, row in zip(content["offers"], rows, strict=True):
        each.update(row)
        for key in [key for key in row if row[key] is None]:
            del each[key]
    try:
        return Catalogue.model_validate(content)
    except ValidationError as error:
        faults = with_ids(faults_of(error), content)
        raise DocumentError("The offers can't be like this.", faults=faults) from error
