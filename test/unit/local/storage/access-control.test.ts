import { describe, expect, test } from 'vitest';
import { accessOf, changeAcl, permissionsOf } from '../../../../local/servers/storage/access-control.ts';
import { StorageError } from '../../../../local/servers/storage/errors.ts';
import type { Call } from '../../../../local/servers/storage/request.ts';
import type { Entry } from '../../../../local/servers/storage/tree.ts';

const entry = (acl: string) => ({ isDirectory: false, record: { access: { acl } } }) as Entry;
const asked = (headers: Record<string, string>) => accessOf({ headers } as unknown as Call, {}).acl;

describe('permissions', () => {
  test.each([
    [{ 'x-ms-permissions': '0750' }, 'user::rwx,group::r-x,other::---'],
    [{ 'x-ms-permissions': 'rwxr-x--t' }, 'user::rwx,group::r-x,other::--x'],
    [{ 'x-ms-permissions': '0777', 'x-ms-umask': '0027' }, 'user::rwx,group::r-x,other::---'],
    [{ 'x-ms-acl': 'user::rw-, group::r--, other::---' }, 'user::rw-,group::r--,other::---'],
    [{}, undefined],
  ])('%o ask for %s', (headers, acl) => expect(asked(headers)).toBe(acl));

  const wrong: Record<string, string>[] = [
    { 'x-ms-permissions': '9' },
    { 'x-ms-permissions': 'rwx' },
    { 'x-ms-acl': 'user:rwx' },
  ];

  test.each(wrong)('%o are refused', headers => expect(() => asked(headers)).toThrow(StorageError));

  test('show the mask where further users are named', () => {
    expect(permissionsOf(entry('user::rwx,group::r--,other::---'))).toBe('rwxr-----');
    expect(permissionsOf(entry('user::rwx,user:me:rwx,group::r--,mask::rwx,other::---'))).toBe('rwxrwx---+');
  });
});

test('an ACL is replaced, changed and thinned out by scope', () => {
  const acl = 'user::rwx,user:a:r--,group::r-x,default:user:a:r--';
  expect(changeAcl(acl, 'set', 'user::r--')).toBe('user::r--');
  expect(changeAcl(acl, 'modify', 'user:a:rw-,user:b:r--')).toBe(
    'user::rwx,group::r-x,default:user:a:r--,user:a:rw-,user:b:r--',
  );
  expect(changeAcl(acl, 'remove', 'user:a,default:user:a')).toBe('user::rwx,group::r-x');
  expect(() => changeAcl(acl, 'toggle', '')).toThrow(StorageError);
});
