"""What holds of the project as a whole: its sample, its pins, its text, its packages."""

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
DEV = PYPROJECT["dependency-groups"]["dev"]

SAMPLE_SHA256 = "194975e1f84d29ee7a99ca72bc14dcd55af355384f35171ef7e9e053ac7f6612"
SAMPLE_IN_WHEEL = "clienteling/sample/Mall_Customers.csv"

# In two parts, so that this file passes its own test.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("anaconda", "org"),
        ("deb.debian", "org"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|Users|work)/[\w.-]+")


@pytest.fixture(scope="module")
def project_files() -> dict[str, str]:
    """Return the text of every file of the checkout that git tracks or would track."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout: git clone the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    files = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            files[name] = content.decode("utf-8")
    return files


def requirements(*listed: str) -> list[Requirement]:
    """Return the requirements, with the project's references to its own extras resolved."""
    found = []
    for requirement in map(Requirement, listed):
        if requirement.name == PROJECT["name"]:
            for extra in sorted(requirement.extras):
                found += requirements(*EXTRAS[extra])
        else:
            found.append(requirement)
    return found


def pins(name: str) -> dict[str, str]:
    """Return the versions that a requirements file pins, by package."""
    pinned = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        wanted = re.sub(r"(^| )#.*", "", line).strip()
        if wanted and wanted != "-e .":
            requirement = Requirement(wanted)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            pinned[canonicalize_name(requirement.name)] = specifier.version
    return pinned


def test_the_sample_is_the_published_one(mall_csv):
    assert hashlib.sha256(mall_csv.read_bytes()).hexdigest() == SAMPLE_SHA256


def test_there_is_one_copy_of_the_sample(project_files):
    copies = [name for name in project_files if name.lower().endswith("mall_customers.csv")]
    assert copies == ["Mall_Customers.csv"]


def test_the_changelog_has_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{PROJECT['version']}]" in changelog


RUNTIME = [*PROJECT["dependencies"], "clienteling[app]", "clienteling[campaigns]"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", RUNTIME),
        ("requirements-dev.txt", [*RUNTIME, *DEV]),
    ],
)
def test_the_pins_satisfy_pyproject(name, wanted):
    pinned = pins(name)
    unmet = [
        str(requirement)
        for requirement in requirements(*wanted)
        if pinned.get(canonicalize_name(requirement.name)) not in requirement.specifier
    ]
    assert unmet == [], f"{name} is behind pyproject.toml: make requirements"


def test_the_runtime_pins_are_among_the_development_pins():
    runtime, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert runtime.items() <= development.items()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_requirements_end_by_installing_the_project(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "-e ."
    assert [line for line in lines[:-1] if line.startswith("-")] == []


def test_the_extra_all_holds_every_other_extra():
    (everything,) = map(Requirement, EXTRAS["all"])
    assert everything.extras == EXTRAS.keys() - {"all"}


def test_no_file_names_a_package_registry(project_files):
    named = [
        (name, registry)
        for name, text in project_files.items()
        for registry in REGISTRIES
        if registry in text.lower()
    ]
    assert named == []


def test_no_file_names_a_path_of_somebodys_machine(project_files):
    named = [
        (name, path) for name, text in project_files.items() for path in MACHINE_PATH.findall(text)
    ]
    assert named == []


def build(target: str, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.iterdir()
    return built


def test_the_source_distribution_has_what_the_wheel_is_built_from(tmp_path):
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Mall_Customers.csv", "LICENSE", "pyproject.toml", "README.md"} <= names
    assert "src/clienteling/__init__.py" in names


@pytest.mark.slow
def test_the_wheel_works_without_the_checkout(tmp_path):
    """The wheel goes into an environment of its own, which sees our dependencies but not src/."""
    wheel = build("wheel", tmp_path / "dist")
    with zipfile.ZipFile(wheel) as archive:
        assert hashlib.sha256(archive.read(SAMPLE_IN_WHEEL)).hexdigest() == SAMPLE_SHA256
        source = {path.relative_to(ROOT / "src").as_posix() for path in package_files()}
        assert source <= set(archive.namelist())

    environment = tmp_path / "environment"
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    empty = tmp_path / "empty"
    empty.mkdir()

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=empty, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "venv", environment)
    scripts = sysconfig.get_path("scripts", "venv", {"base": str(environment)})
    python = Path(scripts, "python")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(site, "dependencies.pth").write_text("\n".join(sorted(dependencies)), encoding="utf-8")

    imported = run(python, "-c", "import clienteling; print(clienteling.__file__)").strip()
    assert Path(imported).is_relative_to(site)
    run(Path(scripts, "clienteling"), "run", "sample", "--out", "result")
    written = {path.relative_to(empty / "result").as_posix() for path in empty.rglob("*.*")}
    assert {
        "model.json",
        "segments.csv",
        "recommendations.parquet",
        "recommendations.csv",
        "report.html",
        "images/elbow_method.png",
        "images/kmeans_clusters.png",
        "images/dbscan_k_distance.png",
        "images/dbscan_clusters.png",
    } <= written


def package_files() -> list[Path]:
    """Return the files of the package, without what Python and its tools leave beside them."""
    return [
        path
        for path in (ROOT / "src" / "clienteling").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
