import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCOUNT, failure, type Storage, storage } from './fixture.ts';
import { signed } from './signed-request.ts';

let lake: Storage;

beforeAll(async () => {
  lake = await storage();
});
afterAll(() => lake.close());

async function fileWith(text: string) {
  const file = lake.service.getFileSystemClient('bronze').getFileClient(randomUUID());
  await file.upload(Buffer.from(text));
  return file;
}

test('a leased file is changed by its holder alone and read by all', async () => {
  const file = await fileWith('one');
  const lease = file.getDataLakeLeaseClient();
  await lease.acquireLease(30);
  expect(await file.getProperties()).toMatchObject({
    leaseState: 'leased',
    leaseStatus: 'locked',
    leaseDuration: 'fixed',
  });
  const missing = { status: 412, code: 'LeaseIdMissing' };
  expect(await failure(file.append('two', 3, 3))).toMatchObject(missing);
  expect(await failure(file.setMetadata({ a: 'b' }))).toMatchObject(missing);
  expect(await failure(file.delete())).toMatchObject(missing);
  expect(await failure(file.create())).toMatchObject(missing);
  expect(await failure(file.move('elsewhere'))).toMatchObject(missing);
  const wrong = { conditions: { leaseId: randomUUID() } };
  expect(await failure(file.setMetadata({}, wrong))).toMatchObject({
    status: 412,
    code: 'LeaseIdMismatchWithBlobOperation',
  });
  const own = { conditions: { leaseId: lease.leaseId } };
  await file.append('two', 3, 3, own);
  await file.flush(6, own);
  expect((await file.readToBuffer()).toString()).toBe('onetwo');
  await lease.releaseLease();
  await file.delete();
});

test('acquire, renew, change, break', async () => {
  const file = await fileWith('x');
  const { etag } = await file.getProperties();
  const lease = file.getDataLakeLeaseClient();
  await lease.acquireLease(-1);
  await lease.renewLease();
  const other = file.getDataLakeLeaseClient(randomUUID());
  expect(await failure(other.acquireLease(15))).toMatchObject({ status: 409, code: 'LeaseAlreadyPresent' });
  expect(await failure(other.renewLease())).toMatchObject({ status: 409, code: 'LeaseIdMismatchWithLeaseOperation' });
  const changed = randomUUID();
  await lease.changeLease(changed);
  expect(lease.leaseId).toBe(changed);
  expect((await lease.breakLease(0)).leaseTime).toBe(0);
  expect(await file.getProperties()).toMatchObject({ leaseState: 'broken', leaseStatus: 'unlocked', etag });
  expect(await failure(lease.renewLease())).toMatchObject({ status: 409, code: 'LeaseIsBrokenAndCannotBeRenewed' });
  await other.acquireLease(15);
  await other.releaseLease();
  expect(await failure(other.releaseLease())).toMatchObject({ status: 409, code: 'LeaseNotPresentWithLeaseOperation' });
});

test('a file system under lease is not deleted without it', async () => {
  const fileSystem = lake.service.getFileSystemClient('leased');
  await fileSystem.create();
  const lease = fileSystem.getDataLakeLeaseClient();
  await lease.acquireLease(15);
  expect(await failure(fileSystem.delete())).toMatchObject({ status: 412, code: 'LeaseIdMissing' });
  await fileSystem.delete({ conditions: { leaseId: lease.leaseId } });
});

test('nonsense is refused as such', async () => {
  const path = `/${ACCOUNT.name}/bronze/nonsense`;
  await signed(lake.url, 'PUT', `${path}?resource=file`);
  const acquire = { 'x-ms-lease-action': 'acquire' };
  for (const headers of [
    { 'x-ms-lease-action': 'steal' },
    { ...acquire, 'x-ms-lease-duration': '5' },
    { ...acquire, 'x-ms-lease-duration': '15', 'x-ms-proposed-lease-id': 'mine' },
    { 'x-ms-lease-action': 'renew' },
  ]) {
    expect((await signed(lake.url, 'PUT', `${path}?comp=lease`, headers)).status).toBe(400);
  }
});
