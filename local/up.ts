/** `npm start`: raises the local cloud and the app, fills the sources, runs every pipeline, shows what came out, and stays up. */
import { mkdirSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import type { RunRecord } from './app-client.ts';
import { readStartArguments, type StartArguments, startHelp } from './arguments.ts';
import { raiseCloud } from './cloud.ts';
import { titlesAtScale } from './imdb/deliveries.ts';
import { scenarios } from './scenarios/index.ts';
import { portsFrom } from './settings.ts';
import { count, runSummary, type Summary, stepTable, tableSummaries, textTable } from './summary.ts';
import { startSimulator } from './youflix/simulator.ts';

const startedAtMs = Number(process.env['YOUFLIX_STARTED_AT_MS'] ?? Date.now());

async function up(flags: StartArguments): Promise<Summary> {
  const tell = (text: string): void => {
    (flags.json ? process.stderr : process.stdout).write(`${text}\n`);
  };
  mkdirSync(flags.dataDir, { recursive: true });
  const cloud = await raiseCloud({
    dataDir: flags.dataDir,
    ports: portsFrom(flags.port),
    movies: { seed: flags.seed, titles: titlesAtScale[flags.scale] },
  });
  const records: RunRecord[] = [];
  let failure: unknown;
  try {
    // The app loads while the sources are filled.
    const [app] = await Promise.all([cloud.startApp(), seedSources()]);
    tell(
      textTable(
        ['service', 'address', 'data'],
        cloud.services.map(s => [s.name, s.url, isAbsolute(s.data) ? relative('.', s.data) : s.data]),
        [],
      ),
    );
    for (const scenario of chosen()) {
      await scenario.play(cloud, app.url, {
        note: tell,
        ran: record => {
          records.push(record);
          const { pipeline, mode, status, seconds } = runSummary(record);
          const steps = record.tables.flatMap(table => table.steps);
          tell(`\n${pipeline}, ${mode} run ${record.runId}: ${status} in ${seconds.toFixed(1)} s\n${stepTable(steps)}`);
          for (const { table, failure: cause } of record.tables)
            if (cause) tell(`  ${table} failed in ${cause.step}: ${cause.message}`);
        },
      });
    }
  } catch (error) {
    failure = error;
  }
  const tables = tableSummaries(records);
  const summary: Summary = {
    ok: failure === undefined && records.length > 0 && records.every(record => record.status === 'Completed'),
    seconds: (Date.now() - startedAtMs) / 1000,
    dataDir: flags.dataDir,
    runs: records.map(runSummary),
    tables,
  };
  tell(
    `\n${textTable(
      ['silver table', 'rows', 'version'],
      tables.map(t => [t.name, count(t.rows), t.version === null ? '' : String(t.version)]),
      [1, 2],
    )}`,
  );
  if (failure !== undefined) tell(`\nfailed: ${failure instanceof Error ? failure.message : String(failure)}`);
  tell(`\n${summary.ok ? 'All green' : 'Not all green'} after ${summary.seconds.toFixed(1)} s.`);

  if (!flags.once && failure === undefined) {
    tell(`The cloud stays up; try  curl ${cloud.services.at(-1)?.url}/runs  and end it with Ctrl+C.`);
    const simulator =
      flags.rate > 0
        ? startSimulator({ connection: cloud.connectionString, rate: flags.rate, seed: flags.seed })
        : undefined;
    await new Promise(resolve => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
    });
    await simulator?.stop();
  }
  await cloud.close();
  return summary;

  function chosen(): typeof scenarios {
    return scenarios.filter(({ pipeline }) => flags.only === undefined || flags.only.includes(pipeline));
  }

  async function seedSources(): Promise<void> {
    for (const scenario of chosen()) tell(await scenario.seed(cloud, { scale: flags.scale, seed: flags.seed }));
  }
}

try {
  const flags = readStartArguments(
    process.argv.slice(2),
    scenarios.map(({ pipeline }) => pipeline),
  );
  if (flags === 'help') {
    process.stdout.write(`${startHelp}\n`);
  } else {
    const summary = await up(flags);
    if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    process.exitCode = summary.ok ? 0 : 1;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
