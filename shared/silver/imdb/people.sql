SELECT
  nconst AS person_id,
  known(primaryName) AS name,
  CAST(known(birthYear) AS INT) AS birth_year,
  CAST(known(deathYear) AS INT) AS death_year
FROM name_basics
