/**
 * The shape of `diffoscope --json`, version 1, so that tools that read it, and `diffoscope
 * --load-existing-diff`, read ours: a tree of sources with comments and a unified diff at its leaves.
 */
import { asciiJson } from '../format/ascii-json.ts';
import { printable } from '../format/printable.ts';
import type { Cause, DeltaRecord, Difference, FileDifference, Sample } from '../model/difference.ts';
import { balance, leadingSentence } from './leading.ts';
import { offsetText } from './numbers.ts';
import { type Subject, subjectsOf } from './subjects.ts';
import type { Document } from './types.ts';

interface Node {
  readonly source1: string;
  readonly source2: string;
  readonly comments?: readonly string[];
  readonly unified_diff: string | null;
  readonly details?: readonly Node[];
}

export function diffoscopeJson(document: Document): string {
  const nodes = subjectsOf(document).map(subjectNode);
  const [only] = nodes;
  const comments = document.reason === undefined ? [] : [`${document.reason.code}: ${document.reason.message}`];
  const root = only !== undefined && nodes.length === 1 ? only : node('released', 'rebuilt', { details: nodes });
  return asciiJson({
    'diffoscope-json-version': 1,
    ...root,
    ...(comments.length === 0 ? {} : { comments: [...comments.map(printable), ...(root.comments ?? [])] }),
  });
}

interface Parts {
  readonly comments?: readonly string[];
  readonly diff?: string;
  readonly details?: readonly Node[];
}

/** Names go through one escaping: what reads this may print it to a terminal. */
function node(source1: string, source2: string, { comments = [], diff, details = [] }: Parts): Node {
  return {
    source1: printable(source1),
    source2: printable(source2),
    ...(comments.length === 0 ? {} : { comments: comments.map(printable) }),
    unified_diff: diff ?? null,
    ...(details.length === 0 ? {} : { details }),
  };
}

function subjectNode({ name, released, rebuilt, difference, reason }: Subject): Node {
  const sources = [released?.path ?? name, rebuilt?.path ?? name] as const;
  const comments = reason === undefined ? [] : [`${reason.code}: ${reason.message}`];
  if (difference === undefined) return node(...sources, { comments });
  const { files } = difference;
  const own = files.find(({ path }) => path === '');
  return node(...sources, {
    comments: [...comments, leadingSentence(difference), ...commentsOf(own, '', difference)],
    details: [...(own?.deltas ?? []).map(deltaNode), ...childrenOf('', files, difference)],
  });
}

/** Files come outer before inner: what lies in one follows it directly. */
function childrenOf(parent: string, files: readonly FileDifference[], difference: Difference): readonly Node[] {
  const nodes: Node[] = [];
  const start = parent === '' ? 0 : parent.length + 1;
  for (let index = 0; index < files.length;) {
    const file = files[index];
    index += 1;
    if (file === undefined || file.path === '') continue;
    const from = index;
    while (files[index]?.path.startsWith(`${file.path}/`) === true) index += 1;
    const name = file.path.slice(start);
    const lacks = ([side, other]: readonly [number | undefined, number | undefined]): boolean =>
      side === undefined && other !== undefined;
    const { released, rebuilt } = file.sizes;
    nodes.push(
      node(lacks([released, rebuilt]) ? '/dev/null' : name, lacks([rebuilt, released]) ? '/dev/null' : name, {
        comments: commentsOf(file, file.path, difference),
        details: [...file.deltas.map(deltaNode), ...childrenOf(file.path, files.slice(from, index), difference)],
      }),
    );
  }
  return nodes;
}

function commentsOf(file: FileDifference | undefined, path: string, { causes }: Difference): readonly string[] {
  return [
    ...(file?.note === undefined ? [] : [file.note]),
    ...causes.filter((cause) => cause.path === path).map(causeComment),
    ...(file === undefined || file.deltasLeftOut === 0 ? [] : [`${file.deltasLeftOut} more places are not shown`]),
  ];
}

function causeComment(cause: Cause): string {
  return `${cause.severity}: ${cause.kind}, ${cause.certainty}: ${cause.summary} (${balance(cause)})`;
}

function deltaNode({ where, released, rebuilt }: DeltaRecord): Node {
  const [minus, plus] = [sampleLines(released), sampleLines(rebuilt)];
  const lines = [...minus.map((line) => `-${line}`), ...plus.map((line) => `+${line}`)];
  const diff = [`@@ -${range(minus)} +${range(plus)} @@`, ...lines, ''].join('\n');
  return node(where, where, { diff });
}

function range(lines: readonly string[]): string {
  return lines.length === 0 ? '0,0' : `1,${lines.length}`;
}

function sampleLines(sample: Sample | undefined): readonly string[] {
  if (sample === undefined) return [];
  const rows = sample.hex?.match(/.{1,32}/g) ?? [];
  const hex = rows.map(
    (row, index) => `${offsetText(sample.at + index * 16)}: ${(row.match(/.{1,4}/g) ?? []).join(' ')}`,
  );
  return [...hex, ...(sample.text === undefined ? [] : [printable(sample.text)])];
}
