// The real parts that the demo plays with: control plane, manifests, operator, and koncli under each role's own token.
import { dirname } from 'node:path';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { applyObject } from '../support/cluster/administrator.ts';
import { areServed } from '../support/cluster/crd.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { koncliPath } from '../support/processes/executables.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { batchExample, INSTALL_MANIFEST } from './manifests.ts';

export const NAMESPACE = 'default';
export const GROUP = 'batch-jobs';
export const TTL = '5s';

export type Role = 'batch-jobs-coordinator' | 'batch-jobs-worker';

/** Stops what it started, in reverse order, when it is disposed of. */
export class Stage implements AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly #started = new AsyncDisposableStack();

  private constructor(controlPlane: ControlPlane) {
    this.controlPlane = controlPlane;
    this.#started.defer(() => controlPlane.stop());
  }

  static async set(signal: AbortSignal, log: (line: string) => void): Promise<Stage> {
    return new Stage(await startControlPlane({ log, signal }));
  }

  async install(): Promise<void> {
    await this.kubectl('apply', '--server-side', '-f', INSTALL_MANIFEST);
    await areServed(this.controlPlane, 'waitgroups,waitgroupworkers');
  }

  async applyExample(): Promise<string> {
    const args = ['apply', '--server-side', '-f', '-'];
    return kubectlOutput(this.controlPlane, args, { input: batchExample(TTL) });
  }

  async startOperator(): Promise<OperatorProcess> {
    const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
    const operator = await startOperator({ kubeconfig: await serviceAccountKubeconfig(this.controlPlane, account) });
    this.controlPlane.adopt(operator.pid);
    this.#started.defer(async () => {
      await operator.stop();
    });
    // Nothing here runs Deployments, and koncli doctor asks for this one, whose pod the process stands for.
    const ready = JSON.stringify({ status: { replicas: 1, readyReplicas: 1 } });
    const deployment = ['deployment', account.serviceAccount, '-n', account.namespace];
    await this.kubectl('patch', ...deployment, '--subresource=status', '--type=merge', '-p', ready);
    return operator;
  }

  /** The environment of a process that plays a pod of this role, as a worker that koncli counts under the pod's name. */
  async environmentOfPod(role: Role, name: string): Promise<NodeJS.ProcessEnv> {
    const pod = { apiVersion: 'v1', resource: 'pods', namespace: NAMESPACE, name };
    const spec = { serviceAccountName: role, containers: [{ name: 'worker', image: 'none' }] };
    await applyObject(this.controlPlane, pod, { kind: 'Pod', spec });
    return { ...(await this.environmentOf(role, { boundPod: name })), KONDUCTOR_WORKER_ID: 'auto' };
  }

  /** The environment of a process that has this role's token, and nothing else, to reach the cluster. */
  async environmentOf(role: Role, bound: { readonly boundPod?: string } = {}): Promise<NodeJS.ProcessEnv> {
    const account = { namespace: NAMESPACE, serviceAccount: role, ...bound };
    const { PATH, TERM, NO_COLOR } = process.env;
    const KUBECONFIG = await serviceAccountKubeconfig(this.controlPlane, account);
    return { PATH: `${dirname(koncliPath())}:${PATH}`, HOME: this.controlPlane.directory, TERM, NO_COLOR, KUBECONFIG };
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return kubectlOutput(this.controlPlane, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.disposeAsync();
  }
}
