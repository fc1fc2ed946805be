/**
 * The YAML form of a claim: one definition, from which the loader checks and the JSON Schema is made.
 * Refusals carry what is there and what to write instead.
 */
import { z } from 'zod';
import { durationPattern, sizePattern } from '../format/units.ts';
import { allowanceNames } from '../model/allowance.ts';
import * as rules from './rules.ts';

type Rule = (text: string) => string | undefined;

/** Text that a rule has nothing against; the rule's answer is the message. */
function text(rule: Rule = () => undefined) {
  return z
    .string()
    .min(1, 'is empty')
    .refine((value) => rules.plainLine(value) && rule(value) === undefined, {
      error: (issue) => rules.describe(issue.input, rule),
    });
}

/** Text of any lines that can be handed to a program. */
const words = z.string().refine((value) => !value.includes('\0'), 'holds a NUL character');

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: (issue) => rules.shortDigest(issue.input) });
const gitId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, { error: (issue) => rules.shortId(issue.input) });
const suites = z.array(text(rules.suite)).min(1, 'needs at least one suite');
const platform = z.enum(['linux/amd64', 'linux/arm64'], { error: 'expected linux/amd64 or linux/arm64' });

const git = z.strictObject({
  git: text(rules.gitUrl).describe('https, ssh or file URL, or a path relative to the claim'),
  tag: text(rules.tag).exactOptional().describe('short tag name; never a branch'),
  commit: gitId.describe('full object id'),
  tree: gitId.exactOptional(),
  signers: text().exactOptional().describe('file with SSH allowed_signers lines or OpenPGP public keys'),
  submodules: z.boolean().exactOptional(),
  lfs: z.boolean().exactOptional(),
});

const archive = z.strictObject({
  archive: text(rules.location),
  sha256,
  strip: z.int().min(0).max(32).exactOptional().describe('leading path components to drop'),
  against: git.exactOptional().describe('the repository state that the archive is said to hold'),
});

const debianSource = z.strictObject({
  debian: z.strictObject({
    package: text(rules.debianName),
    version: text(rules.debianVersion),
    suites,
    binNmu: words.min(1).exactOptional().describe('changelog entry of a binary-only rebuild'),
  }),
});

const debianToolchain = z.strictObject({
  debian: z
    .strictObject({
      suite: text(rules.suite).exactOptional(),
      suites: suites.exactOptional(),
      packages: z.array(text()).min(1, 'needs at least one package'),
    })
    .refine((given) => (given.suite === undefined) !== (given.suites === undefined), {
      error: 'give either suite or suites',
    }),
  platform,
});

const imageToolchain = z.strictObject({
  image: text(rules.image).describe('by digest: registry/name@sha256:…'),
  platform,
});

const build = z.strictObject({
  dir: text(rules.buildDir).describe('absolute path of the source tree inside the sandbox'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not a name of an environment variable'), words)
    .exactOptional(),
  fetch: words.min(1, 'is empty').exactOptional(),
  run: words.min(1, 'is empty').describe('run by /bin/sh -e in dir, without network'),
  limits: z
    .strictObject({
      time: z.string().regex(durationPattern, 'expected a time such as 2h, 90m or 30s').exactOptional(),
      memory: z.string().regex(sizePattern, 'expected a size such as 8GiB').exactOptional(),
      processes: z.int().min(1).max(1_000_000).exactOptional(),
      disk: z.string().regex(sizePattern, 'expected a size such as 20GiB').exactOptional(),
    })
    .exactOptional(),
});

const debianRelease = z.strictObject({
  debian: z.strictObject({
    package: text(rules.debianName),
    version: text(rules.debianVersion),
    arch: text(rules.debianArch),
    suites,
  }),
});

const allowance = z.enum(allowanceNames, { error: (issue) => rules.describe(issue.input, rules.allowance) });

const artifact = z.strictObject({
  path: text(rules.artifactPath).describe('path of the built file, relative to build.dir'),
  released: z.union([text(rules.location), debianRelease]).describe('https or http URL, or a path of a local file'),
  sha256: sha256.exactOptional(),
  member: text(rules.memberPath).exactOptional(),
  allow: z.array(allowance).exactOptional().describe('differences that may be excused; none by default'),
});

export const claimSchema = z.strictObject({
  claim: z.literal(1, { error: 'expected 1, the only version there is' }),
  name: text(),
  source: z.union([git, archive, debianSource]),
  toolchain: z.union([debianToolchain, imageToolchain]),
  build,
  artifacts: z.array(artifact).min(1, 'needs at least one artifact'),
  reviews: z.array(text()).exactOptional(),
});

export type ClaimText = z.output<typeof claimSchema>;
