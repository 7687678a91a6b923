"""One text per row, the same as canonical-rows.ts makes, so that rows can be compared across languages."""

import datetime
import decimal
import hashlib
import json
import struct


def digest(rows):
    """How many rows there are, and a SHA-256 that depends on every value but not on the order of the rows."""
    texts = [json.dumps([canonical(value) for value in row], ensure_ascii=False, separators=(",", ":")) for row in rows]
    hashes = sorted(hashlib.sha256(text.encode()).digest() for text in texts)
    return {"rows": len(hashes), "sha256": hashlib.sha256(b"".join(hashes)).hexdigest()}


def canonical(value):
    """NULL stays apart from every text; instants are UTC with microseconds, floats and binary their bytes in hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        # Spark's are without a zone, in that of the process, which runs in UTC.
        utc = value if value.tzinfo is None else value.astimezone(datetime.timezone.utc)
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"no canonical text for {type(value).__name__} {value!r}")
