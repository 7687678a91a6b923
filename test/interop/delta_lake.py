"""delta-rs and Spark meet the tables of a lake, in both directions.

    delta_lake.py read LAKE [--spark]             every table below LAKE: its version, rows and a checksum per column
    delta_lake.py write LAKE TABLE [--spark]      appends to, updates and deletes from a table of ours, and makes one of theirs

Prints one JSON object; `delta-lake.ts LAKE` prints what our reader finds, which must be the same. A checksum is the sum of the
first eight bytes of the MD5 of each value as text, so that the order of rows does not matter and no value can hide another.
"""

import argparse
import datetime
import decimal
import hashlib
import json
import pathlib
import struct
import sys


def tables(lake):
    return sorted(str(log.parent.relative_to(lake)) for log in pathlib.Path(lake).rglob("_delta_log"))


def as_text(value):
    """The form delta-lake.ts gives a value too: microseconds in UTC, hexadecimal bytes (of a float: its eight), plain decimals."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        utc = value.astimezone(datetime.timezone.utc)
        return utc.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def checksum(values):
    total = 0
    for value in values:
        if value is not None:
            total += int.from_bytes(hashlib.md5(as_text(value).encode()).digest()[:8], "big")
    return str(total)


def summary(version, columns):
    rows = len(next(iter(columns.values()), []))
    return {"version": version, "rows": rows, "columns": {name: checksum(column) for name, column in columns.items()}}


class DeltaRs:
    def read(self, path):
        from deltalake import DeltaTable

        table = DeltaTable(path)
        return summary(table.version(), table.to_pyarrow_table().to_pydict())

    def write(self, lake, name):
        from deltalake import DeltaTable, write_deltalake

        ours = DeltaTable(f"{lake}/{name}")
        rows = ours.to_pyarrow_table().slice(0, 3)
        key = rows.column_names[0]
        DeltaTable(f"{lake}/{name}").delete(f"{key} = {rows[key][0].as_py()}")
        write_deltalake(f"{lake}/{name}", rows.slice(0, 1), mode="append")
        ours = DeltaTable(f"{lake}/{name}")
        ours.merge(rows.slice(1), f"t.{key} = s.{key}", source_alias="s", target_alias="t").when_matched_update_all().execute()
        ours.create_checkpoint()
        theirs = rows.append_column("part", [["a b", "c/d", "e%f"]])
        write_deltalake(f"{lake}/{name}_by_delta_rs", theirs, partition_by=["part"])
        return {}


class Spark:
    def __init__(self):
        from delta import configure_spark_with_delta_pip
        from pyspark.sql import SparkSession

        builder = (
            SparkSession.builder.master("local[1]")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.ui.enabled", "false")
        )
        self.session = configure_spark_with_delta_pip(builder).getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def read(self, path):
        from delta.tables import DeltaTable

        frame = self.session.read.format("delta").load(path)
        version = DeltaTable.forPath(self.session, path).history(1).collect()[0]["version"]
        rows = frame.collect()
        return summary(version, {name: [row[name] for row in rows] for name in frame.columns})

    def write(self, lake, name):
        from delta.tables import DeltaTable

        path = f"{lake}/{name}"
        frame = self.session.read.format("delta").load(path)
        key = frame.columns[0]
        rows = frame.orderBy(key).limit(3).localCheckpoint()
        DeltaTable.forPath(self.session, path).delete(f"{key} = {rows.first()[0]}")
        rows.limit(1).write.format("delta").mode("append").save(path)
        target = DeltaTable.forPath(self.session, path).alias("t")
        target.merge(rows.alias("s"), f"t.{key} = s.{key}").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
        theirs = rows.selectExpr("*", "concat('a b/c%', hash(*)) AS part")
        theirs.write.format("delta").partitionBy("part").save(f"{path}_by_spark")
        return {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["read", "write"])
    parser.add_argument("lake")
    parser.add_argument("table", nargs="?")
    parser.add_argument("--spark", action="store_true")
    given = parser.parse_args()
    engine = Spark() if given.spark else DeltaRs()
    if given.action == "read":
        answer = {name: engine.read(f"{given.lake}/{name}") for name in tables(given.lake)}
    else:
        answer = engine.write(given.lake, given.table)
    json.dump(answer, sys.stdout)
    print()
    sys.stdout.flush()


if __name__ == "__main__":
    main()
