/** `node local/youflix/main.ts seed|simulate`: fills a platform database, local or real, and keeps it alive. */
import { parseArgs } from 'node:util';
import { scales } from '../scenarios/scenario.ts';
import { seedDatabase } from './seed.ts';
import { simulate, startSimulator } from './simulator.ts';

const help = `node local/youflix/main.ts seed|simulate --connection "Server=127.0.0.1,1433;Database=youflix;User Id=…;Password=…" [flags]
  seed               make the tables where missing, fill them where empty
    --scale SCALE    small (10 thousand users, default), medium (100 thousand) or large (1 million)
  simulate           go on changing rows until Ctrl+C
    --rate N         changes a second (default 5)
    --changes N      make N changes as fast as possible, then end
    --hard-deletes   also remove accounts for good
  --seed N           seed of what is made (default 1)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      connection: { type: 'string' },
      scale: { type: 'string', default: 'small' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '5' },
      changes: { type: 'string' },
      'hard-deletes': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(`${help}\n`);
    return;
  }
  if (!values.connection) throw new Error('--connection: expected a connection string, got none');
  const connection = values.connection;
  const seed = wholeNumber('seed', values.seed);
  if (command === 'seed') {
    const scale = scales.find(name => name === values.scale);
    if (!scale) throw new Error(`--scale: expected ${scales.join(', ')}, got ${JSON.stringify(values.scale)}`);
    process.stdout.write(`${await seedDatabase({ connection, scale, seed })}\n`);
  } else if (command === 'simulate') {
    const options = { connection, seed, hardDeletes: values['hard-deletes'] };
    const report = values.changes
      ? await simulate({ ...options, changes: wholeNumber('changes', values.changes) })
      : await untilInterrupted({ ...options, rate: wholeNumber('rate', values.rate) });
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } else {
    throw new Error(`expected seed or simulate, got ${JSON.stringify(command)}`);
  }
}

function untilInterrupted(options: Parameters<typeof startSimulator>[0]): ReturnType<typeof simulate> {
  const simulator = startSimulator(options);
  // A failure that only `stop` reports is reported here as well: both wait for the same end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
  return simulator.ended;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name}: expected a whole number from 1 up, got ${JSON.stringify(text)}`);
  }
  return value;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
