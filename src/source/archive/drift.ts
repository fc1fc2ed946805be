/** How the files of an archive differ from those of the commit that it is said to hold. */
import type { TreeDrift } from '../../model/lock.ts';
import type { HashedFile } from '../../store/tree-hash.ts';

/**
 * Sorted lists of paths. `changed` covers contents, links and the exec bit. An archive made with
 * export-ignore lacks files, one with export-subst has changed ones, and one that was tampered with
 * may have extra ones (CVE-2024-3094).
 */
export function compareTrees(archive: readonly HashedFile[], repository: readonly HashedFile[]): TreeDrift {
  const inArchive = new Map(archive.map((file) => [file.path, file]));
  const inRepository = new Map(repository.map((file) => [file.path, file]));
  return {
    extra: archive
      .filter(({ path }) => !inRepository.has(path))
      .map(pathOf)
      .toSorted(),
    missing: repository
      .filter(({ path }) => !inArchive.has(path))
      .map(pathOf)
      .toSorted(),
    changed: archive
      .filter((file) => differs(file, inRepository.get(file.path)))
      .map(pathOf)
      .toSorted(),
  };
}

function pathOf(file: HashedFile): string {
  return file.path;
}

function differs(file: HashedFile, other: HashedFile | undefined): boolean {
  return other !== undefined && (file.sha256 !== other.sha256 || file.mode !== other.mode);
}
