/** What an ELF file says of itself. */
import { type Elf, type ElfSection, hasBytes } from '../format/elf.ts';
import { gnuBuildId } from '../format/elf-build-id.ts';
import { buildIdOf } from '../format/elf-notes.ts';
import { isProducer } from '../format/dwarf.ts';
import type { View } from '../platform/view.ts';
import { machineName, typeName } from './elf-names.ts';
import { clipped } from './layout.ts';

/** Larger files' build-ids are not computed again, and larger sections are not searched. */
const most = { hashed: 64 * 1024 * 1024, searched: 16 * 1024 * 1024 };

/** What the file says of itself: type, machine, compiler, linker, build-id. */
export function elfFacts(view: View, elf: Elf): Readonly<Record<string, string>> {
  const compilers = stringsOf(view, elf, '.comment');
  const producers = stringsOf(view, elf, '.debug_str').filter(isProducer);
  const interpreter = stringsOf(view, elf, '.interp')[0];
  const facts: Readonly<Record<string, string | undefined>> = {
    type: typeName(elf.type),
    machine: machineName(elf.machine),
    interpreter,
    compiler: joined(compilers.filter((one) => !one.startsWith('Linker: '))),
    linker: compilers.find((one) => one.startsWith('Linker: '))?.slice(8),
    producer: joined(producers),
    ...buildId(view, elf),
  };
  const known = Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, clipped(value)]));
}

function joined(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : [...new Set(values)].slice(0, 8).join('; ');
}

function buildId(view: View, elf: Elf): Readonly<Record<string, string>> {
  const place = buildIdOf(view, elf);
  if (place === undefined || place.size === 0 || place.size > 64) return {};
  const id = Buffer.from(view.read(place.at, place.size));
  if (view.size > most.hashed) return { 'build-id': id.toString('hex') };
  const fits = gnuBuildId(view, elf, place.size)?.equals(id);
  const known = fits === undefined ? {} : { 'build-id fits': fits ? 'yes' : 'no' };
  return { 'build-id': id.toString('hex'), ...known };
}

function stringsOf(view: View, elf: Elf, name: string): string[] {
  const section = elf.sections.find((one: ElfSection) => one.name === name && hasBytes(one));
  if (section === undefined || section.size > most.searched) return [];
  const found: string[] = [];
  const bytes = view.read(section.at, section.size);
  for (let at = 0; at < bytes.length && found.length < 100_000;) {
    const zero = bytes.indexOf(0, at);
    const end = zero === -1 ? bytes.length : zero;
    if (end > at && (name !== '.debug_str' || isProducer(bytes.toString('latin1', at, Math.min(at + 8, end))))) {
      found.push(bytes.toString('latin1', at, Math.min(at + 200, end)));
    }
    at = end + 1;
  }
  return found;
}
