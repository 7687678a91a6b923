/** What every client of Delta Lake is asked: to read silver, to write to a copy that we read, and to read what we write to it. */
import assert from 'node:assert/strict';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { silverTablePath } from '../../shared/catalog/lake-paths.ts';
import type { RowsDigest } from './canonical-rows.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import { oddIds } from './odd-lines.ts';
import { ourDelta } from './our-delta.ts';
import type { PythonProgram } from './python-program.ts';
import { newestVersion } from './silver-states.ts';

/** A client, as its Python program. All such programs have the same actions. */
export interface DeltaClient {
  readonly name: string;
  readonly program: PythonProgram;
}

interface Description {
  readonly version: number;
  readonly description: string;
  readonly columns: readonly (readonly [name: string, type: string, comment: string | null])[];
  /** By version, the oldest first. */
  readonly operations: readonly string[];
}

/** Silver: rows, older rows, schema, comments and history are those that the sources, the catalog and the runs say. */
export async function readSilver({ name, program }: DeltaClient, lake: FilledLake, { check }: Checks): Promise<void> {
  for (const table of lake.silver) {
    const path = join(lake.folder, table.path);
    for (const [version, rows] of table.rows) {
      await check(`${name}: ${table.path} at version ${version}, row for row`, async () => {
        assert.deepEqual(await digest(program, path, version), rows);
      });
    }
    await check(`${name}: ${table.path} has its types, comments and history`, async () => {
      const { description } = table;
      const columns = table.columns.map(({ name, type, description }) => [name, type, description]);
      const expected = { version: newestVersion, description, columns, operations: ['WRITE', 'MERGE'] };
      assert.deepEqual(await program.ask<Description>('describe', { path }), expected);
    });
  }
  await check(`${name}: the statistics of silver rule out no row that is there`, async () => {
    const path = join(lake.folder, silverTablePath('imdb', 'titles'));
    // The lowest and the highest of all.
    const values = [oddIds.at(0), oddIds.at(-1)];
    assert.deepEqual(await program.ask('rows_found', { path, column: 'title_id', values }), [1, 1]);
  });
}

interface Write {
  readonly action: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** As many rows as `before` is true of before it, `after` is true of after it. */
  readonly before: string;
  readonly after: string;
}

const everyRow = 'true';
const shifted = (by: number, where: string): string =>
  `SELECT user_id + ${by} AS user_id, * EXCEPT (user_id) FROM users WHERE ${where}`;

const writes: readonly Write[] = [
  { action: 'delete', parameters: { condition: 'user_id % 10 = 3' }, before: 'user_id % 10 <> 3', after: everyRow },
  {
    action: 'update',
    parameters: {
      assignments: { country: "'AA'", display_name: '\'said "yes", then 🎬\'', bio: 'NULL' },
      condition: 'user_id % 10 = 4',
    },
    before: 'user_id % 10 = 4',
    after: "country = 'AA' AND display_name = 'said \"yes\", then 🎬' AND bio IS NULL",
  },
  {
    action: 'append',
    parameters: { rows: shifted(1_000_000, 'user_id % 10 = 5') },
    before: 'user_id % 10 = 5',
    after: 'user_id > 1000000',
  },
  {
    action: 'merge',
    parameters: {
      rows: `SELECT user_id + CASE WHEN user_id % 20 = 6 THEN 2000000 ELSE 0 END AS user_id,
               'MM' AS country, * EXCEPT (user_id, country) FROM users WHERE user_id % 10 = 6`,
    },
    before: 'user_id % 10 = 6',
    after: "country = 'MM'",
  },
  { action: 'compact', before: everyRow, after: everyRow },
  { action: 'checkpoint', before: everyRow, after: everyRow },
  { action: 'vacuum', before: everyRow, after: everyRow },
];

