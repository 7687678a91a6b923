/** Answers with status 200 that are not what was asked for, for the fault table: each by what is wrong with it. */
import type { FaultAction } from '../../../local/faults.ts';

type Json = Record<string, unknown>;

/** No page can be read from these. */
export const wrongBodies = {
  'an HTML page': replaced('<!DOCTYPE html><html><title>502 Bad Gateway</title></html>', 'text/html'),
  'nothing at all': replaced(''),
  'an error body': replaced(
    '{"success":false,"status_code":11,"status_message":"Internal error: Something went wrong."}',
  ),
  'half a page': altered(body => body.slice(0, body.length / 2)),
  'a page and more': altered(body => `${body}${body}`),
  'another page': withPage(page => ({ ...page, page: Number(page['page']) + 1 })),
  'no results field': withPage(({ results, ...page }) => page),
  'results that are no list': withPage(page => ({ ...page, results: {} })),
  'no page count': withPage(({ total_pages, ...page }) => page),
  'an id as text': withMovie(movie => ({ ...movie, id: String(movie['id']) })),
  'an id with a fraction': withMovie(movie => ({ ...movie, id: Number(movie['id']) + 0.5 })),
  'no id': withMovie(({ id, ...movie }) => movie),
  'no title': withMovie(({ title, ...movie }) => movie),
  'a title that is null': withMovie(movie => ({ ...movie, title: null })),
  'NaN for a number': altered(body => body.replace(/"popularity":[\d.]+/, '"popularity":NaN')),
  '1e400 for a number': altered(body => body.replace(/"popularity":[\d.]+/, '"popularity":1e400')),
} satisfies Record<string, FaultAction>;

/** Odd, but pages: nothing in them is wrong. */
export const oddBodies = {
  'an unknown field': withMovie(movie => ({ ...movie, softcore: false })),
  'no results': withPage(page => ({ ...page, results: [] })),
  'no pages': withPage(page => ({ ...page, results: [], total_pages: 0, total_results: 0 })),
  'more than 500 pages': withPage(page => ({ ...page, total_pages: 501, total_results: 10_020 })),
} satisfies Record<string, FaultAction>;

/** The way to another host, as a captive portal shows it. */
export function redirectTo(location: string): FaultAction {
  return { kind: 'body', status: 302, headers: { location }, text: '' };
}

function replaced(text: string, type = 'application/json;charset=utf-8'): FaultAction {
  return { kind: 'body', text, headers: { 'content-type': type } };
}

function altered(text: (body: string) => string): FaultAction {
  return { kind: 'body', text };
}

function withPage(change: (page: Json) => Json): FaultAction {
  return altered(body => JSON.stringify(change(JSON.parse(body))));
}

/** Changes the first movie of the page. */
function withMovie(change: (movie: Json) => Json): FaultAction {
  return withPage(page => {
    const [first = {}, ...others] = page['results'] as Json[];
    return { ...page, results: [change(first), ...others] };
  });
}
