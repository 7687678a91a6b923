-- What the SELECTs below this folder call by the same names on DuckDB and on Spark: here for DuckDB.

-- The value of a field, or NULL where it says \N.
CREATE OR REPLACE TEMPORARY MACRO known(field) AS nullif(field, '\N');

-- The lists that a field can hold; NULL where it says \N.
CREATE OR REPLACE TEMPORARY MACRO comma_list(field) AS string_split(known(field), ',');
CREATE OR REPLACE TEMPORARY MACRO unit_list(field) AS string_split(known(field), chr(2));
CREATE OR REPLACE TEMPORARY MACRO json_list(field) AS from_json(known(field), '["VARCHAR"]');

-- Each item of a list with its position, from 1.
CREATE OR REPLACE TEMPORARY MACRO with_positions(list) AS
  list_transform(list, lambda item, index: {'position': index, 'value': item});

-- Two lists side by side by position, as long as the longer one and at least one item long; NULL where a list has ended.
CREATE OR REPLACE TEMPORARY MACRO side_by_side(one, other) AS
  list_transform(
    range(1, greatest(coalesce(len(one), 0), coalesce(len(other), 0), 1) + 1),
    lambda index: {'position': index, 'one': one[index], 'other': other[index]}
  );

-- A row per item of a list.
CREATE OR REPLACE TEMPORARY MACRO explode(list) AS unnest(list);
