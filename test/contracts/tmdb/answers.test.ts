import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TmdbServer } from '../../../local/servers/tmdb/server.ts';
import * as documented from './documented-shapes.ts';
import { get, noon, read, start, token } from './fixture.ts';

let server: TmdbServer;
const lines: string[] = [];
beforeAll(async () => {
  server = await start({ log: line => lines.push(line) });
});
afterAll(() => server.close());

const page = async (path: string) => documented.page.parse(await read(server, path));
const pageWithDates = async (path: string) => documented.pageWithDates.parse(await read(server, path));
const found = async (path: string) => documented.found.parse(await read(server, path)).movie_results;
const someMovie = async () => {
  const [movie] = (await page('/3/movie/popular')).results;
  if (movie === undefined) throw new Error('no movie is popular');
  return movie;
};

/** Every page of a list. */
async function pagesOf(path: string) {
  const first = await page(path);
  const pages = [first];
  const separator = path.includes('?') ? '&' : '?';
  for (let number = 2; number <= first.total_pages; number++) {
    pages.push(await page(`${path}${separator}page=${number}`));
  }
  return pages;
}

describe('every path answers what its documentation says', () => {
  test('movie/popular: all pages, each movie once, the most popular first', async () => {
    const pages = await pagesOf('/3/movie/popular');
    const [first] = pages;
    expect(pages.map(({ page }) => page)).toEqual(pages.map((_, at) => at + 1));
    const movies = pages.flatMap(({ results }) => results);
    expect(movies.length).toBe(first?.total_results);
    expect(pages.slice(0, -1).every(({ results }) => results.length === 20)).toBe(true);
    expect(new Set(movies.map(({ id }) => id)).size).toBe(movies.length);
    expect(movies).toEqual(movies.toSorted((one, other) => other.popularity - one.popularity));
  });

  test('movie/top_rated: the best first, of those that many have voted for', async () => {
    const movies = (await pagesOf('/3/movie/top_rated')).flatMap(({ results }) => results);
    expect(movies.length).toBeGreaterThan(1_000);
    expect(movies).toEqual(movies.toSorted((one, other) => other.vote_average - one.vote_average));
    expect(Math.min(...movies.map(({ vote_count }) => vote_count))).toBeGreaterThanOrEqual(200);
  });

  test('movie/now_playing and movie/upcoming: with dates that meet in between, and no movie in both', async () => {
    const playing = await pageWithDates('/3/movie/now_playing?region=US');
    const upcoming = await pageWithDates('/3/movie/upcoming?region=US');
    expect(playing.dates).toEqual({ minimum: '2026-10-11', maximum: '2026-11-28' });
    expect(upcoming.dates).toEqual({ minimum: '2026-11-29', maximum: '2026-12-19' });
    expect(Math.min(playing.total_pages, upcoming.total_pages)).toBeGreaterThan(50);
    const ids = new Set<number>();
    for (const [path, { total_pages }] of [['now_playing', playing] as const, ['upcoming', upcoming] as const]) {
      for (let number = 1; number <= total_pages; number++) {
        const { results } = await pageWithDates(`/3/movie/${path}?region=US&page=${number}`);
        for (const { id } of results) ids.add(id);
      }
    }
    expect(ids.size).toBe(playing.total_results + upcoming.total_results);
  });

  test('movie/{id}, with its external ids where they are asked for', async () => {
    const { genre_ids, ...listed } = await someMovie();
    const details = documented.details.parse(await read(server, `/3/movie/${listed.id}`));
    expect(details).toMatchObject(listed);
    expect(details.genres.map(({ id }) => id)).toEqual(genre_ids);
    const both = documented.details.extend({ external_ids: documented.externalIds });
    const { external_ids } = both.parse(await read(server, `/3/movie/${listed.id}?append_to_response=external_ids`));
    expect(external_ids.imdb_id).toBe(details.imdb_id);
  });

  test('movie/{id}/external_ids, and find/{imdb id} is the way back', async () => {
    const movie = await someMovie();
    const ids = documented.externalIds.parse(await read(server, `/3/movie/${movie.id}/external_ids`));
    expect(ids.id).toBe(movie.id);
    expect(await found(`/3/find/${ids.imdb_id}?external_source=imdb_id`)).toEqual([{ ...movie, media_type: 'movie' }]);
    expect(await found('/3/find/tt9999999?external_source=imdb_id')).toEqual([]);
    expect(await found('/3/find/x?external_source=wikidata_id')).toEqual([]);
  });

  test('discover/movie: what fits the filters, in the order asked for', async () => {
    const dramas = await pagesOf(
      '/3/discover/movie?with_genres=18|35,10749&sort_by=vote_average.asc&vote_count.gte=300',
    );
    const movies = dramas.flatMap(({ results }) => results);
    expect(movies.length).toBeGreaterThan(40);
    for (const { genre_ids, vote_count } of movies) {
      expect([genre_ids.includes(18) || genre_ids.includes(35), genre_ids.includes(10749)]).toEqual([true, true]);
      expect(vote_count).toBeGreaterThanOrEqual(300);
    }
    expect(movies).toEqual(movies.toSorted((one, other) => one.vote_average - other.vote_average));
    const years = '/3/discover/movie?primary_release_date.gte=1994-05-01&primary_release_date.lte=1994-12-31';
    const { results } = await page(`${years}&sort_by=primary_release_date.desc&with_original_language=en`);
    expect(results[0]?.release_date).toMatch(/^1994-1[12]/);
    expect(results.map(({ original_language }) => original_language)).toEqual(Array(20).fill('en'));
    const all = await page('/3/discover/movie?include_adult=true');
    expect(all.total_results).toBeGreaterThan((await page('/3/discover/movie')).total_results);
    expect((await page('/3/discover/movie')).results).toEqual((await page('/3/movie/popular')).results);
  });

  test('genre/movie/list names every genre that a movie has', async () => {
    const { genres } = documented.genreList.parse(await read(server, '/3/genre/movie/list?language=en-US'));
    const known = new Set(genres.map(({ id }) => id));
    const movies = (await pagesOf('/3/movie/top_rated')).flatMap(({ results }) => results);
    const used = new Set(movies.flatMap(({ genre_ids }) => genre_ids));
    expect([...used].filter(id => !known.has(id))).toEqual([]);
    expect(used.size).toBeGreaterThan(15);
  });

  test('configuration, its languages and its countries', async () => {
    documented.configuration.parse(await read(server, '/3/configuration'));
    const languages = documented.languages.parse(await read(server, '/3/configuration/languages'));
    expect(languages).toContainEqual({ iso_639_1: 'de', english_name: 'German', name: 'Deutsch' });
    const countries = documented.countries.parse(await read(server, '/3/configuration/countries'));
    expect(countries).toContainEqual({ iso_3166_1: 'JP', english_name: 'Japan', native_name: '日本' });
  });
});

