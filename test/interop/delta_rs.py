"""delta-rs, the Delta Lake of the Rust and Python world, asked by delta-meeting.ts."""

import json

import pyarrow
from deltalake import DeltaTable, QueryBuilder, write_deltalake

import every_type
from canonical_rows import digest as digest_of
from conversation import converse

storage_options = {}


def connect(options):
    storage_options.update(options)


def open_table(path, version=None):
    return DeltaTable(path, version=version, storage_options=storage_options if "://" in path else None)


def query(path, sql, version=None):
    """The answer of DataFusion, which delta-rs reads Parquet with, to a query over `users`."""
    return pyarrow.table(QueryBuilder().register("users", open_table(path, version)).execute(sql))


def digest(path, version=None):
    rows = query(path, "SELECT * FROM users", version)
    return digest_of(zip(*(column.to_pylist() for column in rows.columns)))


def digest_by_arrow(path):
    """The same rows, with Parquet read by Arrow's C++ library."""
    rows = open_table(path).to_pyarrow_table()
    return digest_of(zip(*(column.to_pylist() for column in rows.columns)))


def rows_found(path, column, values):
    """As many rows as each value is in; files that the statistics of the log rule out are not read."""
    conditions = ["{} = '{}'".format(column, value.replace("'", "''")) for value in values]
    return [query(path, f"SELECT {column} FROM users WHERE {condition}").num_rows for condition in conditions]


def describe(path):
    table = open_table(path)
    fields = json.loads(table.schema().to_json())["fields"]
    return {
        "version": table.version(),
        "description": table.metadata().description,
        "columns": [[field["name"], field["type"], field["metadata"].get("comment")] for field in fields],
        "operations": [commit["operation"] for commit in sorted(table.history(), key=lambda commit: commit["version"])],
    }


def delete(path, condition):
    open_table(path).delete(condition)


def update(path, assignments, condition):
    open_table(path).update(updates=assignments, predicate=condition)


def append(path, rows):
    write_deltalake(open_table(path), query(path, rows), mode="append")


def merge(path, rows):
    merger = open_table(path).merge(query(path, rows), "t.user_id = s.user_id", source_alias="s", target_alias="t")
    merger.when_matched_update_all().when_not_matched_insert_all().execute()


def compact(path):
    open_table(path).optimize.compact()


def checkpoint(path):
    open_table(path).create_checkpoint()


def vacuum(path):
    open_table(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)


def create(path):
    types = {
        "int": pyarrow.int32(), "boolean": pyarrow.bool_(), "tinyint": pyarrow.int8(), "smallint": pyarrow.int16(),
        "bigint": pyarrow.int64(), "float": pyarrow.float32(), "double": pyarrow.float64(), "date": pyarrow.date32(),
        "decimal(20,4)": pyarrow.decimal128(20, 4), "timestamp": pyarrow.timestamp("us", tz="UTC"),
        "binary": pyarrow.binary(), "string": pyarrow.string(),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in every_type.columns])
    values = [pyarrow.array(column, field.type) for column, field in zip(zip(*every_type.rows), schema)]
    write_deltalake(path, pyarrow.table(values, schema=schema), partition_by=["part"])


if __name__ == "__main__":
    converse(globals())
