/**
 * `npm test`: runs Vitest and ends with the line `N passed, N failed`, alone, whatever the reporters print above it.
 * Arguments are Vitest's own: `npm test -- mssql`, `npm test -- --update`.
 */
import { parseCLI, startVitest, type Vitest } from 'vitest/node';

/** A test module that cannot be loaded, a hook that throws and an error outside every test each count as one failure. */
function tally(vitest: Vitest): { readonly passed: number; readonly failed: number } {
  let passed = 0;
  let failed = vitest.state.getUnhandledErrors().length;
  for (const module of vitest.state.getTestModules()) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      if (state === 'failed') failed += 1;
    }
  }
  return { passed, failed };
}

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const vitest = await startVitest(filter, { ...options, watch: false });
const { passed, failed } = tally(vitest);
await vitest.close();
process.stdout.write(`${passed} passed, ${failed} failed\n`);
// What a test left open must not keep the command from ending.
process.exit(failed === 0 && passed > 0 ? 0 : 1);
