// kubectl and koncli, bound to the context that was given.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { koncli } from '../support/processes/koncli-process.ts';
import { type KubectlAccess, kubectl, kubectlOutput } from '../support/processes/kubectl.ts';

export class Cluster {
  readonly #context: string;
  readonly #access: KubectlAccess = {
    kubectl: process.env.KUBECTL ?? 'kubectl',
    kubeconfig: process.env.KUBECONFIG ?? join(homedir(), '.kube/config'),
  };

  constructor(context: string) {
    this.#context = context;
  }

  /** Returns what it prints, throws what it complains of; `input` is for `-f -`. */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return kubectlOutput(this.#access, ['--context', this.#context, ...args], input === undefined ? {} : { input });
  }

  /** Both streams, whatever happens. */
  async show(...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await kubectl(this.#access, ['--context', this.#context, ...args]);
    return stdout + stderr;
  }

  /** The compiled koncli, as a person at a shell has it. */
  async koncli(...args: readonly string[]): Promise<string> {
    const { HOME = '', PATH = '' } = process.env;
    const options = { kubeconfig: this.#access.kubeconfig, env: { HOME, PATH } };
    const { code, stdout, stderr } = await koncli([...args, '--context', this.#context], options);
    if (code !== 0) throw new Error(`koncli ${args.join(' ')} exited with ${code}: ${stderr.trim()}`);
    return stdout;
  }

  /** Whether the API server knows MutatingAdmissionPolicies as injection.yaml and hold.yaml have them. */
  async servesMutation(): Promise<boolean> {
    const resources = await this.kubectl(['get', '--raw', '/apis/admissionregistration.k8s.io/v1']);
    return resources.includes('"mutatingadmissionpolicies"');
  }
}
