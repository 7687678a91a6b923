/** A Python program that is asked for one thing after another: conversation.py is its other end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

export interface PythonProgram extends AsyncDisposable {
  /** Calls the program's function `action`. @throws Error with Python's traceback, or its last words when it has ended */
  ask<T = unknown>(action: string, parameters?: Readonly<Record<string, unknown>>): Promise<T>;
}

/** Starts a program of this folder. It runs in UTC, and ends when it is disposed of. */
export function startPython(
  interpreter: string,
  script: string,
  environment: Readonly<Record<string, string>> = {},
): PythonProgram {
  const child: ChildProcess = spawn(interpreter, [join(folder, script)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1', TZ: 'UTC', ...environment },
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error(`${script}: its streams are not pipes`);
  const answers = createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  let lastWords = '';
  stderr.on('data', (text: Buffer) => {
    lastWords = (lastWords + text.toString('utf8')).slice(-2000);
  });
  const exited = new Promise(resolve => child.once('close', resolve));
  // A program that could not start or has ended is reported by the question it leaves unanswered.
  child.on('error', error => {
    lastWords += error.message;
  });
  stdin.on('error', () => undefined);

  return {
    async ask<T>(action: string, parameters: Readonly<Record<string, unknown>> = {}) {
      stdin.write(`${JSON.stringify({ action, ...parameters })}\n`);
      const line = await answers.next();
      if (line.done) throw new Error(`${script} ended at ${JSON.stringify(action)}; its last words:\n${lastWords}`);
      const answer = JSON.parse(line.value) as { answer: T } | { error: string };
      if ('error' in answer) throw new Error(`${script}, ${action}: ${answer.error}`);
      return answer.answer;
    },
    async [Symbol.asyncDispose]() {
      stdin.end();
      await exited;
    },
  };
}
