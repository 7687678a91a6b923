SELECT person_id, item.position AS position, item.value AS title_id
FROM (
  SELECT person_id, explode(titles) AS item
  FROM (SELECT nconst AS person_id, with_positions(comma_list(knownForTitles)) AS titles FROM name_basics) AS lists
) AS items
WHERE item.value <> ''
