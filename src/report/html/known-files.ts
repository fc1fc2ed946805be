import { printable } from '../../format/printable.ts';
import type { Subject, SubjectFile } from '../subjects.ts';
import type { KnownFile } from './answer.ts';

/** The files that the reader may hold, for the page's script to know them by their digest. */
export function knownFiles(subjects: readonly Subject[]): readonly KnownFile[] {
  return subjects.flatMap(({ name, released, rebuilt }) => {
    const same = released?.sha256 !== undefined && released.sha256 === rebuilt?.sha256;
    return [
      ...known(name, released, { released: true, rebuilt: same }),
      ...(same ? [] : known(name, rebuilt, { released: false, rebuilt: true })),
    ];
  });
}

function known(
  name: string,
  file: SubjectFile | undefined,
  sides: Pick<KnownFile, 'released' | 'rebuilt'>,
): KnownFile[] {
  return file?.sha256 === undefined ? [] : [{ name: printable(file.path ?? name), sha256: file.sha256, ...sides }];
}
