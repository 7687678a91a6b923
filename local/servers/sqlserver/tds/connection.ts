import type { Socket } from 'node:net';
import type { FaultTable } from '../../../faults.ts';
import type { SqlEngine } from '../session.ts';
import { BulkReader, type BulkStatement, bulkOperation, readBulkStatement } from './bulk-load.ts';
import { CutError } from './fault-actions.ts';
import { type Client, logIn } from './handshake.ts';
import { ClientGoneError } from './message-writer.ts';
import type { Message } from './packet-stream.ts';
import { type Packet, PacketStatus, PacketType } from './packets.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { callOperation, type Operation } from './procedure-calls.ts';
import { ProtocolError } from './protocol-error.ts';
import { readBatch, readCalls, readTransactionRequest } from './requests.ts';
import { type ConnectionState, Response } from './response.ts';
import { runOperation, sqlMessageOf } from './run-operation.ts';
import type { ServerCertificate } from './tls-channel.ts';
import { DoneStatus, DoneToken, writeDone, writeResetDone } from './tokens.ts';
import { transactionOperation } from './transactions.ts';

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly engine: SqlEngine;
  readonly tls: ServerCertificate | undefined;
  readonly faults: FaultTable;
  readonly log: (line: string) => void;
}

/** The largest request held in memory. Bulk loads are not held: their rows pass through. */
const MAX_REQUEST_BYTES = 256 * 1024 * 1024;
/** Somebody who has not logged in by then is not going to. */
const LOGIN_TIMEOUT_MS = 30_000;

/** Serves one client from its first byte to its last. Never rejects: what goes wrong is logged, and ends this client only. */
export async function serveConnection(socket: Socket, context: ConnectionContext): Promise<void> {
  const peer = `${socket.remoteAddress}:${socket.remotePort}`;
  // Every reader hears of an error through 'close' as well; without a listener Node would end the process.
  socket.on('error', () => undefined);
  const patience = setTimeout(() => socket.destroy(), LOGIN_TIMEOUT_MS);
  let client: Client | undefined;
  try {
    client = await logIn(socket, context);
    clearTimeout(patience);
    if (client !== undefined) {
      await answerRequests(client, context);
      await client.out.close();
    }
  } catch (error) {
    if (error instanceof CutError) {
      if (error.when === 'at once') socket.resetAndDestroy();
      else await client?.out.close();
    } else if (!(error instanceof ClientGoneError)) {
      const reason = error instanceof ProtocolError ? error.message : String((error as Error).stack ?? error);
      context.log(`sqlserver: closed the connection from ${peer}: ${reason}`);
    }
  } finally {
    clearTimeout(patience);
    socket.destroySoon();
    await client?.session.close();
  }
}

async function answerRequests(client: Client, context: ConnectionContext): Promise<void> {
  const { packets, out, session } = client;
  const state: ConnectionState = {
    tdsVersion: client.tdsVersion,
    database: session.database,
    transaction: Buffer.alloc(8),
    transactionCount: 0n,
  };
  const memory: ConnectionMemory = { prepared: new PreparedStatements(), bulk: undefined };
  for (;;) {
    const first = await packets.next();
    if (first === undefined) return;
    if (first.type === PacketType.attention) {
      await acknowledgeAttention(client);
      continue;
    }
    const response = new Response(out, state);
    const exchange = { client, context, memory, response };
    if (first.type === PacketType.bulkLoad) await answerBulkLoad(first, exchange);
    else await answerRequest(await packets.collect(first, MAX_REQUEST_BYTES), exchange);
    if (response.fatal) return;
  }
}

/** What later requests refer to. */
interface ConnectionMemory {
  readonly prepared: PreparedStatements;
  /** The bulk load announced by the last batch. */
  bulk: BulkStatement | undefined;
}

interface Exchange {
  readonly client: Client;
  readonly context: ConnectionContext;
  readonly memory: ConnectionMemory;
  readonly response: Response;
}

async function answerRequest(message: Message, exchange: Exchange): Promise<void> {
  const { client, response } = exchange;
  const cancel = new AbortController();
  let attention = false;
  const listening = client.packets.listen(reason => {
    attention ||= reason === 'attention';
    cancel.abort();
  });
  try {
    if (!message.ignored) {
      await resetIfAsked(message, exchange);
      await runRequest(message, exchange, cancel.signal);
    }
    await response.end();
  } finally {
    listening.release();
  }
  if (attention) await acknowledgeAttention(client);
}

async function runRequest(message: Message, exchange: Exchange, signal: AbortSignal): Promise<void> {
  const { client, context, memory, response } = exchange;
  const { session } = client;
  const run = (operation: Operation) => runOperation(operation, { session, faults: context.faults, response, signal });
  try {
    switch (message.type) {
      case PacketType.batch: {
        const text = readBatch(message.body);
        memory.bulk = readBulkStatement(text);
        if (memory.bulk === undefined) await run({ text, run: () => session.batch(text, [], signal) });
        return;
      }
      case PacketType.transactionManager:
        await run(transactionOperation(readTransactionRequest(message.body), session));
        return;
      case PacketType.rpc:
        for (const call of readCalls(message.body)) {
          if (signal.aborted) return;
          response.beginCall(call.parameters);
          await run(callOperation(call, session, memory.prepared));
          response.endCall();
        }
        return;
      default:
        throw new ProtocolError(`message type ${message.type} in a connection that is logged in`);
    }
  } catch (error) {
    if (isOfConnection(error)) throw error;
    response.message(sqlMessageOf(error));
  }
}

/** Rows of the load that the batch before announced. They are read to the end even when they cannot be used. */
async function answerBulkLoad(first: Packet, { client, context, memory, response }: Exchange): Promise<void> {
  const { packets, session } = client;
  const statement = memory.bulk;
  memory.bulk = undefined;
  if (statement === undefined) throw new ProtocolError('bulk data without an INSERT BULK statement before it');
  const reader = new BulkReader(packets, first);
  const { signal } = new AbortController();
  await runOperation(bulkOperation(statement, reader, session), { session, faults: context.faults, response, signal });
  if (reader.failure !== undefined) throw reader.failure;
  await reader.skipRest();
  await response.end();
}

/** Errors that end the connection; any other ends the request alone. */
function isOfConnection(error: unknown): boolean {
  return error instanceof ProtocolError || error instanceof ClientGoneError || error instanceof CutError;
}

/** A pool hands out a used connection: the first request of its new owner asks for a clean one. */
async function resetIfAsked(message: Message, { client, memory }: Exchange): Promise<void> {
  const { resetConnection, resetConnectionKeepTransaction } = PacketStatus;
  if ((message.status & (resetConnection | resetConnectionKeepTransaction)) === 0) return;
  await client.session.reset();
  memory.prepared.clear();
  writeResetDone(client.out.body);
}

/** The answer to an attention is a message of its own, after that of the request it cancelled (MS-TDS 2.2.1.7). */
async function acknowledgeAttention({ out }: Client): Promise<void> {
  writeDone(out.body, { token: DoneToken.statement, status: DoneStatus.attention });
  await out.end();
}
