/** From a fresh socket to a logged-in session: PRELOGIN, TLS, LOGIN7, tokens (MS-TDS 3.3.5). */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultPhase, FaultTable } from '../../../faults.ts';
import { SqlLoginError, type SqlSession } from '../session.ts';
import type { ConnectionContext } from './connection.ts';
import { CutError, faultMessage } from './fault-actions.ts';
import { type Login, readFedAuthToken, readLogin, TdsVersion, tokenUser } from './login.ts';
import { MessageWriter } from './message-writer.ts';
import { type Message, PacketStream } from './packet-stream.ts';
import { MAX_PACKET_BYTES, MIN_PACKET_BYTES, PacketType } from './packets.ts';
import { agreeEncryption, type Encryption, preloginReply, readPrelogin } from './prelogin.ts';
import { ProtocolError } from './protocol-error.ts';
import { secureInsideTds, secureOutside, TlsChannel } from './tls-channel.ts';
import {
  DoneStatus,
  DoneToken,
  writeCollation,
  writeDatabaseChange,
  writeDone,
  writeFeatureAcks,
  writeFedAuthInfo,
  writeLanguage,
  writeLoginAck,
  writeMessage,
  writePacketSizeChange,
} from './tokens.ts';

/** The largest message that is read from somebody who has not logged in: the limit that MS-TDS sets for LOGIN7. */
const MAX_LOGIN_BYTES = 128 * 1024;
const DEFAULT_PACKET_BYTES = 4096;
const TLS_HANDSHAKE_BYTE = 0x16;

/** A client that is logged in: where it is read, where it is written, and its session. */
export interface Client {
  readonly packets: PacketStream;
  readonly out: MessageWriter;
  readonly session: SqlSession;
  readonly tdsVersion: number;
}

/** Undefined when the login was refused (and the client told), or the client left without a word. */
export async function logIn(socket: Socket, context: ConnectionContext): Promise<Client | undefined> {
  const firstByte = await peek(socket);
  if (firstByte === undefined) return undefined;
  const strict = firstByte === TLS_HANDSHAKE_BYTE && context.tls !== undefined;
  const stream = strict && context.tls !== undefined ? await secureOutside(socket, context.tls) : socket;
  const opening = await negotiate(socket, stream, strict, context);
  if (opening === undefined) return undefined;
  const { packets, out, message, encrypted } = opening;
  if (message.type !== PacketType.login) throw new ProtocolError(`message type ${message.type} where a login was due`);
  const login = readLogin(message.body);
  if (login.tdsVersion < TdsVersion.v72) {
    throw new ProtocolError(`TDS version ${login.tdsVersion.toString(16)} is older than 7.2, the oldest supported`);
  }
  const session = await openSession(login, { packets, out, encrypted }, context);
  if (session === undefined) return undefined;
  out.spid = session.spid;
  const wanted = login.packetBytes || DEFAULT_PACKET_BYTES;
  const packetBytes = Math.min(Math.max(wanted, MIN_PACKET_BYTES), MAX_PACKET_BYTES);
  try {
    welcome(out, login, session, packetBytes);
    await out.end();
  } catch (error) {
    await session.close();
    throw error;
  }
  out.packetBytes = packetBytes;
  return { packets, out, session, tdsVersion: login.tdsVersion };
}

/** The first byte, left in place: it tells TLS from TDS. */
async function peek(socket: Socket): Promise<number | undefined> {
  const head = await new Promise<Buffer | null>(resolve => {
    const settle = () => resolve(socket.read(1) as Buffer | null);
    socket.once('readable', settle);
    socket.once('close', () => resolve(null));
  });
  if (head === null) return undefined;
  socket.unshift(head);
  return head[0];
}

interface Opening {
  readonly packets: PacketStream;
  readonly out: MessageWriter;
  readonly message: Message;
  readonly encrypted: boolean;
}

/** PRELOGIN and TLS, up to the message that follows them. Very old drivers skip both. */
async function negotiate(
  socket: Socket,
  stream: Duplex,
  strict: boolean,
  context: ConnectionContext,
): Promise<Opening | undefined> {
  const packets = new PacketStream(stream);
  const out = new MessageWriter(stream);
  const first = await readMessage(packets);
  if (first?.type !== PacketType.prelogin) return first && { packets, out, message: first, encrypted: strict };
  const prelogin = readPrelogin(first.body);
  const encryption: Encryption = strict ? 'none' : agreeEncryption(prelogin.encryption, context.tls !== undefined);
  out.body.raw(preloginReply(encryption, prelogin.asksFedAuth));
  await out.end();
  if (encryption === 'none' || context.tls === undefined) {
    const message = await readMessage(packets);
    return message && { packets, out, message, encrypted: strict };
  }
  packets.detach();
  const channel = new TlsChannel(socket);
  const secured = await secureInsideTds(channel, context.tls);
  out.moveTo(secured);
  const securedPackets = new PacketStream(secured);
  const message = await readMessage(securedPackets);
  if (message === undefined) return undefined;
  if (encryption === 'full') return { packets: securedPackets, out, message, encrypted: true };
  // Only the login was secret: from here on in clear.
  securedPackets.detach();
  channel.release();
  out.moveTo(socket);
  return { packets: new PacketStream(socket), out, message, encrypted: true };
}

