// The pods that controllers would create for a manifest's workloads, because tests run no controller manager.
import { parseAllDocuments } from 'yaml';
import type { PodTemplate } from '../pods/pod-runner.ts';

interface Workload {
  readonly kind: string;
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
  return workloads.flatMap(({ spec }) => {
    const { replicas = 1, completions = replicas, completionMode, template } = spec;
    const isIndexed = completionMode === 'Indexed';
    return Array.from({ length: completions }, (_, index) => (isIndexed ? indexed(template, index) : template));
  });
}

function indexed({ spec, ...pod }: PodTemplate, index: number): PodTemplate {
  const variable = { name: 'JOB_COMPLETION_INDEX', value: `${index}` };
  const withIndex = spec.containers.map((container) => ({ ...container, env: [...(container.env ?? []), variable] }));
  return { ...pod, spec: { ...spec, containers: withIndex } };
}
