"""Files that are none, cannot be read, are too large or no UTF-8: one clear problem each, and never a wait."""

import gzip
import os
import stat
from pathlib import Path

import pytest
from specfile import HEAD

from derivcheck.errors import Refused
from derivcheck.spec import load, loads
from derivcheck.spec.read import MOST_BYTES


def refusal(path):
    with pytest.raises(Refused) as caught:
        load(path)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0], caught.value.source


def test_a_file_is_read(tmp_path):
    path = tmp_path / "a.deriv.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode() + "variables: {ŷ: }\r\n".encode())
    for way in (path, str(path)):
        derivation = load(way)
        assert list(derivation.variables) == ["ŷ"]
        assert derivation.source.path == str(path)


def test_a_name_needs_no_suffix_to_be_read(tmp_path):
    path = tmp_path / "notes"
    path.write_text(HEAD)
    assert load(path).title == "a test"


def test_a_link_to_a_file_is_read(tmp_path):
    (tmp_path / "a").write_text(HEAD)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert load(tmp_path / "b").title == "a test"


def test_nothing_there(tmp_path):
    problem, source = refusal(tmp_path / "none.deriv.yaml")
    assert (problem.code, problem.message) == ("file", "there is no such file")
    assert source.path.endswith("none.deriv.yaml")


def test_a_folder(tmp_path):
    folder = tmp_path / "x.deriv.yaml"
    folder.mkdir()
    problem, _ = refusal(folder)
    assert problem.code == "file"
    assert problem.message in ("this is a folder, not a spec file", "this is no regular file")


def test_a_pipe_is_not_waited_for(tmp_path):
    pipe = tmp_path / "x.deriv.yaml"
    os.mkfifo(pipe)
    assert refusal(pipe)[0].message == "this is no regular file"


def test_a_device_without_end():
    assert refusal("/dev/zero")[0].message == "this is no regular file"


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert refusal(tmp_path / "a")[0].message.startswith("this cannot be read: Too many levels of symbolic links")


def test_a_link_to_nothing(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    assert refusal(tmp_path / "a")[0].message == "there is no such file"


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_text(HEAD)

    def denied(*arguments, **settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert refusal(path)[0].message == "this cannot be read: Permission denied"


@pytest.mark.parametrize("path", ["a\0b", "x" * 100_000])
def test_paths_that_are_none(path):
    problem, source = refusal(path)
    assert problem.message.startswith("this cannot be read: ")
    assert "\0" not in source.path


def test_a_path_is_shown_without_control_characters(tmp_path):
    path = os.fsencode(tmp_path) + b"/a\x1b[31m\xff\n.deriv.yaml"
    Path(os.fsdecode(path)).write_text(HEAD + "titel: x\n")
    with pytest.raises(Refused) as caught:
        load(os.fsdecode(path))
    head = str(caught.value).split("\n", maxsplit=1)[0]
    assert head.endswith("/a�[31m��.deriv.yaml:3:1: unknown key `titel`")
    head.encode()


def test_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(10 * MOST_BYTES)
    problem, _ = refusal(path)
    assert (problem.code, problem.message) == ("limit", "the file has 10,000,000 bytes; a spec has at most 1,000,000")


def test_a_file_of_the_largest_size_is_read(tmp_path):
    path = tmp_path / "a"
    path.write_text(HEAD + "#" * (MOST_BYTES - len(HEAD)))
    assert stat.S_ISREG(path.stat().st_mode)
    assert load(path).title == "a test"
    path.write_text(HEAD + "#" * (MOST_BYTES - len(HEAD) + 1))
    assert refusal(path)[0].code == "limit"


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (HEAD.encode() + b"source: caf\xe9\n", "this is not UTF-8: byte 0xe9 at offset 39", "source: caf�"),
        ("ŷ: ".encode() + b"\xff", "this is not UTF-8: byte 0xff at offset 4", "ŷ: �"),
        (HEAD.encode("utf-16"), "this is not UTF-8: byte 0xff at offset 0 (it begins like UTF-16)", None),
        (
            gzip.compress(HEAD.encode(), mtime=0),
            "this is not UTF-8: byte 0x8b at offset 1 (it begins like gzip)",
            None,
        ),
        (b"a: \xed\xa0\x80", "this is not UTF-8: byte 0xed at offset 3", "a: ���"),
    ],
)
def test_what_is_not_utf_8(tmp_path, data, message, line):
    path = tmp_path / "a"
    path.write_bytes(data)
    problem, source = refusal(path)
    assert (problem.code, problem.message) == ("encoding", message)
    excerpt, caret = source.excerpt(problem.span).split("\n")
    assert line is None or (excerpt == line and excerpt[caret.index("^")] == "�")


def test_an_empty_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert refusal(path)[0].message == "the file is empty"


def test_a_text_is_read_under_the_name_it_is_given():
    assert loads(HEAD, "<python>").source.path == "<python>"
    with pytest.raises(Refused) as caught:
        loads("a: b", "<python>")
    assert str(caught.value).startswith("<python>:1:1: ")
