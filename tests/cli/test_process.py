"""The command as a process of its own: exit codes, streams, and what it loads."""

import contextlib
import json
import socket
import subprocess
import sys
import time

import pytest

HEAVY = {
    *("numpy", "pandas", "pyarrow", "duckdb", "sqlglot", "sklearn", "scipy", "kneed", "pydantic"),
    *("yaml", "jinja2", "matplotlib", "seaborn", "streamlit", "altair"),
}


def start(*arguments: str, cwd: object = None, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        timeout=120,
        **more,
    )


def loaded(code: str) -> set[str]:
    """Return the top-level modules that are loaded after ``code``."""
    printed = start("-c", f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)")
    assert printed.returncode == 0, printed.stderr
    return {each.split(".")[0] for each in printed.stderr.split()}


def help_of(*arguments: str) -> str:
    return (
        "from clienteling.cli import main\n"
        f"try: main({list(arguments)!r})\n"
        "except SystemExit as ended: assert ended.code == 0"
    )


@pytest.mark.parametrize(
    "code",
    [
        "import clienteling",
        "import clienteling; clienteling.__version__; dir(clienteling)",
        "from clienteling import ClientelingError, InputError",
        "from clienteling.cli import main",
        help_of("--help"),
    ],
)
def test_heavy_parts_load_on_first_use(code):
    assert loaded(code) & HEAVY == set()


@pytest.mark.parametrize("arguments", [("run", "--help"), ("--version",), ("run",)])
def test_nor_for_what_needs_no_work(arguments):
    """Typer itself checks the arguments of a command with pydantic."""
    code = 2 if arguments == ("run",) else 0
    found = loaded(help_of(*arguments).replace("code == 0", f"code == {code}"))
    assert found & (HEAVY - {"pydantic"}) == set()


def test_import_clienteling_loads_nearly_nothing():
    bare = loaded("pass")
    assert loaded("import clienteling") - bare <= {"clienteling", "importlib", "typing"} | set(
        sys.stdlib_module_names
    )


def test_reading_a_table_loads_no_machine_learning():
    found = loaded("import clienteling as cl; cl.read('sample').names")
    assert found & {"sklearn", "scipy", "kneed", "matplotlib", "streamlit"} == set()


def test_the_module_is_the_command(tmp_path):
    ran = start("-m", "clienteling", "run", "nosuch.csv", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == (
        'Error: nosuch.csv: there is no such file.\nTo try the built-in sample, give "sample".\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_a_whole_run_with_warnings_as_errors(tmp_path):
    ran = start("-m", "clienteling", "run", "sample", "--k", "5", "--json", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["segments"][0]["size"] == 81
    assert (tmp_path / "clienteling-out" / "report.html").is_file()


def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    command = f"{sys.executable} -m clienteling playbook | head -n 1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (
        ran.stdout
        == "# The five classic segments of a shop that knows what its customers earn and spend.\n"
    )
    assert ran.stderr == ""


def test_other_encodings_of_the_terminal(tmp_path):
    """A terminal that can draw no lines gets other signs, not a traceback."""
    environment = {"PYTHONIOENCODING": "ascii:replace", "PATH": "/usr/bin"}
    ran = start("-m", "clienteling", "compare", "sample", "--k", "2", cwd=tmp_path, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert "Three groups" in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a process can't take another's place there")
def test_who_ends_the_app_ends_its_server(tmp_path):
    pytest.importorskip("streamlit", reason='pip install "clienteling[app]"')
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "clienteling", "app", "--no-browser", "--port", str(port)]
    with (tmp_path / "said").open("w") as said:
        started = subprocess.Popen(command, stdout=said, stderr=said, cwd=tmp_path)
    try:
        until = time.monotonic() + 90
        while not listens(port):
            assert started.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < until
            time.sleep(0.2)
        started.terminate()
        started.wait(60)
        assert not listens(port)
    finally:
        started.kill()
        started.wait(60)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=5):
        return True
    return False
