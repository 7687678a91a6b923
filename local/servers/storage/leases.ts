import { randomUUID } from 'node:crypto';
import type { Answer } from './answer.ts';
import { StorageError } from './errors.ts';
import type { Context } from './operation.ts';
import { versionHeaders } from './properties.ts';
import type { Lease } from './records.ts';
import { type Call, single } from './request.ts';
import type { Entry } from './tree.ts';

/** Leases on files, directories and file systems. Source: REST reference, "Lease Blob", "Lease Container" and "Path - Lease". */
export type LeaseState = 'available' | 'leased' | 'breaking' | 'broken' | 'expired';

export function leaseState(lease: Lease | undefined, nowMs = Date.now()): LeaseState {
  if (lease === undefined) return 'available';
  const ended = lease.endsMs !== undefined && lease.endsMs <= nowMs;
  if (lease.broken === true) return ended ? 'broken' : 'breaking';
  return ended ? 'expired' : 'leased';
}

/** The lease headers of HEAD and GET. */
export function leaseHeaders(lease: Lease | undefined): Record<string, string | undefined> {
  const state = leaseState(lease);
  return {
    'x-ms-lease-state': state,
    'x-ms-lease-status': isHeld(state) ? 'locked' : 'unlocked',
    'x-ms-lease-duration': state === 'leased' ? (lease?.seconds === -1 ? 'infinite' : 'fixed') : undefined,
  };
}

function isHeld(state: LeaseState): boolean {
  return state === 'leased' || state === 'breaking';
}

/**
 * Lets a write pass only with the id of the lease, where there is one.
 * @param header `x-ms-source-lease-id` for the source of a rename
 * @throws StorageError LeaseIdMissing, LeaseIdMismatchWith…Operation, LeaseNotPresentWith…Operation
 */
export function checkLeaseForWrite({ headers }: Call, entry: Entry | undefined, header = 'x-ms-lease-id'): void {
  if (entry === undefined) return;
  const given = single(headers[header])?.toLowerCase();
  const { lease } = entry.record;
  if (isHeld(leaseState(lease)) && given === undefined) throw new StorageError('LeaseIdMissing', describe(entry));
  checkGivenLease(given, entry);
}

/** Lets a read pass when it names no lease, or the right one. */
export function checkLeaseForRead({ headers }: Call, entry: Entry): void {
  checkGivenLease(single(headers['x-ms-lease-id'])?.toLowerCase(), entry);
}

function checkGivenLease(given: string | undefined, entry: Entry): void {
  if (given === undefined) return;
  const { lease } = entry.record;
  const kind = entry.path === '' ? 'Container' : 'Blob';
  if (lease === undefined || !isHeld(leaseState(lease))) {
    throw new StorageError(`LeaseNotPresentWith${kind}Operation`, describe(entry));
  }
  if (lease.id !== given) throw new StorageError(`LeaseIdMismatchWith${kind}Operation`, describe(entry));
}

/** Acquire, renew, change, release or break a lease. */
export function lease({ call, account }: Context): Answer {
  const entry = account.tree.get(call);
  const action = single(call.headers['x-ms-lease-action'])?.toLowerCase();
  const act = ACTIONS[action ?? ''];
  if (act === undefined) {
    const expected = Object.keys(ACTIONS).join(', ');
    throw new StorageError(
      'InvalidHeaderValue',
      `x-ms-lease-action should be one of ${expected}; is ${JSON.stringify(action)}.`,
    );
  }
  const { after, status, headers } = act(call, entry);
  account.tree.updateLease(entry, after);
  return { status, headers: { ...versionHeaders(entry), ...headers } };
}

interface LeaseChange {
  readonly after: Lease | undefined;
  readonly status: number;
  readonly headers: Record<string, string>;
}

const ACTIONS: Record<string, (call: Call, entry: Entry) => LeaseChange> = {
  acquire,
  renew,
  change,
  release,
  break: breakLease,
};

