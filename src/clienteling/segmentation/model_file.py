"""The file of a model: written whole, read with all faults named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from clienteling.data.documents import faults_of, read_text
from clienteling.data.whole_files import aside
from clienteling.errors import DocumentError

__all__ = ["SCHEMA_VERSION", "model_text", "read_content", "validated", "write_model"]

SCHEMA_VERSION = 1

_Kind = TypeVar("_Kind", bound=BaseModel)


def model_text(model: BaseModel) -> str:
    """Return a model of either kind as the text that its file holds."""
    return json.dumps(model.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def write_model(model: BaseModel, path: str | Path) -> None:
    """Write a model of either kind, whole or not at all.

    Raises
    ------
    OutputError
        The file can't be written.
    """
    with aside(Path(path)) as place:
        place.write_text(model_text(model), encoding="utf-8", newline="\n")


def read_content(path: str | Path) -> tuple[str, object]:
    """Return the text of a model's file and the kind that it says it is.

    Raises
    ------
    DocumentError
        The file is not a model, is cut off, or is of a newer schema.
    """
    text = read_text(path, "model")
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DocumentError(
            f"{path}: is not a whole model file; its JSON breaks off or is damaged at line "
            f"{getattr(error, 'lineno', '?')}.",
            hint="Copy the file again, or fit the model anew with: clienteling run",
        ) from error
    except RecursionError as error:
        raise DocumentError(f"{path}: is not a model file; it is nested too deeply.") from error
    if not isinstance(content, dict) or "schema_version" not in content:
        raise DocumentError(
            f"{path}: is JSON, but not a model file; it has no schema_version.",
            hint="A model is the model.json that clienteling run writes.",
        )
    version = content["schema_version"]
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise DocumentError(
            f"{path}: has schema version {version}; this program reads up to {SCHEMA_VERSION}.",
            hint="Update it with: pip install --upgrade clienteling",
        )
    return text, content.get("kind")


def validated(path: str | Path, text: str, kind: type[_Kind]) -> _Kind:
    """Return the model in a text.

    Raises
    ------
    DocumentError
        It has faults; all of them are listed.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise DocumentError(
            f"{path}: the model has faults.",
            faults=faults_of(error, kind),
            hint="Restore the file, or fit the model anew with: clienteling run",
        ) from error
