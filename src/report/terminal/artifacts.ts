import { counted, byteCount } from '../numbers.ts';
import type { Subject, SubjectFile } from '../subjects.ts';
import { field } from './layout.ts';

/** Each pair with its outcome, full digests and where the shipped file came from. */
export function subjectLines(subjects: readonly Subject[], width: number): string {
  return subjects.map((subject) => oneSubject(subject, width).join('\n')).join('\n\n');
}

function oneSubject({ name, outcome, reason, released, rebuilt, signature }: Subject, width: number): string[] {
  return [
    // The paths of a comparison are told beside their digests.
    ...(released?.path === undefined ? [field('artifact', name, width)] : []),
    ...(released?.path === undefined
      ? [field('', reason === undefined ? outcome : `${outcome}: ${reason.code}`, width)]
      : []),
    ...(reason === undefined ? [] : [field('', reason.message, width)]),
    ...(released === undefined ? [] : fileLines('released', released, width)),
    ...(rebuilt === undefined ? [] : rebuiltLines(rebuilt, released, width)),
    ...(released?.from === undefined ? [] : originLines(released.from, width)),
    ...(signature === undefined ? [] : signatureLines(signature, width)),
  ];
}

function rebuiltLines(rebuilt: SubjectFile, released: SubjectFile | undefined, width: number): string[] {
  const same = rebuilt.sha256 !== undefined && rebuilt.sha256 === released?.sha256;
  if (same && rebuilt.path === undefined) return [field('rebuilt', 'the same bytes', width)];
  return fileLines('rebuilt', rebuilt, width);
}

function fileLines(label: string, file: SubjectFile, width: number): string[] {
  const size = file.kind === 'directory' ? `directory, ${byteCount(file.size)} in all` : byteCount(file.size);
  const told = [...(file.path === undefined ? [] : [file.path]), ...(file.sha256 === undefined ? [] : [file.sha256])];
  const hashed = file.secondHash === 'agreed' ? 'SHA-256 by two implementations, ' : 'SHA-256, ';
  return [...told, file.sha256 === undefined ? size : `${hashed}${size}`].map((line, index) =>
    field(index === 0 ? label : '', line, width),
  );
}

function originLines(from: NonNullable<SubjectFile['from']>, width: number): string[] {
  const last = from.urls.at(-1);
  return [
    ...(last === undefined ? [] : [field('from', last, width)]),
    ...(from.vouchedBy === undefined ? [] : [field('named by', from.vouchedBy, width)]),
  ];
}

function signatureLines(moved: NonNullable<Subject['signature']>, width: number): string[] {
  const bytes = moved.regions.reduce((sum, { size }) => sum + size, 0);
  const content =
    moved.content === 'fits' ? 'its digest fits the content' : 'its digest of the content was not checked';
  return [
    field('moved', `${moved.kind} signature, ${byteCount(bytes)} in ${counted(moved.regions.length, 'region')}`, width),
    field('', `${content}; no key is trusted by this`, width),
    ...(moved.signer === undefined ? [] : [field('', `it names as its signer: ${moved.signer}`, width)]),
    ...moved.remarks.map((remark) => field('', remark, width)),
  ];
}
