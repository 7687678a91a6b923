import { expect, test } from 'vitest';
import { batchesOf } from '../../../../local/youflix/schema.ts';

test('GO parts batches only on a line of its own', () => {
  const script = "SELECT 'GO' AS a;\nGO\n\n  go  \nSELECT 1 -- GO\nGOTO x;\nGO\n";
  expect(batchesOf(script).map(batch => batch.trim())).toEqual(["SELECT 'GO' AS a;", 'SELECT 1 -- GO\nGOTO x;']);
});
