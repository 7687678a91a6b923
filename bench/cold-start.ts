/** From the start of the app process to its first HTTP answer: the deployed bundle against the same app unbundled. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { measure } from './child-process.ts';
import { type Measurement, median } from './claim.ts';

export const name = 'cold-start';
export const goal = 'time at most 0.5 x the unbundled app';

const root = join(import.meta.dirname, '..');
const pairs = 3;
const startsPerSide = 3;

export async function run(): Promise<Measurement> {
  // Inside the project, because the unbundled app finds its packages in the project's node_modules.
  const unbundled = join(root, '.data', 'bench-unbundled');
  const data = mkdtempSync(join(tmpdir(), 'youflix-bench-'));
  try {
    await buildUnbundled(unbundled);
    const starts = (app: string): Promise<{ seconds: number[] }> =>
      measure(join(import.meta.dirname, 'cold-start', 'first-answer.ts'), [app, data, String(startsPerSide)]);
    const sides: { ours: number; anchor: number }[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      sides.push({ ours: median((await starts(root)).seconds), anchor: median((await starts(unbundled)).seconds) });
    }
    const ratio = median(sides.map(({ ours, anchor }) => ours / anchor));
    return {
      ours: median(sides.map(({ ours }) => ours)),
      anchor: median(sides.map(({ anchor }) => anchor)),
      ratio,
      unit: 's',
      ok: ratio <= 0.5,
    };
  } finally {
    rmSync(unbundled, { recursive: true, force: true });
    rmSync(data, { recursive: true, force: true });
  }
}

/** The app compiled file by file, every package left in node_modules and loaded at the top: what `tsc` would deploy. */
async function buildUnbundled(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const build = await rolldown({
    input: { 'functions/main': join(root, 'functions', 'main.ts') },
    platform: 'node',
    external: id => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Z]:/.test(id),
  });
  await build.write({ dir: join(folder, 'dist'), format: 'esm', preserveModules: true, preserveModulesRoot: root });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'host.json'), join(folder, 'host.json'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'dist/functions/main.js' }));
}
