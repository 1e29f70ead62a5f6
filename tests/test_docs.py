"""What README.md and docs/ say is so: links, commands, code, figures, keys."""

import importlib
import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest
import typer
import yaml

import clienteling as cl
from clienteling.cli import main
from clienteling.cli.main import build
from clienteling.features.role_file import RoleFile
from clienteling.offers.catalogue import Catalogue
from clienteling.run import Run, run
from clienteling.run_document import as_document, segment_rows
from clienteling.segmentation.playbook import Playbook
from clienteling.segmentation.rules_playbook import RulesPlaybook, load_rules_playbook
from tests.measurement.conftest import made_mailing

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = [README, *sorted(DOCS.glob("*.md"))]
FILES = DOCS / "files.md"

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
IMAGE_TAG = re.compile(r'<img src="([^"]+)"[^>]*? alt="([^"]*)"')
INLINE = re.compile(r"`(clienteling(?: [^`]+)?)`")

name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language, without their indentation."""
    return [
        re.sub(f"^{indent}", "", code, flags=re.MULTILINE)
        for indent, found, code in BLOCK.findall(page.read_text(encoding="utf-8"))
        if found == language
    ]


def shell_lines(page: Path) -> list[str]:
    """Return the lines of the shell blocks, as a shell on this system would have them."""
    code = "\n".join([*blocks(page, "sh"), *blocks(page, "powershell")])
    return [line.replace(".venv\\Scripts\\", "") for line in code.splitlines()]


def commands(page: Path) -> list[list[str]]:
    """Return every call of clienteling on a page, in its blocks and in its text."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    calls = [line.split(">")[0] for line in shell_lines(page) if line.startswith("clienteling ")]
    return [shlex.split(call, comments=True)[1:] for call in [*calls, *INLINE.findall(text)]]


@pytest.fixture(scope="module", autouse=True)
def judged_once():
    """Judge only once whether the sample has groups: the pages come back to it again and again."""
    module = importlib.import_module("clienteling.segmentation.choose_k")
    judge, verdicts = module.judge_structure, {}

    def remember(rows, ks, seed, progress=None, levels=()):
        key = (rows.tobytes(), tuple(ks), seed, levels)
        if key not in verdicts:
            verdicts[key] = judge(rows, ks, seed, progress, levels)
        return verdicts[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "judge_structure", remember)
        yield


@pytest.fixture(scope="module")
def mall() -> Run:
    return run("sample")


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch, mall_csv) -> Path:
    """Return an empty folder with the customers that the pages speak of."""
    shutil.copy(mall_csv, tmp_path)
    shop = pd.DataFrame({"id": range(40), "orders": [2, 9, 4, 7] * 10, "amount": range(100, 140)})
    shop.to_csv(tmp_path / "shop.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@name
def test_local_links_lead_to_files(page):
    text = page.read_text(encoding="utf-8")
    targets = [*LINK.findall(text), *(source for source, _ in IMAGE_TAG.findall(text))]
    missing = []
    for target in targets:
        if re.match(r"https?://|#", target):
            continue
        path = page.parent / target.partition("#")[0]
        if page.parent == DOCS and target.startswith("images/"):
            path = ROOT / target  # the documentation takes the pictures from there
        if not path.exists():
            missing.append(target)
    assert missing == []


@name
def test_pictures_have_a_text_for_those_who_cannot_see_them(page):
    text = page.read_text(encoding="utf-8")
    texts = [alt for alt, _ in IMAGE.findall(text)] + [alt for _, alt in IMAGE_TAG.findall(text)]
    assert len(texts) == len(re.findall(r"!\[|<img", text))
    assert [alt for alt in texts if len(alt) < 40] == []


def test_the_readme_shows_every_picture():
    shown = {source for source, _ in IMAGE_TAG.findall(README.read_text(encoding="utf-8"))}
    assert shown == {f"images/{path.name}" for path in (ROOT / "images").glob("*.png")}


@name
def test_commands_are_understood(page):
    for words in commands(page):
        command, names = typer.main.get_command(build()), ["clienteling"]
        while words and words[0] in getattr(command, "commands", {}):
            names.append(words[0])
            command, words = command.commands[words[0]], words[1:]
        if words and words[0] not in ("--help", "--version"):
            command.make_context(" ".join(names), words)  # raises where an option is unknown


def test_the_readme_lists_every_command():
    listed = {words[0] for words in commands(README) if words}
    assert listed == set(typer.main.get_command(build()).commands)


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets


def test_files_named_in_shell_lines_exist():
    named = re.findall(r"(?:-r|streamlit run) (\S+)", "\n".join(shell_lines(README)))
    assert named
    assert [each for each in named if not (ROOT / each).is_file()] == []


def test_the_extras_exist():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    extras = set(re.findall(r'pip install "(?:\.|clienteling)\[(\w+)\]"', text))
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert extras
    assert [each for each in extras if f"\n{each} = [" not in pyproject] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [README, DOCS / "getting-started.md", DOCS / "next-month.md"],
    ids=lambda page: page.name,
)
def test_python_blocks_run(page, in_a_folder, capsys):
    code = blocks(page, "python")
    assert code
    scope: dict = {"__name__": page.stem}
    for block in code:
        exec(compile(block, str(page), "exec"), scope)
    assert scope["model"].k == 5


