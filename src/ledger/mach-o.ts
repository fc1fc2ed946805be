import { isMachO, machOCpu, machOFields, type MachOHeader, machOHeader, machOSegments } from '../format/mach-o.ts';
import type { View } from '../platform/view.ts';
import { addCommands } from './mach-o-commands.ts';
import { addLinkedit } from './mach-o-linkedit.ts';
import type { Format } from './types.ts';
import { type Layout, layoutOf } from './layout.ts';

/** Programs, libraries and object files of Apple's systems, for one processor. */
export const machO: Format = {
  recognises: isMachO,
  read(view) {
    const header = machOHeader(view);
    const layout = layoutOf('mach-o', view);
    layout.fields(0, [
      ['mark', 4, 'structure'],
      ['processor', 8, 'structure', () => machOCpu(header.cpu, header.subtype)],
      ['file type', 4, 'structure'],
      ['command count', 4, 'structure'],
      ['commands size', 4, 'structure'],
      ['flags', header.size - 24, 'structure'],
    ]);
    const facts = addCommands(layout, view, header);
    addSegments(layout, view, header);
    addLinkedit(layout, view, header);
    const cpu = machOCpu(header.cpu, header.subtype);
    return { format: 'mach-o', regions: layout.finish(), members: [], facts: { machine: cpu, ...facts } };
  },
};

const relocationSize = 8;
const objectFile = 1;

/** What neither section nor table takes of a segment is padding, or has no name. */
function addSegments(layout: Layout, view: View, header: MachOHeader): void {
  const file = machOFields(view, header);
  let end = header.commandsEnd;
  for (const segment of machOSegments(view, header)) {
    if (segment.at + segment.size > view.size) throw file.unsafe(`the segment ${segment.name} breaks off`);
    end = Math.max(end, segment.at + segment.size);
    for (const section of segment.sections) {
      const of = `${section.segment},${section.name}`;
      const { relocations } = section;
      layout.add(relocations.at, relocations.count * relocationSize, 'structure', 'relocations', { of });
      if (section.empty) continue;
      const debug = section.segment === '__DWARF';
      layout.ground(section.at, section.size, debug ? 'debug' : 'content', 'content', { of });
    }
  } // The tables of an object file lie behind its one segment.
  if (file.u32(12) !== objectFile) layout.ground(end, view.size - end, 'overlay', 'overlay');
}
