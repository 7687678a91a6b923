"""Rows with every type a Delta table of ours may meet, edges included; the last column is for partitions and hostile."""

import datetime
import decimal

columns = (
    ("id", "int"), ("yes", "boolean"), ("tiny", "tinyint"), ("small", "smallint"), ("big", "bigint"), ("real", "float"),
    ("exact", "double"), ("price", "decimal(20,4)"), ("day", "date"), ("moment", "timestamp"), ("bytes", "binary"),
    ("text", "string"), ("part", "string"),
)

_day = datetime.date
_moment = datetime.datetime

rows = [
    (1, True, 127, 32767, 2**63 - 1, 0.5, 0.1, decimal.Decimal("9999999999999999.9999"), _day(9999, 12, 31),
     _moment(2262, 4, 11, 23, 47, 16, 854775), b"\x00\xff", "nul\x00inside", "a b"),
    (2, False, -128, -32768, -(2**63), -1.5, 1e300, decimal.Decimal("-0.0001"), _day(1900, 1, 1),
     _moment(1969, 12, 31, 23, 59, 59, 999999), b"", "", "c/d%2Fe"),
    (3, None, None, None, None, None, None, None, None, None, None, None, None),
    (4, True, 0, 0, 0, float("nan"), float("inf"), decimal.Decimal("0.0000"), _day(1970, 1, 1),
     _moment(1970, 1, 1), b"a", 'said "yes",\r\nthen 👩‍👩‍👧‍👦', "ü=&?#':🎬"),
    (5, False, 1, 1, 1, -0.0, 5e-324, decimal.Decimal("1.5000"), _day(2000, 2, 29),
     _moment(2000, 2, 29, 12, 0, 0, 1), b"\n", "x" * 1_000_000, "a b"),
]
