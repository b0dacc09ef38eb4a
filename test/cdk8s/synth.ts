// Synthesizes constructs in memory, for tests of the objects that they render.
import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';

/** A Kubernetes object as rendered. */
// biome-ignore lint/suspicious/noExplicitAny: the shape differs from kind to kind
export type Manifest = any;

/** The objects that `build` adds to a chart. */
export function synth(build: (scope: Construct) => void): Manifest[] {
  const chart = new Chart(new App(), 'test');
  build(chart);
  return chart.toJson();
}

/** The only object of a kind and, if there are several, of a name. */
export function pick(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    (object) => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name,
  );
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind} ${name ?? ''}`);
  return found[0];
}
