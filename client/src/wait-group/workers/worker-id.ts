// The ID of a worker: what a pod is called over all its restarts and, in an Indexed Job, over all pods of its index.
import { isDnsLabel, type PodReference } from '@konductor/schema';

export interface WorkerPlace {
  /** The pod of the connection; undefined outside of pods. */
  readonly pod: PodReference | undefined;
  /** The host name of this process. */
  readonly hostname: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How much of a name an ID keeps that ends in a hash: with a hyphen and the hash, it is as long as a DNS label may be. */
const KEPT = 54;
const HASH_LENGTH = 8;

/**
 * The ID of the worker that runs in a pod, undefined outside of pods. In an Indexed Job, it is the host name, which is that of
 * the index, as long as the pod is called by it; a host name alone is no identity: pods with hostNetwork share it.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
 */
export function workerIdFor({ pod, hostname, env }: WorkerPlace): string | undefined {
  if (!pod) return undefined;
  const index = env.JOB_COMPLETION_INDEX;
  const isOfIndex = index && hostname.endsWith(`-${index}`) && pod.name.slice(0, -6) === hostname;
  return toWorkerId(isOfIndex && /-[a-z0-9]{5}$/.test(pod.name) ? hostname : pod.name);
}

/** The name itself if it is a DNS label; else as much of it as fits into one, with a hash that tells it from others. */
export function toWorkerId(name: string): string {
  if (isDnsLabel(name)) return name;
  // Loaded here only: it takes Bun five milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  const kept = name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9]/g, '-')
    .slice(0, KEPT)
    .replace(/^-+/, '');
  return kept ? `${kept}-${hash}` : hash;
}
