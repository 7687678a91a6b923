/** `npm run crash -- --pipeline P [--sample N] [--seed S] [--json]`: the app killed at every point of a run, or at N of them. */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { crashAt, rehearse } from './harness.ts';
import { crashScenarios } from './index.ts';

const { values } = parseArgs({
  options: {
    pipeline: { type: 'string', default: 'youflix' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const scenario = crashScenarios.find(({ pipeline }) => pipeline === values.pipeline);
if (!scenario) {
  const known = crashScenarios.map(({ pipeline }) => pipeline).join(', ');
  process.stderr.write(`--pipeline: there is no ${values.pipeline} (there are: ${known})\n`);
  process.exit(1);
}

const { folder, rehearsals } = await rehearse(scenario);
const every = rehearsals.flatMap(rehearsal => rehearsal.points.map((_, index) => ({ rehearsal, index })));
const chosen = values.sample === undefined ? every : spread(every, Number(values.sample), Number(values.seed));
process.stderr.write(`${scenario.pipeline}: ${every.length} points, trying ${chosen.length}\n`);

let bad = 0;
for (const [number, { rehearsal, index }] of chosen.entries()) {
  const { point, reached, differences } = await crashAt(scenario, rehearsal, index);
  if (differences.length > 0) bad += 1;
  const verdict =
    differences.length > 0 ? `DIFFERS: ${differences.join('; ')}` : reached ? 'same' : 'same (not reached)';
  const where = `${rehearsal.phase.name} #${index} ${point.phase} ${point.service} ${point.operation.replace(/\s+/g, ' ').slice(0, 90)}`;
  process.stderr.write(`[${number + 1}/${chosen.length}] ${where}: ${verdict}\n`);
}
await rm(folder, { recursive: true, force: true });

if (values.json)
  process.stdout.write(`${JSON.stringify({ ok: bad === 0, points: every.length, tried: chosen.length })}\n`);
process.exitCode = bad === 0 ? 0 : 1;

/** `count` of the points, evenly spread over the run; the seed moves them. */
function spread<T>(points: readonly T[], count: number, seed: number): T[] {
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--sample: expected a whole number from 1, got ${values.sample}`);
  const step = points.length / Math.min(count, points.length);
  const offset = (Math.abs(seed) * 0.618) % 1;
  return Array.from({ length: Math.min(count, points.length) }, (_, n) => points[Math.floor((n + offset) * step)] as T);
}
