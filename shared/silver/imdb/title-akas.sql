SELECT
  title_id,
  ordering,
  item.position AS position,
  title,
  region,
  language,
  is_original_title,
  nullif(item.one, '') AS type,
  nullif(item.other, '') AS attribute
FROM (
  SELECT title_id, ordering, title, region, language, is_original_title, explode(types_and_attributes) AS item
  FROM (
    SELECT
      titleId AS title_id,
      CAST(known(ordering) AS INT) AS ordering,
      known(title) AS title,
      known(region) AS region,
      known(language) AS language,
      known(isOriginalTitle) = '1' AS is_original_title,
      side_by_side(unit_list(types), unit_list(attributes)) AS types_and_attributes
    FROM title_akas
  ) AS names
) AS items
