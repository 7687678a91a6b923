/** `npm run check`: types and lint. The walls between the folders are tests (architecture.test.ts). */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const binaries = join(import.meta.dirname, '..', 'node_modules', '.bin');
const checks: readonly (readonly [string, ...string[]])[] = [
  ['tsc', '--noEmit'],
  ['biome', 'check', '--error-on-warnings', '.'],
];

let failed = 0;
for (const [command, ...flags] of checks) {
  process.stdout.write(`> ${command} ${flags.join(' ')}\n`);
  const { status } = spawnSync(join(binaries, command), flags, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
