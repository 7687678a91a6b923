import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DurableClient } from 'durable-functions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DurableStore } from '../../../local/host/durable/store.ts';
import type { HistoryEvent } from '../../../local/host/worker/messages.ts';
import { type AppHost, durableClient, ended, startApp, temporaryFolder } from './app-host.ts';

let host: AppHost;
let client: DurableClient;

beforeAll(async () => {
  host = await startApp('durable', { env: { HUB_NAME: 'TestHub' } });
  client = await durableClient(host);
});
afterAll(() => host?.close());

async function run(name: string, input?: unknown): Promise<Awaited<ReturnType<typeof ended>>> {
  const instanceId = await client.startNew(name, input === undefined ? {} : { input });
  return ended(client, instanceId);
}

describe('orchestrations', () => {
  it('complete a fan-out of 1,000 activities', async () => {
    const status = await run('fanOut', { count: 1000 });
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 499_500, input: { count: 1000 } });
  });

  it.each([[{ n: [1, null], deep: { text: 'é' } }], ['text'], ['123'], [0], [null], ['💥\n"']])(
    'carry %j to an activity and back',
    async value => {
      expect((await run('echoInput', value)).output).toEqual(value);
    },
  );

  it('get the empty text when started without input', async () => {
    expect((await run('echoInput')).input).toBe('');
  });

  it('take every kind of value that an activity may return', async () => {
    expect((await run('kinds')).output).toEqual(['text', 1.5, Buffer.from('hi').toString('base64'), null]);
  });

  it('raise the error of an activity after its last attempt', async () => {
    const { output } = await run('retryExhausted');
    expect(output).toMatch(/^Activity function 'fail' failed: {2}no luck \n Error: no luck/);
  });

  it('fail with the message of an error that nobody caught', async () => {
    const status = await run('uncaught');
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(
      "Orchestrator function 'uncaught' failed: Activity function 'fail' failed:  it broke",
    );
  });

  it('fail when they call an activity that does not exist', async () => {
    const { runtimeStatus, output } = await run('unknownActivity');
    expect({ runtimeStatus, output }).toEqual({
      runtimeStatus: 'Failed',
      output:
        "Orchestrator function 'unknownActivity' failed: The function 'noSuchActivity' doesn't exist, is disabled, or is not an activity function.",
    });
  });

  it('fail when they call an entity', async () => {
    expect((await run('callsEntity')).output).toContain('durable entities');
  });

  it('continue as new, with an object and with a text', async () => {
    expect((await run('again', { left: 3, turns: 0 })).output).toBe('done after 3');
    expect((await run('again', 'start')).output).toBe('stopped by text');
  });

  it('wait again for a task they waited for before, and cancel it', async () => {
    const instanceId = await client.startNew('reyield');
    await client.raiseEvent(instanceId, 'two', 2);
    await client.raiseEvent(instanceId, 'one', 1);
    const { output } = await ended(client, instanceId);
    expect(output).toEqual([1, 2, 'after']);
    expect(host.lines.some(line => line.includes('durable-js issue 574'))).toBe(true);
  });

  it('call sub-orchestrations, retry them, and catch their failure', async () => {
    const { output } = await run('parent', { key: 'sub' });
    expect(output).toEqual({
      good: 'to the child',
      retried: 2,
      failure: expect.stringContaining(
        "Orchestrator function 'uncaught' failed: Activity function 'fail' failed:  it broke",
      ),
    });
  });

  it('can tell a replay from the first time', async () => {
    await run('chatty');
    const said = host.lines.flatMap(line => / chatty says (.*)/.exec(line)?.[1] ?? []);
    expect(said).toEqual(['one', 'two', 'three']);
  });

  it('call HTTP and follow a 202 until it is over', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      if (asked < 3) response.writeHead(202, { location: '/status', 'retry-after': '0.01' }).end();
      else response.end('at last');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/work`;
    expect((await run('calls', url)).output).toEqual({ status: 200, content: 'at last' });
    server.close();
    expect((await run('calls', url)).output).toContain('ECONNREFUSED');
  });
});

describe('the golden run', () => {
  it('writes the history that the Durable Task Framework writes', async () => {
    const dataFolder = temporaryFolder();
    const golden = await startApp('durable', { dataFolder, env: { HUB_NAME: 'Golden' } });
    const goldenClient = await durableClient(golden);
    const instanceId = await goldenClient.startNew('golden', { input: { waitMs: 150 } });
    const status = await ended(goldenClient, instanceId);
    await golden.close();
    expect(status.output).toEqual({ ra: 'A:{"n":7}', rb: { got: { x: 1 } } });
    expect(status.customStatus).toEqual({ stage: 1 });

    const store = new DurableStore(dataFolder, 'Golden');
    const events = store.history(String(store.instance(instanceId)?.executionId));
    store.close();
    rmSync(dataFolder, { recursive: true });
    // Marks of episodes apart, since B may end in the episode of A's first attempt or in one of its own.
    const shape = events.map(shapeOf).filter(shape => shape !== '12' && shape !== '13');
    expect(shape.toSorted()).toEqual([
      '0',
      '1',
      '10#2',
      '10#4',
      '11<2',
      '11<4',
      '4#0',
      '4#1',
      '4#3',
      '5<1',
      '5<3',
      '6<0',
    ]);
    for (const [earlier, later] of [
      ['6<0', '10#2'],
      ['10#2', '11<2'],
      ['11<2', '4#3'],
      ['4#3', '5<3'],
      ['5<3', '10#4'],
    ]) {
      expect(shape.indexOf(String(earlier))).toBeLessThan(shape.indexOf(String(later)));
    }
  });
});

/** `type#id` for what schedules something, `type<id` for what ends it. */
function shapeOf(event: HistoryEvent): string {
  const ends = event['TaskScheduledId'] ?? event['TimerId'];
  if (ends !== undefined) return `${event.EventType}<${ends}`;
  return event.EventId < 0 ? String(event.EventType) : `${event.EventType}#${event.EventId}`;
}
