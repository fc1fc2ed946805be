/**
 * Reads a text of ours (claim, lock, settings) by its schema, and turns the first thing that is
 * wrong into `FILE:LINE:COLUMN: what is there, what is expected` and a hint.
 */
import { z } from 'zod';
import { SamesourceError, type ErrorCode } from '../model/error.ts';
import { nearestName } from './nearest-name.ts';
import { printable } from './printable.ts';
import { parseYaml, YamlProblem, type Position, type YamlText } from './yaml.ts';

export interface Shape<T> {
  readonly schema: z.ZodType<T>;
  /** Shown before the position. */
  readonly file: string;
  /** The code of every refusal. */
  readonly code: ErrorCode;
}

/** A value with the text that it was read from, for refusals that come after the schema. */
export interface Shaped<T> {
  readonly value: T;
  readonly refuse: (path: readonly PropertyKey[], message: string, hint?: string) => SamesourceError;
}

/** Strict YAML, and so JSON too. @throws SamesourceError with the shape's code */
export function readShape<T>(text: string, shape: Shape<T>): Shaped<T> {
  const yaml = parse(text, shape);
  const result = shape.schema.safeParse(yaml.value, { reportInput: true });
  if (result.success) {
    return {
      value: result.data,
      refuse: (path, message, hint) => refusal(shape, yaml.valueAt(path), `${name(path)}: ${message}`, hint),
    };
  }
  // A mistyped key is missing under its right name too: the unknown one says more.
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw new SamesourceError('bug', `${shape.file}: refused without an issue`);
  throw explain(issue, [], yaml, shape);
}

function parse<T>(text: string, shape: Shape<T>): YamlText {
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw refusal(shape, error.position, error.message, error.hint);
  }
}

type Issue = z.core.$ZodIssue;

function explain<T>(issue: Issue, base: readonly PropertyKey[], yaml: YamlText, shape: Shape<T>): SamesourceError {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') return unknownKey(issue.keys[0] ?? '', path, yaml, shape);
  if (issue.code === 'invalid_key') {
    return refusal(shape, yaml.keyAt(path), `"${clip(String(path.at(-1)))}": ${issue.issues[0]?.message ?? ''}`);
  }
  if (issue.code === 'invalid_type') {
    if (issue.input !== undefined) {
      return refusal(shape, yaml.valueAt(path), ...wrongType(issue.expected, path, yaml, issue.input));
    }
    return refusal(shape, yaml.keyAt(path.slice(0, -1)), `the key "${name(path)}" is missing`);
  }
  const closest = issue.code === 'invalid_union' ? closestBranch(issue.errors) : undefined;
  if (closest !== undefined) return explain(closest, path, yaml, shape);
  return refusal(shape, yaml.valueAt(path), `${name(path)}: ${issue.message}`);
}

function unknownKey<T>(key: string, path: readonly PropertyKey[], yaml: YamlText, shape: Shape<T>): SamesourceError {
  const known = knownKeys(shape.schema, path);
  const near = nearestName(key, known);
  const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
  return refusal(shape, yaml.keyAt([...path, key]), `unknown key "${clip(key)}"`, hint);
}

function wrongType(
  expected: string,
  path: readonly PropertyKey[],
  yaml: YamlText,
  input: unknown,
): [message: string, hint?: string] {
  const source = yaml.sourceAt(path);
  const found = source === undefined ? kindOf(input) : `${kindOf(input)} ${clip(source)}`;
  const message = `${name(path)}: expected ${typeNames[expected] ?? expected}, got ${found}`;
  const quotable = expected === 'string' && source !== undefined && input !== null;
  return quotable ? [message, `write it in quotes: "${clip(source)}"`] : [message];
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

function kindOf(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  return { number: 'the number', boolean: 'the word', string: 'the text' }[typeof input as string] ?? 'a map of keys';
}

/** Of the forms that a value may take, the one that it most looks like. */
function closestBranch(branches: readonly (readonly Issue[])[]): Issue | undefined {
  const strangeness = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => {
      if (issue.code === 'unrecognized_keys') return sum + 2 * issue.keys.length;
      if (issue.code === 'invalid_type') return sum + (issue.path.length === 0 ? 100 : 2);
      return sum + 1;
    }, 0);
  const closest = branches.toSorted((a, b) => strangeness(a) - strangeness(b))[0];
  return closest?.find((issue) => issue.code === 'unrecognized_keys') ?? closest?.[0];
}

/** Every key that some form of the schema knows at a path. */
function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodUnion) {
    return [...new Set(schema.options.flatMap((option: unknown) => knownKeys(option, path)))];
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) return knownKeys(schema.unwrap(), path);
  const [step, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, unknown>>;
    return step === undefined ? Object.keys(shape) : knownKeys(shape[String(step)], rest);
  }
  if (schema instanceof z.ZodArray && step !== undefined) return knownKeys(schema.element, rest);
  return [];
}

function name(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

function refusal<T>(shape: Shape<T>, at: Position, message: string, hint?: string): SamesourceError {
  const where = `${shape.file}:${at.line}:${at.column}`;
  return new SamesourceError(shape.code, `${where}: ${message}`, hint === undefined ? {} : { hint });
}

/** For values in messages: one printable line of bearable length. */
export function clip(text: string): string {
  const line = printable(text);
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
