/** A landing file to bronze as the app does it. Arguments: storage URL, path of the file in the landing container. */
import { landingAccount, storageAccount } from '../../local/settings.ts';
import { blobLanding } from '../../shared/azure/blob-landing.ts';
import { lakeClient } from '../../shared/azure/lake-client.ts';
import { azureLakeStore } from '../../shared/azure/lake-store.ts';
import { copyDataSet } from '../../shared/sources/imdb/copy-data-set.ts';
import type { LandingFile } from '../../shared/sources/imdb/landing.ts';
import { peakMemoryMiB } from '../peak-memory.ts';

const [url = '', path = ''] = process.argv.slice(2);
const store = azureLakeStore(
  await lakeClient({ url: `${url}/${storageAccount.name}`, accountKey: storageAccount.key }),
);
const landing = await blobLanding({
  url: `${url}/${landingAccount.name}`,
  accountKey: landingAccount.key,
  container: landingAccount.container,
});
let file: LandingFile | undefined;
for await (const found of landing.list()) if (found.path === path) file = found;
if (file === undefined) throw new Error(`the landing container has no ${path}`);
const request = {
  file,
  entry: { name: null, dataSet: 'title.basics', format: 'tsv' as const },
  path: 'bronze/bench/title.basics.parquet',
  limits: { maxBytes: 2 ** 40, maxRatio: 100 },
  loadedAt: new Date().toISOString(),
};
const startedMs = performance.now();
const { rows } = await copyDataSet(request, { landing, store });
const seconds = (performance.now() - startedMs) / 1000;
process.stdout.write(`${JSON.stringify({ rows, seconds, peakMiB: peakMemoryMiB() })}\n`);
