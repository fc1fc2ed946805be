import { asciiJson } from '../format/ascii-json.ts';
import { SamesourceError } from '../model/error.ts';
import { comparisonSchema } from './comparison-schema.ts';
import type { Document } from './types.ts';
import { verdictSchema } from './verdict-schema.ts';

/** The document itself, keys in the order of the schema, and nothing that the schema does not know. */
export function json(document: Document): string {
  const name = 'verdict' in document ? 'verdict' : 'comparison';
  const checked = (name === 'verdict' ? verdictSchema : comparisonSchema).safeParse(document);
  if (checked.success) return asciiJson(checked.data);
  const issue = checked.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new SamesourceError('bug', `a ${name} with a wrong ${where === '' ? 'form' : where}: ${issue?.message ?? ''}`);
}
