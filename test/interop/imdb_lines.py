"""The lines of an IMDb data set: as Python itself finds them in a delivered file, and as a reader of Parquet finds them in bronze."""

import gzip
import itertools

from canonical_rows import digest

max_line_bytes = 4 * 1024 * 1024


def source_lines(path):
    """All lines of a .tsv.gz: those that fit the header by their fields, the others by their bytes."""
    with gzip.open(path) as file:
        header, *lines = file.read().removesuffix(b"\n").split(b"\n")
    return digest(as_row(number, line, header.count(b"\t")) for number, line in enumerate(lines, 2))


def as_row(number, line, tabs):
    if line.count(b"\t") == tabs and len(line) <= max_line_bytes:
        try:
            return [number, *line.decode().split("\t")]
        except UnicodeDecodeError:
            pass
    return [number, line]


def bronze_lines(rows):
    """The same of rows whose last columns are `_line`, `_malformed` and `_reason`, in the order of the file."""
    return digest(joined(number, list(pieces)) for number, pieces in itertools.groupby(rows, key=lambda row: row[-3]))


def joined(number, rows):
    """The row of one line, which is more than one row of bronze where it is long."""
    *fields, _, malformed, reason = rows[0]
    if malformed is None:
        if len(rows) > 1 or reason is not None:
            raise ValueError(f"line {number} has fields and a reason, or comes twice")
        return [number, *fields]
    if any(field is not None for row in rows for field in row[:-3]) or not all(row[-1] for row in rows):
        raise ValueError(f"line {number} is malformed, but has fields or lacks a reason")
    return [number, b"".join(row[-2] for row in rows)]
