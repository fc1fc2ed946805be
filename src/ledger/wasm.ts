import { isWasm, wasmSections, type WasmSection } from '../format/wasm.ts';
import { layoutOf, type Layout } from './layout.ts';
import type { RegionClass } from '../model/region.ts';
import type { Format } from './types.ts';

/** WebAssembly modules, version 1. */
export const wasm: Format = {
  recognises: isWasm,
  read(view) {
    const layout = layoutOf('wasm', view);
    layout.fields(0, [
      ['mark', 4, 'structure'],
      ['version', 4, 'structure', (bytes) => String(bytes.readUInt32LE())],
    ]);
    const facts: Record<string, string> = {};
    for (const section of wasmSections(view)) {
      addSection(layout, section);
      if (section.producers !== undefined) facts['producers'] = section.producers;
    }
    return { format: 'wasm', regions: layout.finish(), members: [], facts };
  },
};

function addSection(layout: Layout, { name, custom, at, nameAt, contentAt, end, producers }: WasmSection): void {
  const of = custom === undefined ? name : `custom ${custom}`;
  layout.add(at, 1, 'structure', 'section id', { of });
  layout.add(at + 1, nameAt - at - 1, 'structure', 'section size', { of, value: String(end - nameAt) });
  layout.add(nameAt, contentAt - nameAt, 'structure', 'section name', { of, value: custom });
  const field = producers === undefined ? 'content' : 'producers';
  layout.add(contentAt, end - contentAt, classOf(custom), field, { of, value: producers });
}

function classOf(custom: string | undefined): RegionClass {
  if (custom === undefined) return 'content';
  if (custom === 'name' || custom.startsWith('.debug_')) return 'debug';
  if (['sourceMappingURL', 'external_debug_info'].includes(custom)) return 'debug';
  if (['producers', 'build_id', 'target_features'].includes(custom)) return 'metadata';
  // Whoever loads it may read it: bindings and dynamic linking stand there too.
  return custom === 'signature' ? 'signature' : 'content';
}
