/** What compilers write about themselves into debug information (DW_AT_producer). */

const producer = /^(GNU |clang |rustc |Go cmd)/;

/** Whether a string is a compiler's name with its version and, from GCC, its flags. */
export function isProducer(text: string): boolean {
  return producer.test(text);
}

/** The compiler with its version, and each flag. */
export function producerParts(text: string): { readonly compiler: string; readonly flags: readonly string[] } {
  const [compiler = '', ...flags] = text.split(/ (?=-)/);
  return { compiler, flags };
}
