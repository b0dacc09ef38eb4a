// Many connections to one namespace, and the operator that counts what they record.
import { type KubeTransport, WaitGroupClient } from '@konductor/client';
import type { OperatorProcess } from '../support/processes/operator.ts';
import { inParallel } from '../support/waiting/in-parallel.ts';
import { type Bench, openTransport } from './section.ts';

export interface Connection {
  readonly transport: KubeTransport;
  readonly client: WaitGroupClient;
}

export interface Crowd {
  readonly bench: Bench;
  readonly namespace: string;
  readonly connections: readonly Connection[];
  readonly operator: OperatorProcess;
}

export function openConnections(bench: Bench, namespace: string, count: number): Promise<Connection[]> {
  const open = async () => {
    const transport = await openTransport(bench);
    return { transport, client: new WaitGroupClient(transport, { namespace }) };
  };
  return Promise.all(Array.from({ length: count }, open));
}

type Call<T> = (connection: Connection, id: string) => Promise<T>;

/** One call for each ID; each connection makes one after the other. */
export function spread<T>({ connections }: Crowd, ids: readonly string[], call: Call<T>): Promise<T[]> {
  const calls = ids.map((id, index) => () => call(connections[index % connections.length] as Connection, id));
  return inParallel(calls, (run) => run(), connections.length);
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export function workerIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `worker-${index}`);
}
