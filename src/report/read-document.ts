import { SamesourceError } from '../model/error.ts';
import { comparisonSchema } from './comparison-schema.ts';
import type { Document } from './types.ts';
import { verdictSchema } from './verdict-schema.ts';

/**
 * Takes a stored document back, checked against its schema.
 * @throws SamesourceError `usage` with the first place that is wrong
 */
export function readDocument(value: unknown): Document {
  const schema = isKeyed(value, 'comparison') ? comparisonSchema : verdictSchema;
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new SamesourceError('usage', `not a verdict or a comparison: ${where}: ${issue?.message ?? ''}`, {
    hint: 'verify --report-file and compare --report-file write them',
  });
}

function isKeyed(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
