// Jobs and pods that wait for a WaitGroup, without controllers and kubelets.
import { type KubeObject, resourcePath } from '@konductor/client';
import { type AdministratorAccess, administratorRequest } from '../cluster/administrator.ts';

export interface HeldWorkload extends KubeObject {
  readonly apiVersion: string;
  readonly kind: 'Job' | 'Pod';
  readonly metadata: KubeObject['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly suspend?: boolean; readonly schedulingGates?: readonly { readonly name: string }[] };
}

export interface NewWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

const AFTER = 'konductor.io/after';
const POD = {
  restartPolicy: 'Never',
  automountServiceAccountToken: false,
  containers: [{ name: 'main', image: 'none' }],
};

/** Suspended unless the spec says otherwise; it waits for a WaitGroup. */
export function createHeldJob(access: AdministratorAccess, after: string, job: NewWorkload): Promise<HeldWorkload> {
  return create(access, after, job, { suspend: true, template: { spec: POD } });
}

/** With the gate unless the spec says otherwise. */
export function createHeldPod(access: AdministratorAccess, after: string, pod: NewWorkload): Promise<HeldWorkload> {
  return create(access, after, pod, { schedulingGates: [{ name: AFTER }], ...POD }, 'Pod');
}

async function create(
  access: AdministratorAccess,
  after: string,
  { namespace, name, labels, annotations, spec }: NewWorkload,
  held: object,
  kind: 'Job' | 'Pod' = 'Job',
): Promise<HeldWorkload> {
  const body = {
    ...headOf(kind),
    metadata: { name, labels: { [AFTER]: after, ...labels }, annotations },
    spec: { ...held, ...spec },
  };
  return administratorRequest(access, { method: 'POST', path: pathOf(kind, { namespace }), body });
}

export function readWorkload(access: AdministratorAccess, { kind, metadata }: HeldWorkload): Promise<HeldWorkload> {
  return administratorRequest(access, { method: 'GET', path: pathOf(kind, metadata) });
}

/** A merge patch by the administrator. */
export function patchWorkload(
  access: AdministratorAccess,
  { kind, metadata }: HeldWorkload,
  body: object,
): Promise<HeldWorkload> {
  const request = { method: 'PATCH', contentType: 'application/merge-patch+json', body } as const;
  return administratorRequest(access, { ...request, path: pathOf(kind, metadata) });
}

/** Whether nothing of ours holds it any more. */
export function isLetGo({ kind, spec, metadata }: HeldWorkload): boolean {
  if (kind === 'Pod') return !spec.schedulingGates?.some(({ name }) => name === AFTER);
  return metadata.annotations?.['konductor.io/released-at'] !== undefined;
}

export interface WorkloadEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
}

/** The Events of a namespace, or about one object in it. */
export async function workloadEvents(
  access: AdministratorAccess,
  namespace: string,
  about?: HeldWorkload,
): Promise<readonly WorkloadEvent[]> {
  const fieldSelector = about && `involvedObject.uid=${about.metadata.uid}`;
  const path = resourcePath({ apiVersion: 'v1', resource: 'events', namespace });
  const request = { method: 'GET', path, query: { fieldSelector } } as const;
  return (await administratorRequest<{ items: WorkloadEvent[] }>(access, request)).items;
}

const headOf = (kind: HeldWorkload['kind']) => ({ apiVersion: kind === 'Job' ? 'batch/v1' : 'v1', kind });

function pathOf(kind: HeldWorkload['kind'], { namespace, name }: { namespace?: string; name?: string }): string {
  const { apiVersion } = headOf(kind);
  return resourcePath({ apiVersion, resource: kind === 'Job' ? 'jobs' : 'pods', namespace, name });
}
