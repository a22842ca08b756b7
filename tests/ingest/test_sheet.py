from __future__ import annotations

import codecs
import re
import time
from pathlib import Path

import pytest

from archive.errors import SheetError
from archive.models import Access, AccessLevel, Finding
from ingest import sheet, tables
from ingest.sheet import COLUMNS, Row, Sheet, read_sheet

ROOT = Path(__file__).resolve().parent.parent.parent
CHECKING = ("tables", "sheet", "intake", "interpreters", "admission")
HEADER = "file,title,event,date,place,speakers,languages,source,rights,access\n"
PERSIAN = (
    "سخنرانی.mp3,زن، زندگی، آزادی,همایش ۱۴۰۳,۱۲ مرداد ۱۴۰۳,تهران,شیرین عبادی; نرگس محمدی,fa;ar,آرشیو,CC BY 4.0,public\n"
)


def read(folder: Path, text: str, name: str = "speeches.csv", encoding: str = "utf-8") -> Sheet:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return read_sheet(path)


def only(found: Sheet) -> Finding:
    (finding,) = found.findings
    return finding


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + PERSIAN)
    assert found.findings == ()
    assert found.rows == (
        Row(
            file="سخنرانی.mp3",
            title="زن، زندگی، آزادی",
            event="همایش ۱۴۰۳",
            date="2024-08-02",
            place="تهران",
            speakers=("شیرین عبادی", "نرگس محمدی"),
            languages=("fa", "ar"),
            source="آرشیو",
            rights="CC BY 4.0",
            access=Access(AccessLevel.PUBLIC),
            line=2,
        ),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_dialect_of_csv_gives_the_same(tmp_path: Path, encoding: str, separator: str) -> None:
    cells = ["talk.mp3", "Who, what; when", "a; b", "en"]
    header = separator.join(["File", " TITLE ", "Speakers", "languages"])
    line = separator.join(f'"{cell}"' for cell in cells)
    found = read(tmp_path, f"{header}\r\n{line}\r\n", encoding=encoding)
    row = Row("talk.mp3", title="Who, what; when", speakers=("a", "b"), languages=("en",), line=2)
    assert (found.rows, found.findings) == ((row,), ())


def test_a_utf_16_sheet_of_the_other_byte_order_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(codecs.BOM_UTF16_BE + (HEADER + PERSIAN).encode("utf-16-be"))
    assert read_sheet(tmp_path / "a.csv").rows[0].place == "تهران"


def test_yaml_gives_the_same_as_csv(tmp_path: Path) -> None:
    text = """
# what was said
- file: talk.mp3
  title: "Yes: no"
  date: 1961-01-20
  languages: [no, en]
  speakers:
    - John F. Kennedy
    - "Smith; the younger"
  access: embargoed until 2030-01-01
- file: second.mp3
  date: 1961
"""
    for wrapped in (text, "recordings:" + text):
        found = read(tmp_path, wrapped, "speeches.yaml")
        first, second = found.rows
        assert found.findings == ()
        assert (first.title, first.date, first.languages) == ("Yes: no", "1961-01-20", ("no", "en"))
        assert first.speakers == ("John F. Kennedy", "Smith; the younger")
        assert first.access == Access(AccessLevel.EMBARGOED, "2030-01-01")
        assert (second.date, second.access) == ("1961", None)


def test_everything_but_the_file_may_be_missing(tmp_path: Path) -> None:
    assert read(tmp_path, "file\ntalk.mp3\n").rows == (Row("talk.mp3", line=2),)


@pytest.mark.parametrize(
    ("written", "access"),
    [
        ("public", Access()),
        ("Restricted", Access(AccessLevel.RESTRICTED)),
        ("embargoed until 2030-01-01", Access(AccessLevel.EMBARGOED, "2030-01-01")),
        ("Embargoed until ۱۴۱۰/۰۱/۰۱", Access(AccessLevel.EMBARGOED, "2031-03-21")),
    ],
)
def test_access_has_three_forms(tmp_path: Path, written: str, access: Access) -> None:
    assert read(tmp_path, f"file,access\ntalk.mp3,{written}\n").rows[0].access == access


@pytest.mark.parametrize(
    ("column", "cell", "code", "mend"),
    [
        ("date", "12/06/1987", "sheet-date", "1987-06-12 or 1987-12-06"),
        ("access", "embargo", "sheet-access", "write public, restricted, or embargoed until 2030-01-01"),
        ("access", "embargoed until 2030", "sheet-access", "write public"),
        ("languages", "Farsi", "sheet-languages", "write fa"),
        ("languages", "en;klingon", "sheet-languages", "ISO 639-1"),
        ("title", "a\0b", "sheet-cell", "take it out"),
        ("title", "x" * 20_000, "sheet-cell", "shorten it"),
        ("speakers", ";".join(map(str, range(500))), "sheet-speakers", "name those that matter"),
    ],
)
def test_a_bad_cell_is_named_with_line_column_and_fix(
    tmp_path: Path, column: str, cell: str, code: str, mend: str
) -> None:
    found = read(tmp_path, f"file,{column}\ngood.mp3,\nbad.mp3,{cell}\n")
    finding = only(found)
    assert finding.code == code
    assert finding.where.endswith(f"speeches.csv line 3 column {column}")
    assert mend in finding.mend
    assert [row.file for row in found.rows] == ["good.mp3"]
    assert found.refused == {"bad.mp3": f"line 3 column {column}"}
    assert found.whole


def test_every_bad_cell_of_a_row_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, "file,date,languages,access\nbad.mp3,soon,xx,secret\n")
    assert [finding.code for finding in found.findings] == ["sheet-date", "sheet-languages", "sheet-access"]


