// Runs a Pod as a kubelet does, in processes on this machine: the Pod is really there, its token is bound to it, its init
// containers run one after the other, then its containers. Images are this machine's own programs, with what a test adds.
// It requires Linux namespaces, which not every machine allows.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { connect, KubeTransport } from '@konductor/client';
import { onTestFinished } from 'vitest';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { type KoncliResult, resultOf } from '../processes/koncli-process.ts';
import { endGroup } from '../processes/process-group.ts';
import { type ImageContent, ImageRoot } from './image-root.ts';
import { ServiceAccountFolder } from './pod-process.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface PodTemplate {
  readonly metadata?: { readonly generateName?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

interface PodSpec {
  readonly hostname?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly image?: { readonly reference: string } }[];
  readonly serviceAccountName: string;
  readonly securityContext?: { readonly runAsUser?: number };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

export interface PodRun {
  readonly name: string;
  /** Of each container, by its name; that of a failed init container is the last. */
  readonly results: Promise<ReadonlyMap<string, KoncliResult>>;
  /** As when its node is lost: nothing in it can shut down gracefully. */
  kill(): void;
}

export interface RunPodOptions {
  readonly namespace: string;
  /** By the names that containers and image volumes give. */
  readonly images: Readonly<Record<string, ImageContent>>;
}

/** Each pod's containers with their exit codes, what failed with its complaint. */
export async function codesOf(pods: readonly PodRun[]): Promise<string[]> {
  const results = await Promise.all(pods.map((pod) => pod.results));
  const told = ([name, { code, stderr }]: [string, KoncliResult]) =>
    `${name} ${code}${code === 0 ? '' : `: ${stderr}`}`;
  return results.map((containers) => [...containers].map(told).join());
}

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Ended with the test, if not before. */
export async function startPod(
  access: ControlPlaneAccess,
  { metadata, spec }: PodTemplate,
  { namespace, images }: RunPodOptions,
): Promise<PodRun> {
  const transport = new KubeTransport(await connect({ env: { KUBECONFIG: access.kubeconfig } }));
  onTestFinished(() => transport.close());
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'pod-', ...metadata }, spec };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const admitted = await transport.request<AdmittedPod>({ method: 'POST', path, body: pod });
  const token = await requestToken(transport, admitted);
  const account = new ServiceAccountFolder(access, { namespace, token });
  chmodSync(account.path, 0o755);
  const { name } = admitted.metadata;
  const kubelet = new Kubelet({ server: access.server, pod: admitted, images, account: account.path });
  return { name, results: kubelet.run(), kill: () => kubelet.kill() };
}

interface AdmittedPod {
  readonly metadata: NonNullable<PodTemplate['metadata']> & Readonly<Record<'name' | 'namespace' | 'uid', string>>;
  readonly spec: PodSpec;
}

/** As the kubelet asks for it: it is worth nothing without its pod, and its claims name that. */
async function requestToken(transport: KubeTransport, { metadata, spec }: AdmittedPod): Promise<string> {
  const { name, namespace, uid } = metadata;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}/token`;
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [], boundObjectRef },
  };
  const { status } = await transport.request<{ status: { token: string } }>({ method: 'POST', path, body });
  return status.token;
}

interface KubeletOptions {
  readonly server: string;
  readonly pod: AdmittedPod;
  readonly images: Readonly<Record<string, ImageContent>>;
  /** The folder with the credentials. */
  readonly account: string;
}

class Kubelet {
  readonly #options: KubeletOptions;
  /** Each until its root is gone. */
  readonly #running = new Map<ChildProcess, Promise<KoncliResult>>();

  constructor(options: KubeletOptions) {
    this.#options = options;
    onTestFinished(async () => {
      this.kill();
      await Promise.allSettled(this.#running.values());
    });
  }

  kill(): void {
    for (const child of this.#running.keys()) void endGroup(child);
  }

  async run(): Promise<ReadonlyMap<string, KoncliResult>> {
    const { initContainers = [], containers } = this.#options.pod.spec;
    const results = new Map<string, KoncliResult>();
    for (const container of initContainers) {
      const result = await this.#start(container);
      results.set(container.name, result);
      if (result.code !== 0) return results;
    }
    const started = containers.map(async (container) => results.set(container.name, await this.#start(container)));
    await Promise.all(started);
    return results;
  }

  #start(container: Container): Promise<KoncliResult> {
    const { account, pod } = this.#options;
    // The images name no user here; those that pods run as non-root do.
    const { runAsUser = 65532 } = pod.spec.securityContext ?? {};
    const root = new ImageRoot({
      content: this.#image(container.image),
      // The account is there anyway, whether or not the API server admits pods with its volume.
      mounts: (container.volumeMounts ?? [])
        .filter(({ mountPath }) => mountPath !== ACCOUNT_FOLDER)
        .map((mount) => this.#mount(mount)),
      serviceAccount: account,
      user: `${runAsUser}:${runAsUser}`,
    });
    const [command, ...args] = root.enter([...container.command, ...(container.args ?? [])]);
    const child = spawn(command, args, {
      env: this.#environment(container),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const result = resultOf(child).finally(() => {
      this.#running.delete(child);
      root.remove();
    });
    this.#running.set(child, result);
    return result;
  }

  #mount({ name, mountPath, subPath }: NonNullable<Container['volumeMounts']>[number]): [string, string] {
    const reference = this.#options.pod.spec.volumes?.find((volume) => volume.name === name)?.image?.reference;
    const folder = reference && this.#image(reference).konductor;
    if (!folder || subPath !== 'konductor') throw new Error(`the mount of ${name} at ${mountPath} is not koncli's`);
    return [folder, mountPath];
  }

  #image(reference: string): ImageContent {
    const content = this.#options.images[reference];
    if (!content) throw new Error(`no image is called ${reference}`);
    return content;
  }

  #environment({ env = [] }: Container): Record<string, string> {
    const { server, pod } = this.#options;
    const { hostname, port } = new URL(server);
    return {
      ...{ PATH: DEFAULT_PATH, HOSTNAME: pod.spec.hostname ?? pod.metadata.name },
      ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      ...Object.fromEntries(env.map((variable) => [variable.name, valueOfVariable(variable, pod)])),
    };
  }
}

/** Of the fields that it may be taken from, only the pod's labels are known here. */
function valueOfVariable({ value = '', valueFrom }: EnvironmentVariable, { metadata }: AdmittedPod): string {
  if (!valueFrom) return value;
  const { fieldPath = '' } = valueFrom.fieldRef ?? {};
  const label = metadata.labels?.[/^metadata\.labels\['(.+)'\]$/.exec(fieldPath)?.[1] ?? ''];
  if (label === undefined) throw new Error(`the pod has no ${fieldPath}`);
  return label;
}
