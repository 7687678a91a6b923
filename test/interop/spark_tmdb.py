"""Use case 3 in Spark: bronze read as JSON, silver as a partitioned table. spark_delta.py answers for it too."""

from canonical_rows import digest
from spark_imdb import spark
from tmdb_pages import landed_rows, latest_movies  # noqa: F401 (actions)


def partitioned_rows(path, view=None):
    """The types of the columns, those in the names of folders last, and the rows; which `view` names from then on."""
    frame = spark().read.parquet(path)
    if view is not None:
        frame.createOrReplaceTempView(view)
    return {"columns": frame.dtypes, "rows": digest(frame.collect())}


def view_items(name, paths, member, fields):
    """A view over an array in numbered JSON documents: page and position, both from 1, and the fields as they are written."""
    texts = ", ".join(f"{field} STRING" for field in fields)
    pages = spark().read.schema(f"{member} ARRAY<STRUCT<{texts}>>").json(paths, multiLine=True)
    pages.selectExpr("CAST(regexp_extract(_metadata.file_name, '[0-9]+', 0) AS INT) AS page", f"posexplode({member})") \
        .selectExpr("page", "pos + 1 AS position", "col.*").createOrReplaceTempView(name)
