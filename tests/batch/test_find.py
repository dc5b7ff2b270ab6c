"""Owns the tests of finding submissions: the exports of platforms, and whatever else lies in a folder or archive."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from derivcheck.batch import archive, pieces
from derivcheck.batch.find import HandedIn, NothingThere, find

NOTE = "# Notes\n\n$L' = 2x$\n"


def folder(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def told(found: list[HandedIn]) -> dict[str, tuple[str, str]]:
    """By id: the name, and the text or why there is none."""
    return {one.student.id: (one.student.name, one.failure or one.text) for one in found}


GRADESCOPE = """\
---
submission_901:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
    :email: ada@example.org
  :created_at: 2026-01-05 12:00:00.000000000 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: &tests
    - score: 1
  :history: *tests
submission_902:
  :submitters:
  - :name: Emmy
    :sid:
    :email: emmy@example.org
  - :name: Sofia
    :sid: '1850'
    :email: sofia@example.org
submission_903:
  :submitters:
  - :name: Nobody
    :sid: '7'
    :email: n@example.org
"""

EXPORTS: dict[str, tuple[dict[str, str | bytes], dict[str, tuple[str, str]]]] = {
    "gradescope": (
        {
            "assignment_5_export/submission_metadata.yml": GRADESCOPE,
            "assignment_5_export/submission_901/notes.md": "ada",
            "assignment_5_export/submission_902/part 10.md": "ten",
            "assignment_5_export/submission_902/part 9.md": "nine",
            "__MACOSX/assignment_5_export/._submission_metadata.yml": b"\0",
        },
        {
            "7": ("Nobody", "there is no such folder in the export"),
            "1815": ("Ada Lovelace", "ada"),
            "1850": ("Sofia", "nine\n\nten"),
            "emmy-example-org": ("Emmy", "nine\n\nten"),
        },
    ),
    "canvas": (
        {
            "lovelaceada_101_5501_notes.md": "ada",
            "noetheremmy_LATE_102_5502_solution_1_2.tex": "emmy",
            "müllerjürgen_103_5503_a-1.md": "one",
            "müllerjürgen_103_5504_b.md": "two",
            "anon_x7Yz2_5505_n.md": "nobody knows",
        },
        {
            "101": ("lovelaceada", "ada"),
            "102": ("noetheremmy", "emmy"),
            "103": ("müllerjürgen", "one\n\ntwo"),
            "anon_x7yz2": ("anon_x7Yz2", "nobody knows"),
        },
    ),
    "moodle": (
        {
            "Ada Lovelace_201_assignsubmission_file_/notes.md": "ada",
            "Ada Lovelace_201_assignsubmission_onlinetext_/onlinetext.html": "<p>see file</p>",
            "Group 1-Emmy Noether_202_assignsubmission_file/sub/one.tex": "emmy",
            "Participant_203_assignsubmission_file_/scan.xyz": "?",
        },
        {
            "201": ("Ada Lovelace", "ada"),
            "202": ("Group 1-Emmy Noether", "emmy"),
            "203": ("Participant", "this type of file cannot be read (what can: .md .tex .txt)"),
        },
    ),
    "moodle, flat": (
        {
            "Ada Lovelace_201_assignsubmission_file_notes.md": "ada",
            "Emmy_202_assignsubmission_file_one.tex": "emmy 1",
            "Emmy_202_assignsubmission_file_two.tex": "emmy 2",
        },
        {"201": ("Ada Lovelace", "ada"), "202": ("Emmy", "emmy 1\n\nemmy 2")},
    ),
    "names": (
        {
            "subs/ada.md": "ada",
            "subs/ada.pdf": b"%PDF-1.7",
            "subs/ada.aux": "",
            "subs/Emmy Noether/notes.tex": "emmy",
            "subs/Emmy Noether/figure.png": b"\x89PNG",
            "subs/.hidden.md": "x",
        },
        {"ada": ("ada", "ada"), "emmy-noether": ("Emmy Noether", "emmy")},
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_platforms(tmp_path: Path, name: str) -> None:
    files, expected = EXPORTS[name]
    in_zip = find([os.fspath(zipped(tmp_path / "export.zip", files))])
    in_folder = find([os.fspath(folder(tmp_path / "export", files))])
    assert told(in_zip) == told(in_folder) == expected
    assert [one.student.id for one in in_zip] == [one.student.id for one in in_folder] == list(expected)


def test_a_file_that_was_not_read_is_told_beside_the_others(tmp_path: Path) -> None:
    (_, emmy) = find([os.fspath(folder(tmp_path / "names", EXPORTS["names"][0]))])
    assert emmy.review == ("Emmy Noether/figure.png was not read: an image cannot be read (what can: .md .tex .txt)",)
    assert emmy.path == "names/Emmy Noether/notes.tex"


def test_a_text_of_canvas_that_is_a_web_page_is_not_lost(tmp_path: Path) -> None:
    files = EXPORTS["canvas"][0] | {"kovalevskaya_104_text.html": "<p>x</p>", "roster.csv": "from the teacher"}
    found = told(find([os.fspath(folder(tmp_path, files))]))
    assert found["104"] == ("kovalevskaya", "a web page cannot be read (what can: .md .tex .txt)")
    assert found["101"] == ("lovelaceada", "ada")
    assert "roster" in found


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ("evil_666_5500_Bob Smith_101_assignsubmission_file_.md", "lovelaceada_101_5501_notes.md"),
        ("evil_666_5500_lovelaceada_101_5501_notes.md", "lovelaceada_101_5501_notes.md"),
        ("Evil_666_assignsubmission_file_/Bob_101_assignsubmission_file_x.md", "Bob_101_assignsubmission_file_/b.md"),
        ("Evil_666_assignsubmission_file_Bob_101_assignsubmission_file_x.md", "Bob_101_assignsubmission_file_b.md"),
        ("Evil_666_assignsubmission_file_/lovelaceada_101_5501_x.md", "Bob_101_assignsubmission_file_/b.md"),
    ],
)
def test_nobody_hands_in_for_somebody_else_by_the_name_of_a_file(tmp_path: Path, mine: str, other: str) -> None:
    root = folder(tmp_path, {mine: "mine", other: "theirs"})
    found = find([os.fspath(root)])
    platform = "moodle" if "assignsubmission" in other else "canvas"
    assert {one.student.account: one.text for one in found} == {
        f"{platform}:666": "mine",
        f"{platform}:101": "theirs",
    }


def test_names_of_one_student_make_no_export(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"s{n}.md": "x" for n in range(3)}
    found = find(
        [os.fspath(folder(tmp_path, files | {"Bob_101_assignsubmission_file_x.md": "x", "a_5_6_b.md": "x"}))]
    )
    assert [one.student.account for one in found] == [""] * 5


def test_accounts_that_several_have_are_nobodys(tmp_path: Path) -> None:
    names = ["ada_101_5501_a.md", "bob_101_5502_b.md", "eve_102_5503_c.md"]
    found = find([os.fspath(folder(tmp_path, dict.fromkeys(names, "x")))])
    assert [(one.student.id, one.student.account) for one in found] == [
        ("101", ""), ("101-2", ""), ("102", "canvas:102"),
    ]  # fmt: skip
    assert found[1].review == (
        "there are several submissions of canvas:101",
        "there is another submission with the id 101",
    )


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty.md": (b"", "it is empty"),
    "blank.md": (b" \n\t\r\n", "it is empty"),
    "latin1.md": ("é".encode("latin-1"), "it is not UTF-8 (at byte 0); save it as UTF-8"),
    "utf16.md": (NOTE.encode("utf-16"), "it is UTF-16; save it as UTF-8"),
    "zero.md": (b"a\0b", "it is no text: it has NUL characters"),
    "scan.pdf": (b"%PDF-1.7", "a PDF cannot be read (what can: .md .tex .txt)"),
    "really-a.md": (b"%PDF-1.7 text", "it is a PDF with another ending"),
    "photo.JPG": (b"\xff\xd8", "an image cannot be read (what can: .md .tex .txt)"),
    "nested.zip": (b"PK\3\4", "an archive in what was handed in cannot be read (what can: .md .tex .txt)"),
    "large.md": (b"x" * (pieces.MOST_BYTES + 1), "it is larger than 1 MB"),
    "no-ending": (b"x", "this type of file cannot be read (what can: .md .tex .txt)"),
}


def test_what_cannot_be_taken_is_a_submission_with_a_reason(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {name: content for name, (content, _) in HOSTILE.items()} | {"good.md": NOTE}
    for found in (
        find([os.fspath(folder(tmp_path / "f", files))]),
        find([os.fspath(zipped(tmp_path / "z.zip", files))]),
        find([os.fspath(tmp_path / "f" / name) for name in files if name != "nested.zip"]),
    ):
        by_id = told(found)
        assert by_id.pop("good")[1] == NOTE
        expected = {os.path.splitext(name)[0].lower(): reason for name, (_, reason) in HOSTILE.items()}
        assert {name: reason for name, (_, reason) in by_id.items()}.items() <= expected.items()
        assert len(by_id) >= len(HOSTILE) - 1


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (found,) = find([os.fspath(folder(tmp_path, {"a.md": b"\xef\xbb\xbfx"}) / "a.md")])
    assert found.text == "x"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")
def test_pipes_links_and_folders_are_not_opened(tmp_path: Path) -> None:
    root = folder(tmp_path / "subs", {"good.md": NOTE, "folder.md/x/deep.md": "deep"})
    (tmp_path / "secret.md").write_text("the key")
    os.mkfifo(root / "pipe.md")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "loop").symlink_to(root)
    (root / "self.md").symlink_to(root / "self.md")
    (root / "empty").mkdir()
    found = told(find([os.fspath(root)]))
    link = "it is a link, which is not followed"
    assert {name: text for name, (_, text) in found.items()} == {
        "good": NOTE,
        "folder-md": "deep",
        "pipe": "it is no file but a pipe, a socket or a device",
        "out": link,
        "loop": link,
        "self": link,
        "empty": "there is nothing in this folder",
    }
    assert told(find([os.fspath(root / "pipe.md")]))["pipe"][1].startswith("it is no file but a pipe")
    assert told(find([os.fspath(root / "out.md")]))["secret"][1] == "the key", "a link that the teacher names is"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is closed to this user")
def test_a_file_and_a_folder_that_cannot_be_opened(tmp_path: Path) -> None:  # pragma: no cover - not as root
    root = folder(tmp_path, {"a.md": "a", "shut.md": "b", "closed/c.md": "c"})
    (root / "shut.md").chmod(0)
    (root / "closed").chmod(0)
    found = told(find([os.fspath(root)]))
    (root / "closed").chmod(stat.S_IRWXU)
    assert found["a"][1] == "a"
    assert "Permission denied" in found["shut"][1]
    assert "Permission denied" in found["closed"][1]


# --- archives


def test_names_that_point_out_of_an_archive(tmp_path: Path) -> None:
    files = {
        "../../evil.md": "a", "/etc/abs.md": "b", "C:/win.md": "c", "ok/../../up.md": "d",
        "back\\slash.md": "fine", "bell\a.md": "e", "rtl\u202e.md": "f", "good.md": NOTE,
    }  # fmt: skip
    found = told(find([os.fspath(zipped(tmp_path / "z.zip", files))]))
    out, control = "its name points out of the archive", "its name has control characters"
    assert {name: text for name, (_, text) in found.items()} == {
        "evil": out, "etc": out, "c": out, "ok": out, "bell": control, "rtl": control, "back": "fine", "good": NOTE,
    }  # fmt: skip
    assert not any("\a" in one.path or "\u202e" in one.path for one in find([os.fspath(tmp_path / "z.zip")]))
    assert sorted(os.listdir(tmp_path)) == ["z.zip"], "nothing is unpacked"


def test_a_name_that_comes_twice_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.md", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("a.md", "second")
    (found,) = find([os.fspath(path)])
    assert found.text == "first"
    assert found.review == ("a.md was not read: the archive has two files of this name; the other one was taken",)


def test_a_bomb_is_read_no_further_than_may_be_taken(tmp_path: Path) -> None:
    path = zipped(tmp_path / "z.zip", {"bomb.md": b"x" * 50_000_000, "good.md": NOTE})
    assert told(find([os.fspath(path)])) == {"bomb": ("bomb", "it is larger than 1 MB"), "good": ("good", NOTE)}
    data = bytearray(path.read_bytes())
    size = struct.pack("<L", 50_000_000)
    assert data.count(size) == 2
    path.write_bytes(bytes(data).replace(size, struct.pack("<L", 500)))  # it says that it is small
    found = told(find([os.fspath(path)]))
    assert found["good"] == ("good", NOTE)
    assert found["bomb"][1] in ("it is damaged", "it is larger than 1 MB")


def test_everything_together_may_be_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces.Budget.__init__, "__defaults__", (2500,))
    files: dict[str, str | bytes] = {f"s{n}.md": "x" * 1000 for n in range(4)}
    for root in (zipped(tmp_path / "z.zip", files), folder(tmp_path / "f", files)):
        found = find([os.fspath(root)])
        assert [bool(one.failure) for one in found] == [False, False, True, True]


def test_members_that_are_encrypted_damaged_links_or_packed_otherwise(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        for name in ("secret.md", "odd.md", "broken.md", "good.md"):
            file.writestr(name, NOTE * 3 + name)
    data = bytearray(buffer.getvalue())

    def patch(name: bytes, at_table: int, at_head: int, value: bytes) -> None:
        head, table = data.index(name) - 30, data.rindex(name) - 46
        data[head + at_head : head + at_head + len(value)] = value
        data[table + at_table : table + at_table + len(value)] = value

    patch(b"secret.md", 8, 6, b"\1\0")  # the flag of encryption
    patch(b"odd.md", 10, 8, b"\x63\0")  # a method that nobody knows
    at = data.index(b"broken.md") + 20
    data[at : at + 2] = b"??"  # its checksum is another
    (tmp_path / "z.zip").write_bytes(data)
    assert {name: text for name, (_, text) in told(find([os.fspath(tmp_path / "z.zip")])).items()} == {
        "link": "it is a link, which is not followed",
        "secret": "it is encrypted",
        "odd": "it is packed in a way that is not known",
        "broken": "it is damaged",
        "good": NOTE * 3 + "good.md",
    }


def test_an_archive_that_is_none(tmp_path: Path) -> None:
    root = folder(tmp_path, {"none.zip": b"this is no archive", "cut.zip": b"", "ok.md": NOTE})
    whole = zipped(tmp_path / "whole.zip", {"b.md": NOTE * 100}).read_bytes()
    (root / "cut.zip").write_bytes(whole[:-40])
    found = find([os.fspath(root / name) for name in ("none.zip", "cut.zip", "ok.md")])
    assert told(found) == {
        "none-zip": ("none.zip", "it is no zip archive, or it is damaged"),
        "cut-zip": ("cut.zip", "it is no zip archive, or it is damaged"),
        "ok": ("ok", NOTE),
    }


def test_a_table_of_contents_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "z.zip", {f"{n}.md": "x" for n in range(50)})
    monkeypatch.setattr(archive, "MOST_TABLE", 1000)
    (found,) = find([os.fspath(path)])
    assert "table of contents" in found.failure


# --- ids, order, what is given


def test_ids_are_safe_short_and_unique(tmp_path: Path) -> None:
    names = [
        "Ada.md",
        "ada.tex",
        "ADA!.md",
        "ada-2.md",
        "con.md",
        "....md",
        "日本.md",
        "x" * 200 + ".md",
        "<b>'\".md",
    ]
    root = folder(tmp_path, {f"{n}/{name}": NOTE for n, name in enumerate(names)})
    found = find([os.fspath(root / str(n) / name) for n, name in enumerate(names)])
    ids = [one.student.id for one in found]
    assert len(set(ids)) == len(names) == len({one.lower() for one in ids})
    assert {"ada", "ada-2", "ada-3", "ada-4", "student-con", "b"} <= set(ids)
    assert all(
        len(one) <= 80 and one.isascii() and set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") for one in ids
    )


def test_order_and_place_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder(tmp_path / "subs", {"s10.md": "ten", "s9.md": "nine", "B.md": "b", "a/n.md": "a"})
    by_folder = find([os.fspath(root)])
    files = [os.fspath(root / name) for name in ("s10.md", "B.md", "s9.md")]
    assert find(files) == find(files[::-1]) == find([*files, files[0]]) == [
        one for one in by_folder if one.student.id != "a"
    ]  # fmt: skip
    assert find([os.fspath(root), files[0]]) == by_folder
    monkeypatch.chdir(root)
    assert find(["."]) == by_folder
    assert [one.student.id for one in by_folder] == ["a", "b", "s9", "s10"]


def test_what_is_aside_is_no_submission(tmp_path: Path) -> None:
    root = folder(tmp_path, {"a.md": NOTE, "key.deriv.yaml": "x", "out/a.json": "{}"})
    aside = [os.fspath(root / "key.deriv.yaml"), os.fspath(root / "out")]
    assert list(told(find([os.fspath(root)], aside))) == ["a"]
    assert find([os.fspath(root / "key.deriv.yaml")], aside) == []


def test_students_folders_given_one_by_one_are_not_mixed_up(tmp_path: Path) -> None:
    root = folder(tmp_path, {"ada/notes.md": "a", "bob/notes.md": "b", "eve/notes.md": "e"})
    assert list(told(find([os.fspath(root)]))) == ["ada", "bob", "eve"]
    with pytest.raises(NothingThere, match="give the folder in which they lie"):
        find([os.fspath(root / name) for name in ("ada", "bob", "eve")])


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NothingThere, match="there is no file or folder 'no�where'"):
        find(["no\x1bwhere"])
    assert find([os.fspath(tmp_path)]) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    subprocess.run(["touch", root + b"/\xff\xfe.md"], check=True)
    (found,) = find([os.fspath(tmp_path)])
    (found.path + found.student.name + found.student.id).encode("utf-8")
    assert found.failure == "it is empty"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "[" * 100_000,
        "a: *b",
        "a: &a [*a]",
        "\0",
        "submission_1: x",
        "{" * 40,
        "a:\n  :submitters: 5\n",
    ],
)
def test_odd_metadata_never_stop_anything(tmp_path: Path, text: str) -> None:
    root = folder(tmp_path, {"submission_metadata.yml": text, "submission_1/a.md": NOTE})
    assert told(find([os.fspath(root)]))["submission_1"][1] == NOTE
