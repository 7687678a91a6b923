SELECT
  CAST(id AS BIGINT) AS movie_id,
  title,
  original_title,
  original_language,
  CAST(nullif(release_date, '') AS DATE) AS release_date,
  CAST(adult AS BOOLEAN) AS adult,
  CAST(video AS BOOLEAN) AS video,
  overview,
  CAST(popularity AS DOUBLE) AS popularity,
  CAST(vote_average AS DECIMAL(5, 3)) AS vote_average,
  CAST(vote_count AS INT) AS vote_count,
  poster_path,
  backdrop_path,
  CAST(landed_at AS TIMESTAMP) AS landed_at,
  run_id
FROM list_movies
