"""Spark with delta-spark, the reference of the Delta protocol, asked by delta-meeting.ts."""

import os

from pyspark.sql import SparkSession

import every_type
import spark_imdb
import spark_tmdb
from canonical_rows import digest as digest_of
from conversation import converse

sessions = []


def connect(options):
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.ui.enabled": "false",
        "spark.jars": os.environ["SPARK_JARS"],
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        # One of everything: the tables are small, and so is the machine.
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "1",
        "spark.databricks.delta.retentionDurationCheck.enabled": "false",
        **options,
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    sessions.append(session)


def sql(text):
    return sessions[0].sql(text)


def frame(path, version=None):
    reader = sessions[0].read.format("delta")
    return (reader if version is None else reader.option("versionAsOf", version)).load(path)


def query(path, rows):
    frame(path).createOrReplaceTempView("users")
    return sql(rows)


def digest(path, version=None):
    return digest_of(frame(path, version).collect())


def rows_found(path, column, values):
    """As many rows as each value is in; files that the statistics of the log rule out are not read."""
    rows = frame(path)
    return [rows.where(rows[column] == value).count() for value in values]


def describe(path):
    commits = sql(f"DESCRIBE HISTORY delta.`{path}`").orderBy("version").collect()
    return {
        "version": commits[-1]["version"],
        "description": sql(f"DESCRIBE DETAIL delta.`{path}`").first()["description"],
        "columns": [[field["name"], field["type"], field["metadata"].get("comment")]
                    for field in frame(path).schema.jsonValue()["fields"]],
        "operations": [commit["operation"] for commit in commits],
    }


def delete(path, condition):
    sql(f"DELETE FROM delta.`{path}` WHERE {condition}")


def update(path, assignments, condition):
    changes = ", ".join(f"{column} = {value}" for column, value in assignments.items())
    sql(f"UPDATE delta.`{path}` SET {changes} WHERE {condition}")


def append(path, rows):
    query(path, rows).write.format("delta").mode("append").save(path)


def merge(path, rows):
    # Off the table that is merged into: its own rows are the source.
    query(path, rows).localCheckpoint().createOrReplaceTempView("changes")
    sql(f"MERGE INTO delta.`{path}` t USING changes s ON t.user_id = s.user_id "
        "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")


def compact(path):
    sql(f"OPTIMIZE delta.`{path}`")


def checkpoint(path):
    jvm = sessions[0]._jvm
    jvm.org.apache.spark.sql.delta.DeltaLog.forTable(sessions[0]._jsparkSession, path).checkpoint()


def vacuum(path):
    sql(f"VACUUM delta.`{path}` RETAIN 0 HOURS")


def create(path):
    schema = ", ".join(f"{name} {kind}" for name, kind in every_type.columns)
    rows = sessions[0].createDataFrame(every_type.rows, schema)
    rows.write.format("delta").partitionBy("part").save(path)


if __name__ == "__main__":
    converse(vars(spark_imdb) | vars(spark_tmdb) | globals())
