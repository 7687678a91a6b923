import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type sql from 'mssql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCertificates, localCertificates } from '../../../local/certificates.ts';
import { eventually, startWire, trusting, type Wire } from './wire-fixture.ts';

let folder: string;
let certificates: LocalCertificates;
let wire: Wire;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'certificates-'));
  certificates = await localCertificates(folder);
  wire = await startWire({ tls: certificates });
});

afterAll(async () => {
  await wire.close();
  await rm(folder, { recursive: true });
});

async function answerOf(pool: sql.ConnectionPool): Promise<unknown> {
  const { recordset } = await pool.request().query(`select repeat('x', 200000) as text, 1 as one`);
  return [recordset[0].text.length, recordset[0].one];
}

describe('encryption', () => {
  test('everything encrypted, with the certificate verified', async () => {
    expect(await answerOf(await wire.pool({ options: await trusting(certificates.caFile) }))).toEqual([200_000, 1]);
  });

  test('TDS 8.0: TLS first', async () => {
    const options = { ...(await trusting(certificates.caFile)), encrypt: 'strict' as unknown as boolean };
    expect(await answerOf(await wire.pool({ options }))).toEqual([200_000, 1]);
  });

  test('a client that wants no encryption gets none', async () => {
    expect(await answerOf(await wire.pool())).toEqual([200_000, 1]);
  });

  test('a client that does not know the authority refuses the certificate', async () => {
    const options = { encrypt: true, trustServerCertificate: false };
    await expect(wire.pool({ options })).rejects.toMatchObject({ code: 'ESOCKET' });
  });

  test.each([
    ['garbage in the wrapping', '1201000d00000100' + '1603030000'],
    ['a wrapping of impossible length', '1201000200000100'],
    ['no handshake at all', '1001000a000001000000'],
  ])('%s instead of a handshake: the connection is closed, the server lives', async (_, hex) => {
    const socket = await wire.socket();
    // PRELOGIN with the one option ENCRYPTION: on.
    socket.write(Buffer.from('1201000f00000100' + '0100060001ff' + '01', 'hex'));
    await once(socket, 'data');
    wire.logged.length = 0;
    socket.end(Buffer.from(hex, 'hex'));
    await once(socket.resume(), 'close');
    await eventually(() => wire.logged.length === 1, 'the log line');
    expect(await answerOf(await wire.pool({ options: await trusting(certificates.caFile) }))).toEqual([200_000, 1]);
  });

  test('cancels work inside TLS', async () => {
    const pool = await wire.pool({ options: await trusting(certificates.caFile) });
    const request = pool.request();
    request.stream = true;
    const cancelled = new Promise(resolve => request.on('error', resolve));
    request.on('row', () => request.cancel());
    request.query('select i::int as i from range(1000000) t(i)');
    expect(await cancelled).toMatchObject({ code: 'ECANCEL' });
    expect(await answerOf(pool)).toEqual([200_000, 1]);
  });
});

describe('Entra tokens', () => {
  const token = `e30.${Buffer.from(JSON.stringify({ upn: 'ada@youflix.example' })).toString('base64url')}.signature`;

  test('a token sent with the login', async () => {
    const options = await trusting(certificates.caFile);
    const authentication = { type: 'azure-active-directory-access-token', options: { token } } as const;
    const pool = await wire.pool({ options, authentication } as Partial<sql.config>);
    expect(wire.engine.calls).toContain('LOGIN ada@youflix.example');
    expect(await answerOf(pool)).toEqual([200_000, 1]);
  });

  test('a token fetched on demand is asked for in the terms of Azure SQL Database', async () => {
    const scopes: unknown[] = [];
    const credential = {
      async getToken(scope: unknown) {
        scopes.push(scope);
        return { token, expiresOnTimestamp: Date.now() + 60_000 };
      },
    };
    const options = await trusting(certificates.caFile);
    const authentication = { type: 'token-credential', options: { credential } };
    await wire.pool({ options, authentication } as unknown as Partial<sql.config>);
    expect(scopes[0]).toBe('https://database.windows.net/.default');
  });

  test('a token in clear is refused', async () => {
    const authentication = { type: 'azure-active-directory-access-token', options: { token } } as const;
    const attempt = wire.pool({ authentication } as Partial<sql.config>);
    await expect(attempt).rejects.toMatchObject({ code: 'ELOGIN', message: expect.stringContaining('encrypt: true') });
  });
});

describe('the local certificates', () => {
  test('are made once and reused', async () => {
    expect(await localCertificates(folder)).toEqual(certificates);
  });

  test('name this machine, verify, and keep the key to their owner', async () => {
    const server = new X509Certificate(certificates.cert);
    const [, authority] = certificates.cert.split(/(?=-----BEGIN)/);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkIssued(new X509Certificate(authority ?? ''))).toBe(true);
    expect(server.ca).toBe(false);
    expect((await stat(path.join(folder, 'server.key'))).mode & 0o777).toBe(0o600);
  });

  test('a damaged or foreign one is replaced', async () => {
    const own = await mkdtemp(path.join(os.tmpdir(), 'certificates-'));
    await localCertificates(own);
    await writeFile(path.join(own, 'server.crt'), certificates.cert);
    const renewed = await localCertificates(own);
    expect(renewed.cert).not.toBe(certificates.cert);
    expect(await localCertificates(own)).toEqual(renewed);
    await rm(own, { recursive: true });
  });
});
