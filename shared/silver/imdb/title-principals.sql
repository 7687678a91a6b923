SELECT
  tconst AS title_id,
  CAST(known(ordering) AS INT) AS ordering,
  nconst AS person_id,
  known(category) AS category,
  known(job) AS job
FROM title_principals
