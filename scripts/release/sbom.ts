// The SBOM of an artifact: CycloneDX 1.6 as JSON. It has neither a time nor a random number, so that it depends on the artifact only.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';

export interface Described {
  readonly type: Enums.ComponentType;
  readonly name: string;
  readonly version: string;
  readonly components: readonly Models.Component[];
}

/** Writes it beside the artifact. */
export function writeSbom(artifact: string, described: Described): void {
  writeFileSync(`${artifact}.cdx.json`, sbomOf(artifact, described));
}

function sbomOf(artifact: string, { type, name, version, components }: Described): string {
  const component = new Models.Component(type, name, { version, bomRef: basename(artifact) });
  component.licenses.add(new Models.SpdxLicense('Apache-2.0'));
  component.hashes.set(
    Enums.HashAlgorithm['SHA-256'],
    createHash('sha256').update(readFileSync(artifact)).digest('hex'),
  );
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component }) });
  for (const one of components) {
    bom.components.add(one);
    component.dependencies.add(one.bomRef);
  }
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 2 })}\n`;
}
