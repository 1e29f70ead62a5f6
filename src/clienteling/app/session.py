"""What is kept between two runs of a page: the sample's segments, and a visitor's own."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from clienteling.app.study import Study, study
from clienteling.app.uploads import MEMORY, THREADS
from clienteling.data.files import SAMPLE
from clienteling.data.read import read
from clienteling.data.table import Table

__all__ = [
    "PLANNED",
    "UPLOAD",
    "back_to_sample",
    "current_study",
    "is_dark",
    "sample_study",
    "show_study",
]

#: Where the file that a visitor uploaded is kept, for more than one page.
UPLOAD = "upload"
#: Where the campaign that a visitor planned is kept, with what it was planned by.
PLANNED = "planned_campaign"
_OWN = "own_study"


@st.cache_resource(show_spinner="Dividing the 200 customers of the sample. Once, some seconds.")
def sample_study() -> Study:
    """Return the sample's segments; all visitors share them, and nothing changes them."""

    def opens() -> AbstractContextManager[Table]:
        return nullcontext(read(SAMPLE, memory=MEMORY, threads=THREADS))

    with opens() as customers:
        return study(customers, "Mall Customers", is_sample=True, opens=opens)


def current_study() -> Study:
    """Return the segments that the pages show to this visitor."""
    own = st.session_state.get(_OWN)
    return own if isinstance(own, Study) else sample_study()


def show_study(own: Study) -> None:
    """Let the pages show these segments to this visitor, until they leave or go back."""
    st.session_state[_OWN] = own


def back_to_sample() -> None:
    """Let the pages show the sample's segments again."""
    st.session_state.pop(_OWN, None)


def is_dark() -> bool:
    """Whether the visitor sees the dark theme."""
    return st.context.theme.type == "dark"