def test_a_row_without_a_file_leaves_open_whose_it_was(tmp_path: Path) -> None:
    found = read(tmp_path, "file,title\n,Lost\ngood.mp3,Good\n")
    assert only(found).where.endswith("line 2 column file")
    assert [row.file for row in found.rows] == ["good.mp3"]
    assert not found.whole


def test_two_rows_for_one_file_are_both_left(tmp_path: Path) -> None:
    composed, decomposed = "caf\u00e9.mp3", "cafe\u0301.mp3"
    found = read(tmp_path, f"file,access\n{composed},public\nother.mp3,\n{decomposed},restricted\n")
    assert only(found).code == "sheet-duplicate-file"
    assert "line 2" in only(found).what
    assert [row.file for row in found.rows] == ["other.mp3"]


def test_an_unknown_column_is_named_with_the_one_meant(tmp_path: Path) -> None:
    found = read(tmp_path, "file,Speaker,shelf\ntalk.mp3,Kennedy,12\n")
    assert [(f.code, f.mend.split(";")[0]) for f in found.findings] == [
        ("sheet-unknown-column", "rename it speakers"),
        ("sheet-unknown-column", f"the columns are {', '.join(COLUMNS)}"),
    ]
    assert len(found.rows) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("s.csv", "file,acess\ntalk.mp3,restricted\n"), ("s.yaml", "- file: talk.mp3\n  acess: restricted\n")],
)
def test_a_misspelt_access_column_makes_nothing_public(tmp_path: Path, name: str, text: str) -> None:
    found = read(tmp_path, text, name)
    assert only(found).mend == "rename it access"
    assert found.rows == ()
    assert set(found.refused) == {"talk.mp3"} or not found.whole


@pytest.mark.parametrize("text", ["title,date\nTalk,1961\n", "file,file\na.mp3,b.mp3\n"])
def test_a_sheet_needs_one_column_of_files(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert only(found).code == "sheet-columns"
    assert (found.rows, found.whole) == ((), False)


def test_a_row_with_other_cells_than_the_header_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, "file;speakers\na.mp3;Smith;Jones\nb.mp3\nc.mp3;Jones;\n")
    assert [(f.code, f.where.split()[-1]) for f in found.findings] == [
        ("sheet-cell-count", "2"),
        ("sheet-cell-count", "3"),
    ]
    assert [row.file for row in found.rows] == ["c.mp3"]  # a spreadsheet's empty cells at the end do no harm


def test_bytes_that_are_not_utf_8_are_named_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(b"file,title\na.mp3,Good\nb.mp3,caf\xe9\nc.mp3,Good\n")
    found = read_sheet(tmp_path / "s.csv")
    assert only(found).where.endswith("line 3 column title")
    assert (only(found).code, [row.file for row in found.rows]) == ("sheet-encoding", ["a.mp3", "c.mp3"])


