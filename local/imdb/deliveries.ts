/** What the local cloud's landing container gets: everything at first, then later versions of some data sets. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scale } from '../scenarios/scenario.ts';
import type { LandingAddress } from '../settings.ts';
import { landingContainer, uploadLanding } from './upload.ts';
import { type WriteOptions, type WrittenDataSet, writeDataSets } from './write-data-sets.ts';

/** Titles that exist, by scale; both IMDb and TMDB know them. */
export const titlesAtScale: Readonly<Record<Scale, number>> = { small: 5_000, medium: 100_000, large: 2_000_000 };

/** One data set in the other form that deliveries have. */
const zipped = ['title.ratings'];

/** What was generated last; kept beside the landing, so that the next start goes on from there. */
interface Generated {
  readonly seed: number;
  readonly titles: number;
  readonly delivery: number;
}

/** The local cloud's landing, as seen from its own folder. */
export interface LocalLanding {
  readonly dataDir: string;
  readonly landing: LandingAddress;
}

/**
 * Puts the seven data sets into the landing container where it is empty. They lie there as if they had come before anyone
 * listened: no event tells of them.
 *
 * @returns one line on what is there
 */
export async function seedLanding(
  { dataDir, landing }: LocalLanding,
  { scale, seed }: { readonly scale: Scale; readonly seed: number },
): Promise<string> {
  const container = join(dataDir, 'landing', landing.container);
  const present = existsSync(container) ? await readdir(container) : [];
  if (present.length > 0) return `IMDb landing, as it was: ${number(present.length)} files`;
  const titles = titlesAtScale[scale];
  return inScratchFolder(dataDir, async folder => {
    const written = await writeDataSets(folder, { titles, seed, zipped });
    await remember(dataDir, { seed, titles, delivery: 0 });
    // All of them at once: a start that is broken off leaves the landing empty, and the next one fills it.
    await rm(container, { recursive: true, force: true });
    await rename(folder, container);
    return `IMDb landing, seed ${seed}: ${describe(written)}`;
  });
}

/**
 * Delivers the next version of some data sets, in which a share of the rows is another, new or gone.
 * @returns what changed, by data set; undefined when the files in the landing container were not generated
 */
export async function deliverNext(
  { dataDir, landing }: LocalLanding,
  { only, changes }: Required<Pick<WriteOptions, 'only' | 'changes'>>,
): Promise<Record<string, WrittenDataSet> | undefined> {
  const before = await generated(dataDir);
  if (before === undefined) return undefined;
  const next = { ...before, delivery: before.delivery + 1 };
  return inScratchFolder(dataDir, async folder => {
    const written = await writeDataSets(folder, { ...next, only, changes, zipped });
    // Before the upload: to deliver the same bytes twice would start nothing.
    await remember(dataDir, next);
    await uploadLanding(landing, folder);
    return written;
  });
}

/**
 * Delivers files from elsewhere in the place of others of the same data sets: uploads them where the local cloud is up, else lays
 * them where it will find them. From then on nothing is generated.
 *
 * @returns one line on what was done
 */
export async function deliverFiles({ dataDir, landing }: LocalLanding, folder: string): Promise<string> {
  await rm(join(dataDir, stateFile), { force: true });
  const delivered = new Set((await readdir(folder)).map(dataSetOf));
  if (await answers(landing.url)) {
    const container = landingContainer(landing);
    // Before the upload: while two files claim one data set, the lake takes neither.
    for await (const { name } of container.listBlobsFlat()) {
      if (delivered.has(dataSetOf(name))) await container.deleteBlob(name);
    }
    return `uploaded to ${landing.url}/${landing.container}: ${(await uploadLanding(landing, folder)).join(', ')}`;
  }
  const container = join(dataDir, 'landing', landing.container);
  await mkdir(container, { recursive: true });
  for (const name of await readdir(container)) if (delivered.has(dataSetOf(name))) await rm(join(container, name));
  for (const name of await readdir(folder)) await copyFile(join(folder, name), join(container, name));
  return `the cloud is not up, so the files lie in ${container} for its next start`;
}

/** `title.ratings` of `title.ratings.tsv.gz`. */
function dataSetOf(file: string): string {
  return file.split('.').slice(0, 2).join('.');
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

async function inScratchFolder<T>(dataDir: string, work: (folder: string) => Promise<T>): Promise<T> {
  // On the disk of the landing, so that files get there by renaming.
  const folder = await mkdtemp(join(dataDir, 'imdb-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const stateFile = 'imdb-generated.json';

async function remember(dataDir: string, state: Generated): Promise<void> {
  await writeFile(join(dataDir, stateFile), `${JSON.stringify(state)}\n`);
}

async function generated(dataDir: string): Promise<Generated | undefined> {
  const file = join(dataDir, stateFile);
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Generated) : undefined;
}

function describe(written: Readonly<Record<string, WrittenDataSet>>): string {
  const rows = Object.values(written).reduce((sum, dataSet) => sum + dataSet.rows, 0);
  const files = Object.keys(written).length;
  const titles = written['title.basics']?.rows ?? 0;
  return `${number(files)} files, ${number(titles)} titles, ${number(rows)} rows`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
