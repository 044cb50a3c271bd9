"""CSV, TSV and JSON lines: any encoding, any line ends, ragged lines and stray quotes, a bounded block at a time.

Quotes are read as RFC 4180 and Python's csv module do: a quote opens a quoted cell only at its start. A whole block
is parsed by Arrow; where its rows and its lines do not agree in number (line breaks inside quotes, a quote never
closed, too few or too many cells) that block is read again, line by line, and nothing of it is lost.
"""

import codecs
import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from data_manifests.raw_tables import Columns, RawBatch, RawTable, as_json, record_batches, row_numbers

BLOCK_BYTES = 8 << 20
_MAX_RECORD_CHARS = 1 << 17
"""A quoted cell that has not closed by then never closes."""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DELIMITERS = ",;\t|"
_MAX_LINE_BYTES = 64 << 20


def utf8_blocks(path: Path, repairs: Counter[str], block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of whole lines in UTF-8, lines ended by a single newline.

    The encoding is told by its byte order mark, else by UTF-16's zero bytes; lines that are not valid UTF-8 are read as
    Windows-1252 and counted in `repairs`.
    """
    rest = b""
    with _opened(path) as file:
        for block in _decoded(file, repairs, block_bytes):
            rest += block
            end = rest.rfind(b"\n") + 1
            if end:
                yield _valid_lines(rest[:end], repairs)
                rest = rest[end:]
            elif len(rest) > _MAX_LINE_BYTES:
                raise ValueError(f"a line of more than {_MAX_LINE_BYTES} bytes; expected lines of text")
    if rest:
        yield _valid_lines(rest + b"\n", repairs)


def _opened(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _decoded(file: BinaryIO, repairs: Counter[str], block_bytes: int) -> Iterator[bytes]:
    """The file's bytes without a byte order mark, UTF-16 as UTF-8, all line ends as newlines."""
    block = file.read(block_bytes)
    bom, encoding = next(((bom, name) for bom, name in _BOMS if block.startswith(bom)), (b"", _without_bom(block)))
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding != "utf-8" else None
    block, held = block[len(bom) :], b""
    while block:
        following = file.read(block_bytes)
        if decoder:
            text = decoder.decode(block, final=not following)
            repairs["damaged_characters"] += text.count("\ufffd")
            block = text.encode("utf-8")
        block, held = held + block, b""
        if following and block.endswith(b"\r"):  # its newline may follow
            block, held = block[:-1], b"\r"
        yield block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block
        block = following
    if held:
        yield b"\n"


def _without_bom(block: bytes) -> str:
    head = block[:1024]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if 5 * max(odd, even) < 2 * len(head) // 2 or abs(odd - even) < len(head) // 8:
        return "utf-8"
    return "utf-16-le" if odd > even else "utf-16-be"


def _valid_lines(block: bytes, repairs: Counter[str]) -> bytes:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return b"\n".join(_valid_line(line, repairs) for line in block.split(b"\n"))
    return block


def _valid_line(line: bytes, repairs: Counter[str]) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        repairs["windows_1252_lines"] += 1
        try:
            return line.decode("cp1252").encode("utf-8")
        except UnicodeDecodeError:  # five bytes that Windows-1252 leaves open
            return line.decode("latin-1").encode("utf-8")
    return line


def open_json_lines(path: Path) -> RawTable:
    """Open a file of one JSON object a line. Its column names are those of the first block."""
    repairs: Counter[str] = Counter()
    head = next(utf8_blocks(path, Counter(), 1 << 20), b"")
    names: dict[str, None] = {}
    for record, _ in _json_records([head]):
        names.update(dict.fromkeys(record if isinstance(record, dict) else ()))
    return RawTable(
        names=list(names),
        batches=lambda columns: record_batches(_json_records(utf8_blocks(path, repairs)), columns),
        repairs=repairs,
    )


def _json_records(blocks: Iterator[bytes] | list[bytes]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for block in blocks:
        for line in block.decode("utf-8").split("\n"):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                yield line, ("bad_json",)
                continue
            yield record, () if isinstance(record, dict) else ("not_a_json_object",)


def open_delimited(
    path: Path, *, delimiter: str | None = None, header: Sequence[str] | None = None, quoting: bool = True
) -> RawTable:
    """Open a table of delimited text.

    Parameters
    ----------
    delimiter
        None: the one of comma, semicolon, tab and bar that parts the heading into most cells.
    header
        Names of the columns of a file without a heading.
    quoting
        False: quotes are characters like any other.

    Raises
    ------
    ValueError
        Where the file is empty.
    OSError
    """
    repairs: Counter[str] = Counter()
    layout = _layout(path, delimiter, header, quoting)

    def batches(columns: Columns) -> Iterator[RawBatch]:
        return _delimited_batches(utf8_blocks(path, repairs), layout, columns)

    return RawTable(names=layout.names, batches=batches, repairs=repairs)


@dataclass(frozen=True, kw_only=True)
class _Layout:
    names: tuple[str, ...]
    delimiter: str
    quoting: bool
    heading_lines: int

    def cells(self, line: str) -> list[str]:
        """The cells of one line, however its quotes stand."""
        if not self.quoting or '"' not in line:
            return line.split(self.delimiter)
        try:
            return next(csv.reader([line], delimiter=self.delimiter), [])
        except csv.Error:
            return line.split(self.delimiter)


def _layout(path: Path, delimiter: str | None, header: Sequence[str] | None, quoting: bool) -> _Layout:
    head = next(utf8_blocks(path, Counter(), 1 << 20), b"").decode("utf-8").split("\n")
    if header is not None:
        sign = delimiter or "\t"
        return _Layout(names=tuple(header), delimiter=sign, quoting=quoting, heading_lines=0)
    number = next((number for number, line in enumerate(head) if line.strip()), None)
    if number is None:
        raise ValueError("the file is empty; expected a heading and rows")
    declared = head[number].strip().strip('"')
    if declared.lower().startswith("sep=") and len(declared) == 5:  # spreadsheets say so in a first line
        delimiter, number = declared[4], number + 1
    line = head[number] if number < len(head) else ""
    sign = delimiter or max(_DELIMITERS, key=lambda mark: (line.count(mark), mark == ","))
    plain = _Layout(names=(), delimiter=sign, quoting=quoting, heading_lines=number + 1)
    return _Layout(names=_unique(plain.cells(line)), delimiter=sign, quoting=quoting, heading_lines=number + 1)


def _unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names: trimmed, numbered where they are missing or occur again."""
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column_{number}"
        names[name if name not in names else f"{name} (column {number})"] = None
    return tuple(names)


@dataclass
class _Records:
    """Records read line by line: their cells padded to the table's width, their lines, their faults."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    faults: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def add(self, cells: list[str], line: str, width: int, *faults: str) -> None:
        """Take a record; say where it has too few or too many cells."""
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            faults = (*faults, "too_few_cells" if len(cells) < width else "too_many_cells")
        if faults:
            self.faults[len(self.rows)] = faults
        self.rows.append((cells + [""] * width)[:width] if len(cells) != width else cells)
        self.lines.append(line)


def _delimited_batches(blocks: Iterator[bytes], layout: _Layout, columns: Columns) -> Iterator[RawBatch]:
    first, rest, skip = 1, b"", layout.heading_lines
    for block in blocks:
        whole = rest + block
        while skip and whole:
            whole, skip = whole[whole.index(b"\n") + 1 :], skip - 1
        rest = b""
        batch = _regular_batch(whole, layout, columns, first)
        if batch is None:
            text = whole.decode("utf-8")
            records, open_lines = _well_formed(text, layout), list[str]()
            if records is None:
                records, open_lines = _read_lines(text.split("\n")[:-1], layout, at_end=False)
            rest = "".join(f"{line}\n" for line in open_lines).encode("utf-8")
            batch = _record_batch(records, layout, columns, first)
        yield batch
        first += batch.columns.height
    if rest:
        records, _ = _read_lines(rest.decode("utf-8").split("\n")[:-1], layout, at_end=True)
        yield _record_batch(records, layout, columns, first)


def _regular_batch(block: bytes, layout: _Layout, columns: Columns, first: int) -> RawBatch | None:
    """Parse a block in which every line is a record of the table's width; None where that does not hold."""
    irregular: list[Any] = []

    def refuse(row: Any) -> str:
        irregular.append(row)
        return "skip"

    last_line = block[block.rfind(b"\n", 0, -1) + 1 : -1].decode("utf-8")
    if not block.strip() or (layout.quoting and '"' in last_line and _stays_open(last_line, layout)):
        return None
    wanted = sorted(set(columns.values()))
    try:
        table = pa_csv.read_csv(
            io.BytesIO(block),
            pa_csv.ReadOptions(use_threads=False, column_names=list(layout.names), block_size=len(block) + 1),
            pa_csv.ParseOptions(
                delimiter=layout.delimiter,
                quote_char='"' if layout.quoting else False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=refuse,
            ),
            pa_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, OverflowError):
        return None
    if irregular or table.num_rows != block.count(b"\n") or (len(layout.names) == 1 and b"\n\n" in b"\n" + block):
        return None
    rows = pl.from_arrow(table)
    assert isinstance(rows, pl.DataFrame)
    return RawBatch(
        columns=rows.select(pl.col(theirs).alias(ours) for ours, theirs in columns.items()),
        numbers=row_numbers(first, rows.height),
        describe=_Describer(block, layout),
    )


class _Describer:
    """Shows a line of a block as JSON; the block is parted into lines when first asked."""

    def __init__(self, block: bytes, layout: _Layout) -> None:
        self._block, self._layout = block, layout
        self._lines: list[bytes] | None = None

    def __call__(self, index: int) -> str:
        if self._lines is None:
            self._lines = self._block.split(b"\n")
        cells = self._layout.cells(self._lines[index].decode("utf-8"))
        return as_json(dict(zip(self._layout.names, cells, strict=False)))


def _record_batch(records: _Records, layout: _Layout, columns: Columns, first: int) -> RawBatch:
    index = {name: number for number, name in enumerate(layout.names)}
    table = {
        ours: pl.Series([row[index[theirs]] for row in records.rows], dtype=pl.String)
        for ours, theirs in columns.items()
    }

    def describe(number: int) -> str:
        if number in records.faults:
            return as_json({"line": records.lines[number]})
        return as_json(dict(zip(layout.names, records.rows[number], strict=True)))

    return RawBatch(
        columns=pl.DataFrame(table),
        numbers=row_numbers(first, len(records.rows)),
        describe=describe,
        faults=records.faults,
    )


def _well_formed(text: str, layout: _Layout) -> _Records | None:
    """Read records that may go over several lines; None where any is not of the table's width, or still open."""
    if not layout.quoting:
        return None
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=layout.delimiter, strict=True)
    try:
        rows = [row for row in reader if row]
    except csv.Error:
        return None
    return _Records(rows=rows) if {len(row) for row in rows} == {len(layout.names)} else None


def _read_lines(lines: list[str], layout: _Layout, *, at_end: bool) -> tuple[_Records, list[str]]:
    """Read records from lines; give back the lines of a last record that is still open, unless these are the last."""
    records, position, width = _Records(), 0, len(layout.names)
    while position < len(lines):
        line = lines[position]
        if not line.strip(" " if layout.delimiter == "\t" else " \t"):
            position += 1
            continue
        if not layout.quoting or '"' not in line or not _stays_open(line, layout):
            records.add(layout.cells(line), line, width)
            position += 1
            continue
        cells, num_lines = _several_lines(lines, position, layout)
        if cells is None and num_lines == len(lines) - position and not at_end:
            return records, lines[position:]
        if cells is None or len(cells) != width:
            records.add(layout.cells(line), line, width, "quote_never_closed")
            num_lines = 1
        else:
            records.add(cells, "\n".join(lines[position : position + num_lines]), width)
        position += num_lines
    return records, []


def _stays_open(line: str, layout: _Layout) -> bool:
    reader = csv.reader([line + "\n", ""], delimiter=layout.delimiter)
    try:
        next(reader)
    except csv.Error:
        return False
    return reader.line_num > 1


def _several_lines(lines: list[str], position: int, layout: _Layout) -> tuple[list[str] | None, int]:
    """Cells of a record over several lines and how many; None where its quote does not close properly."""
    num_chars, end = 0, position
    while end < len(lines) and num_chars <= _MAX_RECORD_CHARS:
        num_chars += len(lines[end]) + 1
        end += 1
    exhausted = end == len(lines) and num_chars <= _MAX_RECORD_CHARS
    reader = csv.reader((line + "\n" for line in lines[position:end]), delimiter=layout.delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        ran_out = reader.line_num == end - position
        return None, len(lines) - position if ran_out and exhausted else 1
