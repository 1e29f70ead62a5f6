"""A folder is written whole or not at all, and an earlier one goes only after that."""

from pathlib import Path

import pytest

from clienteling.data.whole_folders import whole_folder
from clienteling.errors import OutputError


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "old.txt").write_text("old")
    return tmp_path / "result"


def write(out: Path) -> None:
    with whole_folder(out) as made:
        (made / "new.txt").write_text("new")


def files(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*"))


def test_an_earlier_one_is_replaced(out):
    write(out)
    assert files(out.parent) == ["result", "result/new.txt"]
    assert out.stat().st_mode & 0o777 == 0o755


def test_folders_above_are_made(tmp_path):
    write(tmp_path / "a" / "b")
    assert files(tmp_path) == ["a", "a/b", "a/b/new.txt"]


def test_after_a_fault_all_is_as_it_was(out):
    with pytest.raises(OutputError, match=r"can't be written \(No space left"), whole_folder(out):
        raise OSError(28, "No space left on device")
    with pytest.raises(KeyboardInterrupt), whole_folder(out):
        raise KeyboardInterrupt
    assert files(out.parent) == ["result", "result/old.txt"]


def test_where_it_can_not_take_the_place_the_earlier_one_stays(out, monkeypatch):
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if target == out and not self.name.endswith(".old"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        write(out)
    assert files(out.parent) == ["result", "result/old.txt"]


def test_a_file_above_is_named(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        write(tmp_path / "a" / "b")