function acquire({ headers }: Call, entry: Entry): LeaseChange {
  const seconds = Number(single(headers['x-ms-lease-duration']) ?? '-1');
  if (seconds !== -1 && !(Number.isInteger(seconds) && seconds >= 15 && seconds <= 60)) {
    throw new StorageError('InvalidHeaderValue', 'x-ms-lease-duration should be 15 to 60 or -1.');
  }
  const id = proposedId(headers) ?? randomUUID();
  const { lease: before } = entry.record;
  if (before !== undefined && isHeld(leaseState(before)) && (before.id !== id || before.broken === true)) {
    throw new StorageError('LeaseAlreadyPresent', describe(entry));
  }
  return { after: running(id, seconds), status: 201, headers: { 'x-ms-lease-id': id } };
}

function renew({ headers }: Call, entry: Entry): LeaseChange {
  const before = ownLease(headers, entry);
  if (before.broken === true) throw new StorageError('LeaseIsBrokenAndCannotBeRenewed', describe(entry));
  return { after: running(before.id, before.seconds), status: 200, headers: { 'x-ms-lease-id': before.id } };
}

function change({ headers }: Call, entry: Entry): LeaseChange {
  const proposed = proposedId(headers);
  if (proposed === undefined) throw new StorageError('MissingRequiredHeader', 'x-ms-proposed-lease-id.');
  const { lease: current } = entry.record;
  // Repeating a change whose answer was lost is no error.
  const before = current?.id === proposed ? current : ownLease(headers, entry);
  return { after: { ...before, id: proposed }, status: 200, headers: { 'x-ms-lease-id': proposed } };
}

function release({ headers }: Call, entry: Entry): LeaseChange {
  ownLease(headers, entry);
  return { after: undefined, status: 200, headers: {} };
}

function breakLease({ headers }: Call, entry: Entry): LeaseChange {
  const { lease: before } = entry.record;
  const state = leaseState(before);
  if (before === undefined || state === 'expired') {
    throw new StorageError('LeaseNotPresentWithLeaseOperation', describe(entry));
  }
  const now = Date.now();
  const left = before.endsMs === undefined ? undefined : Math.max(0, before.endsMs - now);
  const asked = single(headers['x-ms-lease-break-period']);
  const period = asked === undefined ? (left ?? 0) : Math.min(Number(asked) * 1000, left ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(period) || period < 0 || period > 60_000) {
    throw new StorageError('InvalidHeaderValue', 'x-ms-lease-break-period should be 0 to 60.');
  }
  return {
    after: { ...before, broken: true, endsMs: now + period },
    status: 202,
    headers: { 'x-ms-lease-time': String(Math.ceil(period / 1000)) },
  };
}

function running(id: string, seconds: number): Lease {
  return seconds === -1 ? { id, seconds } : { id, seconds, endsMs: Date.now() + seconds * 1000 };
}

function ownLease(headers: Call['headers'], entry: Entry): Lease {
  const given = single(headers['x-ms-lease-id'])?.toLowerCase();
  const { lease: current } = entry.record;
  if (given === undefined) throw new StorageError('MissingRequiredHeader', 'x-ms-lease-id.');
  if (current === undefined) throw new StorageError('LeaseNotPresentWithLeaseOperation', describe(entry));
  if (current.id !== given) throw new StorageError('LeaseIdMismatchWithLeaseOperation', describe(entry));
  return current;
}

function proposedId(headers: Call['headers']): string | undefined {
  const proposed = single(headers['x-ms-proposed-lease-id'])?.toLowerCase();
  if (proposed === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(proposed)) return proposed;
  throw new StorageError(
    'InvalidHeaderValue',
    `x-ms-proposed-lease-id should be a GUID, is ${JSON.stringify(proposed)}.`,
  );
}

function describe(entry: Entry): string {
  return `${entry.fileSystem}/${entry.path}: ${leaseState(entry.record.lease)}.`;
}
