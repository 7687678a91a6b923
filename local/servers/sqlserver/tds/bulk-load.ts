/** Bulk load: a batch announces it, then one message carries the rows (MS-TDS 2.2.6.1). It may be of any length. */
import type { SessionEvent, SqlColumn, SqlSession, SqlValue } from '../session.ts';
import { ByteReader } from './byte-reader.ts';
import type { PacketStream } from './packet-stream.ts';
import { type Packet, PacketStatus } from './packets.ts';
import type { Operation } from './procedure-calls.ts';
import { ProtocolError, TruncatedError } from './protocol-error.ts';
import { readTypeInfo, type WireType } from './type-info.ts';
import { UnsupportedError } from './unsupported-error.ts';
import { readValue } from './values.ts';

/** Bytes gathered before rows are read from them; a row that needs more makes it twice as many. */
const GATHER_BYTES = 64 * 1024;

/** `insert bulk [dbo].[users]([name] nvarchar(50), …) with (…)`. */
export interface BulkStatement {
  readonly text: string;
  readonly table: string;
  readonly columnNames: readonly string[];
}

const NAME = String.raw`(?:\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|[^\s.,()"[\]]+)`;
const STATEMENT = new RegExp(String.raw`^\s*insert\s+bulk\s+(${NAME}?(?:\s*\.+\s*${NAME})*)\s*\(`, 'i');
/** A column's name and its type, whose parentheses may hold commas. */
const COLUMN = new RegExp(String.raw`\s*(${NAME})[^,()]*(?:\([^()]*\)[^,()]*)?([,)])`, 'y');

/** The statement that announces a bulk load; undefined for any other. */
export function readBulkStatement(text: string): BulkStatement | undefined {
  const head = STATEMENT.exec(text);
  if (head === null) return undefined;
  const columnNames: string[] = [];
  COLUMN.lastIndex = head[0].length;
  for (let match = COLUMN.exec(text); match !== null; match = COLUMN.exec(text)) {
    columnNames.push(unquoted(match[1] ?? ''));
    if (match[2] === ')') return { text, table: (head[1] ?? '').trim(), columnNames };
  }
  throw new UnsupportedError(`this INSERT BULK statement, whose column list does not end: ${text.slice(0, 200)}`);
}

