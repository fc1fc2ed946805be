/** A claim file, read strictly. */
import { basename, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  ArtifactClaim,
  BuildClaim,
  Claim,
  GitClaim,
  ReleaseClaim,
  SourceClaim,
  ToolchainClaim,
} from '../model/claim.ts';
import { gitId, sha256 } from '../model/digest.ts';
import { messageOf, SamesourceError } from '../model/error.ts';
import { readShape, type Shaped } from '../format/shape.ts';
import { parseDuration, parseSize } from '../format/units.ts';
import { isErrno, readText } from '../platform/files.ts';
import { claimSchema, type ClaimText } from './schema.ts';

/** Largest claim that is read, bytes. */
const sizeLimit = 1024 * 1024;

/** What a build may use if the claim does not say. */
export const defaultLimits = {
  seconds: 2 * 3600,
  memoryBytes: 8 * 1024 ** 3,
  processes: 2048,
  diskBytes: 20 * 1024 ** 3,
} as const;

/**
 * @throws SamesourceError `claim-invalid` with file, line and column, or `usage` if there is no such file
 */
export async function loadClaim(path: string): Promise<Claim> {
  return parseClaim(await readClaimText(path), basename(path));
}

async function readClaimText(path: string): Promise<string> {
  try {
    return await readText(path, sizeLimit);
  } catch (error) {
    if (error instanceof SamesourceError) {
      throw new SamesourceError('claim-invalid', `${path}:1:1: ${error.message}`, { cause: error });
    }
    if (!isErrno(error)) throw error;
    const why = isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR') ? '' : `: ${messageOf(error)}`;
    throw new SamesourceError('usage', `no claim at ${path}${why}`, {
      cause: error,
      hint: 'give a claim file or a package URL such as pkg:deb/debian/jq, or write a claim: samesource init',
    });
  }
}

/** @param file shown in errors */
export function parseClaim(text: string, file: string): Claim {
  const shaped = readShape(text, { schema: claimSchema, file, code: 'claim-invalid' });
  refuseRepeatedPaths(shaped);
  return toClaim(shaped.value);
}

function refuseRepeatedPaths({ value, refuse }: Shaped<ClaimText>): void {
  const paths = value.artifacts.map((artifact) => artifact.path);
  const repeated = paths.findIndex((path, index) => paths.indexOf(path) !== index);
  if (repeated === -1) return;
  throw refuse(['artifacts', repeated, 'path'], `"${paths[repeated]}" is the path of another artifact too`);
}

function toClaim(given: ClaimText): Claim {
  return {
    claim: 1,
    name: given.name,
    source: toSource(given.source),
    toolchain: toToolchain(given.toolchain),
    build: toBuild(given.build),
    artifacts: given.artifacts.map(toArtifact),
    reviews: given.reviews ?? [],
  };
}

function toSource(given: ClaimText['source']): SourceClaim {
  if ('debian' in given) return { kind: 'debian', ...given.debian };
  if ('git' in given) return toGit(given);
  const { archive: url, sha256: digest, against, ...rest } = given;
  return {
    kind: 'archive',
    url,
    sha256: sha256(digest),
    ...rest,
    ...(against === undefined ? {} : { against: toGit(against) }),
  };
}

function toGit(given: Extract<ClaimText['source'], { git: string }>): GitClaim {
  const { git: url, commit, tree, ...rest } = given;
  return { kind: 'git', url, ...rest, commit: gitId(commit), ...(tree === undefined ? {} : { tree: gitId(tree) }) };
}

function toToolchain(given: ClaimText['toolchain']): ToolchainClaim {
  if ('image' in given) return { kind: 'image', ...given };
  const { suite, suites = [], packages } = given.debian;
  return {
    kind: 'debian',
    suites: suite === undefined ? suites : [suite],
    packages,
    platform: given.platform,
  };
}

function toBuild(given: ClaimText['build']): BuildClaim {
  const { limits = {}, env = {}, ...rest } = given;
  return {
    ...rest,
    env,
    limits: {
      seconds: parseDuration(limits.time ?? '') ?? defaultLimits.seconds,
      memoryBytes: parseSize(limits.memory ?? '') ?? defaultLimits.memoryBytes,
      processes: limits.processes ?? defaultLimits.processes,
      diskBytes: parseSize(limits.disk ?? '') ?? defaultLimits.diskBytes,
    },
  };
}

function toArtifact(given: ClaimText['artifacts'][number]): ArtifactClaim {
  const { released, sha256: digest, allow = [], ...rest } = given;
  return {
    ...rest,
    released: toRelease(released),
    ...(digest === undefined ? {} : { sha256: sha256(digest) }),
    allow,
  };
}

function toRelease(given: ClaimText['artifacts'][number]['released']): ReleaseClaim {
  if (typeof given !== 'string') return { kind: 'debian', ...given.debian };
  if (/^https?:/i.test(given)) return { kind: 'url', url: given };
  if (/^file:/i.test(given)) return { kind: 'file', path: fileURLToPath(given) };
  return { kind: 'file', path: posix.normalize(given) };
}
