import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  Episode,
  EpisodeOutcome,
  FromWorker,
  RegisteredFunction,
  RemoteError,
  RpcRequest,
  RpcResponse,
  ToWorker,
} from './worker/messages.ts';

const entry = fileURLToPath(new URL('./worker/entry.ts', import.meta.url));
const modules = fileURLToPath(new URL('./worker/modules', import.meta.url));

/** The app's own failure: what a handler or hook threw. */
export class InvocationError extends Error {
  readonly remoteStack: string | undefined;

  constructor(remote: RemoteError) {
    super(remote.message);
    this.name = 'InvocationError';
    this.remoteStack = remote.stack;
  }
}

/** The worker ended while it still owed an answer: nobody knows how far the function got. */
export class WorkerLostError extends Error {
  constructor(how: string, before = 'the function finished') {
    super(`the worker process ended (${how}) before ${before}`);
    this.name = 'WorkerLostError';
  }
}

/** How to start a worker, and who hears of what it says. */
export interface WorkerOptions {
  readonly scriptRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** Node options for the worker, such as `--inspect`. */
  readonly execArgv: readonly string[];
  readonly onLog: (entry: Extract<FromWorker, { kind: 'log' }>) => void;
  /** A line the app wrote to stdout or stderr by itself. */
  readonly onOutput: (line: string) => void;
}

/** One worker child process with the app loaded in it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #answers = new Map<string, { resolve(message: FromWorker): void; reject(error: Error): void }>();
  #functions: readonly RegisteredFunction[] = [];
  #capabilities: Record<string, string> = {};
  /** Settles when the process is gone; gives the exit code or signal as text. */
  readonly exited: Promise<string>;

  private constructor(child: ChildProcess, options: WorkerOptions) {
    this.#child = child;
    this.exited = new Promise(resolve => {
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
      child.once('error', error => resolve(error.message));
    });
    void this.exited.then(how => {
      for (const { reject } of this.#answers.values()) reject(new WorkerLostError(how));
      this.#answers.clear();
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', options.onOutput);
    }
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'log') options.onLog(message);
      else if ('id' in message) this.#settle(message.id, message);
    });
  }

  /** @throws Error with the worker's own words when the app does not load. */
  static async start(options: WorkerOptions): Promise<WorkerProcess> {
    const nodePath = [modules, options.env['NODE_PATH']].filter(Boolean).join(process.platform === 'win32' ? ';' : ':');
    const child = fork(entry, [options.scriptRoot], {
      cwd: options.scriptRoot,
      env: { ...options.env, NODE_PATH: nodePath },
      execArgv: [...options.execArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const worker = new WorkerProcess(child, options);
    const started = new Promise<FromWorker>(resolve => {
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'ready' || message.kind === 'start-failed') resolve(message);
      });
    });
    const first = await Promise.race([started, worker.exited]);
    if (typeof first === 'object' && first.kind === 'ready') {
      worker.#functions = first.functions;
      worker.#capabilities = first.capabilities;
      return worker;
    }
    child.kill('SIGKILL');
    if (typeof first === 'object' && first.kind === 'start-failed') throw new InvocationError(first.error);
    throw new WorkerLostError(String(first), `it had loaded the app in ${options.scriptRoot}`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get functions(): readonly RegisteredFunction[] {
    return this.#functions;
  }

  get capabilities(): Record<string, string> {
    return this.#capabilities;
  }

  /** @throws InvocationError what the function threw; WorkerLostError when the process ended first. */
  async invoke(functionId: string, request: RpcRequest, id: string = randomUUID()): Promise<RpcResponse> {
    const answer = await this.#ask({ kind: 'invoke', id, functionId, request });
    if (answer.kind === 'invoked') return answer.response;
    throw unexpected(answer);
  }

  /**
   * Runs one episode; undefined when the worker does not hold the history that `episode.held` says it does.
   *
   * @throws as `invoke`; an orchestrator that throws is no error here but an outcome.
   */
  async orchestrate(
    functionId: string,
    episode: Episode,
    id: string = randomUUID(),
  ): Promise<EpisodeOutcome | undefined> {
    const answer = await this.#ask({ kind: 'orchestrate', id, functionId, episode });
    if (answer.kind === 'orchestrated') return answer.outcome;
    if (answer.kind === 'history-missing') return undefined;
    throw unexpected(answer);
  }

  /** Lets the app's `appTerminate` hooks run, for `graceMs` at most, and ends the process. */
  async stop(graceMs: number): Promise<void> {
    if (this.#child.connected) this.#child.send({ kind: 'stop' } satisfies ToWorker);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  #ask(message: Extract<ToWorker, { id: string }>): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      this.#answers.set(message.id, { resolve, reject });
      this.#child.send(message, error => {
        if (error && this.#answers.delete(message.id)) reject(new WorkerLostError(error.message));
      });
    });
  }

  #settle(id: string, message: FromWorker): void {
    const waiting = this.#answers.get(id);
    this.#answers.delete(id);
    if (message.kind === 'failed') waiting?.reject(new InvocationError(message.error));
    else waiting?.resolve(message);
  }
}

function unexpected(answer: FromWorker): Error {
  return new Error(`the worker answered "${answer.kind}", which does not belong to the question`);
}
