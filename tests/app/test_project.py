"""What holds for the app as a whole: its settings, how it starts, what it loads."""

import builtins
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from clienteling.app import main
from clienteling.app.charts.look import DARK, LIGHT
from clienteling.errors import MissingExtra

ROOT = Path(__file__).parents[2]
APP = ROOT / "src" / "clienteling" / "app"


@pytest.fixture(scope="module")
def config() -> dict:
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_charts_know_the_colours_of_the_theme(config) -> None:
    for theme, look in (("light", LIGHT), ("dark", DARK)):
        assert config["theme"][theme]["textColor"] == look.ink
        assert config["theme"][theme]["backgroundColor"] == look.paper


def test_no_statistics_are_sent_and_no_font_is_fetched(config) -> None:
    assert config["browser"]["gatherUsageStats"] is False
    assert "://" not in str(config)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_the_page(config, theme) -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    chosen = config["theme"][theme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert contrast(chosen["textColor"], chosen[ground]) > 7
    # WCAG 2.2: 3 for the parts of a control and for bold words on a button.
    assert contrast(chosen["primaryColor"], chosen["backgroundColor"]) > 3
    assert contrast("#FFFFFF", chosen["primaryColor"]) > 4.4


def test_without_streamlit_the_pip_line_is_said(monkeypatch) -> None:
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "streamlit":
            raise ModuleNotFoundError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra) as caught:
        main()
    assert str(caught.value) == (
        "The pages of the web app need an optional part that is not installed.\n"
        'Install it with: pip install "clienteling[app]"'
    )


def test_the_app_never_loads_matplotlib() -> None:
    code = (
        "import clienteling.app.navigation, sys; "
        "sys.exit('matplotlib' in sys.modules or 'seaborn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


def test_no_page_lets_html_through() -> None:
    for path in APP.rglob("*.py"):
        assert "unsafe_allow_html" not in path.read_text(encoding="utf-8"), path
        assert "st.html" not in path.read_text(encoding="utf-8"), path
