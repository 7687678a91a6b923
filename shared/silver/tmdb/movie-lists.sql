SELECT
  rank,
  page,
  position_on_page,
  CAST(id AS BIGINT) AS movie_id,
  CAST(popularity AS DOUBLE) AS popularity,
  CAST(vote_average AS DECIMAL(5, 3)) AS vote_average,
  CAST(vote_count AS INT) AS vote_count,
  CAST(landed_at AS TIMESTAMP) AS landed_at,
  run_id
FROM list_movies
