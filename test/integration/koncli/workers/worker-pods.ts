// Pods that work for WaitGroups, in a namespace of their own with the compiled operator: each is really there, and koncli acts with
// the token that is bound to it, with the permissions of a worker and no others.
import { join } from 'node:path';
import type { WaitGroup, WaitGroupWorkerSpec } from '@konductor/schema';
import { expect } from 'vitest';
import type { ControlPlaneAccess } from '../../../control-plane/index.ts';
import { administratorRequest } from '../../../support/cluster/administrator.ts';
import { grantRules } from '../../../support/cluster/client-access.ts';
import { installOperator } from '../../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../../support/cluster/namespaces.ts';
import type { PolicyRule } from '../../../support/cluster/permissions.ts';
import { serviceAccountKubeconfig } from '../../../support/cluster/tokens.ts';
import { koncli } from '../../../support/processes/koncli-process.ts';
import { type OperatorProcess, startOperator } from '../../../support/processes/operator.ts';
import { eventually } from '../../../support/waiting/eventually.ts';

const apiGroups = ['konductor.io'];
const RULES: PolicyRule[] = [
  { apiGroups, resources: ['waitgroups'], verbs: ['get', 'list', 'watch'] },
  { apiGroups, resources: ['waitgroups/report'], verbs: ['create'] },
  { apiGroups, resources: ['waitgroupworkers'], verbs: ['create', 'get', 'list', 'patch'] },
];

export class WorkerPods {
  readonly namespace: string;
  readonly access: ControlPlaneAccess;
  readonly #operator: OperatorProcess;
  #made = 0;

  private constructor(access: ControlPlaneAccess, namespace: string, operator: OperatorProcess) {
    this.access = access;
    this.namespace = namespace;
    this.#operator = operator;
  }

  /** For all tests of a file, which stops it. */
  static async create(access: ControlPlaneAccess): Promise<WorkerPods> {
    const namespace = await createNamespace(access, 'workers');
    const kubeconfig = await installOperator(access);
    const operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
    await grantRules(access, { namespace, rules: RULES, name: 'worker' });
    return new WorkerPods(access, namespace, operator);
  }

  async stop(): Promise<void> {
    await this.#operator.stop();
  }

  /** koncli as the administrator, outside of pods. */
  wg(...args: readonly string[]) {
    return koncli(['wg', ...args, '-n', this.namespace], this.access);
  }

  async newGroup(...flags: readonly string[]): Promise<string> {
    const name = `batch-${++this.#made}`;
    await this.wg('create', name, ...flags);
    return name;
  }

  /** The path of the kubeconfig of a new pod, with its token. */
  async newPod(name: string, serviceAccount = 'worker'): Promise<string> {
    const { namespace } = this;
    const spec = { serviceAccountName: serviceAccount, containers: [{ name: 'work', image: 'none' }] };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec };
    await administratorRequest(this.access, { method: 'POST', path: this.#path('v1', 'pods'), body });
    return serviceAccountKubeconfig(this.access, { namespace, serviceAccount, boundPod: name });
  }

  async endPod(name: string, phase: 'Failed' | 'Succeeded'): Promise<void> {
    const path = `${this.#path('v1', 'pods')}/${name}/status`;
    const contentType = 'application/merge-patch+json';
    await administratorRequest(this.access, { method: 'PATCH', path, contentType, body: { status: { phase } } });
  }

  async deletePod(name: string): Promise<void> {
    const path = `${this.#path('v1', 'pods')}/${name}`;
    await administratorRequest(this.access, { method: 'DELETE', path, query: { gracePeriodSeconds: 0 } });
  }

  /** The record of a Job, as the operator creates it; there need not be such a Job. */
  async newJobRecord(
    group: string,
    job: string,
    change: Partial<WaitGroupWorkerSpec> = {},
    uid = 'no-job',
  ): Promise<void> {
    const { metadata } = JSON.parse((await this.wg('get', group, '-o', 'json')).stdout);
    const counts = { worker: job, added: 1, done: 0, borrowed: 0, round: 0, state: 'Active', job: { name: job, uid } };
    const body = {
      ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker' },
      metadata: { name: `${group}.${job}.${metadata.uid.slice(0, 8)}` },
      spec: { waitGroup: group, waitGroupUid: metadata.uid, ...counts, ...change },
    };
    const path = this.#path('konductor.io/v1', 'waitgroupworkers');
    await administratorRequest(this.access, { method: 'POST', path, body });
  }

  async statusOf(group: string): Promise<NonNullable<WaitGroup['status']>> {
    const { status } = JSON.parse((await this.wg('get', group, '-o', 'json')).stdout);
    return status ?? {};
  }

  /** Resolves when the status has these fields. */
  until(group: string, fields: Partial<NonNullable<WaitGroup['status']>>): Promise<unknown> {
    return eventually(`${group} with ${JSON.stringify(fields)}`, async () => {
      expect(await this.statusOf(group)).toMatchObject(fields);
      return true;
    });
  }

  async recordOf(group: string, worker: string): Promise<WaitGroupWorkerSpec | undefined> {
    interface Records {
      readonly items: readonly { readonly spec: WaitGroupWorkerSpec }[];
    }
    const query = { fieldSelector: `spec.waitGroup=${group}` };
    const path = this.#path('konductor.io/v1', 'waitgroupworkers');
    const { items } = await administratorRequest<Records>(this.access, { method: 'GET', path, query });
    return items.find(({ spec }) => spec.worker === worker)?.spec;
  }

  fileAt(name: string): string {
    return join(this.access.directory, `${this.namespace}-${name}`);
  }

  #path(apiVersion: string, resource: string): string {
    return `/${apiVersion === 'v1' ? 'api' : 'apis'}/${apiVersion}/namespaces/${this.namespace}/${resource}`;
  }
}
