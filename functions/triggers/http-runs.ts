import { app, type HttpRequest } from '@azure/functions';
import * as df from 'durable-functions';
import { partInstanceId, type RunInput } from '../../orchestrations/run.ts';
import { findRunRecord, listRunRecords, saveRunRecord } from '../../shared/runs/run-records.ts';
import { findPipeline, type Pipeline, pipelines } from '../pipelines.ts';
import { checkRunRequest } from '../run-request.ts';
import { findOrchestration, isAlive, startRun } from '../run-starter.ts';
import type { Services } from '../services.ts';
import { answering, problems, readJson } from './http-answer.ts';

export function registerHttpRuns(services: Services): void {
  const { store, clock } = services;

  app.http('start-run', {
    route: 'pipelines/{pipeline}/runs',
    methods: ['POST'],
    authLevel: 'function',
    extraInputs: [df.input.durableClient()],
    handler: (request, context) =>
      answering(context, async () => {
        const name = request.params['pipeline'] ?? '';
        const pipeline = findPipeline(name);
        if (!pipeline) return problems(400, [unknownPipeline(name)]);
        const body = await readJson(request);
        if (body === 'not-json')
          return problems(400, ['body: expected JSON, or nothing for an incremental run of all tables']);
        const checked = checkRunRequest(pipeline, body.value);
        if (!checked.ok) return problems(400, checked.problems);
        const client = df.getClient(context);
        const runId = await startRun(services, client, checked.request);
        const run = runUrl(request, runId);
        return {
          status: 202,
          headers: { Location: run, 'Retry-After': '2' },
          jsonBody: {
            runId,
            request: checked.request,
            links: { run, cancel: `${run}/cancel`, management: client.createHttpManagementPayload(runId) },
          },
        };
      }),
  });

  app.http('list-runs', {
    route: 'runs',
    methods: ['GET'],
    authLevel: 'function',
    handler: (request, context) =>
      answering(context, async () => {
        const wanted = request.query.get('pipeline');
        if (wanted !== null && !findPipeline(wanted)) return problems(400, [unknownPipeline(wanted)]);
        const limit = Number(request.query.get('limit') ?? 50);
        if (!Number.isInteger(limit) || limit < 1 || limit > 500) return problems(400, ['limit: expected 1 to 500']);
        const names = wanted === null ? pipelines.map(({ name }) => name) : [wanted];
        const lists = await Promise.all(names.map(name => listRunRecords(store, name, limit)));
        const runs = lists.flat().sort((a, b) => b.startedAt.localeCompare(a.startedAt));
        return { jsonBody: { runs: runs.slice(0, limit) } };
      }),
  });

  app.http('get-run', {
    route: 'runs/{runId}',
    methods: ['GET'],
    authLevel: 'function',
    extraInputs: [df.input.durableClient()],
    handler: (request, context) =>
      answering(context, async () => {
        const runId = request.params['runId'] ?? '';
        const pipeline = pipelineOf(runId);
        if (!pipeline) return problems(404, [unknownRun(runId)]);
        const record = await findRunRecord(store, pipeline.name, runId);
        if (record && record.status !== 'Running') return { jsonBody: record };
        const orchestration = await findOrchestration(df.getClient(context), runId);
        if (!record && !orchestration) return problems(404, [unknownRun(runId)]);
        // Started, and not yet on record; or broken off before its last word, which the record then cannot tell.
        const status = orchestration?.runtimeStatus ?? 'Running';
        return { jsonBody: { runId, ...record, status } };
      }),
  });

  app.http('cancel-run', {
    route: 'runs/{runId}/cancel',
    methods: ['POST'],
    authLevel: 'function',
    extraInputs: [df.input.durableClient()],
    handler: (request, context) =>
      answering(context, async () => {
        const runId = request.params['runId'] ?? '';
        const pipeline = pipelineOf(runId);
        if (!pipeline) return problems(404, [unknownRun(runId)]);
        const client = df.getClient(context);
        const orchestration = await findOrchestration(client, runId);
        if (!orchestration) return problems(404, [unknownRun(runId)]);
        if (!isAlive(orchestration))
          return problems(409, [`run ${runId} has already ended: ${orchestration.runtimeStatus}`]);
        const { request: started, startedAt } = orchestration.input as RunInput;
        // Termination does not reach sub-orchestrations: each is ended by its own id.
        for (const instance of [runId, ...started.tables.map(table => partInstanceId(runId, table))]) {
          const status = await findOrchestration(client, instance);
          if (status && isAlive(status)) await client.terminate(instance, 'cancelled by request');
        }
        const endedAt = new Date(clock.now()).toISOString();
        // Kept even where there is none yet: the run's first record may still be on its way, and must not have the last word.
        const first = { runId, pipeline: pipeline.name, mode: started.mode, startedAt, request: started, tables: [] };
        const record = (await findRunRecord(store, pipeline.name, runId)) ?? first;
        await saveRunRecord(store, { ...record, status: 'Cancelled', endedAt });
        return { status: 202, jsonBody: { runId, status: 'Cancelled' } };
      }),
  });
}

/** The pipeline of a run id; undefined for what is no id of a run, which must not become part of a path or URL. */
function pipelineOf(runId: string): Pipeline | undefined {
  return /^[\w-]+$/.test(runId) ? pipelines.find(({ name }) => runId.startsWith(`${name}-`)) : undefined;
}

function runUrl(request: HttpRequest, runId: string): string {
  return new URL(`/api/runs/${runId}`, request.url).href;
}

function unknownPipeline(name: string): string {
  return `pipeline: there is no pipeline ${JSON.stringify(name)} (there are: ${pipelines.map(p => p.name).join(', ')})`;
}

function unknownRun(runId: string): string {
  return `run: there is no run ${JSON.stringify(runId)}; GET /api/runs lists them`;
}
