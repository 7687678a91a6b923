/**
 * Kills the app at a numbered point of a run and lets it recover. A point is a request that changes something, as a stand-in saw
 * it: once before its effect (then the request is dropped too) and once after it (then only the answer is lost).
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns, type RunRecord, startRun } from '../../local/app-client.ts';
import type { AppProcess } from '../../local/app-process.ts';
import { type Cloud, raiseCloud } from '../../local/cloud.ts';
import type { OperationPoint } from '../../local/faults.ts';
import { portsFrom } from '../../local/settings.ts';
import type { CrashPhase, CrashScenario } from './scenario.ts';

type EndState = Readonly<Record<string, string>>;

/** A phase as an undisturbed run went through it. */
export interface Rehearsal {
  readonly phase: CrashPhase;
  /** A cloud's data folder, ready for the run. */
  readonly template: string;
  readonly points: readonly OperationPoint[];
  readonly endState: EndState;
}

export interface CrashVerdict {
  readonly point: OperationPoint;
  /** False when the disturbed run took another way and ended before the point came. */
  readonly reached: boolean;
  /** What differs from the undisturbed run; empty when nothing does. */
  readonly differences: readonly string[];
}

const anyPorts = portsFrom(0);
const settleTimeoutMs = 120_000;

/** Runs every phase once, undisturbed. Returns them with the folder that holds their templates, for the caller to remove. */
export async function rehearse(scenario: CrashScenario): Promise<{ folder: string; rehearsals: readonly Rehearsal[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'youflix-crash-'));
  const current = join(folder, 'current');
  await withCloud(current, cloud => scenario.seed(cloud));
  const rehearsals: Rehearsal[] = [];
  for (const phase of scenario.phases) {
    await withCloud(current, async cloud => phase.prepare?.(cloud));
    const template = join(folder, phase.name);
    await cp(current, template, { recursive: true });
    const points: OperationPoint[] = [];
    await withCloud(current, async cloud => {
      const app = await cloud.startApp();
      const before = await newestRun(app.url, scenario);
      const stop = cloud.faults.observe(point => {
        if (changesSomething(point)) points.push(point);
      });
      await settle(scenario, phase, { url: app.url, dataDir: current, before });
      stop();
    });
    rehearsals.push({ phase, template, points, endState: await scenario.endState(current) });
  }
  return { folder, rehearsals };
}

/** Repeats a phase and kills the app at point `index` of it. Where the end differs, the cloud's data folder stays: it is the only witness. */
export async function crashAt(scenario: CrashScenario, rehearsal: Rehearsal, index: number): Promise<CrashVerdict> {
  const work = await mkdtemp(join(tmpdir(), 'youflix-crash-'));
  let reached = false;
  let found: readonly string[];
  try {
    await cp(rehearsal.template, work, { recursive: true });
    await withCloud(work, async cloud => {
      let app = await cloud.startApp();
      const before = await newestRun(app.url, scenario);
      const died = killAtPoint(cloud, app, index);
      const settled = settle(scenario, rehearsal.phase, { url: app.url, dataDir: work, before });
      // Whichever comes first: the run ends undisturbed, or the app is gone and has to come back.
      reached = (await Promise.race([died.then(() => 'died'), settled.then(() => 'settled')])) === 'died';
      if (reached) app = await cloud.startApp();
      await settled;
    });
    found = differences(rehearsal.endState, await scenario.endState(work));
  } catch (error) {
    found = [`no end state: ${error instanceof Error ? error.message : String(error)}`];
  }
  const point = pointOf(rehearsal, index);
  if (found.length > 0) return { point, reached, differences: [...found, `what it left is in ${work}`] };
  await rm(work, { recursive: true, force: true });
  return { point, reached, differences: [] };
}

/** Resolves when the app and its worker have been killed. */
function killAtPoint(cloud: Cloud, app: AppProcess, index: number): Promise<void> {
  let passed = 0;
  return new Promise(resolve => {
    const stop = cloud.faults.observe(async point => {
      if (!changesSomething(point) || passed++ !== index) return;
      stop();
      await app.kill();
      // The observer speaks before the faults are looked up: this very request is cut off.
      cloud.faults.add({ ...point, action: { kind: 'reset' } });
      resolve();
    });
  });
}

/** Reads change nothing, and how often a status is polled is no step of a run. */
function changesSomething({ service, operation }: OperationPoint): boolean {
  return service !== 'storage' || !/^(GET|HEAD|LIST) /.test(operation);
}

interface Start {
  readonly url: string;
  readonly dataDir: string;
  /** The last run before this phase. */
  readonly before: RunRecord | undefined;
}

/** Starts the phase's run as often as it takes and waits until one newer than `before` has ended well, and what its events started. */
async function settle(scenario: CrashScenario, phase: CrashPhase, { url, dataDir, before }: Start): Promise<void> {
  const deadline = Date.now() + settleTimeoutMs;
  let last = 'no run began';
  while (Date.now() < deadline) {
    try {
      const newest = await newestRun(url, scenario);
      const ours = newest !== undefined && newest.runId !== before?.runId ? newest : undefined;
      if (ours?.status === 'Completed') {
        const underWay = await scenario.underWay?.(dataDir);
        if (underWay === undefined) return;
        last = underWay;
      } else if (ours !== undefined) {
        const { runId, status, tables } = ours;
        last = `run ${runId} is ${status}: ${JSON.stringify(tables.map(table => table.failure ?? table.table))}`;
      }
      // Refused with 409 while one is under way.
      if (ours === undefined || ours.status === 'Failed') await startRun(url, scenario.pipeline, phase.run);
    } catch (error) {
      // The app is down, or says that a run is under way: look again.
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  throw new Error(`the run did not complete within ${settleTimeoutMs / 1000} s: ${last}`);
}

/** Behind how many records of runs that events started one is looked for that was asked for. */
const mostRunsByEvents = 50;

async function newestRun(url: string, { pipeline, isRun = () => true }: CrashScenario): Promise<RunRecord | undefined> {
  return (await listRuns(url, pipeline, mostRunsByEvents)).find(isRun);
}

async function withCloud(dataDir: string, use: (cloud: Cloud) => Promise<unknown>): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const cloud = await raiseCloud({ dataDir, ports: anyPorts });
  try {
    await use(cloud);
  } finally {
    await cloud.close();
  }
}

function differences(expected: EndState, actual: EndState): string[] {
  return Object.keys(expected).flatMap(name =>
    expected[name] === actual[name] ? [] : [`${name}: expected ${expected[name]}, got ${actual[name]}`],
  );
}

function pointOf(rehearsal: Rehearsal, index: number): OperationPoint {
  const point = rehearsal.points[index];
  if (!point)
    throw new Error(`phase ${rehearsal.phase.name} has ${rehearsal.points.length} points, there is no ${index}`);
  return point;
}
