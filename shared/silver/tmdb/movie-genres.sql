SELECT movie_id, item.position AS position, CAST(item.value AS INT) AS genre_id, name AS genre, landed_at, run_id
FROM (
  SELECT movie_id, explode(genres) AS item, landed_at, run_id
  FROM (
    SELECT
      CAST(id AS BIGINT) AS movie_id,
      with_positions(json_list(genre_ids)) AS genres,
      CAST(landed_at AS TIMESTAMP) AS landed_at,
      run_id
    FROM list_movies
  ) AS lists
) AS items
LEFT JOIN genre_names ON genre_names.id = item.value
