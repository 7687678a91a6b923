import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { watermarkPath } from '../../../../shared/catalog/lake-paths.ts';
import { ConflictError } from '../../../../shared/errors.ts';
import { moveWatermark, reserveSequence, type WatermarkRecord } from '../../../../shared/sources/mssql/watermarks.ts';
import { loadDocument } from '../../../../shared/storage/json-document.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';

const monday = '2026-01-05 00:00:00.0000000';
const tuesday = '2026-01-06 00:00:00.0000000';

async function standing(store: LakeStore): Promise<WatermarkRecord | undefined> {
  return (await loadDocument<WatermarkRecord>(store, watermarkPath('youflix', 'users')))?.value;
}

function move(store: LakeStore, runId: string, sequence: number, to: string): Promise<WatermarkRecord | undefined> {
  return moveWatermark(store, { table: 'users', runId, sequence, to });
}

describe('a run reserves', () => {
  test('the first one gets 1, and no watermark to start from', async () => {
    expect(await reserveSequence(memoryStore(), 'users', 'a')).toEqual({
      table: 'users',
      watermark: null,
      sequence: 1,
      reservedBy: 'a',
      movedBy: null,
    });
  });

  test('the same number when it asks again', async () => {
    const store = memoryStore();
    const first = await reserveSequence(store, 'users', 'a');
    expect(await reserveSequence(store, 'users', 'a')).toEqual(first);
  });

  test('the next number, and what stands, for the next run', async () => {
    const store = memoryStore();
    await reserveSequence(store, 'users', 'a');
    await move(store, 'a', 1, monday);
    expect(await reserveSequence(store, 'users', 'b')).toMatchObject({ sequence: 2, watermark: monday, movedBy: 'a' });
  });

  test('each table has its own numbers', async () => {
    const store = memoryStore();
    await reserveSequence(store, 'users', 'a');
    expect((await reserveSequence(store, 'plans', 'b')).sequence).toBe(1);
  });
});

describe('a run moves the watermark', () => {
  test('forward; the same move again changes nothing', async () => {
    const store = memoryStore();
    await reserveSequence(store, 'users', 'a');
    expect(await move(store, 'a', 1, monday)).toMatchObject({ watermark: monday, movedBy: 'a', sequence: 1 });
    expect(await move(store, 'a', 1, monday)).toMatchObject({ watermark: monday });
  });

  test('never back', async () => {
    const store = memoryStore();
    await reserveSequence(store, 'users', 'a');
    await move(store, 'a', 1, tuesday);
    expect(await move(store, 'a', 1, monday)).toMatchObject({ watermark: tuesday });
    expect((await standing(store))?.watermark).toBe(tuesday);
  });

  test('not when it was overtaken: the message names both, and what to do', async () => {
    const store = memoryStore();
    await reserveSequence(store, 'users', 'a');
    await reserveSequence(store, 'users', 'b');
    const moved = move(store, 'a', 1, monday);
    await expect(moved).rejects.toThrow(ConflictError);
    await expect(moved).rejects.toMatchObject({
      code: 'overtaken',
      message: 'watermark of users: run a holds sequence 1, but 2 was given out since; start a new run',
    });
    expect((await standing(store))?.watermark).toBeNull();
  });

  test('not without a reservation', async () => {
    await expect(move(memoryStore(), 'a', 1, monday)).rejects.toMatchObject({ code: 'overtaken' });
  });
});

/** What a run does to a table, as the orchestration has it; a step may come twice, because an activity may. */
interface Run {
  readonly id: string;
  readonly to: string;
  readonly repeats: boolean;
}

const runs = fc
  .array(fc.record({ hour: fc.integer({ min: 0, max: 23 }), repeats: fc.boolean() }), { minLength: 2, maxLength: 4 })
  .map(all =>
    all.map(
      ({ hour, repeats }, index): Run => ({
        id: `run-${index}`,
        to: `2026-01-05 ${String(hour).padStart(2, '0')}:00:00.0000000`,
        repeats,
      }),
    ),
  );

test('however runs interleave: numbers are unique, the overtaken are refused, the watermark only grows', async () => {
  await fc.assert(
    fc.asyncProperty(runs, fc.scheduler(), async (all, scheduler) => {
      const inner = memoryStore();
      const moves: WatermarkRecord[] = [];
      // Every call to the store waits for its turn, so the runs interleave between load and save too.
      const store: LakeStore = {
        ...inner,
        head: scheduler.scheduleFunction(inner.head),
        read: scheduler.scheduleFunction(inner.read),
        async write(path, body, condition) {
          await scheduler.schedule(Promise.resolve());
          const written = await inner.write(path, body, condition);
          const record = JSON.parse(String(body)) as WatermarkRecord;
          if (record.watermark !== (moves.at(-1)?.watermark ?? null)) moves.push(record);
          return written;
        },
      };
      const outcomes: { run: Run; sequence: number; moved: boolean }[] = [];

      async function carryOut(run: Run): Promise<void> {
        const { sequence } = await reserveSequence(store, 'users', run.id);
        try {
          await move(store, run.id, sequence, run.to);
          if (run.repeats) await move(store, run.id, sequence, run.to);
          outcomes.push({ run, sequence, moved: true });
        } catch (error) {
          expect(error).toMatchObject({ kind: 'conflict', code: 'overtaken' });
          outcomes.push({ run, sequence, moved: false });
        }
      }

      await scheduler.waitFor(Promise.all(all.map(carryOut)));

      const sequences = outcomes.map(({ sequence }) => sequence).sort((a, b) => a - b);
      expect(sequences).toEqual(all.map((_, index) => index + 1));
      const latest = outcomes.find(({ sequence }) => sequence === all.length);
      expect(latest?.moved).toBe(true);

      const values = moves.map(({ watermark }) => watermark);
      expect(values).toEqual([...values].sort());
      for (const { movedBy, reservedBy } of moves) expect(movedBy).toBe(reservedBy);

      const end = await standing(inner);
      expect(end?.sequence).toBe(all.length);
      const moved = outcomes.filter(outcome => outcome.moved).map(({ run }) => run.to);
      expect(moved.every(to => to <= (end?.watermark ?? ''))).toBe(true);
      expect(all.map(({ to }) => to)).toContain(end?.watermark);
    }),
    { numRuns: 200 },
  );
});
