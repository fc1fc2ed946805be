import type { Claim, SourceClaim, ToolchainClaim } from '../model/claim.ts';

/** The essentials of a claim, in a few lines. */
export function describeClaim(claim: Claim): string[] {
  return [
    `claim: ${claim.name}`,
    `  source: ${sourceLine(claim.source)}`,
    `  toolchain: ${toolchainLine(claim.toolchain)}, ${claim.toolchain.platform}`,
    `  build: in ${claim.build.dir}`,
    ...claim.artifacts.map((artifact) => `  artifact: ${artifact.path}`),
  ];
}

function sourceLine(source: SourceClaim): string {
  switch (source.kind) {
    case 'git':
      return `git ${source.url} ${source.tag ?? source.commit}`;
    case 'archive':
      return source.url;
    case 'debian':
      return `Debian ${source.package} ${source.version}`;
  }
}

function toolchainLine(toolchain: ToolchainClaim): string {
  if (toolchain.kind === 'image') return toolchain.image;
  return `Debian ${toolchain.suites.join(', ')}`;
}
