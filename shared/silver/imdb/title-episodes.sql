SELECT
  tconst AS title_id,
  parentTconst AS series_id,
  CAST(known(seasonNumber) AS INT) AS season_number,
  CAST(known(episodeNumber) AS INT) AS episode_number
FROM title_episode
