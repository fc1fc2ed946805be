import { claimSchema } from '../../claim/schema.ts';
import { lockSchema } from '../../claim/lock-schema.ts';
import { asciiJson } from '../../format/ascii-json.ts';
import { jsonSchema } from '../../format/json-schema.ts';
import { comparisonSchema } from '../../report/comparison-schema.ts';
import { verdictSchema } from '../../report/verdict-schema.ts';
import type { Session } from '../session.ts';

const documents = {
  claim: { schema: claimSchema, title: 'samesource.yaml, a claim, version 1' },
  lock: { schema: lockSchema, title: 'samesource.lock.json, a lock, version 1' },
  verdict: { schema: verdictSchema, title: 'a verdict, version 1' },
  comparison: { schema: comparisonSchema, title: 'a comparison, version 1' },
} as const;

type SchemaName = keyof typeof documents;

/** As published below `fixtures/schemas/`. */
function schemaText(name: SchemaName): string {
  const { schema, title } = documents[name];
  return asciiJson(jsonSchema(schema, title));
}

export async function schema(session: Session, name: SchemaName): Promise<number> {
  session.print(schemaText(name));
  return 0;
}
