"""What the tests of spec files share: short specs, and the problems of a text as rows."""

from derivcheck.errors import Refused
from derivcheck.spec import loads

HEAD = "derivcheck: 1\ntitle: a test\n"
PATH = "test.deriv.yaml"
#: A loss of a vector and a column, with which most claims can be made.
BASIS = HEAD + "variables: {x: [n, 1], w: [n, 1], s: , p: {domain: positive}}\ndefine: {u: 'sum(w*x)', f: u**2}\n"


def load(body, head=HEAD):
    return loads(head + body, PATH)


def claim(body, head=BASIS):
    """The one claim of a spec; ``body`` is what stands after its id."""
    (found,) = loads(f"{head}claims:\n  it: {body}\n", PATH).claims
    return found


def refused(text):
    """The refusal of a text that cannot be taken."""
    try:
        loads(text, PATH)
    except Refused as refusal:
        return refusal
    raise AssertionError("this spec was taken")


def problems(text):
    """Of a text that cannot be taken: ``(line, column, code, message)`` of every problem."""
    refusal = refused(text)
    return [
        (*(refusal.source.position(p.span.start) if p.span else (0, 0)), p.code, p.message) for p in refusal.problems
    ]


def marked(text):
    """Of a text that cannot be taken: what each caret stands under."""
    refusal = refused(text)
    return [refusal.source.text[p.span.start : p.span.end] if p.span else None for p in refusal.problems]
