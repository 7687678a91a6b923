/** `node local/imdb/main.ts generate|download`: makes IMDb-shaped files, or fetches IMDb's own into the local cloud. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultPort, landingAddress, portsFrom } from '../settings.ts';
import { dataSets } from './data-sets.ts';
import { deliverFiles } from './deliveries.ts';
import { downloadDataSets, imdbOrigin, imdbTerms } from './download.ts';
import { writeDataSets } from './write-data-sets.ts';

const help = `node local/imdb/main.ts generate|download [flags]
  generate           make files of the shape of IMDb's
    --titles N       titles and people (default 5000)
    --seed N         seed of what is made (default 1)
    --delivery N     0 is the first delivery, 1 one in which a hundredth has changed, and so on (default 0)
    --into DIR       where to (default .data/imdb-generated)
  download           fetch IMDb's own files (npm run imdb:download) and deliver them to the local cloud
    --accept-terms   you have read IMDb's terms and accept them
    --into DIR       leave the files there and deliver nothing
    --data DIR       the local cloud's data folder (default .data)
    --port N         the local cloud's first port (default ${defaultPort})
  --only NAME,…      only these data sets: ${dataSets.map(({ name }) => name).join(', ')}`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      titles: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
      delivery: { type: 'string', default: '0' },
      into: { type: 'string' },
      only: { type: 'string' },
      data: { type: 'string', default: '.data' },
      port: { type: 'string', default: String(defaultPort) },
      'accept-terms': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(`${help}\n`);
    return;
  }
  const only = chosen(values.only);
  if (command === 'generate') {
    const [titles, seed] = [wholeNumber('titles', values.titles, 1), wholeNumber('seed', values.seed, 0)];
    const delivery = wholeNumber('delivery', values.delivery, 0);
    const folder = resolve(values.into ?? '.data/imdb-generated');
    process.stdout.write(`${JSON.stringify(await writeDataSets(folder, { titles, seed, delivery, only }), null, 2)}\n`);
  } else if (command === 'download') {
    tell(imdbTerms);
    if (!values['accept-terms']) throw new Error('Nothing was downloaded: add --accept-terms if you accept them.');
    const dataDir = resolve(values.data);
    const folder = resolve(values.into ?? join(dataDir, 'imdb-download'));
    await downloadDataSets({ origin: imdbOrigin, folder, names: only, tell });
    const ports = portsFrom(wholeNumber('port', values.port, 1));
    tell(values.into === undefined ? await deliverFiles({ dataDir, landing: landingAddress(ports) }, folder) : folder);
  } else {
    throw new Error(`expected generate or download, got ${JSON.stringify(command)}`);
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function chosen(names: string | undefined): string[] {
  const known = dataSets.map(({ name }) => name);
  const wanted = names?.split(',').map(name => name.trim()) ?? known;
  const unknown = wanted.filter(name => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--only: expected ${known.join(', ')}, got ${unknown.join(', ')}`);
  return wanted;
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
    throw new Error(`--${name}: expected a whole number from ${least} up, got ${JSON.stringify(text)}`);
  }
  return value;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
