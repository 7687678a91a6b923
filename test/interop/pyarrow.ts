/** Arrow's C++ library, through its Python package: the lake's plain Parquet, in folders and through its own Azure client. */
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { imdbDataSets } from '../../shared/catalog/imdb-data-sets.ts';
import { silverTablePath } from '../../shared/catalog/lake-paths.ts';
import { movieLists } from '../../shared/silver/tmdb/movie-lists.ts';
import { deliverArchives } from './archive-deliveries.ts';
import type { Checks } from './checks.ts';
import type { FilledLake } from './filled-lake.ts';
import { type CarriedDataSet, stepOf } from './imdb-deliveries.ts';
import { readBronze } from './imdb-meeting.ts';
import { pythonWith } from './install.ts';
import { oddIds } from './odd-lines.ts';
import type { Outsider } from './outsider.ts';
import { startPython } from './python-program.ts';
import { readPartitions } from './tmdb-meeting.ts';

const name = 'pyarrow';

/** Brings the Blob package along, which delivers what it reads last. */
export const pyarrow: Outsider = {
  name,
  async install() {
    const python = await pythonWith('pyarrow', ['pyarrow==22.0.0', 'azure-storage-blob==12.31.1']);
    return (lake, checks) => meet(python, lake, checks);
  },
};

/** Of a malformed row, quarantine has this many bytes. */
const quarantinedBytes = 64 * 1024;

async function meet(interpreter: string, lake: FilledLake, checks: Checks): Promise<void> {
  await using program = startPython(interpreter, 'arrow_bronze.py');
  const { account, key, url } = lake.storage;
  await program.ask('connect', { account, key, authority: new URL(url).host });
  const { check } = checks;

  await readBronze({ name, program }, lake, lake.deliveries, checks);
  for (const { run, dataSets } of lake.deliveries) {
    for (const dataSet of dataSets) {
      const { bronze, source, quarantine, quarantined } = dataSet;
      await check(`${name}: ${bronze} has its columns, and says where it comes from`, async () => {
        const path = join(lake.folder, bronze);
        const { columns, rows, metadata } = await program.ask<Description>('describe', { path });
        assert.deepEqual(columns, columnsOf(dataSet));
        assert.equal(rows, stepOf(run, 'check', dataSet.name).rowsIn);
        const { 'youflix.loaded_at': loadedAt = '', ...origin } = metadata;
        assert.deepEqual(origin, originOf(dataSet));
        assert.ok(run.startedAt <= loadedAt && loadedAt <= (run.endedAt ?? ''), `loaded at ${loadedAt}`);
      });
      await check(`${name}: ${quarantine} is what bronze has of these lines`, async () => {
        const paths = { path: join(lake.folder, quarantine), bronze: join(lake.folder, bronze) };
        const found = await program.ask('quarantine', { ...paths, longest: quarantinedBytes });
        const sources = [[basename(source), null, bronze]];
        const faults = { without_reason: 0, different: 0, malformed_elsewhere: 0 };
        assert.deepEqual(found, { rows: quarantined, sources, ...faults });
      });
    }
  }
  await check(`${name}: the statistics of bronze rule out no row that is there`, async () => {
    for (const { bronze } of lake.deliveries.flatMap(({ dataSets }) => dataSets)) {
      const found = await program.ask('rows_found', { path: join(lake.folder, bronze), values: oddIds });
      assert.deepEqual(found, Array(oddIds.length).fill(1), bronze);
    }
  });
  await check(`${name}: the newest bronze, over the wire, holds what was delivered`, async () => {
    for (const { source, bronze } of lake.deliveries[1].dataSets) {
      const found = await program.ask('bronze_lines', { path: bronze, file_system: 'azure' });
      assert.deepEqual(found, await program.ask('source_lines', { path: source }), bronze);
    }
  });
  await readPartitions({ name, program, types, dayType: 'string' }, lake, checks);
  await check(`${name}: finds the partitions of ${listed} over the wire`, async () => {
    const found = await program.ask('partitioned_rows', { path: listed, file_system: 'azure' });
    assert.deepEqual(found, await program.ask('partitioned_rows', { path: join(lake.folder, listed) }));
  });
  await deliverArchives(program, lake, checks);
}

const listed = silverTablePath('tmdb', movieLists.name);

/** Arrow's own names. */
const types = {
  long: 'int64',
  integer: 'int32',
  'decimal(5,3)': 'decimal128(5, 3)',
  boolean: 'bool',
  date: 'date32[day]',
  timestamp: 'timestamp[us, tz=UTC]',
};

interface Description {
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: number;
  readonly metadata: Readonly<Record<string, string>>;
}

function columnsOf({ name: dataSet }: CarriedDataSet): readonly (readonly [string, string])[] {
  const fields = imdbDataSets.find(({ name }) => name === dataSet)?.fields ?? [];
  return [
    ...fields.map(({ name }) => [name, 'string'] as const),
    ['_line', 'int64'],
    ['_malformed', 'binary'],
    ['_reason', 'string'],
  ];
}

function originOf({ source, etag, modifiedAt }: CarriedDataSet): Record<string, string> {
  return {
    'youflix.source': basename(source),
    'youflix.etag': etag,
    'youflix.source_modified_at': modifiedAt,
    'youflix.format': 'tsv',
    'youflix.newline': 'LF',
    'youflix.byte_order_mark': 'false',
  };
}
