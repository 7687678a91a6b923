import { type DurableClient, OrchestrationRuntimeStatus } from 'durable-functions';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startRun } from '../../../functions/run-starter.ts';
import type { Services } from '../../../functions/services.ts';
import { runLockPath } from '../../../shared/catalog/lake-paths.ts';
import { ConflictError, PermanentError, TransientError } from '../../../shared/errors.ts';
import type { RunRecord, RunRequest } from '../../../shared/runs/run-record.ts';
import { saveRunRecord } from '../../../shared/runs/run-records.ts';
import { memoryStore } from '../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../shared/storage/store.ts';
import { testServices } from './test-services.ts';

const request: RunRequest = { pipeline: 'youflix', mode: 'incremental', tables: ['users'], range: null };
const startedMs = Date.UTC(2026, 0, 31, 12);

/** The durable client as far as starting goes: which orchestrations there are, and in which state. */
function durable(): {
  readonly states: Map<string, OrchestrationRuntimeStatus>;
  readonly inputs: Map<string, unknown>;
  readonly client: DurableClient;
} {
  const states = new Map<string, OrchestrationRuntimeStatus>();
  const inputs = new Map<string, unknown>();
  const client = {
    async startNew(_name: string, { instanceId, input }: { instanceId: string; input: unknown }) {
      states.set(instanceId, OrchestrationRuntimeStatus.Running);
      inputs.set(instanceId, input);
      return instanceId;
    },
    async getStatus(instanceId: string) {
      const runtimeStatus = states.get(instanceId);
      if (runtimeStatus === undefined) throw new Error('HTTP 404');
      return { instanceId, runtimeStatus };
    },
    async getStatusBy({ runtimeStatus: wanted }: { runtimeStatus: readonly OrchestrationRuntimeStatus[] }) {
      const all = [...states].map(([instanceId, runtimeStatus]) => ({ instanceId, runtimeStatus }));
      return all.filter(({ runtimeStatus }) => wanted.includes(runtimeStatus));
    },
  };
  return { states, inputs, client: client as unknown as DurableClient };
}

function services(store: LakeStore = memoryStore()): Services & { wait(ms: number): void } {
  let now = startedMs;
  return {
    ...testServices({ store, clock: { now: () => now }, retryFirstIntervalMs: 1500 }),
    wait: ms => {
      now += ms;
    },
  };
}

/** The record that a run keeps as its last step. */
function ended(runId: string): RunRecord {
  const startedAt = new Date(startedMs).toISOString();
  const { pipeline, mode } = request;
  return { runId, pipeline, mode, status: 'Completed', startedAt, endedAt: startedAt, request, tables: [] };
}

describe('a start', () => {
  test('names the run after pipeline and time, and hands the orchestrator all it needs', async () => {
    const { client, inputs } = durable();
    const runId = await startRun(services(), client, request);
    expect(runId).toMatch(/^youflix-20260131T120000000Z-[0-9a-f]{6}$/);
    expect(inputs.get(runId)).toEqual({
      request,
      startedAt: '2026-01-31T12:00:00.000Z',
      retry: { firstIntervalMs: 1500 },
    });
  });

  test('follows at once on a run whose record says that it has ended', async () => {
    const { client } = durable();
    const world = services();
    const first = await startRun(world, client, request);
    // Its orchestration has yet to return, and is alive for some milliseconds more.
    await saveRunRecord(world.store, ended(first));
    expect(await startRun(world, client, request)).not.toBe(first);
  });

  test('later runs have ids that sort later', async () => {
    const { client, states } = durable();
    const world = services();
    const ids: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const runId = await startRun(world, client, request);
      ids.push(runId);
      states.set(runId, OrchestrationRuntimeStatus.Completed);
      world.wait(1);
    }
    expect(ids).toEqual([...ids].sort());
  });
});

describe('while another run', () => {
  const { Running, Pending, Suspended, ContinuedAsNew, Completed, Failed, Terminated, Canceled } =
    OrchestrationRuntimeStatus;

  test.each([Running, Pending, Suspended, ContinuedAsNew])('is %s: refused, naming it', async state => {
    const { client, states } = durable();
    const world = services();
    const first = await startRun(world, client, request);
    states.set(first, state);
    world.wait(24 * 3600 * 1000);
    const refusal = startRun(world, client, request);
    await expect(refusal).rejects.toThrow(ConflictError);
    await expect(refusal).rejects.toMatchObject({ code: 'running', message: expect.stringContaining(first) });
  });

  test.each([Completed, Failed, Terminated, Canceled])('has ended as %s: started', async state => {
    const { client, states } = durable();
    const world = services();
    const first = await startRun(world, client, request);
    states.set(first, state);
    const second = await startRun(world, client, request);
    expect(second).not.toBe(first);
  });

  test('of another pipeline is running: started', async () => {
    const { client } = durable();
    const world = services();
    await startRun(world, client, request);
    expect(await startRun(world, client, { ...request, pipeline: 'imdb' })).toMatch(/^imdb-/);
  });
});

describe('when starters meet', () => {
  test('one of them wins, however their steps interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 4 }), fc.scheduler(), async (starters, scheduler) => {
        const { client, inputs } = durable();
        const inner = memoryStore();
        const world = services({
          ...inner,
          head: scheduler.scheduleFunction(inner.head),
          read: scheduler.scheduleFunction(inner.read),
          write: scheduler.scheduleFunction(inner.write),
        });
        const all = Array.from({ length: starters }, () => startRun(world, client, request));
        const ended = await scheduler.waitFor(Promise.allSettled(all));
        expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const start of ended)
          if (start.status === 'rejected') expect(start.reason).toMatchObject({ kind: 'conflict', code: 'running' });
        expect(inputs.size).toBe(1);
      }),
    );
  });

  test('a starter that died between lock and start blocks for ten seconds, not for ever', async () => {
    const { client } = durable();
    const world = services();
    const dying = { ...client, startNew: () => Promise.reject(new Error('killed')) };
    await expect(startRun(world, dying as unknown as DurableClient, request)).rejects.toThrow('killed');

    world.wait(9_999);
    await expect(startRun(world, client, request)).rejects.toThrow(ConflictError);
    world.wait(1);
    expect(await startRun(world, client, request)).toMatch(/^youflix-/);
  });

  test('a host that cannot say whether the first run lives opens no lock', async () => {
    const { client } = durable();
    const world = services();
    const first = await startRun(world, client, request);
    world.wait(24 * 3600 * 1000);
    const down = (): Promise<never> => Promise.reject(new Error('HTTP 500'));

    const halfDown = { ...client, getStatus: down } as unknown as DurableClient;
    await expect(startRun(world, halfDown, request)).rejects.toThrow(ConflictError);
    const allDown = { ...client, getStatus: down, getStatusBy: down } as unknown as DurableClient;
    await expect(startRun(world, allDown, request)).rejects.toThrow(TransientError);

    await expect(startRun(world, client, request)).rejects.toThrow(first);
  });

  test('a lock that is not JSON is reported, not overwritten', async () => {
    const store = memoryStore();
    await store.write(runLockPath('youflix'), 'half a docu');
    const start = startRun(services(store), durable().client, request);
    await expect(start).rejects.toThrow(PermanentError);
    await expect(start).rejects.toThrow('control/locks/youflix.json');
  });
});
