SELECT title_id, item.position AS position, item.value AS genre
FROM (
  SELECT title_id, explode(genres) AS item
  FROM (SELECT tconst AS title_id, with_positions(comma_list(genres)) AS genres FROM title_basics) AS lists
) AS items
WHERE item.value <> ''
