/** `registry/name@sha256:…`: an image in a registry, by digest and in no other way. */
import { isSha256, type Sha256 } from '../../model/digest.ts';
import { SamesourceError } from '../../model/error.ts';

export interface Reference {
  /** Host and port that are asked. */
  readonly registry: string;
  readonly name: string;
  readonly digest: Sha256;
}

// distribution-spec 1.1, "Pulling manifests"
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const registryPattern = /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|\[[0-9a-f:]+\]|[a-z0-9-]+(?=:))(?::\d{1,5})?$/i;

/** @throws SamesourceError `claim-invalid` for a tag, a short digest or a name without its registry */
export function parseReference(text: string): Reference {
  const at = text.lastIndexOf('@');
  if (at === -1) throw invalid(text, 'names no digest; a tag can be moved to other bytes');
  const digest = text.slice(at + 1).replace(/^sha256:/, '');
  if (!text.startsWith('sha256:', at + 1) || !isSha256(digest)) throw invalid(text, 'has no full sha256 digest');
  const slash = text.indexOf('/');
  const registry = text.slice(0, Math.max(slash, 0));
  const name = text.slice(slash + 1, at);
  if (!registryPattern.test(registry)) throw invalid(text, 'does not begin with the name of a registry');
  if (name.includes(':')) throw invalid(text, 'names a tag beside the digest, which nothing would check');
  if (!namePattern.test(name) || name.length > 255) throw invalid(text, `has no valid repository name, "${name}"`);
  return { registry: registry === 'docker.io' ? 'registry-1.docker.io' : registry, name, digest };
}

function invalid(text: string, why: string): SamesourceError {
  return new SamesourceError('claim-invalid', `image "${text}" ${why}`, {
    hint: 'write it as registry.example/name@sha256:DIGEST; "docker buildx imagetools inspect NAME:TAG" shows the digest',
  });
}
