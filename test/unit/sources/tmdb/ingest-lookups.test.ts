import { describe, expect, test } from 'vitest';
import { tmdbLookups } from '../../../../shared/catalog/tmdb-lists.ts';
import { ConfigError } from '../../../../shared/errors.ts';
import { ingestLookups } from '../../../../shared/sources/tmdb/ingest-lookups.ts';
import { memoryStore } from '../../../../shared/storage/memory-store.ts';
import { answering } from './answering.ts';
import { dependencies, run } from './movies.ts';

const bodies: Readonly<Record<string, string>> = {
  '/3/genre/movie/list': '{ "genres": [{"id": 18, "name": "Drama"}] }',
  '/3/configuration':
    '{"images":{"secure_base_url":"https://image.example/t/p/","poster_sizes":["w92"],"more":1},"change_keys":["title"]}',
};

describe('the lookups', () => {
  test('land as they came, each with its manifest', async () => {
    await using server = await answering(({ pathname }) => ({ body: bodies[pathname] ?? '' }));
    const { store, ...others } = dependencies(server.url);
    const landed = await ingestLookups({ lookups: tmdbLookups, run }, { store, ...others });
    expect(landed.map(({ list, pages, rows }) => [list, pages, rows])).toEqual([
      ['genres', 1, 1],
      ['configuration', 1, 1],
    ]);
    expect(server.requests).toEqual(['/3/genre/movie/list?language=en-US', '/3/configuration']);
    for (const { folder, ...rest } of landed) {
      expect(JSON.parse(Buffer.from(await store.read(`${folder}/manifest.json`)).toString())).toEqual({
        folder,
        ...rest,
      });
    }
    const genres = await store.read(`bronze/tmdb/genres/2026/01/31/${run.runId}/page-0001.json`);
    expect(Buffer.from(genres).toString()).toBe(bodies['/3/genre/movie/list']);
  });

  test('are asked for once per run', async () => {
    await using server = await answering(({ pathname }) => ({ body: bodies[pathname] ?? '' }));
    const made = dependencies(server.url);
    const landed = await ingestLookups({ lookups: tmdbLookups, run }, made);
    expect(await ingestLookups({ lookups: tmdbLookups, run }, made)).toEqual(landed);
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    ['<html>', /^expected JSON in UTF-8/],
    ['{"genres":[]}', /^genres: .*got \[\]$/],
    ['{"genres":[{"id":"18","name":"Drama"}]}', /^genres\[0\]\.id: expected number, got '18'$/],
  ])('that do not fit (%s) are kept and reported, and do not land', async (body, reason) => {
    await using server = await answering(() => ({ body }));
    const store = memoryStore();
    const lookups = tmdbLookups.slice(0, 1);
    const { client, clock } = dependencies(server.url);
    await expect(ingestLookups({ lookups, run }, { client, clock, store })).rejects.toMatchObject({
      kind: 'permanent',
      code: 'no-page-fits',
    });
    const report = await store.read(`quarantine/tmdb/genres/2026/01/31/${run.runId}.json`);
    const { rejected } = JSON.parse(Buffer.from(report).toString()) as { rejected: { reasons: string[] }[] };
    expect(rejected[0]?.reasons[0]).toMatch(reason);
    const kept = await store.read(`bronze/tmdb/genres/2026/01/31/${run.runId}/page-0001.json`);
    expect(Buffer.from(kept).toString()).toBe(body);
  });

  test('of which nobody knows what they should hold are refused before anything is asked', async () => {
    await using server = await answering(() => ({ body: '{}' }));
    const lookup = { name: 'countries', path: '/3/configuration/countries', description: '', language: null };
    const landing = ingestLookups({ lookups: [lookup], run }, dependencies(server.url));
    await expect(landing).rejects.toThrow(ConfigError);
    await expect(landing).rejects.toMatchObject({ code: 'no-schema' });
    expect(server.requests).toEqual([]);
  });
});
