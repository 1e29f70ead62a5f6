"""`make` sets up .venv by itself, only when needed, and again after a failure.

A Python of a few lines of shell stands in for the real one: it writes down what it was asked to do.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

STAND_IN = """\
#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install "*) [ ! -e no-network ] ;;
    "-c print(open("*) cat .venv/.runtime-installed ;;
esac
"""


class Checkout:
    """A folder with the Makefile, in which make runs with the stand-in."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.calls = folder / "calls.txt"
        self.script("stand-in", STAND_IN)
        for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, folder)

    def script(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def make(self, *targets: str, python: str = "./stand-in") -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        return subprocess.run(
            ["make", f"PYTHON={python}", *targets],
            cwd=self.folder,
            env={"PATH": os.defpath, "CALLS": str(self.calls)},
            capture_output=True,
            text=True,
        )

    def installed(self) -> list[str]:
        """Return the requirements files that the last make installed."""
        lines = self.calls.read_text().splitlines()
        return [line.split()[-1] for line in lines if line.startswith("-m pip install ")]

    def ran(self, program: str) -> bool:
        return f"-m {program}" in self.calls.read_text()


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    if shutil.which("make", path=os.defpath) is None:
        pytest.skip("install make (Debian, Ubuntu: apt-get install make)")
    folder = tmp_path / "a checkout"
    folder.mkdir()
    return Checkout(folder)


def test_help_is_the_default_and_lists_every_target(checkout):
    listed = [line.split()[1] for line in checkout.make().stdout.splitlines()]
    assert listed == [
        *("help", "demo", "app", "test", "check", "notebook", "images", "docs"),
        *("requirements", "clean"),
    ]


def test_the_first_make_sets_up_and_the_second_does_not(checkout):
    first = checkout.make("demo")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Setting up .venv")
    assert checkout.installed() == ["requirements.txt"]
    assert checkout.ran("clienteling run Mall_Customers.csv --out demo-output")
    assert checkout.make("demo").stdout == ""
    assert checkout.installed() == []
    assert checkout.ran("clienteling run")


def test_the_development_tools_include_the_runtime(checkout):
    checkout.make("demo")
    checkout.make("test")
    assert checkout.installed() == ["requirements-dev.txt"]
    checkout.make("demo")
    assert checkout.installed() == []


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_installed(checkout, name):
    checkout.make("demo")
    stamp = (checkout.folder / ".venv/.runtime-installed").stat().st_mtime
    os.utime(checkout.folder / name, (stamp + 10, stamp + 10))
    checkout.make("demo")
    assert checkout.installed() == ["requirements.txt"]


def test_a_set_up_that_failed_is_tried_twice_and_again_by_the_next_make(checkout):
    (checkout.folder / "no-network").touch()
    failed = checkout.make("demo")
    assert failed.returncode != 0
    assert "Trying once more." in failed.stderr
    assert checkout.installed() == ["requirements.txt"] * 2
    assert not checkout.ran("clienteling")
    (checkout.folder / "no-network").unlink()
    assert checkout.make("demo").returncode == 0
    assert checkout.installed() == ["requirements.txt"]


def test_a_checkout_that_was_moved_sets_itself_up_again(checkout):
    checkout.make("demo")
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("elsewhere"))
    checkout.calls = checkout.folder / "calls.txt"
    checkout.make("demo")
    assert checkout.installed() == ["requirements.txt"]


def test_a_python_that_does_not_work_is_passed_over(checkout):
    checkout.script("broken", "#!/bin/sh\nexit 127\n")
    assert checkout.make("demo", python="./nowhere ./broken ./stand-in").returncode == 0
    assert checkout.ran("clienteling run")


def test_without_a_python_make_says_what_to_install(checkout):
    done = checkout.make("demo", python="./nowhere python-none")
    assert done.returncode != 0
    assert "No Python 3.11 or newer" in done.stderr
    assert "tried: ./nowhere python-none" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (checkout.folder / ".venv").exists()
