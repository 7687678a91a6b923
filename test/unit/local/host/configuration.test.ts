import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHostConfig, resolveSettings } from '../../../../local/host/host-config.ts';
import { mergeEnvironment, readLocalSettings } from '../../../../local/host/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'configuration-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('host.json', () => {
  it('has the defaults of the real host', () => {
    write('host.json', { version: '2.0', whatever: [1] });
    expect(readHostConfig(folder, {})).toEqual({
      routePrefix: 'api',
      hubName: 'TestHubName',
      maxConcurrentActivities: 10 * availableParallelism(),
      maxConcurrentOrchestrators: 10 * availableParallelism(),
    });
  });

  it('is read without regard to case, with settings resolved', () => {
    write('host.json', { Extensions: { HTTP: { routePrefix: '' }, durableTask: { hubName: '%HUB%x' } } });
    expect(readHostConfig(folder, { HUB: 'Films' })).toMatchObject({ routePrefix: '', hubName: 'Filmsx' });
  });

  it('yields to AzureFunctionsJobHost variables', () => {
    write('host.json', { extensions: { durableTask: { maxConcurrentActivityFunctions: 3 } } });
    const env = {
      AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: '7',
      AzureFunctionsJobHost__extensions__http__routePrefix: 'v2',
    };
    expect(readHostConfig(folder, env)).toMatchObject({ maxConcurrentActivities: 7, routePrefix: 'v2' });
  });

  it.each([
    [
      'a wrong type',
      { extensions: { http: { routePrefix: 1 } } },
      /"extensions.http.routePrefix" must be a string, found 1/,
    ],
    [
      'a wrong number',
      { extensions: { durableTask: { maxConcurrentActivityFunctions: 0 } } },
      /whole number above 0, found 0/,
    ],
    ['no JSON', '{', /host\.json: cannot be read as JSON/],
  ])('is refused with %s', (_what, content, message) => {
    write('host.json', content);
    expect(() => readHostConfig(folder, {})).toThrow(message);
  });
});

describe('resolveSettings', () => {
  it('replaces what is set and leaves the rest', () => {
    expect(resolveSettings('%A%-%B%-100%', { A: '1' })).toBe('1-%B%-100%');
  });
});

describe('local.settings.json', () => {
  it('gives values, connection strings and the host’s own settings', () => {
    const path = write('local.settings.json', {
      IsEncrypted: false,
      Values: { A: 'a', N: 5, B: true },
      ConnectionStrings: { Sql: 'Server=x' },
      Host: { LocalHttpPort: 7100, CORS: '*', CORSCredentials: true },
    });
    expect(readLocalSettings(path)).toEqual({
      values: { A: 'a', N: '5', B: 'true', 'ConnectionStrings:Sql': 'Server=x' },
      port: 7100,
      address: undefined,
      cors: '*',
      corsCredentials: true,
    });
  });

  it('may be missing', () => {
    expect(readLocalSettings(join(folder, 'none.json')).values).toEqual({});
  });

  it.each([
    ['encrypted', { IsEncrypted: true }, /encrypted/],
    ['nested', { Values: { A: { b: 1 } } }, /Values\.A must be a string, found \{"b":1\}/],
    ['broken', '{"Values":', /not valid JSON/],
  ])('is refused when %s', (_what, content, message) => {
    expect(() => readLocalSettings(write('s.json', content))).toThrow(message);
  });
});

describe('mergeEnvironment', () => {
  it('lets a variable that is set win, and says so', () => {
    const warnings: string[] = [];
    const merged = mergeEnvironment({ A: 'set', C: 'same' }, { A: 'file', B: 'b', C: 'same' }, text =>
      warnings.push(text),
    );
    expect(merged).toEqual({ A: 'set', B: 'b', C: 'same' });
    expect(warnings).toEqual([expect.stringContaining("'A'")]);
  });
});
