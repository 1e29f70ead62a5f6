"""The web app: try a customer, read the segments and why there are so many, score a file.

``streamlit run app.py`` in a checkout and ``clienteling app`` from anywhere both come to
:func:`main`. Streamlit runs it anew for every visitor and every input; what is costly is kept by
:mod:`clienteling.app.session`.
"""

from __future__ import annotations

from clienteling.errors import MissingExtra

__all__ = ["main"]


def main() -> None:
    """Draw the page that the visitor is on.

    Raises
    ------
    MissingExtra
        Streamlit or Altair is not installed.
    """
    try:
        import altair  # noqa: F401
        import streamlit  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra("The pages of the web app", "app") from error
    from clienteling.app.navigation import navigate

    navigate()
