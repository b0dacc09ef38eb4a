// The parameters of each section of the benchmark: one control plane with WaitGroups installed, which all of them share.
import { connect, KubeTransport, WaitGroupClient } from '@konductor/client';
import type { ControlPlane } from '../control-plane/index.ts';

export interface Bench {
  readonly controlPlane: ControlPlane;
  /** Paths of the executables that are compared. */
  readonly koncli: string;
  readonly kubectl: string;
  /** The environment in which both find the control plane. */
  readonly env: NodeJS.ProcessEnv;
}

/** Measures and prints its own table; what it makes in the cluster has names of its own. */
export type Section = (bench: Bench) => Promise<void>;

/** A connection of its own. */
export async function openTransport({ controlPlane }: Pick<Bench, 'controlPlane'>): Promise<KubeTransport> {
  const connection = await connect({ kubeconfig: controlPlane.kubeconfig, env: {} });
  return new KubeTransport(connection, { userAgent: 'konductor-bench' });
}

/** With a connection of its own. */
export async function openClient(bench: Pick<Bench, 'controlPlane'>, namespace = 'default'): Promise<WaitGroupClient> {
  return new WaitGroupClient(await openTransport(bench), { namespace });
}
