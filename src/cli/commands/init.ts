import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseClaim } from '../../claim/load.ts';
import { writeClaim } from '../../claim/write.ts';
import { printable } from '../../format/printable.ts';
import type { Claim } from '../../model/claim.ts';
import { SamesourceError } from '../../model/error.ts';
import { inferClaim } from '../../pipeline/infer.ts';
import { isErrno } from '../../platform/files.ts';
import { askForClaim } from '../ask.ts';
import { openContext } from '../context.ts';
import type { Session } from '../session.ts';
import { claimName } from '../targets.ts';

export interface InitFlags {
  readonly force?: boolean;
  readonly only?: boolean;
  readonly check?: boolean;
}

/** Writes `samesource.yaml` in the working directory. */
export async function init(session: Session, purl: string | undefined, flags: InitFlags): Promise<number> {
  const claim = purl === undefined ? await asked(session, flags) : await inferred(session, purl, flags);
  const path = join(session.io.cwd, claimName);
  await writeNew(path, writeClaim(claim), flags.force ?? false);
  session.answer({ path, claim }, () => `wrote ${printable(path)}\nnext: samesource lock\n`);
  return 0;
}

async function inferred(session: Session, purl: string, flags: InitFlags): Promise<Claim> {
  await using open = await openContext(session, session.io.cwd);
  return await inferClaim(purl, open.ctx, { check: flags.check ?? false, only: flags.only ?? false });
}

async function asked(session: Session, flags: InitFlags): Promise<Claim> {
  const { stdin, stderr } = session.io;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new SamesourceError('usage', 'a claim needs a package URL, or a terminal to ask on', {
      hint: "give one: samesource init 'pkg:deb/debian/NAME?distro=bookworm'",
    });
  }
  const answer = await askForClaim(stdin, stderr, session.signal);
  if (answer.kind === 'purl') return inferred(session, answer.purl, flags);
  return parseClaim(answer.text, claimName);
}

async function writeNew(path: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    throw new SamesourceError('usage', `there is a claim at ${path}`, {
      cause: error,
      hint: 'overwrite it with --force',
    });
  }
}
