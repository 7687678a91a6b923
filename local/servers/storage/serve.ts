import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultTable } from '../../faults.ts';
import type { GridEvent } from '../event-grid/grid-event.ts';
import { cutBody, FaultStatus, meet } from '../faulty-connection.ts';
import type { Account } from './account.ts';
import { type Answer, discard, sendAnswer } from './answer.ts';
import { authorize } from './authorization.ts';
import { type ErrorCode, StorageError } from './errors.ts';
import { raiser } from './events.ts';
import { type Call, parseRequest, single, subjectOf } from './request.ts';
import { route } from './routes.ts';
import { textElement, XML_DECLARATION } from './xml.ts';

/** What requests are served from. */
export interface Service {
  /** By name; the first is the one whose operations go without prefix in the fault table. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly faults?: FaultTable;
  readonly events?: (event: GridEvent) => void;
  readonly log?: (line: string) => void;
  readonly secure: boolean;
}

/** Serves one request: take apart, check, carry out, answer. Never rejects. */
export async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  response.setHeader('x-ms-request-id', randomUUID());
  response.setHeader('x-ms-version', single(request.headers['x-ms-version']) ?? '2023-11-03');
  const clientRequestId = single(request.headers['x-ms-client-request-id']);
  if (clientRequestId !== undefined) response.setHeader('x-ms-client-request-id', clientRequestId);
  response.setHeader('server', 'Local-Storage/1.0');
  const side = request.headers.accept?.includes('json') ? 'dfs' : 'blob';
  let call: Call | undefined;
  try {
    call = parseRequest(request, [...service.accounts.keys()], service.secure);
    await carryOut(service, call, request, response);
  } catch (error) {
    const answer = errorAnswer(error, call?.side ?? side, request.method ?? '');
    await sendError(response, answer).catch(() => response.destroy());
  }
  const ms = (performance.now() - started).toFixed(1);
  service.log?.(`${request.method} ${call?.rawPath ?? request.url} ${response.statusCode} ${ms} ms`);
}

async function carryOut(
  service: Service,
  call: Call,
  { socket }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { accounts, faults } = service;
  const account = accounts.get(call.accountName);
  if (account === undefined) throw new Error(`no account ${call.accountName}`);
  const operation = route(call);
  const name = operationName(operation.verb, call, accounts);
  const before = await meet(await faults?.reach('storage', name, 'before'), socket);
  if (before.kind === 'gone') return;
  const require = authorize(call, account);
  require(operation.permissions, subjectOf(call));
  // A cut in mid-body hits the body that the call has: the upload where there is one, else the answer.
  const cutsUpload = before.kind === 'cut' && Number(call.headers['content-length'] ?? 0) > 0;
  const body = cutsUpload ? cutBody(call.body, before.afterBytes, socket) : call.body;
  const raise = raiser(service.events, call, String(response.getHeader('x-ms-request-id')));
  const answer = await operation.run({ call: { ...call, body }, account, accounts, require, raise });
  const after = await meet(await faults?.reach('storage', name, 'after'), socket).catch(error => {
    discard(answer);
    throw error;
  });
  if (after.kind === 'gone') return discard(answer);
  const cut = after.kind === 'cut' ? after : before.kind === 'cut' && !cutsUpload ? before : undefined;
  await sendAnswer(response, answer, cut?.afterBytes);
}

/** As the fault table knows it: `FLUSH silver/users/a.csv`; in other accounts than the first `FLUSH account/drop/a.csv`. */
function operationName(verb: string, call: Call, accounts: Service['accounts']): string {
  const [first] = accounts.keys();
  const { fileSystem, path } = subjectOf(call);
  const parts = [call.accountName === first ? '' : call.accountName, fileSystem, path];
  return `${verb} ${parts.filter(part => part !== '').join('/')}`;
}

async function sendError(response: ServerResponse, answer: Answer): Promise<void> {
  if (response.headersSent || response.destroyed) {
    // Too late for a status: a cut connection is the only way left to say that the answer is not whole.
    response.destroy();
    return;
  }
  await sendAnswer(response, answer);
}

/** The answer to an error in the form of the side that was called: JSON for dfs, XML for Blob, headers alone for HEAD. */
function errorAnswer(error: unknown, side: 'dfs' | 'blob', method: string): Answer {
  const { status, code, message, headers } = describeError(error, side);
  const body =
    side === 'dfs'
      ? { type: 'application/json;charset=utf-8', text: JSON.stringify({ error: { code, message } }) }
      : {
          type: 'application/xml',
          text: `${XML_DECLARATION}<Error>${textElement('Code', code)}${textElement('Message', message)}</Error>`,
        };
  return {
    status,
    headers: { ...headers, 'x-ms-error-code': code, 'content-type': body.type },
    text: method === 'HEAD' ? '' : body.text,
  };
}

/** What only the file system or the HTTP library notices, by the code of its error. */
const CLIENT_MISTAKES: Record<string, ErrorCode> = {
  ENAMETOOLONG: 'InvalidResourceName',
  ENOTDIR: 'PathConflict',
  EISDIR: 'PathConflict',
  ERR_INVALID_CHAR: 'InvalidHeaderValue',
};

interface ErrorDescription {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function describeError(error: unknown, side: 'dfs' | 'blob'): ErrorDescription {
  if (error instanceof StorageError) {
    return { status: error.status, code: error.codeFor(side), message: error.message, headers: error.headers };
  }
  if (error instanceof FaultStatus) {
    const code =
      error.code ?? (error.status === 500 ? 'InternalError' : error.status === 404 ? 'PathNotFound' : 'ServerBusy');
    const retryAfter = error.retryAfterSeconds?.toString();
    return {
      status: error.status,
      code,
      message: error.message,
      headers: retryAfter ? { 'retry-after': retryAfter } : {},
    };
  }
  const known = error instanceof Error && 'code' in error ? CLIENT_MISTAKES[String(error.code)] : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return describeError(new StorageError(known ?? 'InternalError', message), side);
}
