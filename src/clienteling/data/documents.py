"""Read YAML and JSON documents into pydantic models, and say all their faults at once."""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any, Self, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from clienteling.errors import DocumentError, near_names

__all__ = [
    "BuiltIn",
    "Document",
    "Strict",
    "content_of",
    "faults_of",
    "parse_yaml",
    "parts_of",
    "read_text",
    "repeated",
    "with_a_point",
    "with_ids",
]

_LARGEST = 64 << 20
#: What pydantic calls a fault, and what it is called here; the second kind shows the value too.
_WHOLE = {
    "missing": "is missing.",
    "extra_forbidden": "is not known here; remove it or mend its spelling.",
    "string_too_short": "is empty.",
    "too_short": "is empty.",
}
_PLAIN = {
    "string_type": "should be text",
    "string_pattern_mismatch": 'takes small letters, digits, "-" and "_" only',
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "dict_type": "should be names with values",
    "model_type": "should be names with values",
    "model_attributes_type": "should be names with values",
}
_NO_DAY = (
    "date_type",
    "date_parsing",
    "date_from_datetime_parsing",
    "date_from_datetime_inexact",
)
_NUMBER, _WHOLE_NUMBER, _DAY = "a number", "a whole number", "a day, such as 2026-03-31"
#: What pydantic says with a bound or a choice in it, which stands in its context.
_WITH_CONTEXT = {
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE_NUMBER),
    **dict.fromkeys(_NO_DAY, _DAY),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    "finite_number": "a finite number",
    "literal_error": "{expected}",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt}",
    "less_than_equal": "at most {le}",
}
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 2, 60, 60


class Strict(BaseModel):
    """A part of a document that refuses what it doesn't know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Strict):
    """A document whose parts must fit together."""

    @classmethod
    def disagreements(cls, content: Mapping[str, Any]) -> list[str]:
        """Return the faults between parts, as far as ``content`` can be understood at all.

        A document with other faults is asked too, so that all of them are said at once.
        """
        return []

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = self.disagreements(self.model_dump())
        if faults:
            raise ValueError("\n".join(faults))
        return self


_Document = TypeVar("_Document", bound=Document)


def repeated(parts: Iterable[tuple[int, Mapping[str, Any]]], what: str, where: str) -> list[str]:
    """Return a fault for each value of ``what`` that several parts have."""
    often = Counter(part[what] for _, part in parts if isinstance(part.get(what), str))
    return [
        f'{where}: the {what} "{value}" stands {n} times; each must be its own.'
        for value, n in often.items()
        if n > 1
    ]


def parts_of(content: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the mappings in a list of a document, each with its place from 1."""
    found = content.get(key)
    if not isinstance(found, list | tuple):
        return []
    return [(place, each) for place, each in enumerate(found, 1) if isinstance(each, Mapping)]


@dataclass(frozen=True)
class BuiltIn:
    """The documents of one kind that come with the package.

    Parameters
    ----------
    package : where they lie
    folder : the folder in it, with a YAML file per document
    what : what one of them is, for messages: ``playbook``
    """

    package: str
    folder: str
    what: str

    def names(self) -> list[str]:
        """Return their names, sorted."""
        files = (resources.files(self.package) / self.folder).iterdir()
        return sorted(
            each.name.removesuffix(".yaml") for each in files if each.name.endswith(".yaml")
        )

    def text(self, name: str) -> str:
        """Return the YAML text of one of them.

        Raises
        ------
        DocumentError
            There is none of that name; the nearest names are offered.
        """
        names = self.names()
        if name not in names:
            hint = f"{near_names(name, names)} The built-in ones are: {', '.join(names)}."
            raise DocumentError(f'There is no built-in {self.what} "{name}".', hint=hint.strip())
        file = resources.files(self.package) / self.folder / f"{name}.yaml"
        return file.read_text(encoding="utf-8")

    def load(self, source: str | Path, document: type[_Document]) -> _Document:
        """Return a document: a built-in one by its name, or one's own by its path.

        Raises
        ------
        DocumentError
            There is no such document, or it has faults; all of them are listed.
        """
        names = self.names()
        if str(source) in names and not Path(source).exists():
            return parse_yaml(self.text(str(source)), document, str(source), self.what)
        return parse_yaml(read_text(source, self.what, names), document, str(source), self.what)


