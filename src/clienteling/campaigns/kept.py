"""A campaign as its plan was written down: from ``plan.json``, or from the whole folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clienteling.campaigns.digest import digest_of
from clienteling.campaigns.folder import decisions_of_folder, plan_in_folder
from clienteling.campaigns.plan import draw_salt, model_fingerprint
from clienteling.data.read import read
from clienteling.errors import DataError
from clienteling.ledger.batch import with_password
from clienteling.ledger.campaigns import Campaign, campaigns, record_campaign
from clienteling.ledger.campaigns import campaign as campaign_of
from clienteling.ledger.documents import keep_document
from clienteling.ledger.store import Store
from clienteling.offers.catalogue import Catalogue, load_catalogue
from clienteling.segmentation.load import load_model

__all__ = ["campaign_in", "campaign_of_document", "keep_documents", "keep_folder"]


def campaign_of_document(document: Mapping[str, Any], catalogue: str, folder: Path) -> Campaign:
    """Return a campaign as ``plan.json`` tells of it.

    Parameters
    ----------
    document : what stands in ``plan.json``
    catalogue : the name of the catalogue
    folder : of the campaign, as an absolute path
    """
    counts: dict[str, dict[str, int]] = {}
    for each in document["counts"]:
        own = counts.setdefault(each["arm"], {})
        own[each["offer"]] = own.get(each["offer"], 0) + int(each["customers"])
    found, table = document["expected_profit"], document.get("decisions")
    return Campaign(
        id=document["campaign"],
        created_at=dt.datetime.fromisoformat(document["created_at"]),
        day=dt.date.fromisoformat(document["day"]),
        policy=document["policy"],
        salt=draw_salt(document["campaign"]),
        holdout=document["holdout"],
        global_holdout=document["global_holdout"],
        plan={
            "policy": document["state"]["policy"],
            "rations": document["state"]["rations"],
            "shop": document["shop"],
            "limits": document["limits"],
            "last_day": document["last_day"],
            # Else they lie in it; the files for mail tools do in any case.
            **({"folder": str(folder)} if table else {}),
        },
        model_fingerprint=document["model"],
        catalogue_fingerprint=document["catalogue"],
        catalogue=catalogue,
        customers=document["customers"],
        counts=counts,
        cost=document["cost"],
        profit=(found["low"], found["estimate"], found["high"]) if found else None,
        smallest_lift=document["smallest_lift"],
        planned_size=document["planned"],
        decisions=table or str(folder / "decisions"),
        digest=str(document["digest"]),
        features=tuple(document["features"]),
    )


def keep_documents(store: Store, fingerprint: str, model: str, catalogue: Catalogue) -> None:
    """Keep the model and the catalogue that a campaign was planned with.

    Parameters
    ----------
    store : the store
    fingerprint, model : of the model, and its text
    catalogue : the offers
    """
    keep_document(store, "model", fingerprint, model)
    content = catalogue.model_dump_json(exclude_defaults=True)
    keep_document(store, "catalogue", catalogue.fingerprint, content)


def keep_folder(store: Store, folder: str | Path) -> Campaign:
    """Keep a campaign that was planned without a store, so that its outcomes can be taken in.

    Its stock and its budget are not taken: nobody knows what others took meanwhile.

    Parameters
    ----------
    store : where it is kept
    folder : as a plan wrote it

    Returns
    -------
    Campaign
        As it was planned.

    Raises
    ------
    InputError
        It is no campaign's folder, or another campaign of this name is kept already.
    DataError
        The decisions, the model or the catalogue are not those of the plan.

    Examples
    --------
    >>> import tempfile
    >>> import clienteling as cl
    >>> from clienteling.ledger.store import open_store
    >>> plan = cl.plan_campaign(cl.segment("sample"), "sample", name="spring", holdout=0.25)
    >>> with tempfile.TemporaryDirectory() as aside:
    ...     made = plan.write(f"{aside}/spring")
    ...     with open_store(f"{aside}/shop.db", create=True) as store:
    ...         keep_folder(store, made.out).planned_size
    200
    """
    folder = Path(folder)
    document = plan_in_folder(folder)
    catalogue = load_catalogue(folder / "catalogue.yaml")
    model = load_model(folder / "model.json")
    decisions = decisions_of_folder(folder, document)
    try:
        if decisions == str(folder / "decisions"):
            document = {**document, "decisions": None}
        meant = campaign_of_document(document, catalogue.catalogue, folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{folder / 'plan.json'}: is not as a plan writes it ({error}).") from error
    found = {
        "model.json": (model_fingerprint(model), meant.model_fingerprint),
        "catalogue.yaml": (catalogue.fingerprint, meant.catalogue_fingerprint),
        "decisions": (digest_of(read(with_password(decisions, store))), meant.digest),
    }
    changed = [f"{what} is another one." for what, (now, then) in found.items() if now != then]
    if changed:
        raise DataError(
            f"{folder}: is not as it was when the campaign was planned.",
            faults=changed,
            hint="Give the folder as it was written.",
        )
    keep_documents(store, meant.model_fingerprint, model.to_json(), catalogue)
    record_campaign(store, meant)
    return meant


def campaign_in(store: Store, given: str | Path) -> Campaign:
    """Return a campaign by its name or by its folder; one that is not kept yet is kept by it.

    Parameters
    ----------
    store : the store
    given : the name, or the folder as a plan wrote it

    Raises
    ------
    DataError
        There is no campaign of that name, or a folder holds another than the one that is kept.
    """
    if not (Path(given) / "plan.json").is_file():
        return campaign_of(store, str(given))
    document = plan_in_folder(given)
    there = next((e for e in campaigns(store) if e.id == document["campaign"]), None)
    if there is None:
        return keep_folder(store, Path(given).absolute())
    if there.digest != document["digest"]:
        raise DataError(
            f'{given}: another campaign is kept under the name "{there.id}" in {store.shown}.',
            hint="Give the folder that was planned with that store, or the name alone.",
        )
    return there
