import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStartArguments, type StartArguments, startHelp } from '../../../local/arguments.ts';

function read(...argv: string[]): StartArguments | 'help' {
  return readStartArguments(argv, ['youflix', 'imdb']);
}

function refusal(...argv: string[]): string {
  try {
    read(...argv);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`accepted: ${argv.join(' ')}`);
}

test('nothing at all: the small data, on the usual ports, staying up', () => {
  expect(read()).toEqual({
    once: false,
    json: false,
    scale: 'small',
    only: undefined,
    dataDir: resolve('.data'),
    port: 7071,
    seed: 1,
    rate: 0,
  });
});

test('every flag', () => {
  const flags = ['--once', '--json', '--engine', 'embedded', '--data', 'elsewhere', '--seed', '42', '--rate', '2.5'];
  expect(read(...flags, '--scale', 'large', '--only', 'imdb, youflix', '--port', '0')).toEqual({
    once: true,
    json: true,
    scale: 'large',
    only: ['imdb', 'youflix'],
    dataDir: resolve('elsewhere'),
    port: 0,
    seed: 42,
    rate: 2.5,
  });
});

describe('what is refused', () => {
  test.each([
    [['--scale', 'huge'], '--scale: expected small, medium, large, got "huge"'],
    [['--engine', 'azure'], '--engine: expected embedded, got "azure"'],
    [['--only', 'tmdb'], '--only: there is no pipeline "tmdb" (there are: youflix, imdb)'],
    [['--port', '65001'], '--port: expected a port from 0 to 65000, got "65001"'],
    [['--port', '80.5'], '--port: expected a port from 0 to 65000, got "80.5"'],
    [['--port', ''], '--port: expected a port from 0 to 65000, got ""'],
    [['--seed', 'x'], '--seed: expected a whole number, got "x"'],
    [['--rate', '-1'], '--rate: expected a number from 0 to 1000, got "-1"'],
    [['--rate', 'NaN'], '--rate: expected a number from 0 to 1000, got "NaN"'],
  ])('%o', ([flag = '', value], message) => {
    expect(refusal(`${flag}=${value}`)).toBe(message);
  });

  test('every wrong flag at once', () => {
    const message = refusal('--scale', 'huge', '--port', 'x', '--only', 'a,youflix,b');
    expect(message.split('\n').map(line => line.slice(0, line.indexOf(':')))).toEqual([
      '--port',
      '--scale',
      '--only',
      '--only',
    ]);
  });

  test.each([[['--force']], [['youflix']], [['--data']]])('%o, which is no flag of ours', argv => {
    expect(() => read(...argv)).toThrow();
  });
});

test('help is given whatever else is asked, and names every flag', () => {
  expect(read('--help', '--scale', 'huge')).toBe('help');
  for (const flag of ['once', 'json', 'scale', 'only', 'engine', 'data', 'port', 'seed', 'rate'])
    expect(startHelp).toContain(`--${flag} `);
});
