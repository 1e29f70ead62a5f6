"""What the tests of the command line share: a way to call it, and one result of a run."""

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clienteling.cli import main


@dataclass(frozen=True)
class Said:
    """What a command answered: its exit code, and what it wrote to which stream."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


def call(*arguments: str) -> Said:
    """Call the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main(list(arguments))
    code = ended.value.code
    assert isinstance(code, int)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def cli() -> Callable[..., Said]:
    """Return a function that calls the command line in this process."""
    return call


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@dataclass(frozen=True)
class Ran:
    """A run over the sample: its folder and its JSON document."""

    folder: Path
    document: Any
    said: Said


@pytest.fixture(scope="session")
def ran(tmp_path_factory, mall_csv) -> Ran:
    """Return what one run over the sample left behind. Read only."""
    folder = tmp_path_factory.mktemp("ran") / "out"
    said = call("run", str(mall_csv), "--out", str(folder), "--json")
    assert said.code == 0, said.err
    return Ran(folder, said.document, said)


@pytest.fixture(scope="session")
def model(ran) -> str:
    return str(ran.folder / "model.json")


def listing(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, and every folder."""
    return {
        str(each.relative_to(folder)): each.read_bytes() if each.is_file() else b""
        for each in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Return a function that lists every file below a folder with its content."""
    return listing
