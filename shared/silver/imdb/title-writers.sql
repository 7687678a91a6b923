SELECT title_id, item.position AS position, item.value AS person_id
FROM (
  SELECT title_id, explode(writers) AS item
  FROM (SELECT tconst AS title_id, with_positions(comma_list(writers)) AS writers FROM title_crew) AS lists
) AS items
WHERE item.value <> ''