@pytest.mark.slow
def test_the_commands_of_the_readme_work(in_a_folder, capsys):
    for line in shell_lines(README):
        if line.startswith("clienteling "):
            with pytest.raises(SystemExit) as ended:
                main(shlex.split(line, comments=True)[1:])
            assert ended.value.code == 0, f"{line}\n{capsys.readouterr().err}"


@pytest.mark.slow
def test_the_page_on_campaigns_runs_from_its_top(in_a_folder, capsys):
    text = (DOCS / "campaigns.md").read_text(encoding="utf-8")
    planned = text[: text.index("## What came of it")]
    ran = []
    for _, language, code in BLOCK.findall(planned):
        if language == "python":
            exec(compile(code, "campaigns.md", "exec"), {})
        for line in code.splitlines() if language == "sh" else ():
            with pytest.raises(SystemExit) as ended:
                main(shlex.split(line, comments=True)[1:])
            assert ended.value.code == 0, f"{line}\n{capsys.readouterr().err}"
            ran.append(line)
    assert any("--budget" in each for each in ran)
    assert any("--policy thompson" in each for each in ran)


def test_the_readme_has_the_figures_of_the_sample(mall):
    text = README.read_text(encoding="utf-8")
    model, comparison = mall.model, mall.comparison
    for segment in model.segments:
        income, spending = model.centre_of(segment).values()
        row = f"| {segment.name} | {segment.size} | {income:.2f} | {spending:.2f} |"
        assert f"{row} {segment.strategy} |\n" in text
    assert f"both say k = {model.k}:" in text
    assert mall.choice.elbow_k == mall.choice.silhouette_k == model.k
    assert f"inertia ({model.inertia:.2f} at five)" in text
    assert f"highest ({model.silhouette:.3f})" in text
    assert f"{mall.choice.structure.draws} random tables" in text
    assert comparison.clusters == 3
    assert f"one of which holds {comparison.sizes[0]} of the 200 customers" in text
    assert f"leaves {comparison.noise} customers in no group" in text
    assert f"eps {comparison.eps:.3f}" in text
    by_name = {segment.name: segment.size for segment in model.segments}
    premium, potential = by_name["Premium Customers"], by_name["Potential Customers"]
    assert f"{premium + potential} customers earn well: {premium} of them" in text


def test_the_examples_say_what_comes_out(mall):
    text = README.read_text(encoding="utf-8")
    answer = mall.model.predict({"Annual Income (k$)": 15, "Spending Score (1-100)": 81})
    assert re.search(rf"answer.segment.name\) +# {answer.segment.name}\n", text)
    assert re.search(rf"answer.margin\) +# {answer.margin:.2f}:", text)
    assert re.search(rf"answer.runner_up.name\) +# {answer.runner_up.name}:", text)
    started = (DOCS / "getting-started.md").read_text(encoding="utf-8")
    assert f"predict([[15, 81]]))  # {answer.segment.id}, the id of the Deal Seekers" in started
    assert f"answers with {answer.segment.name}, three offers" in started


def test_the_method_has_the_figures_of_the_sample(mall):
    text = (DOCS / "method.md").read_text(encoding="utf-8")
    model, comparison = mall.model, mall.comparison
    for row in (
        f"| segments, *k* | {model.k} |",
        f"| inertia | {model.inertia:.3f} |",
        f"| silhouette | {model.silhouette:.4f} |",
        f"| DBSCAN's radius, `eps` | {comparison.eps:.3f} |",
        f"| agreement of DBSCAN with K-means | {comparison.agreement:.3f} |",
    ):
        assert row in text
    draws = mall.choice.structure.draws
    assert f"{draws} random tables" in text
    assert f"{draws // 2} from one normal cloud, {draws // 2} from a box" in text
    assert f"the highest of {draws // 2 + 1}" in text
    assert f"{1 / (draws // 2 + 1):.1%}".replace("%", " %") in text
    groups = " and ".join([", ".join(map(str, comparison.sizes[:-1])), str(comparison.sizes[-1])])
    assert f"three groups of {groups}, and {comparison.noise} customers in none" in text
    best = max(mall.choice.rows, key=lambda row: row.calinski_harabasz)
    assert f"Calinski-Harabasz would take {best.k}:" in text