async function readMessage(packets: PacketStream): Promise<Message | undefined> {
  const packet = await packets.next();
  return packet && (await packets.collect(packet, MAX_LOGIN_BYTES));
}

async function openSession(
  login: Login,
  { packets, out, encrypted }: Pick<Opening, 'packets' | 'out' | 'encrypted'>,
  { engine, faults }: ConnectionContext,
): Promise<SqlSession | undefined> {
  try {
    const { user, password } = await identify(login, packets, out, encrypted);
    await meetFault(user, 'before', faults);
    const session = await engine.open({ user, password, database: login.database });
    try {
      await meetFault(user, 'after', faults);
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  } catch (error) {
    if (!(error instanceof SqlLoginError)) throw error;
    writeMessage(out.body, error.sql);
    writeDone(out.body, { token: DoneToken.statement, status: DoneStatus.error });
    await out.end();
    await out.close();
    return undefined;
  }
}

/** Carries out the fault that waits at this login, if any. @throws CutError, SqlLoginError */
async function meetFault(user: string, phase: FaultPhase, faults: FaultTable): Promise<void> {
  const fault = await faults.reach('sqlserver', `LOGIN ${user}`, phase);
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'reset') throw new CutError('at once');
  if (fault?.kind === 'sql-error') throw new SqlLoginError(faultMessage(fault, `Login failed for user '${user}'.`));
}

/** Who logs in. An Entra token names its user and serves as the password. @throws SqlLoginError */
async function identify(
  { credentials }: Login,
  packets: PacketStream,
  out: MessageWriter,
  encrypted: boolean,
): Promise<{ user: string; password: string }> {
  switch (credentials.kind) {
    case 'password':
      return credentials;
    case 'windows':
      throw refused(18452, 'Login failed. The local SQL Server knows SQL logins and Entra tokens, not Windows logins.');
    case 'token':
    case 'token-later': {
      if (!encrypted)
        throw refused(18456, 'Login failed. An Entra token must not travel unencrypted: set encrypt: true.');
      const token = credentials.kind === 'token' ? credentials.token : await fetchToken(packets, out);
      return { user: tokenUser(token), password: token };
    }
  }
}

/** Tells the client where to get a token, in the terms of Azure SQL Database, and waits for it. */
async function fetchToken(packets: PacketStream, out: MessageWriter): Promise<string> {
  writeFedAuthInfo(out.body, 'https://login.microsoftonline.com/common', 'https://database.windows.net/');
  await out.end();
  const message = await readMessage(packets);
  if (message?.type !== PacketType.fedAuthToken) throw new ProtocolError('no token came where one was due');
  return readFedAuthToken(message.body);
}

function refused(number: number, message: string): SqlLoginError {
  return new SqlLoginError({ number, state: 1, class: 14, message });
}

/** The order is one that tedious, FreeTDS and jTDS all accept. */
function welcome({ body }: MessageWriter, login: Login, session: SqlSession, packetBytes: number): void {
  const info = { state: 2, class: 0 };
  writeDatabaseChange(body, session.database, 'master');
  writeMessage(body, { ...info, number: 5701, message: `Changed database context to '${session.database}'.` });
  writeCollation(body);
  writeLanguage(body);
  writeMessage(body, { ...info, number: 5703, state: 1, message: 'Changed language setting to us_english.' });
  writeLoginAck(body, login.tdsVersion);
  writePacketSizeChange(body, packetBytes, DEFAULT_PACKET_BYTES);
  const acks = [
    ...(login.credentials.kind.startsWith('token') ? [{ id: 0x02, data: Buffer.alloc(0) }] : []),
    ...(login.asksUtf8 ? [{ id: 0x0a, data: Buffer.of(1) }] : []),
  ];
  if (acks.length > 0) writeFeatureAcks(body, acks);
  writeDone(body, { token: DoneToken.statement, status: DoneStatus.final });
}
