-- What the SELECTs below this folder call by the same names on DuckDB and on Spark: here for Spark, which has explode itself.

-- The value of a field, or NULL where it says \N.
CREATE OR REPLACE TEMPORARY FUNCTION known(field STRING) RETURNS STRING RETURN nullif(field, '\\N');

-- The lists that a field can hold; NULL where it says \N.
CREATE OR REPLACE TEMPORARY FUNCTION comma_list(field STRING) RETURNS ARRAY<STRING>
  RETURN split(known(field), ',', -1);
CREATE OR REPLACE TEMPORARY FUNCTION unit_list(field STRING) RETURNS ARRAY<STRING>
  RETURN split(known(field), '\u0002', -1);
CREATE OR REPLACE TEMPORARY FUNCTION json_list(field STRING) RETURNS ARRAY<STRING>
  RETURN from_json(known(field), 'ARRAY<STRING>');

-- Each item of a list with its position, from 1.
CREATE OR REPLACE TEMPORARY FUNCTION with_positions(list ARRAY<STRING>)
  RETURNS ARRAY<STRUCT<position: INT, value: STRING>>
  RETURN transform(list, (item, index) -> named_struct('position', index + 1, 'value', item));

-- Two lists side by side by position, as long as the longer one and at least one item long; NULL where a list has ended.
CREATE OR REPLACE TEMPORARY FUNCTION side_by_side(one ARRAY<STRING>, other ARRAY<STRING>)
  RETURNS ARRAY<STRUCT<position: INT, one: STRING, other: STRING>>
  RETURN transform(
    sequence(1, greatest(coalesce(size(one), 0), coalesce(size(other), 0), 1)),
    index -> named_struct('position', index, 'one', get(one, index - 1), 'other', get(other, index - 1))
  );
