"""Tables as HTML: what others wrote is escaped, whatever it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """What is HTML already. Only `element` makes it, so that nothing else goes in as it is."""

    __slots__ = ()


def element(name: str, *content: str, **attributes: str | int) -> Html:
    """An element of HTML.

    Parameters
    ----------
    name : str
    *content : str
        Escaped, unless it is an element itself.
    **attributes : str or int
        ``class_`` stands for ``class``, which is a word of Python. Empty ones are left out.

    Examples
    --------
    >>> print(element("td", "a < b", element("em", "so"), class_="jxai-quiet", colspan=2))
    <td class="jxai-quiet" colspan="2">a &lt; b<em>so</em></td>
    """
    said = "".join(
        f' {each.removesuffix("_")}="{escape(str(value))}"'
        for each, value in attributes.items()
        if value != ""
    )
    inner = "".join(each if isinstance(each, Html) else escape(each) for each in content)
    return Html(f"<{name}{said}>{inner}</{name}>")


def cell(*content: str, **attributes: str | int) -> Html:
    """A cell with attributes; one without needs no more than its text."""
    return element("td", *content, **attributes)


def row_name(*content: str, **attributes: str | int) -> Html:
    """The cell that says what its row is about."""
    return element("th", *content, scope="row", **attributes)


def column_name(*content: str, **attributes: str | int) -> Html:
    """The cell that says what its column is about."""
    return element("th", *content, scope="col", **attributes)


def row(cells: Iterable[str], **attributes: str | int) -> Html:
    """A row with attributes; one without needs no more than its cells."""
    found = (each if isinstance(each, Html) else cell(each) for each in cells)
    return element("tr", *found, **attributes)


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str] | Html],
    caption: str = "",
    **attributes: str | int,
) -> Html:
    """A table.

    Parameters
    ----------
    head : sequence of str
        Names of the columns; none for a table whose rows say it all.
    rows : iterable of sequences of str, or of `row`
        Texts, or what `cell` and `row_name` make of them.
    caption : str
        What the table is about.
    **attributes : str or int

    Examples
    --------
    >>> print(table([], [["<b>", "0.5"]], "Scores"))
    <table><caption>Scores</caption><tbody><tr><td>&lt;b&gt;</td><td>0.5</td></tr></tbody></table>
    """
    names = [each if isinstance(each, Html) else column_name(each) for each in head]
    parts = [
        *([element("caption", caption)] if caption else []),
        *([element("thead", row(names))] if names else []),
        element("tbody", *(each if isinstance(each, Html) else row(each) for each in rows)),
    ]
    return element("table", *parts, **attributes)
