import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpMessage, type HttpReply, jsonReply, textReply } from '../http-message.ts';
import { type DurableAddress, managementUrls } from './client-binding.ts';
import type { DurableEngine, DurableRunner } from './engine.ts';
import { type Instance, isEnded } from './instance.ts';
import { type DurableInstances, InstanceError } from './instances.ts';
import { statusBody } from './status.ts';
import type { InstanceFilter } from './store.ts';

/** Instances in one answer to a listing, unless `top` says less. */
const pageSize = 100;
const tokenHeader = 'x-ms-continuation-token';
const allStatuses = [
  'Pending',
  'Running',
  'Suspended',
  'Completed',
  'Failed',
  'Terminated',
  'Canceled',
  'ContinuedAsNew',
];

/**
 * The HTTP API of the durable extension (EXT `HttpApiHandler.cs`): what `DurableClient` calls and what the management URLs
 * lead to. Entities are not supported: reading one finds nothing, signalling one is refused.
 */
export class DurableHttpApi {
  readonly #engine: DurableEngine;
  readonly #instances: DurableInstances;
  readonly #runner: DurableRunner;
  readonly #address: DurableAddress;

  constructor(engine: DurableEngine, instances: DurableInstances, runner: DurableRunner, address: DurableAddress) {
    this.#engine = engine;
    this.#instances = instances;
    this.#runner = runner;
    this.#address = address;
  }

  /** `path` is what follows the base URL, without a leading slash and still percent-encoded. */
  async handle(path: string, request: HttpMessage): Promise<HttpReply> {
    try {
      const [collection, first = '', second = '', third = ''] = path.split('/').map(decodeURIComponent);
      const { method } = request;
      if (collection === 'orchestrators' && method === 'POST') return await this.#start(first, second, request);
      if (collection === 'instances' && first === '') return this.#many(request);
      if (collection === 'instances' && second === '') return this.#one(first, request);
      if (collection === 'instances' && method === 'POST') return this.#operate(first, second, third, request);
      if (collection === 'entities' && method === 'GET' && second !== '') return { status: 404 };
      if (collection === 'entities') return textReply(501, 'Durable entities are not supported by this host.');
      return { status: 404 };
    } catch (error) {
      // As the service: these two say it by status alone, and the SDK finds the words.
      if (error instanceof InstanceError && (error.status === 404 || error.status === 410))
        return { status: error.status };
      if (error instanceof InstanceError) return jsonReply(error.status, { Message: error.message });
      if (error instanceof URIError) return textReply(400, `The path /${path} is not validly percent-encoded.`);
      throw error;
    }
  }

