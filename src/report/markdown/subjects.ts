import type { Verdict } from '../../model/verdict.ts';
import { groundRows } from '../grounds.ts';
import { byteCount, grouped } from '../numbers.ts';
import type { Subject, SubjectFile } from '../subjects.ts';
import { code } from './escape.ts';
import { folded, table } from './table.ts';

/** Each pair with its full digests. */
export function subjectBlocks(subjects: readonly Subject[]): string[] {
  if (subjects.length === 0) return [];
  const rows = subjects.flatMap(({ name, outcome, reason, released, rebuilt }) => [
    ...(released === undefined ? [] : [fileRow('released', released.path ?? name, released)]),
    ...(rebuilt === undefined ? [] : [fileRow('rebuilt', rebuilt.path ?? name, rebuilt)]),
    ...(reason === undefined ? [] : [[outcome, code(name), `${code(reason.code)} ${code(reason.message)}`, '']]),
  ]);
  return rows.length === 0 ? [] : [table(['', 'file', 'SHA-256', 'bytes'], rows, [3])];
}

function fileRow(side: string, name: string, { kind, size, sha256 }: SubjectFile): string[] {
  const digest = sha256 === undefined ? (kind === 'directory' ? 'a directory' : 'not taken') : code(sha256);
  return [side, code(name), digest, grouped(size)];
}

export function signatureBlocks(subjects: readonly Subject[]): string[] {
  return subjects.flatMap(({ signature }) => {
    if (signature === undefined) return [];
    const { kind, regions, content, signer, remarks } = signature;
    return [
      `<h3>The signature that was moved</h3>`,
      `${code(kind)}; its digest of the content ${content === 'fits' ? 'fits' : 'was not checked'}; no key is trusted by this.` +
        (signer === undefined ? '' : ` It names as its signer: ${code(signer)}.`),
      ...(remarks.length === 0 ? [] : [remarks.map((remark) => `- ${code(remark)}`).join('\n')]),
      table(
        ['region', 'offset', 'size', 'SHA-256'],
        regions.map(({ name, at, size, sha256 }) => [code(name), grouped(at), byteCount(size), code(sha256)]),
      ),
    ];
  });
}

/** What the verdict rests on. */
export function grounds(verdict: Verdict): string[] {
  const rows = [
    ...groundRows(verdict).map(([label, value]) => [label, code(value)]),
    ...verdict.notes.map((note) => ['note', code(note)]),
  ];
  return rows.length === 0 ? [] : [folded('What it rests on', table(['', ''], rows))];
}
