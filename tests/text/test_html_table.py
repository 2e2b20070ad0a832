"""Tables as HTML: whatever is written in them, they stay tables."""

from __future__ import annotations

from html.parser import HTMLParser

from jupyter_xai.text.html_table import cell, column_name, element, row, row_name, table

HOSTILE = "\"><script>alert(1)</script>'&amp;</td></table>"


class Read(HTMLParser):
    """The elements, their attributes and the texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        self.closed.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_whatever_is_written_is_text_and_nothing_else() -> None:
    rows = [
        [HOSTILE, cell(HOSTILE, title=HOSTILE)],
        row([row_name(HOSTILE), cell(element("em", HOSTILE), HOSTILE)], class_=HOSTILE),
    ]
    read = Read(table([HOSTILE, column_name(HOSTILE)], rows, HOSTILE, style=HOSTILE))
    tags = ["table", "caption", "thead", "tr", "th", "th"]
    tags += ["tbody", "tr", "td", "td", "tr", "th", "td", "em"]
    assert read.opened == tags
    assert sorted(read.closed) == sorted(tags)
    assert "".join(read.texts) == HOSTILE * 8
    given = [value for name, value in read.attributes if name != "scope"]
    assert given == [HOSTILE] * 3


def test_names_of_rows_and_columns_are_told_to_screen_readers() -> None:
    page = table(["unit"], [[row_name("first", dir="auto")]])
    assert '<th scope="col">unit</th>' in page
    assert '<th scope="row" dir="auto">first</th>' in page


def test_what_was_not_given_leaves_no_trace() -> None:
    page = table([], [["a"]])
    assert page == "<table><tbody><tr><td>a</td></tr></tbody></table>"
    assert element("td", "a", class_="") == "<td>a</td>"
    assert element("td", "a", colspan=2) == '<td colspan="2">a</td>'


def test_a_text_put_together_from_elements_is_text_again() -> None:
    assert cell(f"{element('b', 'x')}") == "<td>&lt;b&gt;x&lt;/b&gt;</td>"
