import type { Claim } from '../model/claim.ts';

/** What a reader must know about how this claim builds. */
export function notesOf(claim: Claim): string[] {
  const options = claim.build.env['DEB_BUILD_OPTIONS']?.split(' ') ?? [];
  const { source } = claim;
  return [
    ...(options.includes('nocheck') ? ["the package's own tests were left out of the build (nocheck)"] : []),
    ...(source.kind === 'debian' && source.binNmu !== undefined
      ? ['a binary-only rebuild: its changelog entry is not in the source package and was taken from the released file']
      : []),
  ];
}
