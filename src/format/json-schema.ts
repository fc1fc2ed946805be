import { z } from 'zod';

/** JSON Schema, draft 2020-12, of a definition that a loader checks. */
export function jsonSchema(schema: z.ZodType, title: string): unknown {
  return { title, ...z.toJSONSchema(schema, { io: 'input' }) };
}
