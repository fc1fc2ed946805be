import { file, type Mend, type RootView } from './types.ts';

/** The bundle that update-ca-certificates concatenates. */
export function certificates(root: RootView): Mend[] {
  const parts = root.below('usr/share/ca-certificates').filter((path) => path.endsWith('.crt'));
  if (parts.length === 0) return [];
  return [
    file('etc/ssl/certs/ca-certificates.crt', parts.map((path) => (root.read(path) ?? '').trimEnd() + '\n').join('')),
  ];
}
