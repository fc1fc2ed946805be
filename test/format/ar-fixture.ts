/** Archives of ar(5), so that each field may be wrong in one way. */

export const arMagic = '!<arch>\n';

/** @param changes by offset in the header; text in Latin-1 */
export function arMember(name: string, content: string, changes: Readonly<Record<number, string>> = {}): string {
  let header = `${name.padEnd(16)}${'1580000000'.padEnd(12)}${'0'.padEnd(6)}${'7'.padEnd(6)}${'100644'.padEnd(8)}`;
  header += `${String(content.length).padEnd(10)}\`\n`;
  for (const [at, text] of Object.entries(changes)) {
    header = header.slice(0, Number(at)) + text + header.slice(Number(at) + text.length);
  }
  return header + content + (content.length % 2 === 1 ? '\n' : '');
}

export function arArchive(...members: readonly string[]): Buffer {
  return Buffer.from(arMagic + members.join(''), 'latin1');
}
