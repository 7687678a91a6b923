SELECT title_id, ordering, item.position AS position, item.value AS character
FROM (
  SELECT title_id, ordering, explode(characters) AS item
  FROM (
    SELECT
      tconst AS title_id,
      CAST(known(ordering) AS INT) AS ordering,
      with_positions(json_list(characters)) AS characters
    FROM title_principals
  ) AS lists
) AS items
WHERE item.value <> ''
