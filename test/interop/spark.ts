/** Spark with delta-spark, whose behaviour is what the Delta protocol means. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checks } from './checks.ts';
import { readSilver, writeInTurns } from './delta-meeting.ts';
import type { FilledLake } from './filled-lake.ts';
import { commandFrom, jarsOf, pythonWith } from './install.ts';
import type { Outsider } from './outsider.ts';
import { startPython } from './python-program.ts';

const name = 'Spark';

export const spark: Outsider = {
  name,
  async install() {
    await commandFrom('default-jre-headless', 'java');
    await commandFrom('maven', 'mvn');
    const [python, jars] = await Promise.all([
      pythonWith('spark', ['pyspark==4.0.1']),
      jarsOf('spark-jars', [
        ['io.delta', 'delta-spark_2.13', '4.0.1'],
        ['io.delta', 'delta-storage', '4.0.1'],
      ]),
    ]);
    return (lake, checks) => meet({ python, jars }, lake, checks);
  },
};

interface Installed {
  readonly python: string;
  readonly jars: readonly string[];
}

async function meet({ python, jars }: Installed, lake: FilledLake, checks: Checks): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'interop-spark-'));
  // Spark would listen on the machine's own address, and leave its files in the folder it was started from.
  const environment = { SPARK_LOCAL_IP: '127.0.0.1', SPARK_LOCAL_DIRS: folder, SPARK_JARS: jars.join(',') };
  try {
    await using program = startPython(python, 'spark_delta.py', environment);
    await program.ask('connect', { options: { 'spark.sql.warehouse.dir': join(folder, 'warehouse') } });
    await readSilver({ name, program }, lake, checks);
    await writeInTurns({ name, program }, lake, folder, checks);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
