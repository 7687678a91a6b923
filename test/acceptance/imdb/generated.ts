/** Deliveries by the generator, small ones: data sets by name, each as TSV. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeDataSets } from '../../../local/imdb/write-data-sets.ts';

const world = { titles: 40, seed: 5, changes: 0.3 };

/** All seven. From one delivery to the next, rows changed, came and went. */
export async function generatedDelivery(delivery: number): Promise<Readonly<Record<string, Buffer>>> {
  const folder = await mkdtemp(join(tmpdir(), 'youflix-delivery-'));
  try {
    await writeDataSets(folder, { ...world, delivery });
    const dataSets = (await readdir(folder)).map(async name => {
      const content = gunzipSync(await readFile(join(folder, name)));
      return [name.replace('.tsv.gz', ''), content] as const;
    });
    return Object.fromEntries(await Promise.all(dataSets));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