describe('what is asked for', () => {
  test('a page past the last one is there, and empty', async () => {
    const { total_pages, total_results } = await page('/3/movie/popular');
    expect(await page('/3/movie/popular?page=500')).toEqual({ page: 500, results: [], total_pages, total_results });
  });

  test('lists of more than 500 pages say so, as the service does', async () => {
    const large = await start({ titles: 30_000 });
    expect(documented.page.parse(await read(large, '/3/movie/popular?page=500'))).toMatchObject({
      total_pages: expect.toSatisfy((pages: number) => pages > 500),
      results: expect.toSatisfy((movies: unknown[]) => movies.length === 20),
    });
    await large.close();
  });

  test('another language has the titles of its country, and no overviews where there is no translation', async () => {
    const english = (await page('/3/movie/popular?language=en-US')).results;
    const german = (await page('/3/movie/popular?language=de-DE')).results;
    expect(german.map(({ id, original_title }) => [id, original_title])).toEqual(
      english.map(({ id, original_title }) => [id, original_title]),
    );
    expect(german.filter(({ title }, at) => title !== english[at]?.title)).not.toEqual([]);
    expect(german.map(({ overview }) => overview)).toEqual(german.map(() => ''));
    expect(await page('/3/movie/popular')).toEqual(await page('/3/movie/popular?language=en-US'));
  });

  test('another region has other releases', async () => {
    const inTheatres = async (region: string) => (await pageWithDates(`/3/movie/now_playing?region=${region}`)).results;
    expect(await inTheatres('DE')).not.toEqual(await inTheatres('US'));
  });
});

