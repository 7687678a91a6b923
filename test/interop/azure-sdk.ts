/** Microsoft's storage packages for Python: they list, read, write, rename and delete in the lake. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RunRecord, Step } from '../../local/app-client.ts';
import type { RowsDigest } from './canonical-rows.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import { pythonWith } from './install.ts';
import type { Outsider } from './outsider.ts';
import { startPython } from './python-program.ts';

/** Needs Python 3.11: the CSV readers before it stop at a NUL. */
export const azureSdkForPython: Outsider = {
  name: 'Azure SDK for Python',
  async install() {
    const python = await pythonWith('azure', ['azure-storage-file-datalake==12.26.1', 'azure-storage-blob==12.31.1']);
    return (lake, checks) => meet(python, lake, checks);
  },
};

interface CsvReading extends RowsDigest {
  readonly bytes: number;
  readonly crc32: number;
  readonly texts: RowsDigest;
}

async function meet(interpreter: string, lake: FilledLake, { check }: Checks): Promise<void> {
  await using python = startPython(interpreter, 'azure_storage.py');
  const { storage, folder, runs, tables, versions } = lake;
  await python.ask('connect', { ...storage });
  const bronzeFiles = runs.flatMap(extracts).map(({ path, bytes }) => ({ name: withoutFileSystem(path), bytes }));
  const sizes = Object.fromEntries(bronzeFiles.map(({ name, bytes }) => [name, bytes]));

  await check('Azure SDK for Python: lists bronze through Data Lake and Blob, sizes as in the receipts', async () => {
    assert.deepEqual(await python.ask('list_files', { file_system: 'bronze', folder: 'youflix' }), sizes);
    assert.deepEqual(await python.ask('list_blobs', { container: 'bronze', prefix: 'youflix/' }), sizes);
  });
  for (const step of runs.flatMap(extracts)) {
    const path = withoutFileSystem(step.path);
    await check(`Azure SDK for Python: ${step.path} is what the receipt says, read as CSV by Python`, async () => {
      const read = await python.ask<CsvReading>('read_csv', { file_system: 'bronze', path, columns: [] });
      const crc = crc32(await readFile(join(folder, step.path)));
      const expected = { bytes: step.bytes, rows: step.rowsOut, crc32: crc };
      assert.deepEqual({ bytes: read.bytes, rows: read.rows, crc32: read.crc32 }, expected);
      assert.equal(await python.ask('crc_of_blob', { container: 'bronze', path }), crc);
    });
  }
  for (const table of tables) {
    await check(`Azure SDK for Python: every text of ${table} in bronze is that of the source`, async () => {
      const source = versions[0].get(table);
      const full = extracts(runs[0]).find(step => step.table === table);
      const path = withoutFileSystem(full?.path ?? '');
      const columns = source?.textColumns;
      const { texts } = await python.ask<CsvReading>('read_csv', { file_system: 'bronze', path, columns });
      assert.deepEqual(texts, source?.texts);
    });
  }
  await check('Azure SDK for Python: the source holds texts of a megabyte', async () => {
    assert.ok((versions[0].get('users')?.longestText ?? 0) > 1_000_000);
  });

  const own = { file_system: 'gold' };
  await check('Azure SDK for Python: uploads, renames and deletes, names hostile', async () => {
    // No percent sign: the package decodes the name of what is renamed, once too often.
    const [path, target] = ["interop/a b+c#e?f&g='h.txt", 'interop/Ünïcødé 🎬.txt'];
    await python.ask('create', { ...own, path });
    await python.ask('upload', { ...own, path, text: 'once' });
    assert.deepEqual(await python.ask('refusal_of', { of: 'create', parameters: { ...own, path } }), {
      status: 409,
      code: 'PathAlreadyExists',
    });
    await python.ask('rename', { ...own, path, target });
    assert.equal(await python.ask('read_text', { ...own, path: target }), 'once');
    assert.deepEqual(await python.ask('list_files', { ...own, folder: 'interop' }), { [target]: 4 });
    await python.ask('rename_folder', { ...own, folder: 'interop', target: 'interop-moved' });
    assert.deepEqual(await python.ask('list_files', { ...own, folder: 'interop-moved' }), {
      [target.replace('interop', 'interop-moved')]: 4,
    });
    await python.ask('delete_folder', { ...own, folder: 'interop-moved' });
    await assert.rejects(stat(join(folder, 'gold', 'interop-moved')), { code: 'ENOENT' });
  });
  await check('Azure SDK for Python: uploads 24 MiB in pieces', async () => {
    const path = 'interop-large/bytes.bin';
    const sent = await python.ask('upload_megabytes', { ...own, path, count: 24 });
    assert.equal(crc32(await readFile(join(folder, 'gold', path))), sent);
    await python.ask('delete_folder', { ...own, folder: 'interop-large' });
  });
  await check('Azure SDK for Python: metadata is kept, and a lease keeps others out', async () => {
    const path = 'interop-lease/one.txt';
    await python.ask('upload', { ...own, path, text: 'free' });
    assert.deepEqual(await python.ask('set_metadata', { ...own, path, metadata: { origin: 'interop' } }), {
      origin: 'interop',
    });
    assert.equal(await python.ask('write_under_lease', { ...own, path, text: 'leased' }), 412);
    assert.equal(await python.ask('read_text', { ...own, path }), 'leased');
    await python.ask('delete_folder', { ...own, folder: 'interop-lease' });
  });
  await check('Azure SDK for Python: a wrong key and a missing file are refused by their codes', async () => {
    const wrong = { ...storage, key: Buffer.from('not the key').toString('base64'), file_system: 'bronze' };
    assert.deepEqual(await python.ask('refusal', wrong), { status: 403, code: 'AuthenticationFailed' });
    const missing = { file_system: 'bronze', folder: 'nowhere' };
    assert.deepEqual(await python.ask('refusal_of', { of: 'list_files', parameters: missing }), {
      status: 404,
      code: 'PathNotFound',
    });
  });
}

function extracts(run: RunRecord): readonly Step[] {
  return run.tables.flatMap(({ steps }) => steps.filter(({ name }) => name === 'extract'));
}

function withoutFileSystem(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}
