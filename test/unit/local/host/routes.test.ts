import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRoute } from '../../../../local/host/routes.ts';

describe('compileRoute', () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ['api/hello', 'api/hello', {}],
    ['api/hello', 'API/Hello/', {}],
    ['api/hello', 'api/hello/more', undefined],
    ['a.b', 'aXb', undefined],
    ['', '', {}],
    ['api/{id}', 'api/7', { id: '7' }],
    ['api/{id}', 'api/', undefined],
    ['api/{id?}', 'api', {}],
    ['api/{id:int}', 'api/-7', { id: '-7' }],
    ['api/{id:int}', 'api/x', undefined],
    ['api/{id:int?}', 'api', {}],
    ['api/{id:int:min(3)}', 'api/2', undefined],
    ['api/{id:guid}', 'api/3f2504e0-4f89-11d3-9a0c-0305e82c3301', { id: '3f2504e0-4f89-11d3-9a0c-0305e82c3301' }],
    ['api/{name:alpha:length(2,3)}', 'api/abcd', undefined],
    ['api/{name:alpha:length(2,3)}', 'api/abc', { name: 'abc' }],
    ['api/{v:regex(^v[0-9]+$)}/x', 'api/v12/x', { v: 'v12' }],
    ['api/{x=left}', 'api', { x: 'left' }],
    ['api/{x=left}', 'api/right', { x: 'right' }],
    ['api/{*rest}', 'api', {}],
    ['api/{*rest}', 'api/a/b%2Fc', { rest: 'a/b/c' }],
    ['files/{name}.{extension}', 'files/a.csv', { name: 'a', extension: 'csv' }],
    ['api/{id}', 'api/%E0%A4%A', { id: '%E0%A4%A' }],
  ])('%s on %s', (template, path, expected) => {
    expect(compileRoute(template)(path)).toEqual(expected);
  });

  it('gives every parameter back as it was before encoding', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter(value => value.isWellFormed());
    fc.assert(
      fc.property(text, text, (first, second) => {
        const path = `a/${encodeURIComponent(first)}/b/${encodeURIComponent(second)}`;
        expect(compileRoute('a/{first}/b/{second}')(path)).toEqual({ first, second });
      }),
    );
  });

  it('refuses a constraint that nobody knows', () => {
    expect(() => compileRoute('a/{id:prime}')).toThrow(/route "a\/\{id:prime\}": no constraint "prime"; known: int, /);
  });
});
