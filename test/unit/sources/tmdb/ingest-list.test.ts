import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TmdbList } from '../../../../shared/catalog/tmdb-lists.ts';
import { ConfigError, PermanentError } from '../../../../shared/errors.ts';
import { ingestList } from '../../../../shared/sources/tmdb/ingest-list.ts';
import type { LandedList } from '../../../../shared/sources/tmdb/landed-list.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import type { LakeStore } from '../../../../shared/storage/store.ts';
import { type Answer, type AnsweringServer, answering } from './answering.ts';
import { dependencies, folder, idsOf, list, page, run, token } from './movies.ts';

const quarantine = `${folder.replace('bronze/', 'quarantine/')}.json`;

const pageOf = (url: URL): number => Number(url.searchParams.get('page'));
const pathOf = (number: number): string => `${folder}/page-${String(number).padStart(4, '0')}.json`;

/** A list of so many pages that stands still. */
const still =
  (pages: number) =>
  (url: URL): Answer => ({ body: JSON.stringify(page(pageOf(url), idsOf(pageOf(url)), { pages })) });

function ingest(server: AnsweringServer, store: LakeStore = memoryStore(), maxPages = 50): Promise<LandedList> {
  return ingestList({ list, run, maxPages }, dependencies(server.url, store));
}

async function textOf(store: LakeStore, path: string): Promise<string> {
  return Buffer.from(await store.read(path)).toString();
}

async function pathsOf(store: LakeStore, fileSystem: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of store.list(fileSystem)) paths.push(path);
  return paths;
}

describe('a list', () => {
  test('lands: every page as it came, and a manifest that says so', async () => {
    await using server = await answering(still(3));
    const store = memoryStore();
    const landed = await ingest(server, store);

    const bodies = [1, 2, 3].map(number => JSON.stringify(page(number, idsOf(number), { pages: 3 })));
    expect(landed).toEqual({
      list: 'popular',
      date: '2026-01-31',
      runId: run.runId,
      landedAt: '2026-01-31T06:00:05.000Z',
      folder,
      pages: 3,
      rows: 60,
      bytes: Buffer.byteLength(bodies.join('')),
      contentHash: createHash('sha256').update(bodies.join('')).digest('hex'),
      duplicates: 0,
      rejected: [],
      notes: [],
    });
    expect(JSON.parse(await textOf(store, `${folder}/manifest.json`))).toEqual(landed);
    for (const [index, body] of bodies.entries()) expect(await textOf(store, pathOf(index + 1))).toBe(body);
    expect(await pathsOf(store, 'quarantine')).toEqual([]);
  });

  test('is asked for in its language, and for its region when it has one', async () => {
    await using server = await answering(still(1));
    const french: TmdbList = { ...list, language: 'fr-FR', region: 'FR' };
    const { client, store, clock } = dependencies(server.url);
    await ingestList({ list: french, run, maxPages: 5 }, { client, store, clock });
    expect(server.requests).toEqual(['/3/movie/popular?language=fr-FR&page=1&region=FR']);
  });

  test('is taken as far as configured, and that is noted', async () => {
    await using server = await answering(still(9));
    const landed = await ingest(server, memoryStore(), 4);
    expect(landed).toMatchObject({ pages: 4, rows: 80, notes: ['4 of 9 pages taken'] });
    expect(server.requests).toHaveLength(4);
  });

  test('is taken as far as the API goes: 500 pages', async () => {
    await using server = await answering(url => ({
      body: JSON.stringify(page(pageOf(url), [pageOf(url)], { pages: 41_000 })),
    }));
    const landed = await ingest(server, memoryStore(), 1000);
    expect(landed).toMatchObject({ pages: 500, rows: 500, notes: ['500 of 41000 pages taken'] });
    expect(server.requests).toHaveLength(500);
  });

  test.each([0, 1])('that is empty, with total_pages %i, is a landing without rows', async pages => {
    await using server = await answering(() => ({ body: JSON.stringify(page(1, [], { pages })) }));
    const landed = await ingest(server);
    expect(landed).toMatchObject({ pages: 1, rows: 0, rejected: [], notes: ['the list is empty'] });
  });
});

