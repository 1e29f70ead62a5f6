"""What ``import clienteling`` offers: few names, sorted, each there and documented."""

import importlib

import pytest

import clienteling


def test_all_is_sorted_and_complete():
    assert clienteling.__all__ == sorted(clienteling.__all__)
    assert len(set(clienteling.__all__)) == len(clienteling.__all__)
    assert set(clienteling.__all__) == set(clienteling._HOMES)
    assert set(clienteling.__all__) <= set(dir(clienteling))


@pytest.mark.parametrize("name", clienteling.__all__)
def test_each_name_is_there_and_documented(name):
    found = getattr(clienteling, name)
    assert (found.__doc__ or "").strip()
    home = importlib.import_module(clienteling._HOMES[name])
    assert getattr(home, name) is found
    assert name in home.__all__


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="module 'clienteling' has no attribute 'nosuch'"):
        clienteling.nosuch  # noqa: B018


def test_the_typing_block_imports_the_same_names():
    """What a type checker sees is what there is."""
    text = importlib.util.find_spec("clienteling").loader.get_source("clienteling")
    block = text.split("if TYPE_CHECKING:")[1].split("\n\n")[0]
    typed = {
        name.strip()
        for line in block.splitlines()
        if " import " in line
        for name in line.split(" import ")[1].split(",")
    }
    assert typed == set(clienteling.__all__)
