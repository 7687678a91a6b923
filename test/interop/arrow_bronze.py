"""Arrow's reader of Parquet, asked by pyarrow.ts, with the archives that Python itself makes."""

import json

from pyarrow import dataset, fs, parquet

import imdb_lines
import python_archives
from canonical_rows import digest
from conversation import converse
from imdb_lines import source_lines  # noqa: F401 (an action)
from tmdb_pages import landed_rows  # noqa: F401 (an action)

file_systems = {"local": fs.LocalFileSystem()}


def connect(account, key, authority):
    """The storage account at this host and port, which speaks HTTP."""
    file_systems["azure"] = fs.AzureFileSystem(
        account_name=account, account_key=key,
        blob_storage_authority=authority, blob_storage_scheme="http",
        dfs_storage_authority=authority, dfs_storage_scheme="http")


def bronze_lines(path, file_system="local"):
    table = parquet.ParquetFile(path, filesystem=file_systems[file_system]).read()
    return imdb_lines.bronze_lines(zip(*(column.to_pylist() for column in table.columns)))


def rows_found(path, values):
    """As many rows as the first column has each value in; what its statistics rule out is not read."""
    column = parquet.read_schema(path).names[0]
    return [parquet.read_table(path, columns=[column], filters=[(column, "==", value)]).num_rows for value in values]


def describe(path):
    """The columns with Arrow's types, the number of rows, and the file's own metadata."""
    file = parquet.ParquetFile(path)
    metadata = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    return {
        "columns": [[field.name, str(field.type)] for field in file.schema_arrow],
        "rows": file.metadata.num_rows,
        "metadata": {key: value for key, value in metadata.items() if key.startswith("youflix.")},
    }


def quarantine(path, bronze, longest):
    """What the rows in quarantine are about, and how many of them are not what stands in bronze: of bytes, the first `longest`."""
    rows = parquet.read_table(path).to_pylist()
    there = dict(enumerate(parquet.read_table(bronze).to_pylist()))
    return {
        "rows": len(rows),
        "sources": sorted({(row["source"], row["entry"], row["bronze"]) for row in rows}),
        "without_reason": sum(not row["reasons"] for row in rows),
        "different": sum(not is_of(there[row["bronze_row"]], row, longest) for row in rows),
        "malformed_elsewhere": sum(row["_malformed"] is not None for row in there.values())
                               - sum(row["malformed"] is not None for row in rows),
    }


def partitioned_rows(path, file_system="local"):
    """The types of the columns, those in the names of folders last, and the rows."""
    table = dataset.dataset(path, filesystem=file_systems[file_system], partitioning="hive").to_table()
    return {
        "columns": [[field.name, str(field.type)] for field in table.schema],
        "rows": digest(zip(*(column.to_pylist() for column in table.columns))),
    }


def is_of(bronze, row, longest):
    *fields, line, malformed, reason = bronze.items()
    if line[1] != row["line"]:
        return False
    if malformed[1] is None:
        return row["malformed"] is None and json.loads(row["row"]) == dict(fields)
    return row["row"] is None and row["malformed"] == malformed[1][:longest] and row["reasons"] == reason[1]


if __name__ == "__main__":
    converse(vars(python_archives) | globals())
