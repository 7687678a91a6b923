/** What a client asks once it is logged in, read from whole messages (MS-TDS 2.2.6.6 to 2.2.6.9). */
import type { IsolationLevel, SqlParameter } from '../session.ts';
import { ByteReader } from './byte-reader.ts';
import { ProtocolError } from './protocol-error.ts';
import { readTypeInfo } from './type-info.ts';
import { readValue } from './values.ts';

/** The SQL text of a batch. */
export function readBatch(body: Buffer): string {
  const reader = new ByteReader(body);
  skipHeaders(reader);
  return reader.ucs2(Math.floor(reader.remaining / 2));
}

/** One call of an RPC message; numbered procedures by their name. */
export interface ProcedureCall {
  readonly procedure: string;
  readonly parameters: readonly SqlParameter[];
}

/** Procedures that have a number instead of a name. */
const NUMBERED: Readonly<Record<number, string>> = {
  1: 'sp_cursor',
  2: 'sp_cursoropen',
  3: 'sp_cursorprepare',
  4: 'sp_cursorexecute',
  5: 'sp_cursorprepexec',
  6: 'sp_cursorunprepare',
  7: 'sp_cursorfetch',
  8: 'sp_cursoroption',
  9: 'sp_cursorclose',
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  14: 'sp_prepexecrpc',
  15: 'sp_unprepare',
};

const BY_NUMBER = 0xffff;
/** Separates calls in one message: BatchFlag, and NoExecFlag for those that are only described. */
const SEPARATORS: ReadonlySet<number> = new Set([0xff, 0xfe]);
const PARAMETER_OUTPUT = 0x01;

/** The calls of an RPC message, one as a rule. @throws ProtocolError, UnsupportedError */
export function readCalls(body: Buffer): ProcedureCall[] {
  const reader = new ByteReader(body);
  skipHeaders(reader);
  const calls: ProcedureCall[] = [];
  while (reader.remaining > 0) {
    const procedure = readProcedure(reader);
    reader.u16();
    const parameters: SqlParameter[] = [];
    while (reader.remaining > 0 && !SEPARATORS.has(reader.bytes.readUInt8(reader.offset))) {
      parameters.push(readParameter(reader));
    }
    calls.push({ procedure, parameters });
    if (reader.remaining > 0) reader.u8();
  }
  if (calls.length === 0) throw new ProtocolError('a procedure call without a procedure');
  return calls;
}

function readProcedure(reader: ByteReader): string {
  const length = reader.u16();
  if (length !== BY_NUMBER) return reader.ucs2(length);
  const number = reader.u16();
  const name = NUMBERED[number];
  if (name === undefined) throw new ProtocolError(`no procedure has the number ${number}`);
  return name;
}

function readParameter(reader: ByteReader): SqlParameter {
  const name = reader.shortText();
  const output = (reader.u8() & PARAMETER_OUTPUT) !== 0;
  const wire = readTypeInfo(reader);
  return { name, type: wire.type, value: readValue(reader, wire), output };
}

/** What a driver's own transaction calls ask for. */
export type TransactionRequest =
  | { readonly kind: 'begin'; readonly isolation: IsolationLevel; readonly name: string }
  /** `thenBegin` opens the next transaction at once. */
  | { readonly kind: 'commit' | 'rollback'; readonly name: string; readonly thenBegin: IsolationLevel | undefined }
  | { readonly kind: 'save'; readonly name: string };

const ISOLATION: readonly IsolationLevel[] = [
  // 0 keeps the level in force, which is this one unless SET changed it.
  'read committed',
  'read uncommitted',
  'read committed',
  'repeatable read',
  'serializable',
  'snapshot',
];

/** A transaction manager request (MS-TDS 2.2.6.9). @throws ProtocolError on distributed transactions too */
export function readTransactionRequest(body: Buffer): TransactionRequest {
  const reader = new ByteReader(body);
  skipHeaders(reader);
  const request = reader.u16();
  switch (request) {
    case 5:
      return { kind: 'begin', isolation: readIsolation(reader), name: readName(reader) };
    case 7:
    case 8: {
      const name = readName(reader);
      const beginsAnother = (reader.u8() & 1) !== 0;
      const thenBegin = beginsAnother ? readIsolation(reader) : undefined;
      return { kind: request === 7 ? 'commit' : 'rollback', name, thenBegin };
    }
    case 9:
      return { kind: 'save', name: readName(reader) };
    default:
      throw new ProtocolError(
        `transaction manager request ${request} is not supported: distributed transactions are not`,
      );
  }
}

function readIsolation(reader: ByteReader): IsolationLevel {
  const number = reader.u8();
  const level = ISOLATION[number];
  if (level === undefined) throw new ProtocolError(`isolation level ${number} does not exist`);
  return level;
}

/** Here a name's length is in bytes. */
function readName(reader: ByteReader): string {
  return reader.take(reader.u8()).toString('utf16le');
}

/** ALL_HEADERS: the transaction descriptor and the like, which one connection with one transaction does not need. */
function skipHeaders(reader: ByteReader): void {
  const length = reader.u32();
  if (length < 4) throw new ProtocolError(`headers of ${length} bytes`);
  reader.take(length - 4);
}
