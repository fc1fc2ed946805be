/**
 * YAML 1.2, read strictly: one document, unique text keys, no anchors, aliases, tags or merge keys.
 * JSON is a subset, so our own JSON documents are read by it too and errors in them have a position.
 */
import {
  Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export interface YamlText {
  readonly value: unknown;
  /** Where the value at a path stands, or its nearest parent that exists. */
  valueAt(path: readonly PropertyKey[]): Position;
  /** Where the key that ends a path stands. */
  keyAt(path: readonly PropertyKey[]): Position;
  /** The value as it was written, if it is a scalar. */
  sourceAt(path: readonly PropertyKey[]): string | undefined;
}

/** Turned into an error with a code by whoever knows what the text is. */
export class YamlProblem extends Error {
  readonly position: Position;
  readonly hint: string | undefined;

  constructor(position: Position, message: string, hint?: string) {
    super(message);
    this.position = position;
    this.hint = hint;
  }
}

const depthLimit = 32;

/** @throws YamlProblem */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  refuseDepth(text);
  const document = read(text, lines);
  const fault = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])[0];
  if (fault !== undefined) throw new YamlProblem(at(fault.pos[0]), faultText(fault.code, fault.message));
  refuseCleverness(document, at);
  const start = (node: unknown): Position => at(isNode(node) ? (node.range?.[0] ?? 0) : 0);
  return {
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    valueAt: (path) => start(nearest(document.contents, path).node),
    keyAt: (path) => start(nearest(document.contents, path).key),
    sourceAt: (path) => sourceOf(nearest(document.contents, path).node),
  };
}

function read(text: string, lineCounter: LineCounter): Document.Parsed {
  const options = { lineCounter, prettyErrors: false, merge: false, schema: 'core' } as const;
  // Names are checked below: the parser's own check takes minutes for a megabyte of keys.
  return parseDocument(text, { ...options, uniqueKeys: false });
}

/** Before anything recursive sees the text. Depth by indentation alone costs the square of it in size. */
function refuseDepth(text: string): void {
  let flow = 0;
  let inLine = 0;
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow += 1;
    if (token === ']' || token === '}') flow -= 1;
    if (flow === 0 && (token === '-' || token === '?' || token === ':')) inLine += 1;
    if (token.includes('\n')) {
      inLine = 0;
      line += token.split('\n').length - 1;
    }
    if (flow > depthLimit || inLine > depthLimit) {
      throw new YamlProblem({ line, column: 1 }, 'nested too deeply');
    }
  }
}

function faultText(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document';
  return `not YAML: ${message}`;
}

function refuseCleverness(document: Document.Parsed, at: (offset: number) => Position): void {
  visit(document, {
    Node(_, node, parents) {
      const position = at(node.range?.[0] ?? 0);
      if (isAlias(node)) throw new YamlProblem(position, `an alias, "*${node.source}"`, 'write the value itself');
      if (node.anchor !== undefined) throw new YamlProblem(position, `an anchor, "&${node.anchor}"`, 'leave it out');
      if (node.tag !== undefined) throw new YamlProblem(position, `a tag, "${node.tag}"`, 'leave it out');
      if (parents.length > depthLimit * 2) throw new YamlProblem(position, 'nested too deeply');
      if (isMap(node)) refuseKeys(node, at);
    },
  });
}

function refuseKeys(map: YAMLMap, at: (offset: number) => Position): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const text = isScalar(key) ? key.value : undefined;
    const position = at(isNode(key) ? (key.range?.[0] ?? 0) : 0);
    if (typeof text !== 'string') throw new YamlProblem(position, 'a key that is not text', 'write it in quotes');
    if (text === '__proto__') throw new YamlProblem(position, 'the key "__proto__"', 'leave it out');
    if (seen.has(text)) throw new YamlProblem(position, `the key "${text}" is given twice`, 'leave one out');
    seen.add(text);
  }
}

interface Found {
  readonly node: unknown;
  readonly key: unknown;
}

function nearest(root: unknown, path: readonly PropertyKey[]): Found {
  let found: Found = { node: root, key: root };
  for (const step of path) {
    const next = childOf(found.node, step);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function childOf(node: unknown, step: PropertyKey): Found | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { node: item, key: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === step);
  return pair === undefined ? undefined : { node: pair.value ?? pair.key, key: pair.key };
}

function sourceOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return node.source ?? String(node.value);
}

/**
 * YAML text with a comment before some of its keys.
 * @param comments by key path, e.g. `build.dir`
 */
export function writeYaml(value: unknown, heading: string, comments: Readonly<Record<string, string>>): string {
  const document = new Document(value, { schema: 'core', version: '1.2' });
  document.commentBefore = commentLines(heading);
  for (const [path, comment] of Object.entries(comments)) {
    const steps = path.split('.');
    const { key } = nearest(document.contents, steps);
    // Where the path is missing, the nearest key is one of its parents.
    if (document.hasIn(steps) && isScalar(key)) key.commentBefore = commentLines(comment);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commentLines(text: string): string {
  return text
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
}
