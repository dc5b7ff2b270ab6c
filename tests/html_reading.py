"""Pages as a parser reads them: their elements and attributes, and the text of a submission in them."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "wbr"}


class Page(HTMLParser):
    """Collects elements, attributes and the texts of the lines; fails where tags do not nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.lines: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self._content: list[str] | None = None
        self._content_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "div" and any(
            name == "class" and (value or "").split()[:1] == ["content"] for name, value in attrs
        ):
            self._content = []
            self._content_depth = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> with nothing open"
        assert self._open[-1] == tag, f"</{tag}> in {self._open[-1]}"
        if self._content is not None and len(self._open) == self._content_depth:
            self.lines.append("".join(self._content))
            self._content = None
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        # of a formula that is drawn, the source that is kept beside the drawing is the text
        if self._content is not None and ("math" not in self._open or self._open[-1] == "annotation"):
            self._content.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def read(html: str) -> Page:
    """A page, wholly read."""
    page = Page()
    page.feed(html)
    page.close()
    assert page._open == []
    return page


def contents_of_text(html: str) -> list[str]:
    """The lines of the submission that a student's page shows."""
    return read(html).lines
