// The REST paths and bodies of WaitGroups: one method for each request, no retries, no rules.
import {
  API_GROUP_VERSION,
  parseWaitGroup,
  type WaitGroup,
  type WaitGroupSpec,
  type WaitGroupStatus,
  waitGroupNames,
} from '@konductor/schema';
import { UnavailableError } from '../core/errors.ts';
import { listAll } from '../kubernetes/list.ts';
import { resourcePath } from '../kubernetes/resource-path.ts';
import { watchEvents } from '../kubernetes/watch.ts';
import type { KubeTransport } from '../transport/transport.ts';
import { type OnUnreadable, parseReadable } from './parse-readable.ts';

/** A group to create. */
export interface NewWaitGroup {
  readonly name: string;
  readonly spec?: WaitGroupSpec;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface DeletePreconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Which groups to list. */
export interface ListQuery {
  readonly labelSelector?: string | undefined;
  /** Called with each group that is skipped because it cannot be read; absent: such a group fails the list. */
  readonly onUnreadable?: OnUnreadable | undefined;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends RequestOptions {
  /** The request is authorized and checked, and nothing is stored. */
  readonly isDryRun?: boolean;
}

/** A watch without the first change, which follows its base at once, is renewed after this time. */
const WATCH_SECONDS = 30;

/** `namespace` undefined: all namespaces. */
export function waitGroupsPath(namespace?: string, name?: string): string {
  return resourcePath({ apiVersion: API_GROUP_VERSION, resource: waitGroupNames.plural, namespace, name });
}

export class WaitGroupApi {
  readonly transport: KubeTransport;
  readonly #fieldManager: string;

  constructor(transport: KubeTransport, fieldManager: string) {
    this.transport = transport;
    this.#fieldManager = fieldManager;
  }

  /** A quorum read: the newest stored object. */
  async get(namespace: string, name: string, { signal }: RequestOptions = {}): Promise<WaitGroup> {
    return parseWaitGroup(
      await this.transport.request({ method: 'GET', path: waitGroupsPath(namespace, name), signal }),
    );
  }

  /**
   * The object as it was at `resourceVersion`, which may lie between its own, from the API server's history; undefined if
   * it did not exist. GoneError once etcd has compacted it away, after 5 to 10 minutes as API servers are set up.
   * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
   */
  async getAt(
    { namespace, name }: { readonly namespace: string; readonly name: string },
    resourceVersion: string,
    { signal }: RequestOptions = {},
  ): Promise<WaitGroup | undefined> {
    const query = { fieldSelector: `metadata.name=${name}`, resourceVersion, resourceVersionMatch: 'Exact' };
    const { items } = await listAll<WaitGroup>(this.transport, { path: waitGroupsPath(namespace), query, signal });
    const [group] = items;
    return group && parseWaitGroup(group);
  }

  /**
   * The object after its first change since `base`, which is the base itself if it was deleted. GoneError when that change is
   * no longer kept; UnavailableError when there was none for half a minute.
   */
  async firstChangeAfter(
    { metadata: { namespace, name, resourceVersion = '' } }: WaitGroup,
    { signal }: RequestOptions = {},
  ): Promise<WaitGroup> {
    const events = watchEvents<WaitGroup>(this.transport, {
      path: waitGroupsPath(namespace),
      query: { fieldSelector: `metadata.name=${name}` },
      resourceVersion,
      timeoutSeconds: WATCH_SECONDS,
      idleTimeoutMs: (WATCH_SECONDS + 5) * 1000,
      signal,
    });
    for await (const { type, object } of events) if (type !== 'BOOKMARK') return object;
    throw new UnavailableError('the watch ended before the first change', { mayHaveArrived: true });
  }

  async list(
    namespace: string | undefined,
    { labelSelector, onUnreadable }: ListQuery = {},
    { signal }: RequestOptions = {},
  ): Promise<WaitGroup[]> {
    const query = { labelSelector };
    const { items } = await listAll<WaitGroup>(this.transport, { path: waitGroupsPath(namespace), query, signal });
    return parseReadable(items, onUnreadable);
  }

  /** A success whose response is no WaitGroup does not come from the API server, so it proves nothing: UnavailableError. */
  async create(namespace: string, group: NewWaitGroup, { signal }: RequestOptions = {}): Promise<WaitGroup> {
    const { name, labels, annotations, spec = {} } = group;
    const metadata = { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) };
    const body = { apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', metadata, spec };
    const path = waitGroupsPath(namespace);
    return parseWritten(await this.transport.request({ method: 'POST', path, query: this.#writeQuery, body, signal }));
  }

  /**
   * Writes the status on the object as it was read: rejected (409) if anything has changed since. A success proves as much as
   * that of `create`.
   */
  async updateStatus(base: WaitGroup, status: WaitGroupStatus, options: WriteOptions = {}): Promise<WaitGroup> {
    const { signal, isDryRun } = options;
    const path = `${waitGroupsPath(base.metadata.namespace, base.metadata.name)}/status`;
    const body = { ...base, status };
    const query = { ...this.#writeQuery, ...(isDryRun && { dryRun: 'All' }) };
    return parseWritten(await this.transport.request({ method: 'PUT', path, query, body, signal }));
  }

  async delete(
    namespace: string,
    name: string,
    preconditions: DeletePreconditions,
    { signal }: RequestOptions = {},
  ): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
    await this.transport.request({ method: 'DELETE', path: waitGroupsPath(namespace, name), body, signal });
  }

  get #writeQuery() {
    return { fieldManager: this.#fieldManager, fieldValidation: 'Strict' };
  }
}

function parseWritten(response: unknown): WaitGroup {
  try {
    return parseWaitGroup(response);
  } catch (cause) {
    throw new UnavailableError('the response is not a WaitGroup', { cause, mayHaveArrived: true });
  }
}
