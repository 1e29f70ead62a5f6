from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from clienteling.app.plain import label, plain

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def shown(markdown: str) -> str | None:
    """Return what Markdown shows, or None where it is anything but one paragraph of plain text."""
    blocks = MARKDOWN.parse(markdown)
    kinds = [each.type for each in blocks]
    if not blocks:
        return ""
    if kinds != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    parts = blocks[1].children or []
    if {each.type for each in parts} - {"text", "text_special"}:
        return None
    return "".join(each.content for each in parts).replace("\u2060", "")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\u2060\x00")))
def test_any_text_shows_as_it_is_on_one_line(text: str) -> None:
    assert shown(plain(text)) == " ".join(text.split())


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\u2060\x00")))
def test_any_label_shows_as_it_is(text: str) -> None:
    # Streamlit escapes by itself what would begin a block.
    (inline,) = MARKDOWN.parseInline(label(text))
    parts = inline.children or []
    assert not {each.type for each in parts} - {"text", "text_special"}
    assert "".join(each.content for each in parts).replace("\u2060", "") == " ".join(text.split())


def test_labels_are_escaped_only_where_they_must_be() -> None:
    for text in ("Annual Income (k$)", "Spending Score (1-100)", "min_samples: n", "12:30 #1 > 0"):
        assert label(text) == text
    for text in ("*a*", "[a](b)", "`a`", "$a$ b", "_a_", "<b>", "&amp;", ":red[a]", "www.a.b"):
        assert label(text) == plain(text) != text


def test_markup_is_escaped() -> None:
    assert plain("![x](http://a/b.png)") == r"\!\[x\]\(http\:" + "\u2060" + r"\/\/a\/b\.png\)"
    assert plain("<script>") == r"\<script\>"
    assert plain("# no heading") == r"\# no heading"
    assert plain("a\n\n- b") == r"a \- b"


def test_what_streamlit_finds_later_is_parted_by_a_joiner() -> None:
    for text in (":smile:", ":material/home:", ":red[x]", "http://a", "www.a.b", "a@b.c", "a->b"):
        assert "\u2060" in plain(text), text


def test_times_and_sums_are_left_whole() -> None:
    for text in ("12:30", "88 k$", "a - b", "1 < 2", "3 % off"):
        assert "\u2060" not in plain(text), text
