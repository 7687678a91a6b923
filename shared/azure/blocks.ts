/**
 * Gathers a body into blocks of `blockBytes` (the last one shorter). The incoming chunks may be views that their maker reuses:
 * they are copied before the next one is asked for. `takeBlock` gives the memory for a block; who consumes the blocks may give it one
 * again that is done with.
 */
export async function* inBlocks(
  body: Uint8Array | string | AsyncIterable<Uint8Array>,
  blockBytes: number,
  takeBlock: () => Uint8Array = () => new Uint8Array(blockBytes),
): AsyncIterable<Uint8Array> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    for (let start = 0; start < bytes.length; start += blockBytes) yield bytes.subarray(start, start + blockBytes);
    return;
  }
  let block = takeBlock();
  let filled = 0;
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; ) {
      const taken = Math.min(blockBytes - filled, chunk.length - start);
      block.set(chunk.subarray(start, start + taken), filled);
      filled += taken;
      start += taken;
      if (filled === blockBytes) {
        yield block;
        block = takeBlock();
        filled = 0;
      }
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
