import type { SessionEvent, SqlColumn, SqlMessage, SqlParameter } from '../session.ts';
import { ChunkEncoder } from './chunk-encoder.ts';
import { CutError } from './fault-actions.ts';
import type { MessageWriter } from './message-writer.ts';
import { olderColumns } from './older-clients.ts';
import { writeRow } from './row-writer.ts';
import {
  type Done,
  DoneStatus,
  DoneToken,
  writeColumns,
  writeDatabaseChange,
  writeDone,
  writeMessage,
  writeReturnStatus,
  writeReturnValue,
  writeTransactionChange,
} from './tokens.ts';

/** What a connection keeps between answers. */
export interface ConnectionState {
  readonly tdsVersion: number;
  database: string;
  /** Of the open transaction: 8 bytes, all zero when there is none. */
  transaction: Buffer;
  transactionCount: bigint;
}

/**
 * One answer: the events of a session as tokens. A DONE is held back until it is known whether more follows, because all but
 * the last say so (MS-TDS 2.2.7.6). In a procedure call statements end with DONEINPROC, and the call with DONEPROC.
 */
export class Response {
  readonly #out: MessageWriter;
  readonly #state: ConnectionState;
  #call: readonly SqlParameter[] | undefined;
  #columns: readonly SqlColumn[] = [];
  #heldDone: Done | undefined;
  #outputs: Extract<SessionEvent, { kind: 'output' }>[] = [];
  #status = 0;
  #failed = false;
  #rowsLeft = Number.POSITIVE_INFINITY;
  /** An error of class 20 or more was sent: the connection ends with this answer. */
  fatal = false;

  constructor(out: MessageWriter, state: ConnectionState) {
    this.#out = out;
    this.#state = state;
  }

  /** What follows answers a procedure call, whose parameters give outputs their place. */
  beginCall(parameters: readonly SqlParameter[]): void {
    this.#call = parameters;
  }

  /** Stops between two rows when `signal` fires. */
  async add(event: SessionEvent, signal: AbortSignal): Promise<void> {
    const { body } = this.#out;
    switch (event.kind) {
      case 'columns':
        this.#settle();
        this.#columns = olderColumns(event.columns, this.#state.tdsVersion);
        writeColumns(body, this.#columns);
        return;
      case 'chunk': {
        const encoder = new ChunkEncoder(this.#columns, event.chunk);
        for (let row = 0; row < encoder.rowCount && !signal.aborted; ) {
          const next = encoder.encode(body, row, Math.min(encoder.rowCount, row + this.#rowsLeft));
          await this.#sent(next - row);
          row = next;
        }
        return;
      }
      case 'rows':
        for (const row of event.rows) {
          if (signal.aborted) return;
          writeRow(body, this.#columns, row);
          await this.#sent(1);
        }
        return;
      case 'done':
        this.#settle();
        this.#hold(this.#call === undefined ? DoneToken.statement : DoneToken.inProcedure, event);
        return;
      case 'message':
        this.message(event.message);
        return;
      case 'database':
        this.#settle();
        writeDatabaseChange(body, event.name, this.#state.database);
        this.#state.database = event.name;
        return;
      case 'transaction':
        this.transaction(event.state);
        return;
      case 'output':
        this.#outputs.push(event);
        return;
      case 'return-status':
        this.#status = event.value;
        return;
    }
  }

  message(message: SqlMessage): void {
    this.#settle();
    if (message.class > 10) this.#failed = true;
    if (message.class >= 20) this.fatal = true;
    writeMessage(this.#out.body, message);
  }

  /** The statement was cancelled: what follows is the DONE of a failure. */
  fail(): void {
    this.#failed = true;
  }

  /** A fault: the connection ends after this many rows of the answer. */
  cutAfterRows(rows: number): void {
    this.#rowsLeft = rows;
  }

  /** A fault: the connection ends after this many bytes of the answer. */
  cutAfterBytes(bytes: number): void {
    this.#out.cutAfterBytes(bytes);
  }

  transaction(change: 'begun' | 'committed' | 'rolled-back'): void {
    const state = this.#state;
    this.#settle();
    if (change === 'begun') {
      state.transactionCount += 1n;
      state.transaction = Buffer.alloc(8);
      state.transaction.writeBigUInt64LE(state.transactionCount);
    }
    writeTransactionChange(this.#out.body, change, state.transaction);
    if (change !== 'begun') state.transaction = Buffer.alloc(8);
  }

  /** The end of one procedure call; others may follow in the same answer. */
  endCall(): void {
    const parameters = this.#call ?? [];
    this.#settle();
    writeReturnStatus(this.#out.body, this.#status);
    for (const [index, output] of this.#outputs.entries()) {
      writeReturnValue(this.#out.body, { ...output, ordinal: ordinalOf(output.name, index, parameters) });
    }
    this.#hold(DoneToken.procedure, {});
    this.#call = undefined;
    this.#outputs = [];
    this.#status = 0;
  }

  /** Ends the message. An answer that ended no statement, or failed outside one, still ends with a DONE. */
  async end(): Promise<void> {
    if (this.#heldDone === undefined || this.#failed) this.#hold(DoneToken.statement, {});
    this.#writeHeld(DoneStatus.final);
    await this.#out.end();
  }

  async #sent(rows: number): Promise<void> {
    this.#rowsLeft -= rows;
    if (this.#rowsLeft > 0) {
      await this.#out.flushIfFull();
    } else {
      await this.#out.flushAll();
      throw new CutError('after data');
    }
  }

  #hold(token: number, statement: Pick<Done, 'command' | 'rowCount'>): void {
    this.#settle();
    const { command, rowCount } = statement;
    this.#heldDone = {
      token,
      status: this.#failed ? DoneStatus.error : DoneStatus.final,
      ...(command === undefined ? {} : { command }),
      ...(rowCount === undefined ? {} : { rowCount }),
    };
    this.#failed = false;
  }

  /** More follows the DONE that is held back. */
  #settle(): void {
    this.#writeHeld(DoneStatus.more);
  }

  #writeHeld(status: number): void {
    if (this.#heldDone === undefined) return;
    writeDone(this.#out.body, { ...this.#heldDone, status: this.#heldDone.status | status });
    this.#heldDone = undefined;
  }
}

/** The place in the call of its output `index`: by name, or where parameters came without names, by their order. */
function ordinalOf(name: string, index: number, parameters: readonly SqlParameter[]): number {
  const named = parameters.findIndex(parameter => parameter.name.toLowerCase() === name.toLowerCase());
  if (named >= 0) return named;
  const outputs = parameters.flatMap(({ output }, place) => (output ? [place] : []));
  return outputs[index] ?? 0;
}
