/** `npm run bench -- [--json] [--only NAME,…]`: measures each claim against its anchor, one after another. */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Claim, Measurement } from './claim.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
const notClaims = new Set(['child-process.ts', 'claim.ts', 'peak-memory.ts', 'run.ts']);
const files = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.ts') && !notClaims.has(file))
  .sort();
const claims = await Promise.all(files.map(async file => (await import(`./${file}`)) as Claim));

const wanted = values.only?.split(',');
for (const name of wanted ?? []) {
  if (!claims.some(claim => claim.name === name)) {
    process.stderr.write(
      `--only: there is no claim ${name} (there are: ${claims.map(claim => claim.name).join(', ')})\n`,
    );
    process.exit(1);
  }
}

interface Result extends Measurement {
  readonly name: string;
  readonly goal: string;
}

const results: Result[] = [];
for (const claim of claims.filter(({ name }) => wanted === undefined || wanted.includes(name))) {
  process.stderr.write(`${claim.name} …\n`);
  for (const measured of [await claim.run()].flat() as Measurement[]) {
    const name = measured.case === undefined ? claim.name : `${claim.name}/${measured.case}`;
    results.push({ ...measured, name, goal: claim.goal });
    const verdict = measured.ok ? 'met' : 'MISSED';
    const figures = `ours ${round(measured.ours)}, anchor ${round(measured.anchor)} ${measured.unit}, ratio ${round(measured.ratio)}`;
    process.stderr.write(`  ${name}: ${figures} (${claim.goal}: ${verdict})\n`);
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ results })}\n`);

function round(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
