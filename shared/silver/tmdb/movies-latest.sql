SELECT
  movie_id,
  title,
  original_title,
  original_language,
  release_date,
  adult,
  video,
  overview,
  popularity,
  vote_average,
  vote_count,
  poster_path,
  backdrop_path,
  list,
  date,
  landed_at,
  run_id
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY movie_id ORDER BY date DESC, landed_at DESC, run_id DESC, list) AS age
  FROM movies
) AS versions
WHERE age = 1
