/**
 * An engine runs a command in a root, without network, as an unprivileged user: one file or folder
 * per kind, chosen by `--engine`, collected in the table of `index.ts`.
 *
 * All engines run the same plan and pass the same contract and containment tests.
 */
import type { Writable } from 'node:stream';
import type { Limits } from '../model/claim.ts';
import type { EngineIdentity } from '../model/verdict.ts';
import type { Context } from '../store/context.ts';

export type EngineKind = 'bubblewrap' | 'podman' | 'docker';

/** Plain data: what is to run. Made by a pure function, tested without any container. */
export interface RunPlan {
  /** Unpacked root file system on the host, mounted read-only at `/`. */
  readonly tree: string;
  /** Digest of the root; engines that need an image name it after this. */
  readonly digest: string;
  readonly platform: string;
  /** The only writable directory from the host. */
  readonly mount: { readonly host: string; readonly inside: string };
  readonly cwd: string;
  /** Absolute program path and its arguments. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

export type RunEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'limit'; readonly limit: 'time' | 'memory' | 'disk' };

export interface EngineProbe {
  readonly kind: EngineKind;
  /** Set if it ran `true` here. */
  readonly works?: EngineIdentity;
  /** Set if it did not: why, and what to type. */
  readonly fails?: { readonly why: string; readonly hint: string };
}

export interface Engine {
  /** Really runs a trivial command; never throws for an engine that is not there. */
  probe(ctx: Context): Promise<EngineProbe>;
  /**
   * Runs a plan to its end; at a limit or when `ctx.signal` aborts, everything inside is dead when
   * this returns.
   * @throws SamesourceError `engine-unavailable` if the engine itself fails to start the command
   */
  run(plan: RunPlan, log: Writable, ctx: Context): Promise<RunEnd>;
  /** Hands files that the build's user left in the mount back to us, so that they can be removed. */
  release(plan: RunPlan, ctx: Context): Promise<void>;
}

/** What `EngineIdentity.lacks` says of an engine that cannot have the kernel hold the memory limit. */
export const lacksMemoryLimit =
  'a memory limit held by the kernel for all processes together: samesource watches it instead';

/** Identity of the build inside every engine, so that builds cannot tell them apart by it. */
export const inside = { uid: 1000, gid: 1000, user: 'build', hostname: 'samesource' } as const;
