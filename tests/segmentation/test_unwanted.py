"""Libraries that are as if they weren't installed, for one thread and a while."""

import importlib
import sys
import threading

import pytest

from clienteling.segmentation.unwanted import without


@pytest.fixture(autouse=True)
def _loaded_anew(monkeypatch):
    for each in [each for each in sys.modules if each.split(".")[0] in ("wave", "xmlrpc")]:
        monkeypatch.delitem(sys.modules, each)


def test_it_is_not_found_in_the_block_and_found_after_it():
    with without("wave"), pytest.raises(ModuleNotFoundError, match="wave is not wanted here"):
        importlib.import_module("wave")
    assert importlib.import_module("wave")


def test_neither_are_its_parts():
    with without("xmlrpc"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("xmlrpc.client")


def test_other_threads_find_it():
    found = []
    other = threading.Thread(target=lambda: found.append(importlib.import_module("wave")))
    with without("wave"):
        other.start()
        other.join()
    assert found


def test_what_is_loaded_already_stays():
    there = importlib.import_module("wave")
    with without("wave"):
        assert importlib.import_module("wave") is there
