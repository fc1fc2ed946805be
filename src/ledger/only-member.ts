import type { View } from '../platform/view.ts';
import type { Member } from './types.ts';

/** What a compressor packed: a file's only content, unpacked already. */
export function onlyMember(
  content: View,
  fields: Readonly<Record<string, string>>,
  stored: { readonly at: number; readonly size: number } | undefined,
): Member {
  return {
    key: '',
    type: 'file',
    fields,
    size: content.size,
    ...(stored === undefined ? {} : { stored }),
    plain: false,
    open: async () => content,
  };
}
