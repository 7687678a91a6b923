import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBulkStatement } from '../../../../../local/servers/sqlserver/tds/bulk-load.ts';
import { readLogin, tokenUser } from '../../../../../local/servers/sqlserver/tds/login.ts';
import { readPrelogin } from '../../../../../local/servers/sqlserver/tds/prelogin.ts';
import { nameParameters } from '../../../../../local/servers/sqlserver/tds/prepared-statements.ts';
import { ProtocolError } from '../../../../../local/servers/sqlserver/tds/protocol-error.ts';
import { readBatch, readCalls, readTransactionRequest } from '../../../../../local/servers/sqlserver/tds/requests.ts';

test.each([
  ['insert bulk [dbo].[users]([id] int,[name] nvarchar(50)) with (TABLOCK)', '[dbo].[users]', ['id', 'name']],
  ['INSERT BULK youflix..t (a decimal(10, 2), [b, c] int, "d""e" char(3))', 'youflix..t', ['a', 'b, c', 'd"e']],
  ['insert bulk t([a]]b] datetime2(7) COLLATE Latin1_General_CI_AS)', 't', ['a]b']],
])('reads %s', (text, table, columnNames) => {
  expect(readBulkStatement(text)).toEqual({ text, table, columnNames });
});

test('other statements announce no bulk load', () => {
  expect(readBulkStatement('insert into bulk (a) values (1)')).toBeUndefined();
  expect(readBulkStatement('select 1')).toBeUndefined();
});

test('values by position take the declared names, in order', () => {
  const value = (name: string) => ({ name, type: { name: 'int' }, value: 1, output: false }) as const;
  const named = nameParameters('@P0 decimal(10,2), @größe nvarchar(4000) output,@x int', [
    value(''),
    value(''),
    value('@x'),
  ]);
  expect(named.map(({ name }) => name)).toEqual(['@P0', '@größe', '@x']);
});

test('a token names its user; one that cannot be read still names somebody', () => {
  const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
  expect(tokenUser(token({ upn: 'ada@youflix.example', appid: 'a' }))).toBe('ada@youflix.example');
  expect(tokenUser(token({ appid: '1234' }))).toBe('1234');
  expect(tokenUser('not a token')).toBe('entra-user');
});

test('whatever bytes a message holds, reading it ends in a value or in an error that is expected', () => {
  const readers = [readPrelogin, readLogin, readBatch, readCalls, readTransactionRequest];
  fc.assert(
    fc.property(fc.constantFrom(...readers), fc.uint8Array({ maxLength: 200 }), (read, bytes) => {
      try {
        read(Buffer.from(bytes));
      } catch (error) {
        if ((error as Error).name !== 'UnsupportedError') expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 3000 },
  );
});
