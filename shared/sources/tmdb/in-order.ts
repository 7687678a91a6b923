/**
 * Does `work` on each item, up to `ahead` at a time, and gives the results in the order of the items. When one fails, its error comes
 * at its turn and nothing more is begun; what is under way is waited for, so nothing goes on behind the caller's back.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncIterable<R> {
  const underWay: Promise<R>[] = [];
  try {
    for (const item of items) {
      const begun = work(item);
      // Its turn may come after it has failed; until then nobody listens.
      begun.catch(() => undefined);
      underWay.push(begun);
      if (underWay.length === ahead) yield await (underWay.shift() as Promise<R>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(underWay);
  }
}
