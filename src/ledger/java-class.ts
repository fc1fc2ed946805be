import {
  isJavaClass,
  type JavaAttribute,
  type JavaClass,
  javaClass as parse,
  javaCode,
  type JavaMember,
} from '../format/java-class.ts';
import type { RegionClass } from '../model/region.ts';
import type { View } from '../platform/view.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { Format } from './types.ts';

/** Compiled Java. */
export const javaClass: Format = {
  recognises: isJavaClass,
  read(view) {
    const java = parse(view);
    const layout = layoutOf('java-class', view);
    layout.fields(0, [
      ['mark', 4, 'structure'],
      ['minor version', 2, 'structure', number],
      ['major version', 2, 'structure', number],
      ['constant count', 2, 'structure', number],
    ]);
    for (const { index, at, size, type, text } of java.constants) {
      layout.add(at, size, 'content', type, { of: `constant ${index}`, value: text });
    }
    layout.fields(java.poolEnd, [
      ['access flags', 2, 'structure', (bytes) => `0x${bytes.toString('hex')}`],
      ['this class', 2, 'structure'],
      ['super class', 2, 'structure'],
      ['interfaces', java.interfacesEnd - java.poolEnd - 6, 'structure'],
      ['field count', 2, 'structure', number],
    ]);
    addMembers(layout, view, java, java.fields, 'field');
    layout.add(java.fieldsEnd, 2, 'structure', 'method count');
    addMembers(layout, view, java, java.methods, 'method');
    layout.add(java.methodsEnd, 2, 'structure', 'attribute count');
    addAttributes(layout, view, java, java.attributes, 'class');
    // A virtual machine refuses more.
    layout.add(java.end, view.size - java.end, 'overlay', 'overlay');
    return { format: 'java-class', regions: layout.finish(), members: [], facts: { 'java version': releaseOf(java) } };
  },
};

function addMembers(
  layout: Layout,
  view: View,
  java: JavaClass,
  members: readonly JavaMember[],
  what: 'field' | 'method',
): void {
  for (const { name, at, headerEnd, attributes } of members) {
    const of = `${what} ${name}`;
    layout.add(at, headerEnd - at, 'structure', `${what} header`, { of });
    addAttributes(layout, view, java, attributes, of);
  }
}

function addAttributes(
  layout: Layout,
  view: View,
  java: JavaClass,
  attributes: readonly JavaAttribute[],
  of: string,
  inCode = false,
): void {
  for (const attribute of attributes) {
    const { name, at, contentAt, end } = attribute;
    layout.add(at, contentAt - at, 'structure', 'attribute header', { of: `${of} ${name}` });
    if (name !== 'Code' || inCode) {
      layout.add(contentAt, end - contentAt, kinds[name] ?? 'content', name, { of });
      continue;
    }
    const code = javaCode(view, java, attribute);
    layout.add(contentAt, 8, 'structure', 'code limits', { of });
    layout.add(code.codeAt, code.codeEnd - code.codeAt, 'content', 'code', { of });
    layout.add(code.codeEnd, code.handlersEnd - code.codeEnd, 'structure', 'exception handlers', { of });
    layout.add(code.handlersEnd, 2, 'structure', 'code attribute count', { of });
    addAttributes(layout, view, java, code.attributes, of, true);
  }
}

const kinds: Readonly<Record<string, RegionClass>> = {
  LineNumberTable: 'debug',
  LocalVariableTable: 'debug',
  LocalVariableTypeTable: 'debug',
  SourceDebugExtension: 'debug',
  SourceFile: 'debug',
};

function number(bytes: Buffer): string {
  return String(bytes.readUIntBE(0, bytes.length));
}

/** 52 is Java 8; before Java 5 they were called 1.1 to 1.4. */
function releaseOf({ major }: JavaClass): string {
  return major >= 49 ? String(major - 44) : `1.${major - 44}`;
}
