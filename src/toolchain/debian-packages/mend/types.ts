/**
 * Mending steps. A root is assembled without running the packages' own scripts; what those would
 * have left behind, and a build relies on, is made here: one file per step, each a pure function of
 * the unpacked packages, collected in the list of `index.ts`.
 */
import type { Stanza } from '../../../format/deb822.ts';
import type { ListedEntry } from '../package-tree.ts';

export interface InstalledPackage {
  readonly name: string;
  readonly arch: string;
  readonly control: Stanza;
  /** Text of `control/NAME` inside the package, if it has one. */
  script(name: string): string | undefined;
  readonly controlFiles: readonly string[];
  readonly entries: readonly ListedEntry[];
}

/** What the packages make together, by path without a leading slash. */
export interface RootView {
  readonly packages: readonly InstalledPackage[];
  has(path: string): boolean;
  /** Paths directly or indirectly below a directory, sorted. */
  below(directory: string): readonly string[];
  /** Content of a regular file, or `undefined`. */
  read(path: string): string | undefined;
}

export type Mend =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: string };

export type MendingStep = (root: RootView) => readonly Mend[];

export function file(path: string, content: string, mode = 0o644): Mend {
  return { kind: 'file', path, mode, content };
}

export function link(path: string, target: string): Mend {
  return { kind: 'link', path, target };
}
