/** `npm run test:interop`: a filled lake meets clients that nobody here wrote. Ends with the line `N passed, N failed`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azureSdkForPython } from './azure-sdk.ts';
import { startChecks } from './checks.ts';
import { cloudEventsSdk } from './cloud-events.ts';
import { deltaRs } from './delta-rs.ts';
import { fillLake } from './filled-lake.ts';
import { freeTds } from './free-tds.ts';
import { NotInstalled } from './install.ts';
import type { Meeting, Outsider } from './outsider.ts';
import { pyarrow } from './pyarrow.ts';
import { spark } from './spark.ts';

/** The last one delivers again, so that silver is another from then on. */
const everyone: readonly Outsider[] = [freeTds, azureSdkForPython, cloudEventsSdk, deltaRs, spark, pyarrow];
const named = process.argv.slice(2);
const unknown = named.filter(name => !everyone.some(outsider => outsider.name === name));
if (unknown.length > 0) {
  const names = everyone.map(({ name }) => JSON.stringify(name)).join(', ');
  process.stderr.write(`there is no client ${unknown.join(', ')} (there are: ${names})\n`);
  process.exit(1);
}

const checks = startChecks(line => process.stdout.write(`${line}\n`));
// They are brought in while the lake is filled.
const arrivals = everyone
  .filter(({ name }) => named.length === 0 || named.includes(name))
  .map(outsider => ({ name: outsider.name, arrival: arrive(outsider) }));
const dataDir = await mkdtemp(join(tmpdir(), 'interop-'));
try {
  await using lake = await fillLake(dataDir);
  for (const { name, arrival } of arrivals) {
    const { meeting, absence } = await arrival;
    if (absence instanceof NotInstalled) checks.notRun(name, absence.message);
    else if (meeting === undefined) checks.fail(name, absence);
    else await meeting(lake, checks).catch(error => checks.fail(name, error));
  }
} catch (error) {
  checks.fail('the lake is filled', error);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
process.exitCode = checks.close() ? 0 : 1;

/** Never rejects: nobody waits for it before the lake is filled. */
function arrive(outsider: Outsider): Promise<{ readonly meeting?: Meeting; readonly absence?: unknown }> {
  return outsider.install().then(
    meeting => ({ meeting }),
    absence => ({ absence }),
  );
}
