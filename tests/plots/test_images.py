import struct
import sys
import threading
from pathlib import Path

import matplotlib
import pytest

import clienteling.plots
from clienteling.errors import MissingExtra
from clienteling.plots import draw_images, draw_kmeans_clusters
from clienteling.plots.style import save_png

NAMES = ["elbow_method.png", "kmeans_clusters.png", "dbscan_k_distance.png", "dbscan_clusters.png"]


def write(found, folder):
    sketch, fit = found.sketch, found.fit
    return draw_images(found.model, found.comparison, sketch, fit, folder)


@pytest.fixture(scope="module")
def written(sample, tmp_path_factory):
    return write(sample, tmp_path_factory.mktemp("pictures") / "new" / "images")


def test_exactly_these_four_are_written(written):
    assert [each.name for each in written] == NAMES
    assert sorted(written[0].parent.iterdir()) == sorted(written)


def assert_is_small_png(path):
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert width == 1280
    assert 960 <= height <= 2200
    assert len(content) < 200_000


def test_they_are_png_of_one_width_and_small(written, drawable, crowd, tmp_path):
    for path in written:
        assert_is_small_png(path)
    for number, found in enumerate((drawable(2, 20), crowd)):
        figure = draw_kmeans_clusters(found.model, found.sketch, found.fit)
        assert_is_small_png(save_png(figure, tmp_path / f"{number}.png"))


def test_the_same_input_gives_the_same_bytes_also_in_threads(sample, written, tmp_path):
    folders = [tmp_path / "one", tmp_path / "other"]
    threads = [threading.Thread(target=write, args=(sample, each)) for each in folders]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for path in written:
        for folder in folders:
            assert (folder / path.name).read_bytes() == path.read_bytes()
        assert b"tIME" not in path.read_bytes()


def test_they_do_not_depend_on_the_users_own_matplotlib_style(sample, written, tmp_path):
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 5, "text.color": "red"}):
        styled = write(sample, tmp_path)
    for one, other in zip(written, styled, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_pyplot_does_not_know_of_them(written):
    from matplotlib import pyplot

    assert pyplot.get_fignums() == []


def test_the_repository_keeps_these_four():
    kept = sorted((Path(__file__).parents[2] / "images").glob("*.png"))
    assert [each.name for each in kept] == sorted(NAMES)
    for path in kept:
        assert_is_small_png(path)


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in clienteling.plots.__all__:
        with pytest.raises(MissingExtra) as caught:
            getattr(clienteling.plots, name)
        assert str(caught.value) == (
            "Pictures need an optional part that is not installed.\n"
            'Install it with: pip install "clienteling[plots]"'
        )


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'clienteling\.plots' has no attribute 'draw_pie'"):
        getattr(clienteling.plots, "draw_" + "pie")


def test_the_public_names_are_sorted_and_there():
    assert clienteling.plots.__all__ == sorted(clienteling.plots.__all__)
    assert set(clienteling.plots.__all__) <= set(dir(clienteling.plots))
    for name in clienteling.plots.__all__:
        assert callable(getattr(clienteling.plots, name))
