// The commands that would publish a release. Nothing runs them: no name is registered yet.
import { VERSION } from './version.ts';

export function publicationCommands(names: readonly string[]): string[] {
  const those = (pattern: RegExp) => names.filter((name) => pattern.test(name));
  return [
    `git tag --sign v${VERSION} && git push origin v${VERSION}`,
    ...those(/^konductor-(?!operator|\d).*\.tgz$/).map((name) => `npm publish --provenance --access public ${name}`),
    ...those(/^konductor-\d.*\.tgz$/).map((name) => `helm push ${name} oci://REGISTRY/charts`),
    `gh release create v${VERSION} --verify-tag --notes-file RELEASE-NOTES.md *`,
    'cosign sign-blob --bundle SHA256SUMS.sigstore.json SHA256SUMS',
  ];
}
