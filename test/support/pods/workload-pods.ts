// The pods that controllers would create for a manifest's workloads, because tests run no controller manager.
import { parseAllDocuments } from 'yaml';
import type { PodTemplate } from './pod-runner.ts';

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly completions?: number;
    readonly completionMode?: string;
    readonly template: PodTemplate;
  };
}

/** Of Jobs and Deployments, in their order, each as often as it says. */
export function podTemplatesOf(manifest: string): PodTemplate[] {
  const objects = parseAllDocuments(manifest).map((document): Workload => document.toJS());
  const workloads = objects.filter(({ kind }) => ['Job', 'Deployment'].includes(kind));
  return workloads.flatMap(({ metadata: { name }, spec }) => {
    const { replicas = 1, completions = replicas, completionMode, template } = spec;
    const podOf = (index: number) =>
      completionMode === 'Indexed' ? indexed(template, { name, index }) : named(template, name);
    return Array.from({ length: completions }, (_, index) => podOf(index));
  });
}

function named({ metadata, spec }: PodTemplate, name: string): PodTemplate {
  return { metadata: { ...metadata, generateName: `${name}-` }, spec };
}

/** Its host name is the same for all pods of an index. */
function indexed(template: PodTemplate, { name, index }: { name: string; index: number }): PodTemplate {
  const hostname = `${name}-${index}`;
  const { metadata, spec } = named(template, hostname);
  const variable = { name: 'JOB_COMPLETION_INDEX', value: `${index}` };
  const containers = spec.containers.map((container) => ({ ...container, env: [...(container.env ?? []), variable] }));
  return { ...(metadata && { metadata }), spec: { ...spec, hostname, containers } };
}
