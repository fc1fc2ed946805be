/** The owner of the disassembler, which takes a while to load: only for the few functions that are shown. */
import { machines } from './elf.ts';

/** More is not shown. */
const most = { bytes: 256, instructions: 6 };

/** The first instructions of some code as a person would read them; absent for machines that are not known. */
export async function disassembled(
  code: Buffer,
  machine: number,
  address: number,
): Promise<readonly string[] | undefined> {
  if (machine !== machines.x64 && machine !== machines.x86 && machine !== machines.arm64) return undefined;
  if (code.length === 0) return [];
  const { default: load } = await import('@alexaltea/capstone-js');
  const library = await (loaded ??= load());
  const { ARCH_X86, ARCH_ARM64, MODE_32, MODE_64, MODE_ARM } = library;
  const architecture = machine === machines.arm64 ? ARCH_ARM64 : ARCH_X86;
  const mode = machine === machines.arm64 ? MODE_ARM : machine === machines.x64 ? MODE_64 : MODE_32;
  const decoder = new library.Capstone(architecture, mode);
  try {
    const found = decoder.disasm(code.subarray(0, most.bytes), address);
    return found.slice(0, most.instructions).map((one) => `${one.mnemonic} ${one.op_str}`.trim());
  } catch {
    // Bytes that are no code.
    return [];
  } finally {
    decoder.close();
  }
}

type Loading = ReturnType<(typeof import('@alexaltea/capstone-js'))['default']>;
let loaded: Loading | undefined;