@pytest.mark.parametrize(
    ("start", "document"), [("playbook: ", Playbook), ("catalogue: ", Catalogue)]
)
def test_the_yaml_examples_are_valid(start, document):
    (example,) = (code for code in blocks(FILES, "yaml") if code.startswith(start))
    document.model_validate(yaml.safe_load(example))


def test_the_page_on_transactions_has_the_figures_of_its_example():
    page = DOCS / "rfm.md"
    text = page.read_text(encoding="utf-8")
    scope: dict = {}
    (code,) = blocks(page, "python")
    exec(compile(code, str(page), "exec"), scope)
    shown = ["recency", "frequency", "monetary", "tenure", "mean_basket", "returns_share"]
    for row in scope["customers"].to_dict("records"):
        figures = [f"{round(row[each], 2):g}" for each in shown]
        assert f"| {' | '.join([row['customer_id'], *figures, row['rfm']])} |\n" in text
    assert scope["made"].as_of.isoformat() == "2024-03-31"


def test_the_playbook_on_the_page_on_transactions_is_valid():
    (example,) = blocks(DOCS / "rfm.md", "yaml")
    RulesPlaybook.model_validate(yaml.safe_load(example))
    text = (DOCS / "rfm.md").read_text(encoding="utf-8")
    for each in load_rules_playbook("rfm").segments:
        assert f"| {each.name} | " in text


def test_every_key_of_a_model_of_rules_is_described():
    lines = pd.DataFrame({"customer": [1, 2], "date": pd.Timestamp("2024-01-01"), "amount": 1.0})
    made = json.loads(cl.rfm_model(cl.rfm(lines)).to_json())
    made["provenance"]["versions"] = {}
    for part in (*made["segments"], *made["rules"]):
        part.update(typical={}, scores={})
    words = set(re.findall(r"\w+", described("A model of rules") + described("model.json")))
    assert keys(made) - words == set()


def described(title: str) -> str:
    """Return the section of files.md with that title."""
    _, *parts = re.split(r"^#+ (.*)$", FILES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))[title]


def keys(document: object) -> set[str]:
    """Return every key of a JSON document, on every level."""
    if isinstance(document, dict):
        inner = set().union(*map(keys, document.values()))
        return {each for each in document if re.fullmatch(r"[a-z_]+", each)} | inner
    return set().union(*map(keys, document)) if isinstance(document, list) else set()


def test_every_key_of_the_model_file_is_described(mall):
    text = described("model.json")
    words = set(re.findall(r"\w+", text))
    made = json.loads(mall.model.to_json())
    made["provenance"]["versions"] = {}
    assert keys(made) - words == set()


def test_every_key_of_the_json_is_described(mall):
    words = set(re.findall(r"\w+", described("JSON") + described("model.json")))
    assert keys(json.loads(json.dumps(as_document(mall)))) - words == set()


def test_every_key_of_an_evaluation_is_described():
    found = cl.evaluate(
        made_mailing(), offer="mail", control="none", outcomes=["visit"],
        segments=["regular", "auto"], features=["earlier"], covariates=["earlier"], costs=0.1,
        worths={"visit": 2.0},
    )  # fmt: skip
    made = json.loads(json.dumps(found.as_document()))
    for each in (*made["by_segment"], *made["learned"]):
        each |= {key: {} for key in ("offers", "shares") if key in each}
    words = set(re.findall(r"\w+", described("What a campaign brought")))
    assert keys(made) - words == set()


def test_every_column_of_the_results_is_described(mall):
    features = set(mall.model.feature_names)
    recommended = set(re.findall(r"`(\w+)`", described("recommendations")))
    assert {*mall.recommended.names, "reason"} - features == recommended
    segments = set(re.findall(r"`(\w+)`", described("segments.csv")))
    columns = segment_rows(mall.model, mall.reach)[0].keys() - features
    assert columns - segments == {"offer_2", "reason_2", "customers_2"}
    assert segments <= columns


def test_the_api_page_has_every_public_name():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    assert [each for each in cl.__all__ if f"::: clienteling.{each}\n" not in page] == []


def test_the_page_on_inspection_says_what_comes_out(capsys):
    page = DOCS / "inspect.md"
    (code,) = blocks(page, "python")
    scope: dict = {}
    exec(compile(code, str(page), "exec"), scope)
    (shown,) = blocks(page, "text")
    assert capsys.readouterr().out == shown
    (example,) = blocks(page, "yaml")
    RoleFile.model_validate(yaml.safe_load(example))
    words = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
    assert set(scope["found"].as_document()["columns"][0]) - words == {"name"}
