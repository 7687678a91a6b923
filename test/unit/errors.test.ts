import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  BadRecordError,
  ConfigError,
  ConflictError,
  errorMessage,
  LakeError,
  PermanentError,
  TransientError,
} from '../../shared/errors.ts';
import { projectRoot } from '../source-files.ts';

const kinds = [
  [ConfigError, 'config'],
  [TransientError, 'transient'],
  [ConflictError, 'conflict'],
  [PermanentError, 'permanent'],
  [BadRecordError, 'bad-record'],
] as const;

describe.each(kinds)('%o', (Kind, kind) => {
  test('says its kind and name, and keeps message, code and cause', () => {
    const cause = new Error('underneath');
    const error = new Kind('read x: gone', { code: 'not-found', cause });
    expect(error).toBeInstanceOf(LakeError);
    expect(error).toMatchObject({ kind, name: Kind.name, message: 'read x: gone', code: 'not-found', cause });
    expect(String(error)).toBe(`${Kind.name}: read x: gone`);
  });

  test('has no code and no cause unless given', () => {
    const error = new Kind('read x: gone');
    expect(error.code).toBeUndefined();
    expect('cause' in error).toBe(false);
  });
});

test('a transient error knows when to come back, if the service said so', () => {
  expect(new TransientError('busy', { retryAfterMs: 1500 }).retryAfterMs).toBe(1500);
  expect(new TransientError('busy').retryAfterMs).toBeUndefined();
});

test('the message of whatever was thrown', () => {
  expect(errorMessage(new ConflictError('changed'))).toBe('changed');
  expect(errorMessage('plain text')).toBe('plain text');
  expect(errorMessage(undefined)).toBe('undefined');
});

describe('docs/errors.md', () => {
  const page = readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8');

  test.each(kinds)('lists %o', (Kind, kind) => {
    expect(page).toContain(`| \`${Kind.name}\` | \`${kind}\` |`);
  });

  test('explains every code that the app gives, and no other', () => {
    const paths = globSync('{functions,orchestrations,shared}/**/*.ts', { cwd: projectRoot });
    const texts = paths.map(path => readFileSync(join(projectRoot, path), 'utf8'));
    const given = texts.flatMap(text => [...text.matchAll(/\bcode: '([a-z-]+)'/g)].map(match => match[1]));
    const byOthers = ['transient', 'unexpected'];
    const table = page.slice(page.indexOf('## Codes'));
    const firstCells = [...table.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].map(match => match[1] ?? '');
    const explained = firstCells.flatMap(cell => cell.split(', ').map(code => code.replaceAll('`', '')));
    expect(explained.sort()).toEqual([...new Set([...given, ...byOthers])].sort());
  });
});
