"""The bare install has no pandas: what it offers works without."""

import subprocess
import sys
from pathlib import Path

import pytest

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture
def without_pandas(tmp_path):
    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", BLOCKED + code],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_whole_way_from_a_table_to_every_customers_offers(without_pandas, tmp_path):
    said = without_pandas("""
import clienteling as cl

customers = cl.read("sample")
model = cl.segment(customers)
answer = model.predict({"Annual Income (k$)": 20, "Spending Score (1-100)": 80})
cl.recommend(model, customers).to_csv("offers.csv")
print(model.k, answer.segment.name, "pandas" in sys.modules)
""")
    assert said.split("\n")[0] == "5 Deal Seekers False"
    lines = Path(tmp_path, "offers.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 201


def test_a_frame_is_refused_with_the_line_that_installs_pandas(without_pandas):
    said = without_pandas("""
import clienteling as cl

try:
    cl.read("sample").head()
except cl.ClientelingError as error:
    print(error)
""")
    assert 'pip install "clienteling[frames]"' in said
