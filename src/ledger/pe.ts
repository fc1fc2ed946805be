import { fieldsOf } from '../format/fields.ts';
import { richHeader } from '../format/pe-rich.ts';
import { endOfImage, isPe, peChecksum, type PeHeaders, peHeaders } from '../format/pe.ts';
import type { View } from '../platform/view.ts';
import { type Layout, layoutOf } from './layout.ts';
import { addCertificates } from './pe-certificates.ts';
import { addDebugDirectory, type PeDebug } from './pe-debug.ts';
import { addHeaders, machineName, stampText } from './pe-headers.ts';
import { addTimeStamps } from './pe-time-stamps.ts';
import type { Format } from './types.ts';

/** Programs and libraries of Windows and UEFI. */
export const pe: Format = {
  recognises: isPe,
  read(view) {
    const headers = peHeaders(view);
    const layout = layoutOf('pe', view);
    addStub(layout, view, headers);
    const debug = addDebugDirectory(layout, view, headers);
    const fits = headers.checksum !== 0 && headers.checksum === peChecksum(view, headers.checksumAt);
    addHeaders(layout, headers, { fits, reproducible: debug.reproducible });
    addTimeStamps(layout, view, headers, debug.reproducible);
    addSections(layout, headers);
    addSymbols(layout, view, headers);
    addTail(layout, view, headers);
    return { format: 'pe', regions: layout.finish(), members: [], facts: factsOf(view, headers, debug, fits) };
  },
};

/** A stub is small; no tool writes a record into a larger one. */
const longestStub = 64 * 1024;

function addStub(layout: Layout, view: View, { peAt }: PeHeaders): void {
  layout.fields(0, [
    ['dos header', 60, 'structure'],
    ['pe header offset', 4, 'structure', (bytes) => String(bytes.readUInt32LE())],
  ]);
  const rich = peAt > longestStub ? undefined : richHeader(view.read(0, peAt));
  if (rich === undefined) return layout.ground(64, peAt - 64, 'content', 'dos stub');
  const tools = rich.tools.map(({ product, build, count }) => `${product}.${build} x${count}`);
  layout.ground(64, rich.at - 64, 'content', 'dos stub');
  layout.add(rich.at, rich.size - 4, 'metadata', 'rich header', { value: tools.join(', ') });
  const end = rich.at + rich.size;
  const value = rich.fits ? 'fits' : 'does not fit';
  layout.add(end - 4, 4, rich.fits ? 'derived' : 'metadata', 'rich checksum', { value });
  layout.ground(end, peAt - end, 'padding', 'rich padding');
}

function addSections(layout: Layout, { sections }: PeHeaders): void {
  for (const { name: of, rawAt, rawSize, virtualSize } of sections) {
    const used = virtualSize === 0 ? rawSize : Math.min(rawSize, virtualSize);
    layout.ground(rawAt, used, of.startsWith('.debug_') ? 'debug' : 'content', 'content', { of });
    layout.ground(rawAt + used, rawSize - used, 'padding', 'padding', { of });
  }
}

function addSymbols(layout: Layout, view: View, { symbols }: PeHeaders): void {
  if (symbols.at === 0) return;
  const strings = symbols.at + symbols.count * 18;
  layout.add(symbols.at, symbols.count * 18, 'debug', 'symbol table');
  layout.add(strings, fieldsOf('pe', view, 'little').u32(strings), 'debug', 'string table');
}

const securityDirectory = 4;

/** What no loader maps: data of the program's own, and certificates. */
function addTail(layout: Layout, view: View, headers: PeHeaders): void {
  const end = endOfImage(view, headers);
  const { address: at, size } = headers.directories[securityDirectory] ?? { address: 0, size: 0 };
  if (at === 0 && size === 0) return layout.ground(end, view.size - end, 'overlay', 'overlay');
  addCertificates(layout, view, at, size);
  // Signers make the file's length a multiple of 8 first.
  const align = at - end < 8 ? 'padding' : 'overlay';
  layout.ground(end, at - end, align, align === 'padding' ? 'signature alignment' : 'overlay');
  const after = Math.max(at + size, end);
  layout.ground(after, view.size - after, 'overlay', 'overlay');
}

function factsOf(view: View, headers: PeHeaders, debug: PeDebug, fits: boolean): Record<string, string> {
  const linker = view.read(headers.optional.at + 2, 2);
  return {
    machine: machineName(headers.machine),
    'linker version': `${linker[0] ?? 0}.${linker[1] ?? 0}`,
    'time stamp': stampText(headers.timeStamp, debug.reproducible),
    checksum: headers.checksum === 0 ? 'not set' : fits ? 'fits' : 'does not fit',
    ...(debug.reproducible ? { reproducible: 'yes' } : {}),
    ...(debug.path === undefined ? {} : { 'pdb path': debug.path }),
    ...((headers.directories[securityDirectory]?.size ?? 0) > 0 ? { signed: 'yes' } : {}),
  };
}
