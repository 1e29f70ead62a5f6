"""Modules loaded beside other work."""

import gc
import subprocess
import sys
import threading

import pytest

from clienteling.segmentation.ahead import load_ahead

_ASK = """
import sys, threading
import clienteling as cl
cl.segment  # the module that holds it
assert "sklearn" not in sys.modules, "loaded before the engine reads"
import clienteling.segmentation.segment as module
def prepare(*given, **options):
    names = [each.name for each in threading.enumerate()]
    assert len(names) > 1 or "sklearn" in sys.modules, "nothing is loaded beside it"
    return own(*given, **options)
own, module.prepare = module.prepare, prepare
assert cl.segment("sample").k == 5
"""


def test_scikit_learn_is_loaded_while_the_engine_reads():
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


_WITHOUT_PANDAS = """
import sys
import clienteling as cl
assert cl.segment("sample").k == 5
assert "pandas" not in sys.modules, "loaded though nobody gave a frame"
import pandas as pd
from sklearn.preprocessing import StandardScaler
frame = pd.DataFrame({"visits": [1.0, 2.0, 3.0]})
scaled = StandardScaler().set_output(transform="pandas").fit_transform(frame)
assert isinstance(scaled, pd.DataFrame)
"""


def test_a_fit_needs_no_pandas_and_spoils_it_for_nobody():
    ask = [sys.executable, "-c", _WITHOUT_PANDAS]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_loaded_first_can_be_used_while_the_rest_is_loaded(tmp_path, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(sys, "go_on_for_test", go_on, raising=False)
    (tmp_path / "quick_for_test.py").write_text("there = True\n")
    (tmp_path / "slow_for_test.py").write_text("import sys\nassert sys.go_on_for_test.wait(60)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with load_ahead("no_such_module_anywhere", "quick_for_test", "slow_for_test") as wait_for:
        wait_for("no_such_module_anywhere")
        wait_for("quick_for_test")
        assert sys.modules["quick_for_test"].there
        assert not go_on.is_set()
        go_on.set()
    assert "slow_for_test" in sys.modules


def test_modules_are_there_after_the_block():
    sys.modules.pop("colorsys", None)
    with load_ahead("colorsys"):
        pass
    assert "colorsys" in sys.modules


def test_the_block_s_own_error_is_the_one_that_is_said():
    with pytest.raises(KeyError, match="own"), load_ahead("no_such_module_anywhere"):
        raise KeyError("own")


def test_what_is_missing_is_said_where_it_is_imported():
    with load_ahead("no_such_module_anywhere"):
        pass
    with pytest.raises(ModuleNotFoundError):
        import no_such_module_anywhere  # noqa: F401


@pytest.mark.parametrize("collected", [True, False])
def test_whether_garbage_is_collected_is_left_as_it_was(collected):
    was = gc.isenabled()
    (gc.enable if collected else gc.disable)()
    try:
        with load_ahead("colorsys", "no_such_module_anywhere"):
            pass
        assert gc.isenabled() == collected
    finally:
        (gc.enable if was else gc.disable)()
