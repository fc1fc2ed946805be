import type { CauseTable } from '../types.ts';
import { ambiguous } from './ambiguous.ts';
import { archiveFormat } from './archive-format.ts';
import { archiveOrder } from './archive-order.ts';
import { archiveOwner } from './archive-owner.ts';
import { archiveTime } from './archive-time.ts';
import { archiveUmask } from './archive-umask.ts';
import { buildDate } from './build-date.ts';
import { buildId } from './build-id.ts';
import { buildPath } from './build-path.ts';
import { bytecodeHeader } from './bytecode-header.ts';
import { checksumMisfit } from './checksum-misfit.ts';
import { changedCode } from './changed-code.ts';
import { changedMode } from './changed-mode.ts';
import { compilerFlags } from './compiler-flags.ts';
import { compilerVersion } from './compiler-version.ts';
import { compression } from './compression.ts';
import { compressorHeader } from './compressor-header.ts';
import { dependencyVersion } from './dependency-version.ts';
import { embeddedDigest } from './embedded-digest.ts';
import { inOrder } from './in-order.ts';
import { hostOrUser } from './host-or-user.ts';
import { keyOrder } from './key-order.ts';
import { lineEndings } from './line-endings.ts';
import { lineOrder } from './line-order.ts';
import { linkIdentity } from './link-identity.ts';
import { linkOrder } from './link-order.ts';
import { linkerRecord } from './linker-record.ts';
import { linkerTimestamp } from './linker-timestamp.ts';
import { loadCommandUuid } from './load-command-uuid.ts';
import { manifestField } from './manifest-field.ts';
import { modifiedAfterBuild } from './modified-after-build.ts';
import { onlyOnOneSide } from './only-on-one-side.ts';
import { otherFormat } from './other-format.ts';
import { overlay } from './overlay.ts';
import { packageJson } from './package-json.ts';
import { randomId } from './random-id.ts';
import { databaseWriter, imageTime, recordedCompiler } from './recorded-versions.ts';
import { signature } from './signature.ts';
import { debugSections, stripped } from './stripped.ts';
import { targetCpu } from './target-cpu.ts';
import { temporaryName } from './temporary-name.ts';
import { cannotTell, changedData, changedText, notRead } from './unexplained.ts';
import { vcsRevision } from './vcs-revision.ts';

/** Asked from top to bottom: what proves most first, what only names a difference last. */
export const causes = {
  ambiguous,
  'other-format': otherFormat,
  'changed-mode': changedMode,
  'only-on-one-side': onlyOnOneSide,
  compression,
  'compressor-header': compressorHeader,
  'archive-time': archiveTime,
  'archive-order': archiveOrder,
  'archive-owner': archiveOwner,
  'archive-umask': archiveUmask,
  'archive-format': archiveFormat,
  'embedded-digest': embeddedDigest,
  'line-endings': lineEndings,
  'key-order': keyOrder,
  'line-order': lineOrder,
  'package-json': packageJson,
  'manifest-field': manifestField,
  signature,
  'bytecode-header': bytecodeHeader,
  'linker-timestamp': linkerTimestamp,
  'linker-record': linkerRecord,
  'load-command-uuid': loadCommandUuid,

  'modified-after-build': inOrder(modifiedAfterBuild, checksumMisfit),
  'vcs-revision': vcsRevision,
  'build-date': inOrder(buildDate, imageTime),
  'temporary-name': temporaryName,
  'random-id': randomId,
  'host-or-user': hostOrUser,
  'build-path': buildPath,
  stripped,
  'debug-sections': debugSections,
  'compiler-version': inOrder(compilerVersion, recordedCompiler),
  'target-cpu': targetCpu,
  'compiler-flags': compilerFlags,
  'build-id': inOrder(buildId, linkIdentity),
  'link-order': linkOrder,
  'changed-code': changedCode,

  'dependency-version': inOrder(dependencyVersion, databaseWriter),
  overlay,
  'not-read': notRead,
  'changed-text': changedText,
  'changed-data': changedData,
  'cannot-tell': cannotTell,
} satisfies CauseTable;
