/** The flags of `npm start`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Scale, scales } from './scenarios/scenario.ts';
import { defaultPort } from './settings.ts';

export interface StartArguments {
  readonly once: boolean;
  readonly json: boolean;
  readonly scale: Scale;
  readonly only: readonly string[] | undefined;
  readonly dataDir: string;
  readonly port: number;
  readonly seed: number;
  /** Changes per second that the simulator goes on making once the runs are done; 0 for none. */
  readonly rate: number;
}

export const startHelp = `npm start -- [flags]
  --once             end after the runs instead of staying up; exit code 0 when all is well
  --json             end with one JSON line (the summary); what is told on the way goes to stderr
  --scale SCALE      small (10 thousand users, 5 thousand titles; default), medium (100 and 100 thousand) or large (1 and 2 million)
  --only P,…         only these pipelines
  --engine ENGINE    embedded (default); azure comes with the Azure engines
  --data DIR         the data folder (default .data); delete it to start afresh
  --port N           the app's port (default ${defaultPort}); the stand-ins take the next ones; 0 for any free ports
  --seed N           seed of the generated data (default 1)
  --rate N           changes per second that the simulator goes on making (default 0)`;

/** @throws Error naming every flag that is wrong */
export function readStartArguments(argv: readonly string[], pipelines: readonly string[]): StartArguments | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: 'small' },
      only: { type: 'string' },
      engine: { type: 'string', default: 'embedded' },
      data: { type: 'string', default: '.data' },
      port: { type: 'string', default: String(defaultPort) },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const problems: string[] = [];
  const number = (name: string, text: string, valid: (value: number) => boolean, expected: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !valid(value))
      problems.push(`--${name}: expected ${expected}, got ${JSON.stringify(text)}`);
    return value;
  };
  const port = number('port', values.port, n => Number.isInteger(n) && n >= 0 && n <= 65_000, 'a port from 0 to 65000');
  const seed = number('seed', values.seed, Number.isSafeInteger, 'a whole number');
  const rate = number('rate', values.rate, n => n >= 0 && n <= 1000, 'a number from 0 to 1000');
  const scale = scales.find(name => name === values.scale);
  if (!scale) problems.push(`--scale: expected ${scales.join(', ')}, got ${JSON.stringify(values.scale)}`);
  if (values.engine !== 'embedded') problems.push(`--engine: expected embedded, got ${JSON.stringify(values.engine)}`);
  const only = values.only?.split(',').map(name => name.trim());
  for (const name of only ?? []) {
    if (!pipelines.includes(name))
      problems.push(`--only: there is no pipeline ${JSON.stringify(name)} (there are: ${pipelines.join(', ')})`);
  }
  if (problems.length > 0 || !scale) throw new Error(problems.join('\n'));
  return { once: values.once, json: values.json, scale, only, dataDir: resolve(values.data), port, seed, rate };
}
