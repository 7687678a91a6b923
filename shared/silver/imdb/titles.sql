SELECT
  tconst AS title_id,
  known(titleType) AS title_type,
  known(primaryTitle) AS primary_title,
  known(originalTitle) AS original_title,
  known(isAdult) = '1' AS is_adult,
  CAST(known(startYear) AS INT) AS start_year,
  CAST(known(endYear) AS INT) AS end_year,
  CAST(known(runtimeMinutes) AS INT) AS runtime_minutes
FROM title_basics
