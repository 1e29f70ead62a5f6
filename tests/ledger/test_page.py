"""What docs/store.md says is so: its Python runs, and says what stands beside it."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent.parent / "docs" / "store.md"


@pytest.mark.slow
def test_the_python_of_the_page_runs_and_prints_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    scope: dict = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), scope)
    said = [each for block in blocks for each in re.findall(r"print\(.*\)  # ([\w -]+)", block)]
    printed = capsys.readouterr().out.splitlines()
    assert len(said) == len(printed) == 4
    assert all(shown.startswith(out) for shown, out in zip(said, printed, strict=True))