def read_text(path: str | Path, what: str, built_in: Sequence[str] = ()) -> str:
    """Return the text of a document, or say why it can't be read.

    Parameters
    ----------
    path : the file
    what : what the file should be, for messages: ``playbook``
    built_in : names that could have been meant instead of a file
    """
    path = Path(path)
    try:
        if path.is_dir():
            inside = path / f"{what}.json"
            hint = f"Did you mean {inside}?" if inside.is_file() else ""
            raise DocumentError(f"{path}: is a folder, not a {what} file.", hint=hint)
        if path.stat().st_size > _LARGEST:
            raise DocumentError(f"{path}: is too large for a {what} file.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        hint = near_names(path.name, built_in)
        if built_in:
            hint = f"{hint} The built-in ones are: {', '.join(built_in)}.".strip()
        if what == "model":
            hint = "clienteling run writes a model.json into its output folder."
        raise DocumentError(f"{path}: there is no such {what} file.", hint=hint) from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not a {what}; it is not UTF-8 text.") from error
    except OSError as error:
        raise DocumentError(f"{path}: can't be read ({error.strerror}).") from error


class _OneOfEach(yaml.SafeLoader):
    """Note the keys that stand twice: of two prices, none must win in silence."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: dict[tuple[int, int], str] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            # "<<" takes in another mapping, and may do so more than once.
            said = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if said in seen and key.value != "<<":
                mark = key.start_mark
                self.twice[mark.line + 1, mark.column + 1] = str(key.value)
            if said:
                seen.add(said)
        return super().construct_mapping(node, deep)


def _day_or_text(loader: _OneOfEach, node: yaml.ScalarNode) -> Any:
    """Return a day or a time; what only looks like one, such as 2026-02-30, as the text it is.

    Where a day is wanted it is then a fault among the others, with its place.
    """
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return str(node.value)


_OneOfEach.add_constructor("tag:yaml.org,2002:timestamp", _day_or_text)
# A lone "=" is an operator here; PyYAML knows it as a kind of its own that it can't read.
_OneOfEach.add_constructor("tag:yaml.org,2002:value", lambda loader, node: str(node.value))


def parse_yaml(text: str, document: type[_Document], name: str, what: str) -> _Document:
    """Return the document in a YAML text.

    Raises
    ------
    DocumentError
        The text is not YAML, or the document has faults; all of them are listed.
    """
    content, twice = _content(text, name, what)
    try:
        made = document.model_validate(content)
    except ValidationError as error:
        faults = with_ids([*faults_of(error, document), *document.disagreements(content)], content)
        raise DocumentError(f"{name}: the {what} has faults.", faults=[*twice, *faults]) from error
    if twice:
        raise DocumentError(f"{name}: the {what} has faults.", faults=twice)
    return made


def content_of(text: str, name: str, what: str) -> dict[str, Any]:
    """Return what a YAML text holds, before it is looked at as a document: it may have faults.

    Raises
    ------
    DocumentError
        The text is not YAML, or not a mapping, or obviously another document.
    """
    return _content(text, name, what)[0]


def _content(text: str, name: str, what: str) -> tuple[dict[str, Any], list[str]]:
    """Return what a YAML text holds, and a fault for each key that stands twice."""
    loader = None
    try:
        loader = _OneOfEach(text)
        content = loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DocumentError(
            f"{name}: is not readable YAML{where} ({getattr(error, 'problem', None) or 'syntax'}).",
            hint="Mend that line; mind the indentation and put texts with a colon, and signs such "
            'as ">=", in quotes.',
        ) from error
    except (AttributeError, ValueError) as error:
        # What PyYAML lets through: a tag such as !!int before a word.
        raise DocumentError(
            f"{name}: is not readable YAML; it holds a value that is not what it looks like "
            f"({error}).",
            hint="Put such values in quotes.",
        ) from error
    except RecursionError as error:
        raise DocumentError(f"{name}: is not a {what}; it is nested too deeply.") from error
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(content, dict):
        raise DocumentError(f"{name}: is not a {what}; it should be a mapping of names to values.")
    if what in ("playbook", "catalogue") and what not in content:
        other = next((each for each in ("playbook", "catalogue") if each in content), None)
        if other is not None:
            option = "--playbook" if other == "playbook" else "--offers"
            raise DocumentError(
                f"{name}: is a {other}, not a {what}.", hint=f"Give it with {option}."
            )
    twice = [
        f'line {line}, column {column}: "{key}" stands twice; one of them must go.'
        for (line, column), key in sorted(loader.twice.items())
    ]
    return content, twice


def with_ids(faults: Iterable[str], content: Mapping[str, Any]) -> list[str]:
    """Return faults, each once, with the id of the part that it lies in beside the part's place.

    Examples
    --------
    >>> with_ids(["offers[1].cost: is missing."], {"offers": [{"id": "tea"}]})
    ['offers[1] (tea).cost: is missing.']
    """

    def named(found: re.Match[str]) -> str:
        parts = dict(parts_of(content, found[1]))
        part = parts.get(int(found[2]), {})
        called = part.get("id", part.get("key"))
        return f"{found[0]} ({called})" if isinstance(called, str) and called else found[0]

    return list(dict.fromkeys(re.sub(r"^(\w+)\[(\d+)\](?! \()", named, each) for each in faults))


def faults_of(error: ValidationError, document: type[BaseModel] | None = None) -> list[str]:
    """Return each fault that pydantic found, with its place, in plain words.

    Parameters
    ----------
    error : what pydantic raised
    document : what was read; with it, keys that are near to an unknown one are offered
    """
    faults = []
    for each in error.errors(include_url=False):
        if each["type"] == "too_short" and each["input"]:
            continue  # its entries are there and have faults of their own
        place = _place(each["loc"])
        said = _words(each["type"], each["msg"], each["input"], each.get("ctx", {}))
        if each["type"] == "extra_forbidden" and document is not None:
            *above, wrong = each["loc"]
            # Only a slip of the pen: of few short keys, one is always somewhat alike.
            near = get_close_matches(str(wrong), _keys(document, above), n=1, cutoff=0.7)
            said += f' Did you mean "{near[0]}"?' if near else ""
        faults += [f"{place}: {line}" if place else line for line in said.split("\n")]
    return faults


def _place(location: tuple[int | str, ...]) -> str:
    place = ""
    for step in location:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if place else str(step)
    return place


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return bounds as people write them: 0 rather than 0.0."""
    return {
        key: f"{each:,.10g}" if isinstance(each, int | float) else each
        for key, each in context.items()
    }


def _keys(document: type[BaseModel], above: Sequence[int | str]) -> list[str]:
    """Return the keys that may stand at a place of a document."""
    models = {document}
    for step in above:
        if isinstance(step, str):
            fields = [each.model_fields[step] for each in models if step in each.model_fields]
            models = {found for each in fields for found in _models(each.annotation)} or models
    return [key for each in models for key in each.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation speaks of, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in get_args(annotation) for found in _models(each)]


def _words(kind: str, message: str, value: Any, context: Mapping[str, Any]) -> str:
    if kind in _WHOLE:
        return _WHOLE[kind]
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind in _WITH_CONTEXT:
        message = f"should be {_WITH_CONTEXT[kind].format(**_plain(context))}"
    else:
        message = _PLAIN.get(kind, message)
    # Not all of it: references make a short file huge when it is written out.
    shown = _SHORT.repr(value)
    said = f"{message} (found {shown if len(shown) <= 60 else shown[:57] + '…'})."
    if _WITH_CONTEXT.get(kind) in (_NUMBER, _WHOLE_NUMBER) and isinstance(value, str):
        said += with_a_point(value)
    if kind == "less_than_equal" and context["le"] == 1 and value <= 100:
        said += f" It is a share: {value:g} % is {value / 100:g}."
    return said


def with_a_point(value: str) -> str:
    """Return how a number with a decimal comma, or with commas between thousands, is written.

    Examples
    --------
    >>> with_a_point("1,50"), with_a_point("1.234,50"), with_a_point("cheap")
    (' Write it with a point: 1.50.', ' Write it with a point: 1234.50.', '')
    >>> with_a_point("1,500")
    ' Write it with a point, 1.500, or without a comma, 1500.'
    """
    found = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d{3})+|-?\d+),(\d+)\s*", value)
    if found is None:
        return ""
    whole, decimals = found[1].replace(".", ""), found[2]
    if len(decimals) == 3 and "." not in found[1]:
        return f" Write it with a point, {whole}.{decimals}, or without a comma, {whole}{decimals}."
    return f" Write it with a point: {whole}.{decimals}."
