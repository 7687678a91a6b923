import { saveRunRecord } from '../../shared/runs/run-records.ts';
import type { Services } from '../services.ts';
import { registerActivity } from './activity.ts';

export function registerRecordRun({ store }: Services): void {
  registerActivity('record-run', record => saveRunRecord(store, record));
}
