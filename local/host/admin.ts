import { eventData } from './event-grid.ts';
import type { FunctionDefinition } from './functions.ts';
import { type HttpMessage, type HttpReply, jsonReply } from './http-message.ts';
import type { FunctionInvoker, TriggerData } from './invoker.ts';
import type { RpcTypedData } from './worker/messages.ts';

/** What the admin API tells of, and calls. */
export interface AdminOptions {
  readonly functions: readonly FunctionDefinition[];
  readonly invoker: FunctionInvoker;
  readonly origin: string;
  readonly scriptRoot: string;
  /** Where an HTTP function is called, as a template. */
  readonly invokeUrl: (fn: FunctionDefinition) => string | undefined;
  readonly workerPid: () => number | undefined;
}

/** The admin API under `/admin` (HOST `FunctionsController.cs`, `HostController.cs`): what there is, and calls by hand. */
export class AdminApi {
  readonly #options: AdminOptions;
  readonly #startedAt = Date.now();

  constructor(options: AdminOptions) {
    this.#options = options;
  }

  /** `path` is what follows `/admin/`. */
  async handle(path: string, request: HttpMessage): Promise<HttpReply> {
    const { method } = request;
    if (path === 'host/ping') return { status: 200 };
    if (path === 'host/status' && method === 'GET') return jsonReply(200, this.#status());
    const [collection, encodedName = ''] = path.split('/');
    if (collection !== 'functions') return { status: 404 };
    const { functions } = this.#options;
    if (encodedName === '' && method === 'GET')
      return jsonReply(
        200,
        functions.map(fn => this.#describe(fn)),
      );
    const name = decodeURIComponent(encodedName).toLowerCase();
    const fn = functions.find(candidate => candidate.name.toLowerCase() === name);
    if (fn === undefined) return { status: 404 };
    if (method === 'GET') return jsonReply(200, this.#describe(fn));
    return method === 'POST' ? this.#call(fn, request) : { status: 404 };
  }

  #status(): Record<string, unknown> {
    return {
      id: 'local-host',
      state: 'Running',
      version: '4.1000.0',
      versionDetails: 'local stand-in',
      platformVersion: '',
      instanceId: '',
      computerName: 'localhost',
      processUptime: Date.now() - this.#startedAt,
      functionAppContentEditingState: 'NotAllowed',
      // Not in the real answer: for tools that test what happens when the worker dies.
      workerProcessId: this.#options.workerPid() ?? null,
    };
  }

  #describe(fn: FunctionDefinition): Record<string, unknown> {
    const href = `${this.#options.origin}/admin/functions/${encodeURIComponent(fn.name)}`;
    return {
      name: fn.name,
      script_root_path_href: null,
      script_href: null,
      config_href: null,
      test_data_href: null,
      href,
      invoke_url_template: this.#options.invokeUrl(fn) ?? null,
      language: 'node',
      config: { name: fn.name, scriptFile: this.#options.scriptRoot, bindings: fn.bindings },
      files: null,
      test_data: null,
      isDisabled: fn.disabled,
      isDirect: false,
      isProxy: false,
    };
  }

  /** Answers at once; the function runs on, and its failure is seen in the log only. */
  #call(fn: FunctionDefinition, request: HttpMessage): HttpReply {
    const input = readInput(request.body);
    if (input === undefined) {
      return jsonReply(400, {
        Message: 'Expected a JSON body {"input":"<text>"}, with content type application/json.',
      });
    }
    const trigger = manualTrigger(fn, input);
    this.#options.invoker.invoke(fn, trigger).catch(() => {});
    return { status: 202 };
  }
}

function readInput(body: Buffer): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const input = 'input' in parsed ? parsed.input : '';
    return typeof input === 'string' ? input : JSON.stringify(input ?? '');
  } catch {
    return undefined;
  }
}

function manualTrigger(fn: FunctionDefinition, input: string): TriggerData {
  const reason = 'This function was programmatically called via the host APIs.';
  const text: RpcTypedData = { string: input };
  switch (fn.triggerType) {
    case 'timertrigger':
      return { reason, data: { json: JSON.stringify({ Schedule: { AdjustForDST: true }, IsPastDue: false }) } };
    case 'httptrigger':
      return {
        reason,
        data: {
          http: { method: 'POST', url: 'http://localhost/', nullableQuery: {}, body: { bytes: Buffer.from(input) } },
        },
      };
    case 'eventgridtrigger':
      return { reason, data: text, metadata: { data: eventData(input) } };
    case 'eventhubtrigger':
      return { reason, data: fn.trigger['cardinality'] === 'many' ? { collectionString: { string: [input] } } : text };
    default:
      return { reason, data: text };
  }
}
