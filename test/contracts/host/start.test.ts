import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type AppName, appFolder, startApp, temporaryFolder } from './app-host.ts';

const main = fileURLToPath(new URL('../../../local/host/main.ts', import.meta.url));

describe('loading an app', () => {
  it('takes every file that main matches, CommonJS and ESM alike', async () => {
    const host = await startApp('glob');
    expect(await (await fetch(`${host.url}/api/fromCommonJs`)).text()).toBe('CommonJS');
    expect(await (await fetch(`${host.url}/api/fromModule`)).text()).toBe('ESM');
    expect(host.lines).toContain(`\tfromModule: [GET,POST] ${host.url}/api/fromModule`);
    await host.close();
  });

  it('runs only the functions that were asked for', async () => {
    const host = await startApp('glob', { functions: ['fromModule'] });
    expect((await fetch(`${host.url}/api/fromCommonJs`)).status).toBe(404);
    expect((await fetch(`${host.url}/api/fromModule`)).status).toBe(200);
    await host.close();
    await expect(startApp('glob', { functions: ['fromMars'] })).rejects.toThrow(
      /no fromMars; it registered fromCommonJs/,
    );
  });

  it.each<[AppName, RegExp]>([
    ['empty', /No job functions found/],
    ['broken', /unable to load entry point "main.js": this app cannot start/],
    ['entity', /"counter" is a durable entity/],
    ['streams', /enableHttpStream: true }\) is not supported/],
  ])('fails with %s', async (app, message) => {
    await expect(startApp(app)).rejects.toThrow(message);
  });
});

describe('--enableAuth', () => {
  it('lets in who has a key of the level, or the master key', async () => {
    const host = await startApp('triggers', { enableAuth: true, env: { TICK: '0 0 0 1 1 *' } });
    const { loadKeys } = await import('../../../local/host/keys.ts');
    const keys = loadKeys(host.dataFolder);
    const status = async (path: string, key?: string, header?: string): Promise<number> => {
      const query = key === undefined ? '' : `${path.includes('?') ? '&' : '?'}code=${encodeURIComponent(key)}`;
      const headers: Record<string, string> = header === undefined ? {} : { 'x-functions-key': header };
      return (await fetch(`${host.url}${path}${query}`, { headers })).status;
    };
    expect(await status('/v1/nothing')).toBe(204);
    expect(await status('/v1/guarded')).toBe(401);
    expect(await status('/v1/guarded', 'wrong')).toBe(401);
    expect(await status('/v1/guarded', keys.functions)).toBe(200);
    expect(await status('/v1/guarded', undefined, keys.master)).toBe(200);
    expect(await status('/v1/guardedMore', keys.functions)).toBe(401);
    expect(await status('/v1/guardedMore', keys.master)).toBe(200);
    expect(await status('/admin/functions')).toBe(401);
    expect(await status('/admin/functions', keys.master)).toBe(200);
    const instances = '/runtime/webhooks/durabletask/instances/';
    expect(await status(instances)).toBe(401);
    expect(await status(instances, keys.system['durabletask_extension'])).toBe(200);
    expect(await status('/runtime/webhooks/eventgrid?functionName=landed', keys.functions)).toBe(401);
    await host.close();
  });
});

describe('the command', () => {
  const run = (...args: string[]): { status: number | null; stdout: string } =>
    spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 20_000 });

  it('exits 1 and says what to do when no function is registered', () => {
    const data = temporaryFolder();
    const { status, stdout } = run('--script-root', appFolder('empty'), '--data', data, '--port', '0');
    rmSync(data, { recursive: true });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] No job functions found: .*Check that "main"/m);
  });

  it.each([
    ['a port that is none', ['--port', 'x'], /--port x: expected a number/],
    ['a word too many', ['hello'], /unexpected argument "hello"; to run only some functions write --functions hello/],
    ['settings that are no JSON', ['--settings', 'SETTINGS'], /not valid JSON/],
    ['a folder that is no app', ['--script-root', '/nowhere'], /host\.json: cannot be read/],
  ])('exits 1 with %s', (_what, args, message) => {
    const data = temporaryFolder();
    const settings = join(data, 'settings.json');
    writeFileSync(settings, '{ "Values": ');
    const given = args.map(arg => (arg === 'SETTINGS' ? settings : arg));
    const { status, stdout } = run('--data', data, '--script-root', appFolder('glob'), '--port', '0', ...given);
    rmSync(data, { recursive: true });
    expect(status).toBe(1);
    expect(stdout).toMatch(message);
  });
});
