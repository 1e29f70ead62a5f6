"""Read a model of either kind from its file."""

from __future__ import annotations

from pathlib import Path

from clienteling.segmentation.model import Model, read_content, validated
from clienteling.segmentation.rules import RulesModel

__all__ = ["AnyModel", "load_model"]

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
