/** A claim as commented YAML that loads back to the same claim. */
import { writeYaml } from '../format/yaml.ts';
import { formatDuration, formatSize } from '../format/units.ts';
import type { ArtifactClaim, Claim, GitClaim, Limits, SourceClaim, ToolchainClaim } from '../model/claim.ts';
import { defaultLimits } from './load.ts';
import type { ClaimText } from './schema.ts';

export function writeClaim(claim: Claim): string {
  return writeYaml(toText(claim), heading, comments);
}

const heading = `What is asserted: these artifacts come from this source, by this build, in this toolchain.
Next: samesource lock, then samesource verify`;

const comments = {
  source: 'the reviewed snapshot',
  'source.commit': 'full ids; a moved tag is an error',
  'source.debian.binNmu': 'changelog entry of the binary-only rebuild, which the source package does not hold',
  toolchain: 'the root file system that the build runs in; locked by digest',
  build: 'run without network, as an unprivileged user',
  'build.dir': 'the path inside the sandbox is part of the claim',
  artifacts: 'built files, by path relative to build.dir, and what was shipped',
};

function toText(claim: Claim): ClaimText {
  const { dir, env, fetch, run } = claim.build;
  const limits = limitsText(claim.build.limits);
  return {
    claim: 1,
    name: claim.name,
    source: sourceText(claim.source),
    toolchain: toolchainText(claim.toolchain),
    build: {
      dir,
      ...(Object.keys(env).length === 0 ? {} : { env: { ...env } }),
      ...(fetch === undefined ? {} : { fetch }),
      run,
      ...(Object.keys(limits).length === 0 ? {} : { limits }),
    },
    artifacts: claim.artifacts.map(artifactText),
    ...(claim.reviews.length === 0 ? {} : { reviews: [...claim.reviews] }),
  };
}

function sourceText(source: SourceClaim): ClaimText['source'] {
  switch (source.kind) {
    case 'git':
      return gitText(source);
    case 'archive': {
      const { kind: _, url, sha256, strip, against } = source;
      return {
        archive: url,
        sha256,
        ...(strip === undefined ? {} : { strip }),
        ...(against === undefined ? {} : { against: gitText(against) }),
      };
    }
    case 'debian': {
      const { kind: _, suites, ...rest } = source;
      return { debian: { ...rest, suites: [...suites] } };
    }
  }
}

function gitText(source: GitClaim) {
  const { kind: _, url, ...rest } = source;
  return { git: url, ...rest };
}

function toolchainText(toolchain: ToolchainClaim): ClaimText['toolchain'] {
  if (toolchain.kind === 'image') return { image: toolchain.image, platform: toolchain.platform };
  const { suites, packages, platform } = toolchain;
  return {
    debian: { suites: [...suites], packages: [...packages] },
    platform,
  };
}

/** Only what differs from the defaults. */
function limitsText(limits: Limits): NonNullable<ClaimText['build']['limits']> {
  return {
    ...(limits.seconds === defaultLimits.seconds ? {} : { time: formatDuration(limits.seconds) }),
    ...(limits.memoryBytes === defaultLimits.memoryBytes ? {} : { memory: formatSize(limits.memoryBytes) }),
    ...(limits.processes === defaultLimits.processes ? {} : { processes: limits.processes }),
    ...(limits.diskBytes === defaultLimits.diskBytes ? {} : { disk: formatSize(limits.diskBytes) }),
  };
}

function artifactText(artifact: ArtifactClaim): ClaimText['artifacts'][number] {
  const { path, released, sha256, member, allow } = artifact;
  return {
    path,
    released: releasedText(released),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(member === undefined ? {} : { member }),
    ...(allow.length === 0 ? {} : { allow: [...allow] }),
  };
}

function releasedText(released: ArtifactClaim['released']): ClaimText['artifacts'][number]['released'] {
  switch (released.kind) {
    case 'url':
      return released.url;
    case 'file':
      return released.path;
    case 'debian': {
      const { kind: _, suites, ...rest } = released;
      return { debian: { ...rest, suites: [...suites] } };
    }
  }
}
