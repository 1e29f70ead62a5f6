"""Modules loaded beside other work."""

import gc
import subprocess
import sys

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
