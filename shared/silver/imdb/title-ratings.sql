SELECT
  tconst AS title_id,
  CAST(known(averageRating) AS DECIMAL(3, 1)) AS average_rating,
  CAST(known(numVotes) AS INT) AS num_votes
FROM title_ratings
