"""The landed lists of TMDB as Python itself reads their pages: the rows that silver is to hold."""

import datetime
import decimal
import json
import pathlib

from canonical_rows import digest


def landed_rows(table, landings, genres):
    """Of all landings: the columns of the table, then the list and the day. `genres` is the file that names them."""
    names = {genre["id"]: genre["name"] for genre in read_json(genres)["genres"]}
    return digest(row for landing in landings for row in rows_of(table, landing, names))


def latest_movies(landings):
    """Of every movie the row of the newest day, then of the newest landing, with the list and the day it is from."""
    rows = [row for landing in landings for row in rows_of("movies", landing, {})]
    # The last one of each stays. Sorting keeps the order of equals, of which that is to be the first list.
    rows.sort(key=list_of, reverse=True)
    rows.sort(key=age_of)
    return digest({row[0]: row for row in rows}.values())


def list_of(row):
    return row[-2]


def age_of(row):
    landed_at, run_id, _, day = row[-4:]
    return day, landed_at, run_id


def rows_of(table, landing, names):
    origin = [datetime.datetime.fromisoformat(landing["landedAt"]), landing["runId"], landing["list"], landing["date"]]
    for rank, (page, position, movie) in enumerate(movies_of(landing), 1):
        measures = [float(movie["popularity"]), decimal.Decimal(movie["vote_average"]).quantize(decimal.Decimal("0.001")),
                    movie["vote_count"]]
        if table == "movie_lists":
            yield [rank, page, position, movie["id"], *measures, *origin]
        if table == "movies":
            yield [movie["id"], movie["title"], movie["original_title"], movie["original_language"],
                   movie["release_date"] or None, movie["adult"], movie["video"], movie["overview"], *measures,
                   movie["poster_path"], movie["backdrop_path"], *origin]
        if table == "movie_genres":
            for place, genre in enumerate(movie["genre_ids"], 1):
                yield [movie["id"], place, genre, names[genre], *origin]


def movies_of(landing):
    """Every movie of a list once, where it is first: its page, its position there, from 1, and what is said of it."""
    seen = set()
    for page in range(1, landing["pages"] + 1):
        results = read_json(f"{landing['folder']}/page-{page:04}.json")["results"]
        for position, movie in enumerate(results, 1):
            if movie["id"] not in seen:
                seen.add(movie["id"])
                yield page, position, movie


def read_json(path):
    return json.loads(pathlib.Path(path).read_bytes(), parse_float=decimal.Decimal)
