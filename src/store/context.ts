/** What every stage is handed: the only ways to the store, the network, the clock and the reader. */
import type { Platform } from '../model/claim.ts';
import type { Progress } from '../model/progress.ts';
import type { Http } from '../platform/http.ts';
import type { Store } from './store.ts';

export interface Context {
  readonly store: Store;
  readonly http: Http;
  readonly progress: Progress;
  readonly settings: Settings;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Directory against which a claim's relative paths are read. */
  readonly base: string;
  /** The environment that host tools such as git and podman are started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What this machine can run. */
  readonly platform: Platform;
}

/** From the user's configuration file and the command line. */
export interface Settings {
  /** Root addresses by archive name, `debian` and `debian-security`. */
  readonly mirrors: Readonly<Record<string, string>>;
  /** Address of a snapshot archive, for package versions that the mirror no longer has. */
  readonly snapshot: string;
  /** Files with OpenPGP public keys of Debian source signers. */
  readonly keyrings: readonly string[];
  readonly engine: 'auto' | 'bubblewrap' | 'podman' | 'docker';
  /** Extra arguments for an engine, e.g. podman's `--runtime`. */
  readonly podman: { readonly runtime?: string };
  readonly docker: { readonly host?: string };
  /** Registries that are asked over plain http, e.g. `localhost:5000`. */
  readonly insecureRegistries: readonly string[];
}
