/**
 * Rows as bronze CSV: RFC 4180 with a header line, in UTF-8 without a byte-order mark.
 *
 * - NULL is an empty field, the empty string is `""`. A row of one NULL column is therefore an empty line, and counts.
 * - A field is quoted when it holds a quote, comma, CR or LF, or begins or ends with a blank or control character.
 *   Quotes are doubled. Everything else, a leading `=` included, is written as it is: bronze keeps values, it does not judge them.
 * - Records end in LF. RFC 4180 says CRLF, but then Spark's reader makes LF of a CRLF inside quotes, and the value has changed on its
 *   way into silver. With LF, DuckDB (see `duckdbCsvOptions`), Python and Spark read the same values; Spark wants `multiLine`,
 *   `escape` set to the quote, `lineSep` to LF and `nullValue` to a text that does not occur, or it takes the empty string for NULL.
 * - Text that is not Unicode (a lone surrogate) has no UTF-8 form and becomes U+FFFD.
 */
import { PermanentError } from '../errors.ts';

export interface CsvEncoder {
  /** The header line. */
  header(): Uint8Array;
  /**
   * The rows as bytes that belong to the caller; a thousand or so rows a call is fastest. A cell holds what `mssql` delivers once
   * the query has cast every inexact type to text: string, number (its shortest text that reads back the same), bigint, boolean
   * (1 or 0), bytes (`0x` and upper-case hex, as SQL Server prints them), null or undefined.
   *
   * @throws PermanentError for a value of another type, a row of another width, or a line longer than `maxCsvLineBytes`
   */
  encode(rows: readonly (readonly unknown[])[]): Uint8Array;
}

/** The longest line that readers are told to expect, and so the longest the encoder writes. */
export const maxCsvLineBytes = 16 * 1024 * 1024;

/**
 * The options that make DuckDB read these files back exactly, every column as VARCHAR under the given names (which replace the
 * header's, by position): `read_csv('…', ${duckdbCsvOptions(columns)})`.
 *
 * Nothing is left to the sniffer. `parallel` is off because a scanner that starts in the middle of a file can take a quoted
 * line for a record; the buffer is as small as the longest line allows, or DuckDB would reserve 32 times that.
 */
export function duckdbCsvOptions(columns: readonly string[]): string {
  const types = columns.map(column => `'${column.replaceAll("'", "''")}': 'VARCHAR'`);
  return [
    'auto_detect = false',
    'header = true',
    `columns = {${types.join(', ')}}`,
    `delim = ','`,
    `quote = '"'`,
    `escape = '"'`,
    `new_line = '\\n'`,
    `nullstr = ''`,
    'allow_quoted_nulls = false',
    'parallel = false',
    `max_line_size = ${maxCsvLineBytes}`,
    `buffer_size = ${maxCsvLineBytes}`,
  ].join(', ');
}

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blank = 0x20;
const digitZero = 0x30;

/** Up to this length a loop over the characters beats a call into the runtime's UTF-8 writer. */
const longText = 64;
/** Room that stays free after every field, for the separator that follows. */
const spare = 1;
/** Room for an integer of 32 bits. */
const digits = 10;
const initialBytes = 256 * 1024;

/** An encoder for rows of these columns, in this order. It keeps one growing buffer, so one encoder serves one stream. */
export function csvEncoder(columns: readonly string[]): CsvEncoder {
  let buffer = Buffer.allocUnsafe(initialBytes);

  function reserve(at: number, room: number): void {
    if (at + room <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + room));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }

  // The write position travels as argument and result: as a variable of the closure it cost a third of the speed.
  function writeRow(row: readonly unknown[], start: number): number {
    if (row.length !== columns.length) {
      throw new PermanentError(
        `CSV row has ${row.length} values for ${columns.length} columns (${columns.join(', ')})`,
      );
    }
    let at = start;
    for (let column = 0; column < row.length; column++) {
      if (column > 0) buffer[at++] = comma;
      const value = row[column];
      if (value === null || value === undefined) {
        reserve(at, spare);
      } else if (typeof value === 'number' && value === (value | 0) && value >= 0) {
        reserve(at, digits + spare);
        at = writeInteger(buffer, at, value);
      } else if (typeof value === 'boolean') {
        reserve(at, digits + spare);
        buffer[at++] = digitZero + Number(value);
      } else {
        const text = typeof value === 'string' ? value : textOf(value, columns[column]);
        // A UTF-16 unit takes three bytes at most, a doubled quote two; and the two enclosing quotes.
        reserve(at, text.length * 3 + 2 + spare);
        at = writeText(buffer, at, text);
      }
    }
    buffer[at++] = lineFeed;
    if (at - start > maxCsvLineBytes) {
      throw new PermanentError(
        `CSV line of ${at - start} bytes, expected at most ${maxCsvLineBytes}: the row with ${columns[0]} = ${String(row[0]).slice(0, 40)}`,
      );
    }
    return at;
  }

  function encode(rows: readonly (readonly unknown[])[]): Uint8Array {
    let at = 0;
    for (const row of rows) at = writeRow(row, at);
    return Buffer.from(buffer.subarray(0, at));
  }

  return { header: () => encode([columns]), encode };
}

/** Writes the field and gives the position after it; the buffer has room for it. */
function writeText(buffer: Buffer, start: number, text: string): number {
  const { length } = text;
  if (length === 0 || length > longText) return writeAnyText(buffer, start, text);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    // A blank matters at the edges only; which blanks do is not this loop's business.
    if (code > 0x7f || (code <= comma && (isSyntax(code) || index === 0 || index === length - 1))) {
      return writeAnyText(buffer, start, text);
    }
    buffer[start + index] = code;
  }
  return start + length;
}

function writeAnyText(buffer: Buffer, start: number, text: string): number {
  if (!hasBareEdge(text) && !/[",\r\n]/.test(text)) return start + buffer.write(text, start);
  buffer[start] = quote;
  const end = start + 1 + buffer.write(text.replaceAll('"', '""'), start + 1);
  buffer[end] = quote;
  return end + 1;
}

function isSyntax(code: number): boolean {
  return code === comma || code === quote || code === lineFeed || code === carriageReturn;
}

/** Whether the text is empty, or begins or ends with what a reader might trim. */
function hasBareEdge(text: string): boolean {
  return text === '' || text.charCodeAt(0) <= blank || text.charCodeAt(text.length - 1) <= blank;
}

/** A whole number from 0 to 2^31 - 1. */
function writeInteger(buffer: Buffer, start: number, value: number): number {
  let end = start + 1;
  for (let bound = 10; bound <= value; bound *= 10) end++;
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const tens = (rest / 10) | 0;
    buffer[at] = digitZero + rest - tens * 10;
    rest = tens;
  }
  return end;
}

function textOf(value: unknown, column: string | undefined): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex').toUpperCase()}`;
  const kind = value instanceof Date ? 'Date, which has lost everything below the millisecond' : typeof value;
  throw new PermanentError(`CSV column "${column}" holds a value of type ${kind}: cast it to varchar in the query`);
}
