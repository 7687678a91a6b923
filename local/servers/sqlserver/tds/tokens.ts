/** The tokens a server's answer is made of (MS-TDS 2.2.7). Each function appends one. */
import type { SessionEvent, SqlColumn, SqlMessage, SqlType, SqlValue } from '../session.ts';
import type { ByteWriter } from './byte-writer.ts';
import { COLLATION, wireTypeOf, writeTypeInfo } from './type-info.ts';
import { writeValue } from './values.ts';

/** The name that a server of this kind gives itself in messages and at login. */
const SERVER_NAME = 'localhost';
const PROGRAM_NAME = 'Microsoft SQL Server';

/** The end of a statement in a batch, of a procedure call, and of a statement inside one. */
export const DoneToken = { statement: 0xfd, procedure: 0xfe, inProcedure: 0xff } as const;

/** Bits of a DONE's status (MS-TDS 2.2.7.6). */
export const DoneStatus = { final: 0, more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;

const COMMANDS = { select: 0xc1, insert: 0xc3, delete: 0xc4, update: 0xc5, other: 0 } as const;

/** A DONE; without `rowCount` it counts nothing. */
export interface Done {
  readonly token: number;
  readonly status: number;
  readonly command?: Extract<SessionEvent, { kind: 'done' }>['command'];
  readonly rowCount?: number;
}

/** DONE, DONEPROC or DONEINPROC. */
export function writeDone(writer: ByteWriter, done: Done): void {
  const counted = done.rowCount === undefined ? 0 : DoneStatus.count;
  writer
    .u8(done.token)
    .u16(done.status | counted)
    .u16(COMMANDS[done.command ?? 'other']);
  writer.u64(BigInt(done.rowCount ?? 0));
}

/** ERROR for class 11 and up, INFO below. */
export function writeMessage(writer: ByteWriter, message: SqlMessage): void {
  writer.u8(message.class > 10 ? 0xaa : 0xab).sized16(body => {
    body.i32(message.number).u8(message.state).u8(message.class).longText(message.message);
    body
      .shortText(SERVER_NAME)
      .shortText(message.procedure ?? '')
      .u32(message.line ?? 1);
  });
}

const COLUMN_NULLABLE = 0x01;
const COLUMN_UPDATABLE = 0x08;
const COLUMN_IDENTITY = 0x10;

/** COLMETADATA: the columns of the rows that follow. */
export function writeColumns(writer: ByteWriter, columns: readonly SqlColumn[]): void {
  writer.u8(0x81).u16(columns.length);
  for (const column of columns) {
    const flags =
      COLUMN_UPDATABLE | (column.nullable ? COLUMN_NULLABLE : 0) | (column.identity === true ? COLUMN_IDENTITY : 0);
    writer.u32(0).u16(flags);
    writeTypeInfo(writer, column.type);
    // Columns of the old large types name their table; in one part, and empty, satisfies every client.
    if (wireTypeOf(column.type).form === 'long') writer.u8(1).longText('');
    writer.shortText(column.name);
  }
}

/** Begins a row whose values all follow, nulls included. */
export const ROW_TOKEN = 0xd1;

/** RETURNSTATUS: what a procedure's RETURN gave. */
export function writeReturnStatus(writer: ByteWriter, status: number): void {
  writer.u8(0x79).i32(status);
}

/** An output parameter; `ordinal` is its place in the call. */
export function writeReturnValue(
  writer: ByteWriter,
  output: { readonly ordinal: number; readonly name: string; readonly type: SqlType; readonly value: SqlValue },
): void {
  writer.u8(0xac).u16(output.ordinal).shortText(output.name).u8(1).u32(0).u16(COLUMN_NULLABLE);
  writeTypeInfo(writer, output.type);
  writeValue(writer, wireTypeOf(output.type), output.value);
}

const EnvChange = {
  database: 1,
  language: 2,
  packetSize: 4,
  collation: 7,
  begin: 8,
  commit: 9,
  rollback: 10,
  reset: 18,
} as const;

function writeEnvText(writer: ByteWriter, type: number, now: string, before: string): void {
  writer.u8(0xe3).sized16(body => {
    body.u8(type).shortText(now).shortText(before);
  });
}

function writeEnvBytes(writer: ByteWriter, type: number, now: Uint8Array, before: Uint8Array): void {
  writer.u8(0xe3).sized16(body => {
    body.u8(type).u8(now.length).raw(now).u8(before.length).raw(before);
  });
}

/** ENVCHANGE: the session now uses another database. */
export function writeDatabaseChange(writer: ByteWriter, now: string, before: string): void {
  writeEnvText(writer, EnvChange.database, now, before);
}

/** ENVCHANGE: the size of packets from the next message on, in bytes. */
export function writePacketSizeChange(writer: ByteWriter, now: number, before: number): void {
  writeEnvText(writer, EnvChange.packetSize, String(now), String(before));
}

/** ENVCHANGE: the language of messages. */
export function writeLanguage(writer: ByteWriter): void {
  writeEnvText(writer, EnvChange.language, 'us_english', '');
}

/** ENVCHANGE: the collation in which the client encodes `varchar` parameters. */
export function writeCollation(writer: ByteWriter): void {
  writeEnvBytes(writer, EnvChange.collation, COLLATION, Buffer.alloc(0));
}

/** ENVCHANGE: the connection was reset as asked. */
export function writeResetDone(writer: ByteWriter): void {
  writeEnvBytes(writer, EnvChange.reset, Buffer.alloc(0), Buffer.alloc(0));
}

/** A transaction begun, or the end of the one with this descriptor. */
export function writeTransactionChange(
  writer: ByteWriter,
  state: 'begun' | 'committed' | 'rolled-back',
  descriptor: Uint8Array,
): void {
  const none = Buffer.alloc(0);
  if (state === 'begun') writeEnvBytes(writer, EnvChange.begin, descriptor, none);
  else writeEnvBytes(writer, state === 'committed' ? EnvChange.commit : EnvChange.rollback, none, descriptor);
}

/** LOGINACK; the version is big-endian here, and only here. */
export function writeLoginAck(writer: ByteWriter, tdsVersion: number): void {
  writer.u8(0xad).sized16(body => {
    const version = Buffer.alloc(4);
    version.writeUInt32BE(tdsVersion);
    body.u8(1).raw(version).shortText(PROGRAM_NAME).raw(SERVER_VERSION);
  });
}

/** Major, minor and build (big-endian) of the version that this server claims: SQL Server 2022. */
export const SERVER_VERSION = Buffer.of(16, 0, 0x10, 0x00);

/** FEATUREEXTACK: which of the client's extensions the server takes up. */
export function writeFeatureAcks(writer: ByteWriter, features: readonly { id: number; data: Uint8Array }[]): void {
  writer.u8(0xae);
  for (const { id, data } of features) writer.u8(id).u32(data.length).raw(data);
  writer.u8(0xff);
}

/** FEDAUTHINFO: where the client gets a token (1) and for whom (2). */
export function writeFedAuthInfo(writer: ByteWriter, authority: string, resource: string): void {
  const texts = [authority, resource].map(text => Buffer.from(text, 'utf16le'));
  const headerBytes = 4 + texts.length * 9;
  writer
    .u8(0xee)
    .u32(headerBytes + texts.reduce((sum, text) => sum + text.length, 0))
    .u32(texts.length);
  let offset = headerBytes;
  for (const [index, text] of texts.entries()) {
    writer
      .u8(index + 1)
      .u32(text.length)
      .u32(offset);
    offset += text.length;
  }
  for (const text of texts) writer.raw(text);
}
