SELECT person_id, item.position AS position, item.value AS profession
FROM (
  SELECT person_id, explode(professions) AS item
  FROM (SELECT nconst AS person_id, with_positions(comma_list(primaryProfession)) AS professions FROM name_basics) AS lists
) AS items
WHERE item.value <> ''
