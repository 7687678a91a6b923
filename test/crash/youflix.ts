import { join } from 'node:path';
import { seedDatabase } from '../../local/youflix/seed.ts';
import { simulate } from '../../local/youflix/simulator.ts';
import { silverTablePath, watermarkPath } from '../../shared/catalog/lake-paths.ts';
import { youflixTables } from '../../shared/catalog/youflix-tables.ts';
import { systemClock } from '../../shared/clock.ts';
import { readTable } from '../../shared/delta/read.ts';
import { openDuckDb } from '../../shared/duckdb/session.ts';
import type { WatermarkRecord } from '../../shared/sources/mssql/watermarks.ts';
import { directoryStore } from '../../shared/storage/directory-store.ts';
import { loadDocument } from '../../shared/storage/json-document.ts';
import { digestOf } from './digest.ts';
import type { CrashScenario } from './scenario.ts';

export const youflixCrashes: CrashScenario = {
  pipeline: 'youflix',

  async seed(cloud) {
    await seedDatabase({ connection: cloud.connectionString, scale: 'small', seed: 7 });
  },

  phases: [
    { name: 'full', run: { mode: 'full' } },
    {
      name: 'incremental',
      async prepare(cloud) {
        await simulate({ connection: cloud.connectionString, seed: 7, changes: 60 });
      },
      run: { mode: 'incremental' },
    },
  ],

  async endState(dataDir) {
    const store = directoryStore(join(dataDir, 'lake'));
    const scratch = join(dataDir, 'scratch');
    using duckdb = await openDuckDb({ scratch });
    const engine = { store, duckdb, scratch, clock: systemClock };
    const state: Record<string, string> = {};
    for (const { name } of youflixTables) {
      await using table = await readTable({ table: silverTablePath('youflix', name) }, engine);
      state[`silver/${name}`] = await digestOf(table.relation, duckdb);
      const watermark = await loadDocument<WatermarkRecord>(store, watermarkPath('youflix', name));
      state[`watermark/${name}`] = watermark?.value.watermark ?? 'none';
    }
    return state;
  },
};
