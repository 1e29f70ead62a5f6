"""What the tests of the report share: runs to report on, small pictures, a hostile model."""

import struct
import zlib
from pathlib import Path

import pytest

from clienteling.report import render_report
from clienteling.run import Run, run
from clienteling.segmentation.model import Model

PICTURES = (
    "elbow_method.png",
    "kmeans_clusters.png",
    "dbscan_k_distance.png",
    "dbscan_clusters.png",
)
HOSTILE = "<script>alert(1)</script>"


def parts_of(found: Run, **changed) -> dict:
    """Return what a report is made of, with what is to differ."""
    made = {
        "model": found.model,
        "choice": found.choice,
        "comparison": found.comparison,
        "catalogue": found.catalogue,
        "reach": found.reach,
        "usable": found.prepared.usable,
        "notes": found.notes,
        "images": (),
    }
    return {**made, **changed}


def png(width: int, height: int) -> bytes:
    """Return a grey picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\x00" + b"\x80" * width) * height
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def change_segment(model: Model, index: int, **changed) -> Model:
    """Return the model with one segment changed."""
    segments = list(model.segments)
    segments[index] = segments[index].model_copy(update=changed)
    return model.model_copy(update={"segments": segments})


def hostile(model: Model) -> Model:
    """Return the model with texts that try to break out of the page, or to break its layout."""
    model = change_segment(
        model,
        0,
        name=HOSTILE,
        explanation="</style><img src=x onerror=alert(1)>",
        description="W" * 300,
        strategy="{{ 7 * 7 }}{% raw %}",
        fit="\"its\" <b>fit</b> & 'more'",
    )
    model = change_segment(model, 1, name="Donaudampfschifffahrtsgesellschaftskapitän" * 4)
    figures = [each.model_copy(update={"column": "Q" * 90}) for each in model.segments[2].profile]
    model = change_segment(model, 2, name='" onmouseover="alert(1)', profile=figures)
    feature = {"name": "z" * 80, "label": "<i>income</i>"}
    names = {model.features[0].name: feature["name"]}
    for each in model.segments:
        traits = [
            trait.model_copy(update={"feature": names.get(trait.feature, trait.feature)})
            for trait in each.traits
        ]
        model = change_segment(model, each.id, traits=traits)
    return model.model_copy(
        update={
            "why_k": "<iframe src='x'></iframe>",
            "features": [model.features[0].model_copy(update=feature), model.features[1]],
            "provenance": model.provenance.model_copy(
                update={"source": "<svg onload=alert(1)>\udce9.csv"}
            ),
        }
    )


@pytest.fixture(scope="session")
def parts():
    return parts_of


@pytest.fixture(scope="session")
def with_segment():
    return change_segment


@pytest.fixture(scope="session")
def mall() -> Run:
    return run("sample")


@pytest.fixture(scope="session")
def mall_page(mall) -> str:
    return render_report(**parts_of(mall))


@pytest.fixture(scope="session")
def hostile_page(mall) -> str:
    return render_report(**parts_of(mall, model=hostile(mall.model), notes=[HOSTILE]))


@pytest.fixture(scope="session")
def twenty() -> Run:
    return run("sample", k=20)


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    folder = tmp_path / "images"
    folder.mkdir()
    for index, name in enumerate(PICTURES):
        (folder / name).write_bytes(png(640 + index, 480))
    return [folder / name for name in PICTURES]
