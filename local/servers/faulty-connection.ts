import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultAction } from '../faults.ts';

/** How a fault changes the course of a request. */
export type Course =
  | { readonly kind: 'on' }
  /** The connection is cut already. */
  | { readonly kind: 'gone' }
  /** The connection is to be cut once this many bytes of the body went through. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

/** A fault that answers a status; `code` where the fault names one. */
export class FaultStatus extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(action: FaultAction & { readonly kind: 'status' }) {
    super(`Answered ${action.status} because the fault table says so.`);
    this.name = 'FaultStatus';
    this.status = action.status;
    this.code = action.code;
    this.retryAfterSeconds = action.retryAfterSeconds;
  }
}

/**
 * Carries out a fault as far as it can be now. Actions that belong to other services count as none.
 * @throws FaultStatus
 */
export async function meet(action: FaultAction | undefined, socket: Socket): Promise<Course> {
  if (action?.kind === 'status') throw new FaultStatus(action);
  if (action?.kind === 'delay') await sleep(action.ms);
  if (action?.kind !== 'reset') return { kind: 'on' };
  if (action.afterBytes !== undefined) return { kind: 'cut', afterBytes: action.afterBytes };
  socket.destroy();
  return { kind: 'gone' };
}

/** A request body whose connection is cut after so many bytes; those still get through. */
export function cutBody(body: Readable, afterBytes: number, socket: Socket): Readable {
  return Readable.from(cutChunks(body, afterBytes, socket));
}

async function* cutChunks(body: Readable, afterBytes: number, socket: Socket): AsyncGenerator<Buffer> {
  let left = afterBytes;
  for await (const chunk of body) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  socket.destroy();
  throw new Error('the connection was cut by a fault');
}
