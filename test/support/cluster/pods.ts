// Pods and Jobs without kubelets and controllers: tests create them, end them and delete them.
import { type KubeObject, resourcePath } from '@konductor/client';
import type { PodReference } from '@konductor/schema';
import { type AdministratorAccess, administratorRequest } from './administrator.ts';

export interface NewPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  /** The Job that controls it. */
  readonly job?: KubeObject;
}

type Place = Pick<NewPod, 'namespace' | 'name'>;

export async function createPod(access: AdministratorAccess, pod: NewPod): Promise<PodReference> {
  const { namespace, name, labels, annotations, nodeName, job } = pod;
  const owner = job && { apiVersion: 'batch/v1', kind: 'Job', controller: true, name: job.metadata.name };
  const ownerReferences = job && [{ ...owner, uid: job.metadata.uid }];
  const containers = [{ name: 'main', image: 'none' }];
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations, ownerReferences },
    spec: { nodeName, restartPolicy: 'Never', automountServiceAccountToken: false, containers },
  };
  const request = { method: 'POST', path: path('pods', { namespace }), body } as const;
  const { metadata } = await administratorRequest<KubeObject>(access, request);
  return { name, uid: metadata.uid ?? '' };
}

/** What its kubelet would report. */
export function setPodStatus(access: AdministratorAccess, pod: Place, status: object): Promise<unknown> {
  return patchStatus(access, path('pods', pod), status);
}

export async function deletePod(access: AdministratorAccess, pod: Place): Promise<void> {
  const body = { gracePeriodSeconds: 0 };
  await administratorRequest(access, { method: 'DELETE', path: path('pods', pod), body });
}

export interface NewJob extends Pick<NewPod, 'namespace' | 'name' | 'labels' | 'annotations'> {
  readonly ownerReferences?: readonly object[];
}

export function createJob(
  access: AdministratorAccess,
  { namespace, ...metadata }: NewJob,
  spec: object = {},
): Promise<KubeObject> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'none' }] } };
  const body = { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template, ...spec } };
  return administratorRequest(access, { method: 'POST', path: path('jobs', { namespace }), body });
}

/** As its controller reports that no more pods will follow. */
export function failJob(access: AdministratorAccess, job: Place): Promise<unknown> {
  const at = new Date().toISOString();
  const message = 'Job has reached the specified backoff limit';
  const condition = { status: 'True', reason: 'BackoffLimitExceeded', message, lastTransitionTime: at };
  const conditions = ['FailureTarget', 'Failed'].map((type) => ({ ...condition, type }));
  return patchStatus(access, path('jobs', job), { startTime: at, conditions });
}

/** As its controller reports its success. */
export function completeJob(access: AdministratorAccess, job: Place): Promise<unknown> {
  const at = new Date().toISOString();
  const condition = { status: 'True', reason: 'CompletionsReached', lastTransitionTime: at };
  const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({ ...condition, type }));
  return patchStatus(access, path('jobs', job), { startTime: at, completionTime: at, succeeded: 1, conditions });
}

/** A merge patch: labels, annotations, `spec.suspend`. */
export function patchJob(access: AdministratorAccess, job: Place, body: object): Promise<unknown> {
  const contentType = 'application/merge-patch+json';
  return administratorRequest(access, { method: 'PATCH', path: path('jobs', job), contentType, body });
}

export async function deleteJob(access: AdministratorAccess, job: Place): Promise<void> {
  const body = { propagationPolicy: 'Background' };
  await administratorRequest(access, { method: 'DELETE', path: path('jobs', job), body });
}

function patchStatus(access: AdministratorAccess, of: string, status: object): Promise<unknown> {
  const request = { method: 'PATCH', path: `${of}/status`, contentType: 'application/merge-patch+json' } as const;
  return administratorRequest(access, { ...request, body: { status } });
}

function path(resource: 'pods' | 'jobs', { namespace, name }: { readonly namespace: string; readonly name?: string }) {
  return resourcePath({ apiVersion: resource === 'jobs' ? 'batch/v1' : 'v1', resource, namespace, name });
}
