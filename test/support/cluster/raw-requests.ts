// Requests for WaitGroups as any client may send them, good or bad, with the administrator's permissions.
import { connect, InvalidError, KubeTransport, WaitGroupApi, waitGroupsPath } from '@konductor/client';
import { applyOperation, type WaitGroup } from '@konductor/schema';
import { expect, inject } from 'vitest';

const controlPlane = inject('controlPlane');
export const transport = new KubeTransport(await connect({ env: { KUBECONFIG: controlPlane.kubeconfig } }));
export const api = new WaitGroupApi(transport, 'konductor-test');

export interface RawWaitGroup {
  readonly metadata?: object;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [unknownField: string]: unknown;
}

type Query = Readonly<Record<string, string>>;
const HEAD = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup' };

/** POST; named `group` unless the object says otherwise. */
export function create(namespace: string, { metadata, ...rest }: RawWaitGroup, query: Query = {}): Promise<WaitGroup> {
  const body = { ...HEAD, metadata: { name: 'group', namespace, ...metadata }, ...rest };
  return transport.request({ method: 'POST', path: waitGroupsPath(namespace), query, body });
}

/** PUT of the object itself, on the state that was read. */
export function replace({ metadata }: WaitGroup, changed: RawWaitGroup, query: Query = {}): Promise<WaitGroup> {
  const path = waitGroupsPath(metadata.namespace, metadata.name);
  return transport.request({ method: 'PUT', path, query, body: { ...HEAD, metadata, ...changed } });
}

/** PUT of the status, on the state that was read; absent: the request carries none. */
export function replaceStatus({ metadata }: WaitGroup, status?: unknown, query: Query = {}): Promise<WaitGroup> {
  const path = `${waitGroupsPath(metadata.namespace, metadata.name)}/status`;
  const body = { ...HEAD, metadata, ...(status === undefined ? {} : { status }) };
  return transport.request({ method: 'PUT', path, query, body });
}

/** Changes the counter by the rule, as koncli and the operator do. */
export function count(group: WaitGroup, ...deltas: number[]): Promise<WaitGroup> {
  const { status } = applyOperation(group, { id: `op-${deltas.join()}`, by: 'test', deltas }, new Date());
  if (!status) throw new Error(`the rule rejects ${deltas}`);
  return api.updateStatus(group, status);
}

export interface Refusal {
  readonly code?: 400 | 422;
  readonly field: string;
  /** Its message to the user. */
  readonly says: string | RegExp;
}

/** The API server rejects the request, names the field and says what to do. */
export async function expectRefusal(request: Promise<unknown>, { code = 422, field, says }: Refusal): Promise<void> {
  const error = await request.then(
    () => expect.fail('the API server accepts it'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof InvalidError)) throw error;
  expect(error.code).toBe(code);
  const causes = error.status.details?.causes ?? [];
  const messages = causes.filter((cause) => cause.field === field).map(({ message }) => message);
  expect(messages, JSON.stringify(causes)).toContainEqual(expect.stringMatching(says));
}