  async #start(name: string, instanceId: string, request: HttpMessage): Promise<HttpReply> {
    if (!this.#runner.hasOrchestrator(name)) {
      const message = `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function.`;
      throw new InstanceError(400, message);
    }
    const input = jsonBody(request);
    const version = request.query.get('version') ?? undefined;
    const instance = this.#instances.start(name, input ?? null, instanceId === '' ? undefined : instanceId, version);
    const timeout = Number(request.query.get('timeout'));
    if (timeout > 0) {
      const pollMs = Math.max(Number(request.query.get('pollingInterval') ?? 1), 0.05) * 1000;
      const ended = await this.#waitForEnd(instance, timeout * 1000, pollMs);
      if (ended?.status === 'Completed') return jsonReply(200, JSON.parse(ended.output ?? 'null'));
      if (ended !== undefined)
        return jsonReply(ended.status === 'Failed' ? 500 : 200, statusBody(ended, { showInput: true }));
    }
    return this.#accepted(instance.id);
  }

  async #waitForEnd(started: Instance, timeoutMs: number, pollMs: number): Promise<Instance | undefined> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      const instance = this.#instances.get(started.id);
      if (isEnded(instance.status)) return instance;
      await sleep(Math.min(pollMs, Math.max(deadline - Date.now(), 1)));
    }
    return undefined;
  }

  #one(id: string, request: HttpMessage): HttpReply {
    if (request.method === 'DELETE') {
      this.#instances.purge(id);
      return jsonReply(200, { instancesDeleted: 1 });
    }
    if (request.method !== 'GET') return { status: 404 };
    const instance = this.#instances.get(id);
    const flag = (name: string): boolean => request.query.get(name)?.toLowerCase() === 'true';
    const body = statusBody(instance, {
      showInput: request.query.get('showInput')?.toLowerCase() !== 'false',
      ...(flag('showHistory')
        ? { history: this.#engine.store.history(instance.executionId), showHistoryOutput: flag('showHistoryOutput') }
        : {}),
    });
    if (!isEnded(instance.status)) {
      const location = String(managementUrls(this.#address, id)['statusQueryGetUri']);
      return jsonReply(202, body, { location, 'retry-after': '5' });
    }
    const failed = instance.status === 'Failed' && flag('returnInternalServerErrorOnFailure');
    return jsonReply(failed ? 500 : 200, body);
  }

  #many(request: HttpMessage): HttpReply {
    const filter = readFilter(request.query);
    if (request.method === 'DELETE') {
      if (filter.createdFrom === undefined)
        throw new InstanceError(400, 'createdTimeFrom is required to purge instances.');
      const instancesDeleted = this.#instances.purgeAll(filter);
      if (instancesDeleted === 0) throw new InstanceError(404, 'No instance fits the filter.');
      return jsonReply(200, { instancesDeleted });
    }
    if (request.method !== 'GET') return { status: 404 };
    const top = Number(request.query.get('top'));
    const limit = top > 0 ? Math.min(top, pageSize) : pageSize;
    const after = Buffer.from(request.headers[tokenHeader] ?? '', 'base64url').toString();
    const found = this.#instances.list(filter, limit + 1, after);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const token = found.length > limit && last !== undefined ? Buffer.from(last.id).toString('base64url') : '';
    const showInput = request.query.get('showInput')?.toLowerCase() !== 'false';
    const bodies = page.map(instance => statusBody(instance, { showInput }));
    return jsonReply(200, bodies, token === '' ? {} : { [tokenHeader]: token });
  }

  #operate(id: string, operation: string, eventName: string, request: HttpMessage): HttpReply {
    const reason = request.query.get('reason') ?? '';
    switch (operation.toLowerCase()) {
      case 'raiseevent':
        this.#raiseEvent(id, eventName, request);
        return { status: 202 };
      case 'terminate':
        this.#instances.terminate(id, reason);
        return { status: 202 };
      case 'suspend':
        this.#instances.suspend(id, reason);
        return { status: 202 };
      case 'resume':
        this.#instances.resume(id, reason);
        return { status: 202 };
      case 'restart':
        return this.#accepted(
          this.#instances.restart(id, request.query.get('restartWithNewInstanceId')?.toLowerCase() !== 'false').id,
        );
      case 'rewind':
        this.#instances.get(id);
        return textReply(501, 'Rewinding is not supported by this host; restart the instance instead.');
      default:
        return { status: 404 };
    }
  }

  #raiseEvent(id: string, name: string, request: HttpMessage): void {
    if (name === '') throw new InstanceError(400, 'An event needs a name: POST …/raiseEvent/{eventName}.');
    const { status } = this.#instances.get(id);
    if (isEnded(status)) throw new InstanceError(410, `Instance '${id}' has ended: ${status}.`);
    const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
    if (request.body.length > 0 && !isJson) {
      throw new InstanceError(400, 'The data of an event must be JSON, with content type application/json.');
    }
    this.#instances.raiseEvent(id, name, jsonBody(request));
  }

  #accepted(id: string): HttpReply {
    const urls = managementUrls(this.#address, id);
    return jsonReply(202, urls, { location: String(urls['statusQueryGetUri']), 'retry-after': '10' });
  }
}

/** The body's JSON text, undefined when it is empty. @throws InstanceError 400 when it is no JSON. */
function jsonBody(request: HttpMessage): string | undefined {
  const text = request.body.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new InstanceError(
      400,
      `The body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function readFilter(query: URLSearchParams): InstanceFilter {
  const time = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    const value = Date.parse(text);
    if (Number.isNaN(value)) throw new InstanceError(400, `${name}: "${text}" is not a time; expected ISO 8601.`);
    return value;
  };
  const names = query
    .get('runtimeStatus')
    ?.split(',')
    .filter(name => name !== '');
  const statuses = names?.map(name => {
    const status = allStatuses.find(known => known.toLowerCase() === name.toLowerCase());
    if (status === undefined)
      throw new InstanceError(400, `runtimeStatus: no status "${name}"; known: ${allStatuses.join(', ')}.`);
    return status;
  });
  const createdFrom = time('createdTimeFrom');
  const createdTo = time('createdTimeTo');
  const idPrefix = query.get('instanceIdPrefix');
  return {
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(statuses === undefined || statuses.length === 0 ? {} : { statuses }),
    ...(idPrefix === null ? {} : { idPrefix }),
  };
}