@pytest.mark.parametrize(
    "text", ['file,title\na.mp3,"never closed\nb.mp3,Good\n', 'file,title\na.mp3,"x" y\nb.mp3,G\n']
)
def test_broken_quotes_are_named_and_may_hide_rows(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert (only(found).code, found.whole) == ("sheet-csv", False)
    assert only(found).where.endswith("line 2")


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_ten_megabytes_is_named_and_the_rest_read(tmp_path: Path, quote: str) -> None:
    found = read(tmp_path, f"file,title\na.mp3,Good\nb.mp3,{quote}{'x' * 10_000_000}{quote}\nc.mp3,Good\n")
    assert only(found).where.endswith("line 3")
    assert [row.file for row in found.rows] == ["a.mp3", "c.mp3"]


def test_a_million_rows_are_cut_off_with_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("file\n" + "".join(f"{number}.mp3\n" for number in range(1_000_000)), encoding="utf-8")
    found = read_sheet(path)
    assert only(found).what.startswith("more than 100,000 rows")
    assert (len(found.rows), found.whole) == (sheet.MAX_ROWS, False)


def test_a_sheet_in_which_all_is_bad_stops_being_told(tmp_path: Path) -> None:
    found = read(tmp_path, "file,date\n" + "".join(f"{n}.mp3,soon\n" for n in range(5_000)))
    assert len(found.findings) == sheet.MAX_FINDINGS + 1
    assert not found.whole


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "s.csv").open("wb") as file:
        file.truncate(tables.MAX_CSV_BYTES + 1)
    found = read_sheet(tmp_path / "s.csv")
    assert (only(found).code, found.whole) == ("sheet-too-long", False)


def test_a_formula_is_text(tmp_path: Path) -> None:
    formula = '=HYPERLINK(""http://x"",""y"")'
    assert read(tmp_path, f'file,title\na.mp3,"{formula}"\n').rows[0].title == formula.replace('""', '"')


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "- file: [",
        "- !!python/object/apply:os.system [id]",
        "- file: !!python/object/apply:os.system [touch pwned]",
        "[" * 100_000,
        BOMB,
        "- *unknown",
        "just text",
        "- {[a]: b}",
        "- file: a.mp3\n  title: {a: b}",
        "\0",
    ],
    ids=["broken", "object", "object in a cell", "nested", "bomb", "alias", "text", "odd key", "mapping", "NUL"],
)
def test_hostile_yaml_is_a_finding_at_once(tmp_path: Path, text: str) -> None:
    begun = time.monotonic()
    found = read(tmp_path, text, "s.yaml")
    assert found.findings
    assert found.rows == ()
    assert time.monotonic() - begun < 5
    assert not Path("pwned").exists()


def test_a_sheet_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"none\.csv: cannot be read"):
        read_sheet(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ["speeches.csv", "speeches.yaml"])
@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n"])
def test_an_empty_sheet_holds_back_what_it_may_have_closed(tmp_path: Path, name: str, text: str) -> None:
    found = read(tmp_path, text, name)
    assert (only(found).what, found.whole) == ("the sheet is empty", False)


def test_a_list_of_no_recordings_is_meant(tmp_path: Path) -> None:
    assert read(tmp_path, "recordings: []", "s.yaml") == Sheet(tmp_path / "s.yaml", ())
    assert read(tmp_path, HEADER) == Sheet(tmp_path / "speeches.csv", ())


@pytest.mark.parametrize("magic", [b"PK\x03\x04\x14\0", b"\xd0\xcf\x11\xe0\xa1\xb1"], ids=["xlsx or ods", "xls"])
@pytest.mark.parametrize("name", ["speeches.xlsx", "renamed.csv"])
def test_a_spreadsheet_s_own_file_is_told_apart_from_csv(tmp_path: Path, name: str, magic: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(magic + bytes(range(256)))
    found = read_sheet(path)
    assert (only(found).what, found.whole) == ("this is a spreadsheet's own file, not CSV", False)
    assert "save it as CSV" in only(found).mend


def test_a_cell_beyond_what_csv_takes_is_named_as_such(tmp_path: Path) -> None:
    found = read(tmp_path, f"file,title\na.mp3,{'x' * 200_000}\nb.mp3,short\n")
    assert only(found).what == "a cell of more than 131,072 characters"
    assert [row.file for row in found.rows] == ["b.mp3"]


def test_a_control_character_is_named(tmp_path: Path) -> None:
    assert only(read(tmp_path, "file,title\na.mp3,red\x1b[31m\n")).what == "a control character, U+001B"


# documentation


def test_every_column_and_finding_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "sheet.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in text] == []
    sources = [(ROOT / "ingest" / f"{name}.py").read_text(encoding="utf-8") for name in CHECKING]
    codes = set(re.findall(r'"((?:sheet|file|layer|transcript)-[a-z-]+)"', "".join(sources))) | {
        f"sheet-{column}" for column in ("file", "date", "speakers", "languages", "access")
    }
    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_the_examples_of_the_documentation_are_sheets_without_a_finding(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference" / "sheet.md").read_text(encoding="utf-8")
    examples = re.findall(r"```(csv|yaml)\n(.*?)```", text, re.DOTALL)
    assert {kind for kind, _ in examples} == {"csv", "yaml"}
    for kind, example in examples:
        found = read(tmp_path, example, f"s.{kind}")
        assert (found.findings, bool(found.rows)) == ((), True)