function unquoted(name: string): string {
  if (name.startsWith('[')) return name.slice(1, -1).replaceAll(']]', ']');
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

const Token = { columns: 0x81, row: 0xd1, rowWithNullBitmap: 0xd2, done: 0xfd } as const;

/** Reads one bulk message while it arrives: its columns first, then its rows. */
export class BulkReader {
  readonly #packets: PacketStream;
  readonly #first: Packet;
  #lastStatus: number;
  #bytes: Buffer;
  #offset = 0;
  #wires: readonly WireType[] = [];
  /** What was wrong with the message, if anything: the connection cannot outlive it. */
  failure: ProtocolError | undefined;

  constructor(packets: PacketStream, first: Packet) {
    this.#packets = packets;
    this.#first = first;
    this.#lastStatus = first.status;
    this.#bytes = first.payload;
  }

  /** The client gave the load up: nothing of it may stay. */
  get abandoned(): boolean {
    return (this.#lastStatus & PacketStatus.ignore) !== 0;
  }

  /** @throws ProtocolError when the columns are not those that the statement announced */
  async columns({ columnNames }: BulkStatement): Promise<SqlColumn[]> {
    const columns = await this.#whenWhole(readColumns);
    this.#wires = columns.map(({ wire }) => wire);
    const names = columns.map(({ name }) => name);
    const agree = names.every((name, index) => name === '' || name.toLowerCase() === columnNames[index]?.toLowerCase());
    if (names.length !== columnNames.length || !agree) {
      throw this.#fail(new ProtocolError(`bulk columns (${names}) are not those announced (${columnNames})`));
    }
    return columns.map(({ wire, nullable }, index) => ({ name: columnNames[index] ?? '', type: wire.type, nullable }));
  }

  /** The rows, as many at a time as have arrived. @throws Error when the client gives the load up */
  async *rows(): AsyncGenerator<SqlValue[][]> {
    for (let ended = false; !ended; ) {
      const batch = await this.#whenWhole(reader => readRows(reader, this.#wires, this.#ended));
      ended = batch.ended;
      if (batch.rows.length > 0) yield batch.rows;
    }
    await this.skipRest();
    if (this.abandoned) throw new Error('the client gave the bulk load up');
  }

  /** Reads the message to its end, whatever it holds. */
  async skipRest(): Promise<void> {
    while (!this.#ended) await this.#receive();
    this.#bytes = Buffer.alloc(0);
    this.#offset = 0;
  }

  get #ended(): boolean {
    return (this.#lastStatus & PacketStatus.endOfMessage) !== 0;
  }

  /** Tries `read` until enough has arrived, each time with twice the bytes, so that a large row is not read too often. */
  async #whenWhole<T>(read: (reader: ByteReader) => T): Promise<T> {
    for (let wanted = GATHER_BYTES; ; wanted *= 2) {
      await this.#gather(wanted);
      if (this.abandoned) throw new Error('the client gave the bulk load up');
      const reader = new ByteReader(this.#bytes);
      reader.offset = this.#offset;
      try {
        const result = read(reader);
        this.#offset = reader.offset;
        return result;
      } catch (error) {
        if (error instanceof TruncatedError && !this.#ended) continue;
        throw error instanceof ProtocolError ? this.#fail(error) : error;
      }
    }
  }

  async #gather(wanted: number): Promise<void> {
    const parts = [this.#bytes.subarray(this.#offset)];
    let bytes = parts[0]?.length ?? 0;
    while (bytes < wanted && !this.#ended) {
      const payload = await this.#receive();
      parts.push(payload);
      bytes += payload.length;
    }
    this.#bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, bytes);
    this.#offset = 0;
  }

  async #receive(): Promise<Buffer> {
    const packet = await this.#packets.following(this.#first);
    this.#lastStatus = packet.status;
    return packet.payload;
  }

  #fail(error: ProtocolError): ProtocolError {
    this.failure = error;
    return error;
  }
}

interface BulkColumn {
  readonly name: string;
  readonly wire: WireType;
  readonly nullable: boolean;
}

function readColumns(reader: ByteReader): BulkColumn[] {
  const token = reader.u8();
  if (token !== Token.columns) throw new ProtocolError(`bulk data begins with token 0x${token.toString(16)}`);
  const columns: BulkColumn[] = [];
  for (let left = reader.u16(); left > 0; left -= 1) {
    reader.u32();
    const nullable = (reader.u16() & 1) !== 0;
    const wire = readTypeInfo(reader);
    // Columns of the old large types name their table, here without the count of its parts.
    if (wire.form === 'long') reader.longText();
    columns.push({ name: reader.shortText(), wire, nullable });
  }
  return columns;
}

/** The whole rows that are there; at least one, or the end. FreeTDS ends a `complete` message after a row, without DONE. */
function readRows(
  reader: ByteReader,
  wires: readonly WireType[],
  complete: boolean,
): { rows: SqlValue[][]; ended: boolean } {
  const rows: SqlValue[][] = [];
  for (;;) {
    const start = reader.offset;
    if (complete && reader.remaining === 0) return { rows, ended: true };
    try {
      const row = readRow(reader, wires);
      if (row === undefined) return { rows, ended: true };
      rows.push(row);
    } catch (error) {
      if (!(error instanceof TruncatedError) || rows.length === 0) throw error;
      reader.offset = start;
      return { rows, ended: false };
    }
  }
}

function readRow(reader: ByteReader, wires: readonly WireType[]): SqlValue[] | undefined {
  const token = reader.u8();
  switch (token) {
    case Token.row:
      return wires.map(wire => readValue(reader, wire, true));
    case Token.rowWithNullBitmap: {
      const nulls = reader.take(Math.ceil(wires.length / 8));
      return wires.map((wire, index) => {
        const isNull = ((nulls[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
        return isNull ? null : readValue(reader, wire, true);
      });
    }
    case Token.done:
      return undefined;
    default:
      throw new ProtocolError(`token 0x${token.toString(16)} among bulk rows`);
  }
}

/** A bulk load as an operation. Whatever becomes of it, the caller has to read the message to its end. */
export function bulkOperation(statement: BulkStatement, reader: BulkReader, session: SqlSession): Operation {
  return {
    text: statement.text,
    async *run(): AsyncIterable<SessionEvent> {
      if (session.bulkInsert === undefined) throw new UnsupportedError('bulk loads');
      const columns = await reader.columns(statement);
      const rowCount = await session.bulkInsert(statement.table, columns, reader.rows());
      yield { kind: 'done', command: 'insert', rowCount };
    },
  };
}
