/** The part of the disassembler's interface that is used; the package brings no types. */
declare module '@alexaltea/capstone-js' {
  interface Decoder {
    /** Instructions up to the first bytes that are none. @throws for code that holds none at all */
    disasm(code: Uint8Array, address: number): readonly { readonly mnemonic: string; readonly op_str: string }[];
    close(): void;
  }
  interface Library {
    readonly Capstone: new (architecture: number, mode: number) => Decoder;
    readonly ARCH_X86: number;
    readonly ARCH_ARM: number;
    readonly ARCH_ARM64: number;
    readonly MODE_32: number;
    readonly MODE_64: number;
    readonly MODE_ARM: number;
  }
  const load: () => Promise<Library>;
  export default load;
}
