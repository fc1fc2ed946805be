import { fieldsOf } from '../format/fields.ts';
import { isoTime } from '../format/iso-time.ts';
import { isPyc, type PycHeader, pycHeader } from '../format/pyc.ts';
import { type FieldSpec, layoutOf } from './layout.ts';
import type { Format } from './types.ts';

/** Compiled Python. */
export const pyc: Format = {
  recognises: isPyc,
  read(view) {
    const header = pycHeader(view);
    const layout = layoutOf('pyc', view);
    const end = layout.fields(0, fieldsFor(header));
    if (end >= view.size) throw fieldsOf('pyc', view, 'little').unsafe('no code');
    layout.add(end, view.size - end, 'content', 'code');
    return { format: 'pyc', regions: layout.finish(), members: [], facts: { python: header.python } };
  },
};

function fieldsFor({ python, invalidation, flags, sized }: PycHeader): FieldSpec[] {
  return [
    ['magic', 4, 'structure', (bytes) => `${bytes.readUInt16LE()}, Python ${python}`],
    ...(flags ? [['invalidation', 4, 'structure', () => invalidation] as const] : []),
    ...(invalidation === 'time'
      ? [
          ['source time', 4, 'metadata', (bytes: Buffer) => isoTime(bytes.readUInt32LE())] as const,
          ...(sized ? [['source size', 4, 'metadata', (bytes: Buffer) => String(bytes.readUInt32LE())] as const] : []),
        ]
      : [['source hash', 8, 'metadata', (bytes: Buffer) => bytes.toString('hex')] as const]),
  ];
}
