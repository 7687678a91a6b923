"""Use case 2 in Spark: bronze read as Parquet, and the SELECTs of silver run over it. spark_delta.py answers for it too."""

from pyspark.sql import SparkSession

import imdb_lines
from canonical_rows import digest as digest_of
from imdb_lines import source_lines  # noqa: F401 (an action)


def spark():
    return SparkSession.getActiveSession()


def bronze_lines(path):
    return imdb_lines.bronze_lines(spark().read.parquet(path).orderBy("_metadata.row_index").collect())


def make_view(name, select, paths):
    """A view over Parquet files, which `select` knows by the names of `paths`."""
    for file, path in paths.items():
        spark().read.parquet(path).createOrReplaceTempView(file)
    spark().sql(select).createOrReplaceTempView(name)


def run(statements):
    for statement in statements:
        spark().sql(statement)


def select(text):
    """The types of the columns, and the rows."""
    answer = spark().sql(text)
    return {"columns": answer.dtypes, "rows": digest_of(answer.collect())}
