"""Read a model of either kind from its file."""

from __future__ import annotations

import json
from pathlib import Path

from clienteling.errors import DocumentError
from clienteling.segmentation.model import Model
from clienteling.segmentation.model_file import read_content, validated
from clienteling.segmentation.rules import RulesModel

__all__ = ["AnyModel", "load_model", "parse_model"]

AnyModel = Model | RulesModel


def load_model(path: str | Path) -> AnyModel:
    """Read a model that was saved, of the kind that the file says.

    Raises
    ------
    DocumentError
        The file is not a model, is cut off, is of a newer schema, or has faults.

    Examples
    --------
    >>> import tempfile
    >>> import clienteling as cl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cl.segment(cl.read("sample"), k=5).save(f"{folder}/model.json")
    ...     cl.load_model(f"{folder}/model.json").kind
    'kmeans'
    """
    text, kind = read_content(path)
    if kind == "rules":
        return validated(path, text, RulesModel)
    return validated(path, text, Model)


def parse_model(text: str, name: str) -> AnyModel:
    """Return the model in a text that was kept elsewhere than in a file of its own.

    Parameters
    ----------
    text : as :meth:`Model.to_json` gives it
    name : what to call it in messages

    Raises
    ------
    DocumentError
        It is not a model, or has faults.
    """
    try:
        kind = json.loads(text)["kind"]
    except (ValueError, KeyError, TypeError) as error:
        raise DocumentError(f"{name}: is not a model.") from error
    if kind == "rules":
        return validated(name, text, RulesModel)
    return validated(name, text, Model)
