// Reads, creates and updates a Lease of coordination.k8s.io/v1; updates are guarded by the resourceVersion that was read.
import { type KubeTransport, NotFoundError, type RequestLimits, resourcePath } from '@konductor/client';
import type { LeaseRecord } from './leader-election-rules.ts';

const API_VERSION = 'coordination.k8s.io/v1';
export const LEASE_KIND = { apiVersion: API_VERSION, kind: 'Lease' } as const;

export interface LeaseReference {
  readonly namespace: string;
  readonly name: string;
}

/** A Lease as it was read: fields of other writers are kept by the next update. */
export interface Lease {
  readonly metadata: { readonly uid?: string; readonly resourceVersion?: string; readonly [field: string]: unknown };
  readonly spec?: LeaseSpec;
}

interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number | null;
  readonly acquireTime?: string | null;
  readonly renewTime?: string | null;
  readonly leaseTransitions?: number | null;
}

export class LeaseApi {
  readonly #transport: KubeTransport;
  readonly #reference: LeaseReference;
  readonly #query: { readonly fieldManager: string };

  constructor(transport: KubeTransport, reference: LeaseReference, fieldManager: string) {
    this.#transport = transport;
    this.#reference = reference;
    this.#query = { fieldManager };
  }

  /** Undefined if it does not exist. */
  async get(limits: RequestLimits): Promise<Lease | undefined> {
    try {
      return await this.#transport.request<Lease>({ method: 'GET', path: this.#path(), ...limits });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** Throws AlreadyExistsError when another candidate was faster. */
  create(record: LeaseRecord, limits: RequestLimits): Promise<Lease> {
    const body = { ...LEASE_KIND, metadata: this.#reference, spec: specOf(record) };
    const path = leasesPath(this.#reference.namespace);
    return this.#transport.request({ method: 'POST', path, query: this.#query, body, ...limits });
  }

  /** Throws ConflictError when the lease has changed since it was read. */
  update(lease: Lease, record: LeaseRecord, limits: RequestLimits): Promise<Lease> {
    const body = { ...LEASE_KIND, ...lease, spec: { ...lease.spec, ...specOf(record) } };
    return this.#transport.request({ method: 'PUT', path: this.#path(), query: this.#query, body, ...limits });
  }

  #path(): string {
    return leasesPath(this.#reference.namespace, this.#reference.name);
  }
}

function leasesPath(namespace: string, name?: string): string {
  return resourcePath({ apiVersion: API_VERSION, resource: 'leases', namespace, name });
}

export function recordOf({ spec = {} }: Lease): LeaseRecord {
  return {
    holderIdentity: spec.holderIdentity ?? '',
    leaseDurationSeconds: spec.leaseDurationSeconds ?? 0,
    acquireTime: spec.acquireTime ?? '',
    renewTime: spec.renewTime ?? '',
    leaseTransitions: spec.leaseTransitions ?? 0,
  };
}

/** client-go rejects a MicroTime without exactly six fractional digits. */
function specOf(record: LeaseRecord): LeaseSpec {
  const microTime = (time: string) => time.replace(/\.(\d{3})Z$/, '.$1000Z');
  return { ...record, acquireTime: microTime(record.acquireTime), renewTime: microTime(record.renewTime) };
}
