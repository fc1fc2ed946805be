import { asciiJson } from '../format/ascii-json.ts';
import { SamesourceError } from '../model/error.ts';
import type { Verdict } from '../model/verdict.ts';
import { verdictSchema } from './verdict-schema.ts';

/** The document itself, keys in the order of the schema, and nothing that the schema does not know. */
export function json(verdict: Verdict): string {
  const checked = verdictSchema.safeParse(verdict);
  if (checked.success) return asciiJson(checked.data);
  const issue = checked.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new SamesourceError('bug', `a verdict with a wrong ${where === '' ? 'form' : where}: ${issue?.message ?? ''}`);
}