describe('a page that does not fit', () => {
  /** Page 2 of 3, gone wrong. */
  const movies = page(2, [201, 202], { pages: 3 });
  const wrong = (change: (text: string) => string): string => change(JSON.stringify(movies));
  const withFirst = (fields: Record<string, unknown>): string => {
    const [first, ...others] = movies['results'] as Record<string, unknown>[];
    return JSON.stringify({ ...movies, results: [{ ...first, ...fields }, ...others] });
  };

  test.each<[string, string | Buffer, RegExp]>([
    ['HTML', '<html><body>Sorry</body></html>', /^expected JSON in UTF-8, got 31 bytes that are not: .*</],
    ['nothing', '', /^expected JSON in UTF-8, got 0 bytes/],
    ['half a page', wrong(text => text.slice(0, 100)), /^expected JSON in UTF-8, got 100 bytes/],
    ['NaN', wrong(text => text.replace('12.5', 'NaN')), /^expected JSON in UTF-8, got \d+ bytes that are not: .*N/],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /^expected JSON in UTF-8, got 5 bytes/],
    ['a byte order mark', wrong(text => `\ufeff${text}`), /^expected JSON in UTF-8/],
    [
      'an error body',
      '{"success":false,"status_code":11,"status_message":"Internal error: Something went wrong."}',
      /^expected data, got an error body: \{.*status_code: 11.*Internal error/,
    ],
    ['an array', '[]', /^the whole: expected object, got \[\]$/],
    ['null', 'null', /^the whole: expected object, got null$/],
    [
      '1e400',
      wrong(text => text.replace('12.5', '1e400')),
      /^results\[0\]\.popularity: expected number, got Infinity$/,
    ],
    ['an id as text', withFirst({ id: '201' }), /^results\[0\]\.id: expected number, got '201'$/],
    ['an id beyond exact numbers', wrong(text => text.replace('201', '9007199254740993')), /^results\[0\]\.id: /],
    ['an id of 0', withFirst({ id: 0 }), /^results\[0\]\.id: expected a number above 0, got 0$/],
    ['half an id', withFirst({ id: 1.5 }), /^results\[0\]\.id: expected int, got 1\.5$/],
    ['no title', withFirst({ title: undefined }), /^results\[0\]\.title: expected string, got undefined$/],
    ['genres as text', withFirst({ genre_ids: ['18'] }), /^results\[0\]\.genre_ids\[0\]: expected number, got '18'$/],
    [
      'half a million movies that are none',
      JSON.stringify({ ...movies, results: Array.from({ length: 500_000 }, () => null) }),
      /^results: expected at most 100 elements, got \[/,
    ],
    ['arrays a million deep', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, /^the whole: expected object, got/],
    ['negative votes', withFirst({ vote_count: -1 }), /^results\[0\]\.vote_count: expected 0 or more, got -1$/],
    ['no results', JSON.stringify({ ...movies, results: undefined }), /^results: expected array, got undefined$/],
    ['another page', JSON.stringify({ ...movies, page: 1 }), /^page: expected 2, the page that was asked for, got 1$/],
  ])('%s: is kept in bronze, reported with its reason, and counts no rows', async (_what, body, reason) => {
    await using server = await answering(url => (pageOf(url) === 2 ? { body } : still(3)(url)));
    const store = memoryStore();
    const landed = await ingest(server, store);

    expect(Buffer.from(await store.read(pathOf(2)))).toEqual(Buffer.from(body));
    expect(landed).toMatchObject({ pages: 3, rows: 40, rejected: [{ page: 2, path: pathOf(2) }] });
    expect(landed.rejected[0]?.reasons[0]).toMatch(reason);
    const { runId } = run;
    const report = { list: 'popular', date: '2026-01-31', runId, folder, rejected: landed.rejected };
    expect(JSON.parse(await textOf(store, quarantine))).toEqual(report);
    const good = still(3);
    const bytes = Buffer.concat([
      Buffer.from(String(good(new URL('http://a/?page=1')).body)),
      Buffer.from(body),
      Buffer.from(String(good(new URL('http://a/?page=3')).body)),
    ]);
    expect(landed).toMatchObject({
      bytes: bytes.length,
      contentHash: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  test('has a reason for each place, up to twenty', async () => {
    const bad = page(2, idsOf(2), { pages: 3 });
    const results = (bad['results'] as object[]).map(movie => ({ ...movie, id: 'x', title: 7 }));
    await using server = await answering(url =>
      pageOf(url) === 2 ? { body: JSON.stringify({ ...bad, results }) } : still(3)(url),
    );
    const [rejected] = (await ingest(server)).rejected;
    expect(rejected?.reasons).toHaveLength(21);
    expect(rejected?.reasons.at(-1)).toBe('and 20 more');
  });

  test('may be the first one: as long as it says how long the list is, the others are taken', async () => {
    const bad = JSON.stringify({ ...page(1, [], { pages: 3 }), results: [{ id: 'x' }] });
    await using server = await answering(url => (pageOf(url) === 1 ? { body: bad } : still(3)(url)));
    expect(await ingest(server)).toMatchObject({ pages: 3, rows: 40, rejected: [{ page: 1 }] });
  });

  test('and is all there is: nothing lands, the report says why, and the run that is repeated says it again', async () => {
    await using server = await answering(() => ({ body: '<html>' }));
    const store = memoryStore();
    for (let attempt = 1; attempt <= 2; attempt++) {
      const landing = ingest(server, store);
      await expect(landing).rejects.toThrow(PermanentError);
      await expect(landing).rejects.toMatchObject({ code: 'no-page-fits' });
      await expect(landing).rejects.toThrow(
        /^tmdb popular: none of 1 page\(s\) fits; the first: expected JSON .* all reasons are in quarantine\/.*, the bytes in bronze\//,
      );
    }
    expect(await pathsOf(store, 'bronze')).toEqual([pathOf(1)]);
    expect(await pathsOf(store, 'quarantine')).toEqual([quarantine]);
  });
});

describe('a page that fits and is new to us', () => {
  test('further fields are noted once, whatever page they are on', async () => {
    await using server = await answering(url => {
      const made = page(pageOf(url), idsOf(pageOf(url)), { pages: 3 });
      const results = (made['results'] as object[]).map(movie => ({ ...movie, softcore: false }));
      return { body: JSON.stringify({ ...made, results, cursor: 'x' }) };
    });
    expect(await ingest(server)).toMatchObject({
      rows: 60,
      rejected: [],
      notes: ['fields that are new to us: cursor, results[].softcore'],
    });
  });

  test.each(['', null])('a release date of %j, or none, is none', async release_date => {
    await using server = await answering(() => {
      const made = page(1, [1, 2], { pages: 1 });
      const [first, second] = made['results'] as object[];
      const results = [
        { ...first, release_date },
        { ...second, release_date: undefined },
      ];
      return { body: JSON.stringify({ ...made, results }) };
    });
    expect(await ingest(server)).toMatchObject({ rows: 2, rejected: [] });
  });
});

describe('a list that moves while it is read', () => {
  test.each<[string, Answer]>([
    ['empty', {}],
    ['refused with 400', { status: 400 }],
    ['refused with 404', { status: 404 }],
  ])('becomes shorter: pages behind the new end, %s, are left out and noted', async (_how, refusal) => {
    await using server = await answering((url, _response, count) => {
      const number = pageOf(url);
      const pages = count > 30 ? 47 : 50;
      if (number <= 47) return { body: JSON.stringify(page(number, idsOf(number), { pages })) };
      return refusal.status === undefined ? { body: JSON.stringify(page(number, [], { pages: 47 })) } : refusal;
    });
    const store = memoryStore();
    const landed = await ingest(server, store);
    expect(landed).toMatchObject({ pages: 47, rows: 940, rejected: [] });
    expect(landed.notes).toEqual([
      'the list had 47 to 50 pages while it was read',
      'the list ends with page 47; left out: 48, 49, 50',
    ]);
    const bodies = await Promise.all(Array.from({ length: 47 }, (_, index) => textOf(store, pathOf(index + 1))));
    expect(landed.contentHash).toBe(createHash('sha256').update(bodies.join('')).digest('hex'));
  });

  test('becomes shorter behind our back: the first page is asked again before a refusal is believed', async () => {
    await using server = await answering((url, _response, count) => {
      const number = pageOf(url);
      if (number === 3) return { status: 404 };
      return { body: JSON.stringify(page(number, idsOf(number), { pages: count > 3 ? 2 : 3 })) };
    });
    expect(await ingest(server)).toMatchObject({
      pages: 2,
      rows: 40,
      notes: ['the list ends with page 2; left out: 3'],
    });
  });

  test.each([2, 3])(
    'a refusal that the length of the list does not explain is an error: page %i of 3',
    async refused => {
      await using server = await answering(url => (pageOf(url) === refused ? { status: 404 } : still(3)(url)));
      const store = memoryStore();
      await expect(ingest(server, store)).rejects.toMatchObject({ code: 'tmdb-404' });
      expect(await pathsOf(store, 'bronze')).not.toContain(`${folder}/manifest.json`);
    },
  );

  test('an empty page in the middle counts as a page, and is noted', async () => {
    await using server = await answering(url =>
      pageOf(url) === 2 ? { body: JSON.stringify(page(2, [], { pages: 3 })) } : still(3)(url),
    );
    expect(await ingest(server)).toMatchObject({ pages: 3, rows: 40, notes: ['page 2 is empty'] });
  });

  /** What happens to the list before a request is answered: a movie goes elsewhere, comes, or leaves. */
  const moves = fc.array(
    fc.record({ from: fc.nat(60), to: fc.nat(60), kind: fc.constantFrom('move', 'move', 'insert', 'remove') }),
    { maxLength: 30 },
  );

  test('however it moves: what was on a page that landed is counted once, and the pages are as they were sent', async () => {
    const perPage = 5;
    await fc.assert(
      fc.asyncProperty(moves, fc.integer({ min: 1, max: 40 }), async (all, length) => {
        const movies = Array.from({ length }, (_, index) => index + 1);
        const waiting = [...all];
        const sent = new Map<number, { readonly ids: readonly number[]; readonly body: string }>();
        await using server = await answering(url => {
          const next = waiting.shift();
          if (next?.kind === 'move') movies.splice(next.to, 0, ...movies.splice(next.from, 1));
          if (next?.kind === 'insert') movies.splice(next.to, 0, 1000 + waiting.length);
          if (next?.kind === 'remove') movies.splice(next.from, 1);
          const number = pageOf(url);
          const ids = movies.slice((number - 1) * perPage, number * perPage);
          const pages = Math.ceil(movies.length / perPage);
          const body = JSON.stringify(page(number, ids, { pages, movies: movies.length }));
          sent.set(number, { ids, body });
          return { body };
        });
        const store = memoryStore();
        const landed = await ingest(server, store);
        const numbers = Array.from({ length: landed.pages }, (_, index) => index + 1);
        const seen = numbers.flatMap(number => sent.get(number)?.ids ?? []);
        expect(landed.rows).toBe(new Set(seen).size);
        expect(landed.duplicates).toBe(seen.length - landed.rows);
        expect(landed.rejected).toEqual([]);
        // Nothing that was sent is behind the end.
        const behind = [...sent].filter(([number]) => number > landed.pages).flatMap(([, { ids }]) => ids);
        expect(behind).toEqual([]);
        for (const number of numbers) expect(await textOf(store, pathOf(number))).toBe(sent.get(number)?.body);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a run that is repeated', () => {
  test('after its end gets the receipt it got, without a request', async () => {
    await using server = await answering(still(3));
    const store = memoryStore();
    const landed = await ingest(server, store);
    expect(await ingest(server, store)).toEqual(landed);
    expect(server.requests).toHaveLength(3);
  });

  test('after it was cut off, wherever: goes on, asks no page twice, and ends as if nothing had happened', async () => {
    await using undisturbed = await answering(still(6));
    const expected = await ingest(undisturbed);
    for (let writes = 0; writes <= 6; writes++) {
      await using server = await answering(still(6));
      const store = memoryStore();
      let left = writes;
      const dying: LakeStore = {
        ...store,
        async write(path, body, condition) {
          if (left === 0) throw new Error('killed');
          left -= 1;
          return store.write(path, body, condition);
        },
      };
      await expect(ingest(server, dying)).rejects.toThrow('killed');
      const before = server.requests.length;
      expect(await ingest(server, store)).toEqual(expected);
      expect(server.requests.length - before).toBe(6 - writes);
    }
  });

  test('while it still goes on: both get the same receipt, and it is true of the pages', async () => {
    // Each answer differs, so that it shows whose page is in bronze.
    await using server = await answering((url, _response, count) => ({
      body: JSON.stringify(page(pageOf(url), [count * 10, count * 10 + 1], { pages: 5 })),
    }));
    const store = memoryStore();
    const [one, other] = await Promise.all([ingest(server, store), ingest(server, store)]);
    expect(other).toEqual(one);
    const bodies = await Promise.all([1, 2, 3, 4, 5].map(number => textOf(store, pathOf(number))));
    expect(one?.contentHash).toBe(createHash('sha256').update(bodies.join('')).digest('hex'));
  });
});

describe('a token', () => {
  test('that expires on the way: a clear error, no manifest; with a new one the run goes on', async () => {
    let isValid = true;
    await using server = await answering((url, _response, count) => {
      isValid = isValid && count !== 4;
      return isValid ? still(8)(url) : { status: 401 };
    });
    const store = memoryStore();
    await expect(ingest(server, store)).rejects.toThrow(ConfigError);
    await expect(ingest(server, store)).rejects.toMatchObject({ code: 'tmdb-token' });
    expect(await pathsOf(store, 'bronze')).not.toContain(`${folder}/manifest.json`);
    isValid = true;
    expect(await ingest(server, store)).toMatchObject({ pages: 8, rows: 160 });
  });

  test('is in no file, neither of good pages nor of bad ones', async () => {
    await using server = await answering(url => (pageOf(url) === 2 ? { body: '<html>' } : still(3)(url)));
    const store = memoryStore();
    await ingest(server, store);
    const paths = [...(await pathsOf(store, 'bronze')), ...(await pathsOf(store, 'quarantine'))];
    expect(paths).toHaveLength(5);
    for (const path of paths) expect(await textOf(store, path)).not.toContain(token);
  });
});
