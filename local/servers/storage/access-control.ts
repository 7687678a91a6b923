import { StorageError } from './errors.ts';
import type { AccessControl } from './records.ts';
import { type Call, single } from './request.ts';
import type { Entry } from './tree.ts';

/**
 * POSIX access control of paths: kept and answered, never enforced (whoever holds the account key passes it anyway).
 * An ACL is kept in the service's text form, `user::rwx,group::r-x,other::---`; the permissions are read out of it.
 * Source: "Access control lists in Azure Data Lake Storage".
 */
const DEFAULT_FILE_ACL = 'user::rw-,group::r--,other::---';
const DEFAULT_DIRECTORY_ACL = 'user::rwx,group::r-x,other::---';
const SUPERUSER = '$superuser';

/** The access headers of an answer about a path. */
export function accessHeaders(entry: Entry): Record<string, string> {
  const { owner = SUPERUSER, group = SUPERUSER } = entry.record.access;
  return {
    'x-ms-owner': owner,
    'x-ms-group': group,
    'x-ms-permissions': permissionsOf(entry),
    'x-ms-acl': aclOf(entry),
  };
}

export function aclOf(entry: Entry): string {
  return entry.record.access.acl ?? (entry.isDirectory ? DEFAULT_DIRECTORY_ACL : DEFAULT_FILE_ACL);
}

/** `rwxr-x---`, with a `+` behind where the ACL names further users or groups. */
export function permissionsOf(entry: Entry): string {
  const entries = aclOf(entry).split(',');
  const rights = (scope: string) => entries.find(text => text.startsWith(`${scope}::`))?.split(':')[2];
  const named = entries.some(text => !text.startsWith('default:') && /^(user|group):[^:]+:/.test(text));
  // With named entries the group's bits show the mask, as in POSIX.
  const group = (named ? rights('mask') : undefined) ?? rights('group') ?? '---';
  return `${rights('user') ?? '---'}${group}${rights('other') ?? '---'}${named ? '+' : ''}`;
}

/**
 * The access control that a request asks for: `x-ms-acl` or `x-ms-permissions` (with `x-ms-umask`), `x-ms-owner`,
 * `x-ms-group`; what it does not name stays as `before` has it.
 * @throws StorageError InvalidHeaderValue
 */
export function accessOf({ headers }: Call, before: AccessControl): AccessControl {
  const acl = single(headers['x-ms-acl']);
  const permissions = single(headers['x-ms-permissions']);
  const umask = single(headers['x-ms-umask']) ?? '0000';
  const owner = single(headers['x-ms-owner']);
  const group = single(headers['x-ms-group']);
  const asked =
    acl === undefined
      ? permissions === undefined
        ? undefined
        : aclFromPermissions(permissions, umask)
      : checkedAcl(acl);
  return {
    ...before,
    ...(asked === undefined ? {} : { acl: asked }),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  };
}

/**
 * One entry of a recursive change applied to an ACL.
 * @param mode `set` replaces the ACL; `modify` replaces or adds the entries given; `remove` drops them
 */
export function changeAcl(acl: string, mode: string, change: string): string {
  if (mode === 'set') return checkedAcl(change);
  const scopeOf = (text: string) =>
    text
      .split(':')
      .slice(0, text.startsWith('default:') ? 3 : 2)
      .join(':');
  const changed = (mode === 'modify' ? checkedAcl(change) : change).split(',');
  const scopes = new Set(changed.map(scopeOf));
  const kept = acl.split(',').filter(text => !scopes.has(scopeOf(text)));
  if (mode === 'modify') return [...kept, ...changed].join(',');
  if (mode === 'remove') return kept.join(',');
  throw new StorageError(
    'InvalidQueryParameterValue',
    `mode should be set, modify or remove, is ${JSON.stringify(mode)}.`,
  );
}

function checkedAcl(acl: string): string {
  const wrong = acl
    .split(',')
    .find(text => !/^(default:)?(user|group|mask|other):[^:]*:[r-][w-][x-]$/.test(text.trim()));
  if (wrong === undefined) return acl.replaceAll(' ', '');
  throw new StorageError(
    'InvalidHeaderValue',
    `x-ms-acl entries are like user:NAME:r-x, one is ${JSON.stringify(wrong)}.`,
  );
}

function aclFromPermissions(permissions: string, umask: string): string {
  const mask = Number.parseInt(umask, 8);
  const octal = /^[01]?[0-7]{3}$/.test(permissions)
    ? Number.parseInt(permissions.slice(-3), 8)
    : /^([r-][w-][xsSt-]){2}[r-][w-][xtT-]\+?$/.test(permissions)
      ? [...permissions.slice(0, 9)].reduce((bits, letter) => bits * 2 + (/[-ST]/.test(letter) ? 0 : 1), 0)
      : Number.NaN;
  if (Number.isNaN(octal) || Number.isNaN(mask)) {
    const given = JSON.stringify({ permissions, umask });
    throw new StorageError(
      'InvalidHeaderValue',
      `Permissions are like rwxr-x--- or 0750, the umask is octal; given ${given}.`,
    );
  }
  const allowed = octal & ~mask;
  const rights = (bits: number) => `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  return `user::${rights(allowed >> 6)},group::${rights(allowed >> 3)},other::${rights(allowed)}`;
}
