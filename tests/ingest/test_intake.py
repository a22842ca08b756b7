from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from ingest import intake
from ingest.intake import Plan, plan
from ingest.sheet import Sheet, read_sheet


def touch(folder: Path, *names: str) -> None:
    """Files that were complete an hour ago."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")
        os.utime(path, (time.time() - 3600,) * 2)


def sheet(folder: Path, text: str, name: str = "speeches.csv") -> Sheet:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_sheet(path)


def names(planned: Plan) -> list[str]:
    return [item.path.name for item in planned.items]


def codes(planned: Plan) -> list[str]:
    return [finding.code for finding in planned.findings]


def test_folders_are_walked_in_the_order_of_names(tmp_path: Path) -> None:
    touch(tmp_path, "b.mp3", "a.mp3", "day2/c.mp4", "day1/د.mp4", "day1/z/x.wav")
    planned = plan([tmp_path])
    assert names(planned) == ["a.mp3", "b.mp3", "د.mp4", "x.wav", "c.mp4"]
    assert planned.findings == ()
    assert all(item.row is None and item.path.is_absolute() for item in planned.items)


def test_a_file_handed_in_twice_is_taken_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3")
    assert names(plan([tmp_path / "a.mp3", tmp_path, tmp_path / "x" / ".." / "a.mp3"])) == ["a.mp3"]


def test_hidden_files_documents_and_archives_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, ".hidden.mp3", ".git/a.mp3", "notes.txt", "cover.jpg", "talk.vtt", "talk.mp3")
    touch(tmp_path / "archive", "archive.json", "recordings/00/media.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file\ntalk.mp3\n"))
    assert (names(planned), planned.findings) == (["talk.mp3"], ())


def test_what_is_named_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "b.txt", "c.txt")
    assert names(plan([tmp_path], sheet(tmp_path, "file\nb.txt\n"))) == ["b.txt"]
    assert names(plan([tmp_path / "a.txt"])) == ["a.txt"]


def test_links_pipes_and_sockets_are_refused(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere", "secret.mp3")
    inbox = tmp_path / "inbox"
    touch(inbox, "talk.mp3")
    (inbox / "link.mp3").symlink_to(tmp_path / "elsewhere" / "secret.mp3")
    (inbox / "folder").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(inbox / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(inbox / "socket.mp3"))
        planned = plan([inbox])
    assert names(planned) == ["talk.mp3"]
    assert sorted(codes(planned)) == ["file-link", "file-link", "file-special", "file-special"]


def test_a_device_is_refused() -> None:
    assert codes(plan([Path("/dev/zero")])) == ["file-special"]


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert codes(plan([tmp_path / "none"])) == ["file-missing"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert codes(plan([tmp_path])) == ["file-unreadable"]


# growing files


def test_a_file_that_still_grows_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SETTLE_S", 0.5)
    touch(tmp_path, "old.mp3")
    (tmp_path / "done.mp3").write_bytes(b"sound")
    with (tmp_path / "growing.mp3").open("wb", buffering=0) as file:
        stop = threading.Event()

        def grow() -> None:
            while not stop.wait(0.02):
                file.write(b"more")

        writer = threading.Thread(target=grow)
        writer.start()
        planned = plan([tmp_path])
        stop.set()
        writer.join()
    assert names(planned) == ["done.mp3", "old.mp3"]
    assert codes(planned) == ["file-growing"]


def test_old_files_are_not_waited_for(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number}.mp3" for number in range(100)))
    begun = time.monotonic()
    plan([tmp_path])
    assert time.monotonic() - begun < 1


# rows


def test_rows_find_their_files_from_the_sheet_a_folder_or_by_name(tmp_path: Path) -> None:
    touch(tmp_path / "media", "a.mp3", "day/b.mp3", "day/سخنرانی.mp3", "c.mp3")
    rows = sheet(tmp_path / "desk", "file\n../media/a.mp3\nday/b.mp3\nسخنرانی.mp3\n")
    planned = plan([tmp_path / "media"], rows)
    assert {item.path.name: item.row.line if item.row else 0 for item in planned.items} == {
        "a.mp3": 2,
        "b.mp3": 3,
        "سخنرانی.mp3": 4,
        "c.mp3": 0,
    }
    assert planned.findings == ()


def test_a_row_whose_file_is_missing_is_a_finding(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file\na.mp3\nb.mp3\n"))
    (finding,) = planned.findings
    assert (finding.code, names(planned)) == ("file-missing", ["a.mp3"])
    assert finding.where.endswith("speeches.csv line 3 column file")


def test_rows_of_files_that_were_not_handed_in_are_no_finding(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3", "b.mp3")
    planned = plan([tmp_path / "a.mp3"], sheet(tmp_path, "file,title\na.mp3,A\nb.mp3,B\n"))
    assert (names(planned), planned.findings) == (["a.mp3"], ())


@pytest.mark.parametrize("file", ["../secret.mp3", "/etc/hostname", "day/../../secret.mp3"])
def test_a_row_never_leads_out_of_what_was_handed_in(tmp_path: Path, file: str) -> None:
    touch(tmp_path, "secret.mp3", "inbox/a.mp3")
    planned = plan([tmp_path / "inbox"], sheet(tmp_path / "inbox", f"file\n{file}\n"))
    assert (names(planned), codes(planned)) == (["a.mp3"], ["file-outside"])


def test_a_name_that_several_files_have_fits_none(tmp_path: Path) -> None:
    touch(tmp_path, "day1/talk.mp3", "day2/talk.mp3", "day2/other.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file,access\ntalk.mp3,restricted\n"))
    assert names(planned) == ["other.mp3"]
    assert codes(planned) == ["file-ambiguous", "file-held", "file-held"]


def test_two_rows_for_one_file_by_different_ways_are_found(tmp_path: Path) -> None:
    touch(tmp_path, "day/talk.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file,title\nday/talk.mp3,One\ntalk.mp3,Two\n"))
    assert [item.row.title for item in planned.items if item.row] == ["One"]
    assert codes(planned) == ["file-ambiguous"]


# nothing becomes public by mistake


def test_the_file_of_a_bad_row_waits(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3", "b.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file,access\na.mp3,embargo\n"))
    assert (names(planned), codes(planned)) == (["b.mp3"], ["sheet-access", "file-held"])


@pytest.mark.parametrize(
    "text",
    [
        "file,access\ntalk-secret.mp3,restricted\n",  # the file is called otherwise
        "file,access\ntalk-secret.mp3,embargo\n",
        "file,acess\nsecret.mp3,restricted\n",
        'file,access\na.mp3,"public\nsecret.mp3,restricted\n',
        "file,access\n,restricted\n",
    ],
    ids=["closed and missing", "bad and missing", "misspelt column", "open quote", "no file"],
)
def test_files_without_a_row_wait_while_their_row_may_be_astray(tmp_path: Path, text: str) -> None:
    touch(tmp_path, "secret.mp3")
    planned = plan([tmp_path], sheet(tmp_path, text))
    assert planned.items == ()
    assert codes(planned)[-1] == "file-held"


@pytest.mark.parametrize("handed_in", ["inbox", "inbox/محرمانه.mp3"])
def test_a_closed_row_may_be_astray_wherever_its_sheet_lies(tmp_path: Path, handed_in: str) -> None:
    touch(tmp_path, "inbox/محرمانه.mp3")
    rows = sheet(tmp_path / "desk", "file,access\nمحرمانه۱.mp3,restricted\n")
    planned = plan([tmp_path / handed_in], rows)
    assert planned.items == ()
    assert codes(planned)[-1] == "file-held"


def test_a_row_whose_file_is_nowhere_is_a_finding_wherever_its_sheet_lies(tmp_path: Path) -> None:
    touch(tmp_path, "inbox/a.mp3")
    planned = plan([tmp_path / "inbox"], sheet(tmp_path / "desk", "file,title\nA.MP3,One\n"))
    assert (names(planned), codes(planned)) == (["a.mp3"], ["file-missing"])


# hostile names


def test_hostile_names_are_taken_as_they_are_and_shown_escaped(tmp_path: Path) -> None:
    hostile = [b"new\nline.mp3", b"-rf.mp3", b"concat:a|b.mp3", b"a%03d.mp3", "\u202e3pm.mp3".encode(), b"caf\xe9.mp3"]
    hostile += [b"CON", b"dot.", "😀.mp3".encode(), b"x" * 251 + b".mp3", b"quote\"'$(id).mp3"]
    for name in hostile:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).symlink_to("/nowhere")
    findings = plan([tmp_path]).findings
    assert [finding.code for finding in findings] == ["file-link"] * len(hostile)
    assert all(finding.where.isprintable() and finding.where.encode() for finding in findings)
    for path in tmp_path.iterdir():
        path.unlink()
        path.write_bytes(b"sound")
        os.utime(path, (1, 1))
    assert sorted(os.fsencode(item.path.name) for item in plan([tmp_path]).items) == sorted(hostile)


def test_names_that_look_alike_are_taken_apart_and_named(tmp_path: Path) -> None:
    touch(tmp_path, "caf\u00e9.mp3", "cafe\u0301.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file,title\ncafe\u0301.mp3,Mine\n"))
    assert codes(planned) == ["file-names-alike"] or codes(planned) == ["file-names-alike", "file-held"]
    assert [item.path.name for item in planned.items if item.row] == ["cafe\u0301.mp3"]


def test_a_row_finds_its_file_however_its_letters_are_composed(tmp_path: Path) -> None:
    touch(tmp_path, "آ\u0654واز.mp3", "cafe\u0301.mp3")
    planned = plan([tmp_path], sheet(tmp_path, "file,title\ncaf\u00e9.mp3,Mine\n"))
    assert [item.path.name for item in planned.items if item.row] == ["cafe\u0301.mp3"]
