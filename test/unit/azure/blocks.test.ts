import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inBlocks } from '../../../shared/azure/blocks.ts';

async function collected(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const block of blocks) all.push(block);
  return all;
}

/** Chunks as views of one buffer that is filled anew each time, as an encoder hands them over. */
async function* reused(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  const buffer = new Uint8Array(Math.max(1, ...chunks.map(chunk => chunk.length)));
  for (const chunk of chunks) {
    buffer.fill(0xee);
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
  }
  buffer.fill(0xee);
}

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
const blockBytes = fc.integer({ min: 1, max: 50 });

describe('a stream', () => {
  test('however it is cut, the blocks hold the same bytes, all full but the last', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, blockBytes, async (parts, size) => {
        const blocks = await collected(inBlocks(reused(parts), size));
        expect(Buffer.concat(blocks)).toEqual(Buffer.concat(parts));
        for (const block of blocks.slice(0, -1)) expect(block.length).toBe(size);
        expect(blocks.every(block => block.length > 0)).toBe(true);
      }),
    );
  });

  test('a block is never written to again once it is handed over', async () => {
    const first = new Uint8Array(4).fill(1);
    const second = new Uint8Array(4).fill(2);
    const blocks = inBlocks(reused([first, second]), 4)[Symbol.asyncIterator]();
    const kept = (await blocks.next()).value as Uint8Array;
    await blocks.next();
    await blocks.next();
    expect(kept).toEqual(first);
  });

  test('no more is asked for than the block in hand needs', async () => {
    let asked = 0;
    async function* endless(): AsyncIterable<Uint8Array> {
      while (true) {
        asked += 1;
        yield new Uint8Array(10);
      }
    }
    await inBlocks(endless(), 25)[Symbol.asyncIterator]().next();
    expect(asked).toBe(3);
  });

  test('its failure is passed on', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield new Uint8Array(3);
      throw new Error('cut off');
    }
    await expect(collected(inBlocks(broken(), 10))).rejects.toThrow('cut off');
  });
});

describe('a whole body', () => {
  test('bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), blockBytes, async (bytes, size) => {
        const blocks = await collected(inBlocks(bytes, size));
        expect(Buffer.concat(blocks)).toEqual(Buffer.from(bytes));
        expect(blocks).toHaveLength(Math.ceil(bytes.length / size));
      }),
    );
  });

  test('text travels as UTF-8, also where a block ends inside a character', async () => {
    const text = 'Zoë 🎬 – "quoted"\n';
    expect(Buffer.concat(await collected(inBlocks(text, 3))).toString('utf8')).toBe(text);
  });

  test('nothing makes no block', async () => {
    expect(await collected(inBlocks('', 5))).toEqual([]);
    expect(await collected(inBlocks(reused([]), 5))).toEqual([]);
  });
});
