"""Owns the names of files made for students: from any id one that every file system takes, and no two the same."""

from __future__ import annotations

import re
from hashlib import sha256
from unicodedata import normalize
from urllib.parse import quote

#: An id that is its own file name: it means the same where capitals make no difference, is no path and is not long.
_SAFE = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}\Z")
#: What a name that was made looks like; no id of this form is its own name, so that no two can meet.
_MADE = re.compile(r".*-[0-9a-f]{16}\Z")
#: Windows keeps these names to itself, whatever follows a dot.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)

#: The folders of a batch and what is in them, by the ends of the files' names.
STUDENT_PAGES = "students"


def file_name(identity: str) -> str:
    """The name of the files of a student, without its end."""
    safe = _SAFE.match(identity) and not _MADE.match(identity) and not identity.endswith(".") and ".." not in identity
    if safe and identity.split(".", 1)[0] not in _RESERVED:
        return identity
    plain = normalize("NFKD", identity).encode("ascii", "ignore").decode("ascii").lower()
    readable = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-")
    digest = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable or 'student'}-{digest}"


def page_reference(identity: str) -> str:
    """Where the class page finds a student's."""
    return f"{STUDENT_PAGES}/{quote(file_name(identity), safe='@')}.html"
