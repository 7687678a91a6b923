/** delta-rs, through its Python package: on plain folders, and on the storage account as if it were Azure's. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checks } from './checks.ts';
import { meetOverWire, readSilver, writeInTurns } from './delta-meeting.ts';
import type { FilledLake } from './filled-lake.ts';
import { pythonWith } from './install.ts';
import type { Outsider } from './outsider.ts';
import { startPython } from './python-program.ts';
import { newestVersion } from './silver-states.ts';

const name = 'delta-rs';

/** Brings DataFusion along; Arrow's own reader of Parquet is a second opinion. */
export const deltaRs: Outsider = {
  name,
  async install() {
    const python = await pythonWith('delta-rs', ['deltalake==1.6.6', 'pyarrow==22.0.0']);
    return (lake, checks) => meet(python, lake, checks);
  },
};

async function meet(interpreter: string, lake: FilledLake, checks: Checks): Promise<void> {
  await using program = startPython(interpreter, 'delta_rs.py');
  const { url, account, key } = lake.storage;
  const options = { azure_endpoint: url, azure_storage_account_name: account, azure_storage_account_key: key };
  await program.ask('connect', { options: { ...options, allow_http: 'true' } });

  await readSilver({ name, program }, lake, checks);
  for (const { path, rows } of lake.silver) {
    await checks.check(`${name}: Arrow reads ${path}, row for row`, async () => {
      assert.deepEqual(
        await program.ask('digest_by_arrow', { path: join(lake.folder, path) }),
        rows.get(newestVersion),
      );
    });
  }
  await meetOverWire({ name, program }, (fileSystem, path) => `az://${fileSystem}/${path}`, lake, checks);
  const folder = await mkdtemp(join(tmpdir(), 'interop-delta-rs-'));
  try {
    await writeInTurns({ name, program }, lake, folder, checks);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