/** A copy of the users and a table of the client's own, in the client's own folder below `folder`: both sides write, both read. */
export async function writeInTurns(
  { name, program }: DeltaClient,
  lake: FilledLake,
  folder: string,
  { check }: Checks,
): Promise<void> {
  await using ours = await ourDelta(folder);
  await cp(join(lake.folder, 'silver', 'youflix', 'users'), join(folder, 'users'), { recursive: true });
  const path = join(folder, 'users');

  for (const { action, parameters, before, after } of writes) {
    await check(`${name}: ${action} on a copy, read back by us`, async () => {
      const expected = await ours.count('users', before);
      await program.ask(action, { path, ...parameters });
      assert.equal(await ours.count('users', after), expected);
      await sameForBoth('users');
    });
  }
  await check(`${name}: its checkpoint alone is enough for us`, async () => {
    await withoutOldCommits('users', 'users-by-checkpoint');
    assert.deepEqual(await ours.digest('users-by-checkpoint'), await digest(program, path));
  });
  await check(`${name}: reads our merge on top of its writes`, async () => {
    await ours.mergeUsers('users');
    await sameForBoth('users');
  });
  await check(`${name}: our checkpoint alone is enough for it`, async () => {
    await ours.appendUntilCheckpoint('users');
    await withoutOldCommits('users', 'users-by-our-checkpoint');
    await sameForBoth('users-by-our-checkpoint');
  });
  await check(`${name}: goes on writing after us`, async () => {
    await program.ask('delete', { path, condition: 'user_id % 10 = 1' });
    await sameForBoth('users');
  });
  await check(`${name}: its partitioned table of every type is read by us`, async () => {
    await program.ask('create', { path: join(folder, 'every-type') });
    await sameForBoth('every-type');
  });

  async function sameForBoth(table: string): Promise<void> {
    assert.deepEqual(await ours.digest(table), await digest(program, join(folder, table)));
  }

  /** A copy whose log begins at its newest checkpoint. */
  async function withoutOldCommits(table: string, copy: string): Promise<void> {
    await cp(join(folder, table), join(folder, copy), { recursive: true });
    const log = join(folder, copy, '_delta_log');
    const names = await readdir(log);
    const checkpoint = names
      .filter(file => /^\d{20}\.checkpoint\..*parquet$/.test(file))
      .sort()
      .at(-1);
    assert.ok(checkpoint, `${copy} has no checkpoint, only ${names.join(', ')}`);
    const old = names.filter(file => /^\d{20}\.json$/.test(file) && file.slice(0, 20) < checkpoint.slice(0, 20));
    assert.ok(old.length > 0, `${copy} has no commit before ${checkpoint}`);
    await Promise.all(old.map(file => rm(join(log, file))));
  }
}

/** The same over the storage account's own protocol; `urlOf` names a place in the lake as the client wants it. */
export async function meetOverWire(
  { name, program }: DeltaClient,
  urlOf: (fileSystem: string, path: string) => string,
  lake: FilledLake,
  { check }: Checks,
): Promise<void> {
  for (const table of lake.tables) {
    await check(`${name}: ${table} over the wire is the source`, async () => {
      const source = lake.versions[1].get(table)?.silver;
      assert.deepEqual(await digest(program, urlOf('silver', `youflix/${table}`)), source);
    });
  }
  await check(`${name}: writes to a copy over the wire, read back by us`, async () => {
    await using ours = await ourDelta(lake.folder);
    const folder = `interop/${name}/users`;
    await cp(join(lake.folder, 'silver', 'youflix', 'users'), join(lake.folder, 'gold', folder), { recursive: true });
    const path = urlOf('gold', folder);
    await program.ask('delete', { path, condition: 'user_id % 10 = 3' });
    await program.ask('append', { path, rows: shifted(1_000_000, 'user_id % 10 = 5') });
    await program.ask('checkpoint', { path });
    assert.equal(await ours.count(`gold/${folder}`, 'user_id % 10 = 3'), 0);
    assert.deepEqual(await ours.digest(`gold/${folder}`), await digest(program, path));
  });
}

/** All rows as the client reads them. */
function digest(program: PythonProgram, path: string, version?: number): Promise<RowsDigest> {
  return program.ask('digest', version === undefined ? { path } : { path, version });
}
