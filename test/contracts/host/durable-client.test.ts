import {
  type DurableClient,
  type DurableOrchestrationStatus,
  EntityId,
  OrchestrationRuntimeStatus,
} from 'durable-functions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppHost, durableClient, ended, startApp, until } from './app-host.ts';

let host: AppHost;
beforeAll(async () => {
  host = await startApp('durable', { env: { HUB_NAME: 'ClientHub' } });
});
afterAll(() => host?.close());

describe.each([
  { way: 'through rpcBaseUrl', viaPublicUrls: false },
  { way: 'through the public URLs', viaPublicUrls: true },
])('DurableClient $way', ({ viaPublicUrls }) => {
  let client: DurableClient;
  beforeAll(async () => {
    client = await durableClient(host, { viaPublicUrls });
  });

  async function waiting(instanceId?: string): Promise<string> {
    const id = await client.startNew('waits', instanceId === undefined ? {} : { instanceId });
    await until('the orchestration to wait', async () =>
      (await client.getStatus(id)).customStatus === null ? undefined : true,
    );
    return id;
  }

  it('starts under an id of one’s own, and refuses it while that instance runs', async () => {
    const id = await waiting(`own id ${viaPublicUrls}`.replaceAll(' ', '-'));
    await expect(client.startNew('waits', { instanceId: id })).rejects.toThrow(/already exists/);
    await client.raiseEvent(id, 'go', undefined);
    await ended(client, id);
    expect(await client.startNew('waits', { instanceId: id })).toBe(id);
    await client.terminate(id, 'over');
  });

  it.each([
    ['no-such-orchestrator', 'fine', /doesn't exist/],
    ['waits', '@entity', /refused/],
  ])('refuses to start %s under the id %s', async (name, instanceId, message) => {
    await expect(client.startNew(name, { instanceId })).rejects.toThrow(message);
  });

  it('shows status with input, custom status, output and history', async () => {
    const id = await client.startNew('echoInput', { input: { a: 1 } });
    const status: DurableOrchestrationStatus & { history?: unknown } = await ended(client, id);
    expect(status).toMatchObject({
      name: 'echoInput',
      instanceId: id,
      runtimeStatus: OrchestrationRuntimeStatus.Completed,
      input: { a: 1 },
      output: { a: 1 },
      customStatus: null,
    });
    expect(Math.abs(status.createdTime.getTime() - Date.now())).toBeLessThan(20_000);
    expect(status.history).toMatchObject([
      { EventType: 'ExecutionStarted', Name: 'echoInput' },
      { EventType: 'TaskCompleted', FunctionName: 'echo', Result: { a: 1 } },
      { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed', Result: { a: 1 } },
    ]);
    if (viaPublicUrls) expect((await client.getStatus(id, { showInput: false })).input).toBeNull();
  });

  it('rejects a status that nobody has', async () => {
    await expect(client.getStatus('nobody')).rejects.toThrow(/404/);
  });

  it('raises events, with data and without', async () => {
    const [withData, without] = [await waiting(), await waiting()];
    await client.raiseEvent(withData, 'go', { n: 1 });
    await client.raiseEvent(without, 'go', undefined);
    expect((await ended(client, withData)).output).toEqual({ first: { n: 1 } });
    expect((await ended(client, without)).output).toEqual({ first: 'nothing' });
    await expect(client.raiseEvent('nobody', 'go', 1)).rejects.toThrow(/No instance/);
    await expect(client.raiseEvent(without, 'go', 1)).resolves.toBeUndefined();
  });

  it('terminates, with the reason as output', async () => {
    const id = await waiting();
    await client.terminate(id, 'enough of it');
    const status = await client.getStatus(id);
    expect(status).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough of it' });
    await expect(client.terminate('nobody', 'x')).rejects.toThrow(/No instance/);
  });

  it('suspends and resumes, keeping what happens in between', async () => {
    const id = await waiting();
    await client.suspend(id, 'lunch');
    expect((await client.getStatus(id)).runtimeStatus).toBe('Suspended');
    await client.raiseEvent(id, 'go', 'kept');
    await new Promise(resolve => setTimeout(resolve, 60));
    expect((await client.getStatus(id)).runtimeStatus).toBe('Suspended');
    await client.resume(id, 'back');
    expect((await ended(client, id)).output).toEqual({ first: 'kept' });
  });

  it('says honestly that it cannot rewind', async () => {
    const id = await client.startNew('uncaught');
    await ended(client, id);
    await expect(client.rewind(id, 'again')).rejects.toThrow();
    await expect(client.rewind('nobody', 'again')).rejects.toThrow(/No instance/);
  });

  it('purges one ended instance', async () => {
    const id = await client.startNew('echoInput', { input: 1 });
    await ended(client, id);
    expect(await client.purgeInstanceHistory(id)).toEqual({ instancesDeleted: 1 });
    expect(await client.purgeInstanceHistory(id)).toEqual({ instancesDeleted: 0 });
    await expect(client.getStatus(id)).rejects.toThrow(/404/);
  });

  it('lists over several pages, filters and purges by time and status', async () => {
    const createdTimeFrom = new Date();
    const ids = await Promise.all(Array.from({ length: 105 }, () => client.startNew('echoInput', { input: 'listed' })));
    await Promise.all(ids.map(id => ended(client, id)));
    const open = await waiting();
    const listed = await client.getStatusBy({ createdTimeFrom, runtimeStatus: [OrchestrationRuntimeStatus.Completed] });
    expect(listed.map(status => status.instanceId).toSorted()).toEqual(ids.toSorted());
    expect((await client.getStatusAll()).length).toBeGreaterThan(105);
    const purged = await client.purgeInstanceHistoryBy({ createdTimeFrom, createdTimeTo: new Date(Date.now() + 1000) });
    expect(purged).toEqual({ instancesDeleted: 105 });
    expect(await client.getStatusBy({ createdTimeFrom })).toMatchObject([{ instanceId: open }]);
    await client.terminate(open, 'over');
  });

  it('finds no entities', async () => {
    expect(await client.readEntityState(new EntityId('counter', 'k'))).toMatchObject({ entityExists: false });
    await expect(client.signalEntity(new EntityId('counter', 'k'), 'add', 1)).rejects.toThrow(/entities/);
  });
});

describe('the HTTP API by hand', () => {
  const api = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${host.url}/runtime/webhooks/durabletask/${path}`, init);
  const post = (path: string, body = ''): Promise<Response> =>
    api(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });

  it('gives links with 202, by which the caller follows the instance', async () => {
    const start = await fetch(`${host.url}/api/start/echoInput`, { method: 'POST', body: '"x"' });
    expect(start.status).toBe(202);
    const links = (await start.json()) as Record<string, string>;
    expect(start.headers.get('location')).toBe(links['statusQueryGetUri']);
    const status = await until('the end', async () => {
      const response = await fetch(String(links['statusQueryGetUri']));
      return response.status === 200 ? ((await response.json()) as { output: unknown }) : undefined;
    });
    expect(status.output).toBe('x');
    expect((await fetch(String(links['purgeHistoryDeleteUri']), { method: 'DELETE' })).status).toBe(200);
  });

  it('starts and waits for the output, or not longer than asked', async () => {
    const soon = await post('orchestrators/echoInput?timeout=5&pollingInterval=0.05', '[1]');
    expect([soon.status, await soon.json()]).toEqual([200, [1]]);
    const late = await post('orchestrators/waits?timeout=0.1&pollingInterval=0.05');
    expect(late.status).toBe(202);
    expect(await late.json()).toHaveProperty('terminatePostUri');
  });

  it('restarts, under a new id or the old one', async () => {
    const first = (await (await post('orchestrators/echoInput/first', '"once"')).json()) as { id: string };
    const client = await durableClient(host);
    await ended(client, first.id);
    const again = (await (await post('instances/first/restart')).json()) as { id: string };
    expect(again.id).not.toBe('first');
    expect((await ended(client, again.id)).output).toBe('once');
    expect(await (await post('instances/first/restart?restartWithNewInstanceId=false')).json()).toMatchObject({
      id: 'first',
    });
    expect((await post('instances/nobody/restart')).status).toBe(400);
  });

  it('answers 500 for a failed instance when asked to', async () => {
    const { id } = (await (await post('orchestrators/uncaught')).json()) as { id: string };
    await ended(await durableClient(host), id);
    expect((await api(`instances/${id}`)).status).toBe(200);
    expect((await api(`instances/${id}?returnInternalServerErrorOnFailure=true`)).status).toBe(500);
  });

  it.each([
    ['orchestrators/echoInput', '{"a":', 400],
    ['instances/nobody/terminate', '', 404],
    ['instances/nobody/raiseEvent/go', '1', 404],
    ['instances/nobody/nonsense', '', 404],
  ])('refuses POST %s', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });

  it.each(['instances/?createdTimeFrom=soon', 'instances/?runtimeStatus=Asleep'])('refuses GET %s', async path => {
    expect((await api(path)).status).toBe(400);
  });

  it('purges many only from a given time on', async () => {
    expect((await api('instances/', { method: 'DELETE' })).status).toBe(400);
  });
});
