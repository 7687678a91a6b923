/** Spark with delta-spark, whose behaviour is what the Delta protocol means: on plain folders, and through Hadoop's ABFS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checks } from './checks.ts';
import { meetOverWire, readSilver, writeInTurns } from './delta-meeting.ts';
import type { FilledLake } from './filled-lake.ts';
import { readBronze } from './imdb-meeting.ts';
import { commandFrom, jarsOf, pythonWith } from './install.ts';
import type { Outsider } from './outsider.ts';
import { startPython } from './python-program.ts';
import { compareListSelects } from './spark-list-parity.ts';
import { compareSelects } from './spark-parity.ts';
import { readPartitions } from './tmdb-meeting.ts';

const name = 'Spark';

/** Needs Java 17 and about 500 MB of disk. */
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
        // Of the Hadoop that this Spark brings; the two others are what its ABFS cannot do without.
        ['org.apache.hadoop', 'hadoop-azure', '3.4.1'],
        ['org.apache.hadoop.thirdparty', 'hadoop-shaded-guava', '1.3.0'],
        ['org.wildfly.openssl', 'wildfly-openssl', '1.1.3.Final'],
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
    await program.ask('connect', {
      options: { 'spark.sql.warehouse.dir': join(folder, 'warehouse'), ...abfsOptions(lake) },
    });
    await readSilver({ name, program }, lake, checks);
    await readBronze({ name, program }, lake, lake.deliveries.slice(1), checks);
    await compareSelects({ name, program }, lake, checks);
    const reader = { name, program, types: { long: 'bigint', integer: 'int' }, dayType: 'date' } as const;
    await readPartitions(reader, lake, checks);
    await compareListSelects(reader, lake, checks);
    await meetOverWire({ name, program }, (fileSystem, path) => abfsUrl(lake, fileSystem, path), lake, checks);
    await writeInTurns({ name, program }, lake, folder, checks);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The account under its name in Azure, at an endpoint that is here. */
function abfsOptions({ storage }: FilledLake): Record<string, string> {
  return {
    'spark.hadoop.fs.azure.abfs.endpoint': new URL(storage.url).host,
    'spark.hadoop.fs.azure.always.use.https': 'false',
    [`spark.hadoop.fs.azure.account.key.${storage.account}.dfs.core.windows.net`]: storage.key,
  };
}

function abfsUrl({ storage }: FilledLake, fileSystem: string, path: string): string {
  return `abfs://${fileSystem}@${storage.account}.dfs.core.windows.net/${path}`;
}