describe('what is refused', () => {
  const invalidPage = 'Invalid page: Pages start at 1 and max at 500. They are expected to be an integer.';
  const notFound = 'The resource you requested could not be found.';
  test.each([
    ['/3/movie/popular?page=0', 400, 22, invalidPage],
    ['/3/movie/popular?page=501', 400, 22, invalidPage],
    ['/3/movie/upcoming?page=1.5', 400, 22, invalidPage],
    ['/3/movie/top_rated?page=', 400, 22, invalidPage],
    ['/3/movie/12', 404, 34, notFound],
    ['/3/movie/999999999', 404, 34, notFound],
    ['/3/movie/popular/external_ids', 404, 6, 'Invalid id: The pre-requisite id is invalid or not found.'],
    ['/3/movie/%zz', 404, 6, 'Invalid id: The pre-requisite id is invalid or not found.'],
    ['/3/find/tt0000001', 422, 5, 'Invalid parameters: Your request parameters are incorrect.'],
    ['/3/nothing', 404, 34, notFound],
    ['/', 404, 34, notFound],
    ['//', 404, 34, notFound],
  ])('%s', async (path, status, code, message) => {
    const response = await get(server, path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(await response.json()).toEqual({ success: false, status_code: code, status_message: message });
  });

  test.each([
    ['no key', {}, ''],
    ['another token', { authorization: 'Bearer another' }, ''],
    ['the token without its scheme', { authorization: token }, ''],
    ['another key', {}, '?api_key=another'],
  ])('%s', async (_, headers: Record<string, string>, search) => {
    const response = await fetch(`${server.url}/3/movie/popular${search}`, { headers });
    expect(response.status).toBe(401);
    // The order too: it is the one that was recorded.
    expect(await response.text()).toBe(
      '{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","success":false}',
    );
  });

  test('a method that a resource does not have', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${server.url}/3/movie/popular`, { method: 'DELETE', headers });
    expect([response.status, documented.error.parse(await response.json()).status_code]).toEqual([405, 42]);
    const head = await fetch(`${server.url}/3/movie/popular`, { method: 'HEAD', headers });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

describe('how it is answered', () => {
  test('compressed for who can read that, with how long it may be kept, and without x-ratelimit headers', async () => {
    const { headers, body } = await rawGet('/3/movie/popular', { 'accept-encoding': 'gzip' });
    expect(headers).toMatchObject({
      'content-type': 'application/json;charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': expect.stringMatching(/^public, max-age=\d+$/),
      etag: expect.stringMatching(/^W\/"[0-9a-f]{32}"$/),
    });
    expect(Object.keys(headers).filter(name => name.startsWith('x-ratelimit'))).toEqual([]);
    const plain = await rawGet('/3/movie/popular', {});
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(gunzipSync(body)).toEqual(plain.body);
  });

  test('304 for what the client has already', async () => {
    const etag = (await get(server, '/3/movie/popular')).headers.get('etag') ?? '';
    const again = await get(server, '/3/movie/popular', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await get(server, '/3/movie/popular?page=2', { 'if-none-match': etag })).status).toBe(200);
  });

  test('for a key in the query as for a token, and no log has either', async () => {
    const response = await fetch(`${server.url}/3/movie/popular?api_key=${token}&page=3&language=en-US`);
    expect(response.status).toBe(200);
    await response.body?.cancel();
    await expect.poll(() => lines.at(-1)).toMatch(/^GET \/3\/movie\/popular\?page=3 200 [\d.]+ ms$/);
    expect(lines.join('\n')).not.toContain(token);
  });

  test('the same on the same day for the same seed, and something else on the next day or for another seed', async () => {
    const top = async (options: Parameters<typeof start>[0]) => {
      const other = await start(options);
      const text = await (await get(other, '/3/movie/popular?page=2')).text();
      await other.close();
      return text;
    };
    const here = await (await get(server, '/3/movie/popular?page=2')).text();
    expect(await top({ now: () => noon + 11 * 3_600_000 })).toBe(here);
    expect(await top({ now: () => noon + 12 * 3_600_000 })).not.toBe(here);
    expect(await top({ seed: 2 })).not.toBe(here);
  });

  test('not on a port that is taken', async () => {
    await expect(start({ port: Number(new URL(server.url).port) })).rejects.toThrow(/^tmdb: cannot listen on /);
  });
});

/** What travels, as it is: fetch would ask for compression and undo it. */
async function rawGet(path: string, headers: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
  request(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } }, resolve)
    .once('error', reject)
    .end();
  const response = await promise;
  return { headers: response.headers, body: await buffer(response) };
}
