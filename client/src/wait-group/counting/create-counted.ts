// Creates a group together with its first count, in one request: the group never exists without it. A group that exists already
// is left to the counting operation.
import {
  API_GROUP_VERSION,
  annotateOperation,
  applyOperation,
  type CounterOperation,
  currentStatus,
  findOperation,
  operationAnnotations,
  type WaitGroup,
  type WaitGroupSpec,
} from '@konductor/schema';
import { AlreadyExistsError } from '../../core/errors.ts';
import { createPause, type RetryContext, retry, unknownOutcomeError } from '../retry.ts';
import type { NewWaitGroup, WaitGroupApi } from '../wait-group-api.ts';
import { CounterRejectedError, WaitGroupNotFoundError, type WaitGroupReference } from '../wait-group-errors.ts';
import { randomId } from './counting-batch.ts';
import { WriteState } from './write-state.ts';

/** A group to create if it does not exist; the delta is its initial count. */
export interface GroupToCount extends NewWaitGroup {
  readonly spec?: Omit<WaitGroupSpec, 'initialCount'>;
}

export interface FirstCount {
  readonly delta: number;
  readonly by: string;
  /** Absent: a random one. */
  readonly operationId: string | undefined;
}

type CreatingApi = Pick<WaitGroupApi, 'create' | 'get' | 'updateStatus'>;

/**
 * Undefined if another client created the group first. Errors: CounterRejectedError, TimedOutError (nothing was created),
 * UnknownOutcomeError, AbortedError, and the API server's rejections.
 */
export async function createCounted(
  api: CreatingApi,
  group: GroupToCount,
  { delta, by, operationId }: FirstCount,
  context: RetryContext,
): Promise<WaitGroup | undefined> {
  const operation = { id: operationId ?? randomId(), by, deltas: [delta] };
  const body = withFirstCount(group, operation, context.group);
  const write = new WriteState<undefined>();
  const isIdOfCaller = operationId !== undefined;
  try {
    const created = await send({ api, body, id: operation.id, isIdOfCaller, write }, context);
    return created && (await writeFirstStatus(api, created, context));
  } catch (error) {
    if (write.isInDoubtAfter(error)) throw unknownOutcomeError(context.group, error, `a change of ${delta}`);
    if (error instanceof WaitGroupNotFoundError) return undefined;
    throw error;
  }
}

/** A delta of zero counts nothing, so it leaves the group without a count. */
function withFirstCount(group: GroupToCount, operation: CounterOperation, reference: WaitGroupReference): NewWaitGroup {
  const empty: WaitGroup = { apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', metadata: { name: group.name } };
  const { status, steps } = applyOperation(empty, operation, new Date());
  for (const step of steps) if (!step.ok) throw new CounterRejectedError(reference, step.rejection);
  const [record] = status?.recentOperations ?? [];
  if (!record) return group;
  const annotations = annotateOperation(record);
  if (!operationAnnotations({ name: group.name, annotations }))
    throw new RangeError(`invalid operation ID ${JSON.stringify(record.id)}`);
  const spec = { ...group.spec, initialCount: record.delta };
  return { ...group, annotations: { ...group.annotations, ...annotations }, spec };
}

interface Creation {
  readonly api: CreatingApi;
  readonly body: NewWaitGroup;
  readonly id: string;
  readonly isIdOfCaller: boolean;
  readonly write: WriteState<undefined>;
}

/** Sends the request again until there is a response. */
async function send(creation: Creation, context: RetryContext): Promise<WaitGroup | undefined> {
  const { api, body, write, isIdOfCaller } = creation;
  const pause = createPause(context);
  for (;;) {
    write.sendOn(undefined);
    try {
      return await api.create(context.group.namespace, body, { signal: context.deadline.signal });
    } catch (error) {
      const wasLost = write.failWith(error) === 'settle';
      if (!(error instanceof AlreadyExistsError)) await pause(error);
      // Where no response was lost, an ID of the caller's is rather that of another call.
      else return wasLost || !isIdOfCaller ? findOwn(creation, context) : undefined;
    }
  }
}

/** The group exists: an earlier copy of the request may have created it, which a lost response or a proxy hides. */
async function findOwn({ api, body, id, write }: Creation, context: RetryContext): Promise<WaitGroup | undefined> {
  const { namespace, name } = context.group;
  const existing = await retry(context, (signal) => api.get(namespace, name, { signal }));
  write.settle();
  const operation = findOperation(existing, id);
  return operation && operation.delta === body.spec?.initialCount ? existing : undefined;
}

/** Shows the count to everybody who reads the status. If this fails, the operator or the next client writes the same. */
async function writeFirstStatus(api: CreatingApi, group: WaitGroup, { deadline }: RetryContext): Promise<WaitGroup> {
  if (group.status || !group.spec?.initialCount) return group;
  const status = currentStatus(group);
  const { signal } = deadline;
  return api.updateStatus(group, status, { signal }).catch(() => ({ ...group, status }));
}
