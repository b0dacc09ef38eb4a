// The add of a worker that creates the WaitGroup if it does not exist. The worker's record needs the UID of the WaitGroup, so the
// WaitGroup is created first, with an initial count of 1: it is never Done before the work that this worker then starts.
import {
  AlreadyExistsError,
  UnknownOutcomeError,
  WaitGroupNotFoundError,
  type WorkerClient,
  type WorkerCounted,
} from '@konductor/client';
import {
  annotateOperation,
  creatingOperationId,
  currentStatus,
  isCreatedBy,
  type WaitGroup,
  type WaitGroupSpec,
} from '@konductor/schema';
import type { SessionCallOptions } from '../../session/session.ts';
import { addWork, type ChangeContext } from './changes.ts';

interface GroupToAddTo {
  readonly name: string;
  readonly spec: Omit<WaitGroupSpec, 'initialCount'>;
}

/** Counts once however often it is repeated: an annotation of the WaitGroup names the worker that created it. */
export async function addOrCreate(
  worker: WorkerClient,
  wanted: GroupToAddTo,
  { session, run }: ChangeContext,
): Promise<WorkerCounted> {
  const options = { ...session.callOptions, startedAt: performance.now() };
  for (;;) {
    const group = await session.client.get(wanted.name, options).catch(undefinedIfMissing);
    if (group === undefined) await create(worker, wanted, { session, options });
    else if (!holdsWorkOf(worker, group)) return addWork(worker, options, run);
    else {
      const started = await worker.start(options);
      return started.record?.spec.state === 'Active' ? started : addWork(worker, options, run);
    }
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (!(error instanceof WaitGroupNotFoundError && error.absence === 'missing')) throw error;
}

async function create(
  { id }: WorkerClient,
  { name, spec }: GroupToAddTo,
  { session, options }: Pick<ChangeContext, 'session'> & { readonly options: SessionCallOptions },
): Promise<void> {
  const annotations = annotateOperation({ id: creatingOperationId(id), by: session.by });
  try {
    await session.client.create({ name, spec: { ...spec, initialCount: 1 }, annotations }, options);
  } catch (error) {
    if (!alreadyExists(error)) throw error;
  }
}

/** Whether the WaitGroup exists, whoever created it. */
function alreadyExists(error: unknown): boolean {
  if (error instanceof UnknownOutcomeError) return alreadyExists(error.cause);
  return error instanceof AlreadyExistsError;
}

/** In later rounds, the initial count is finished. */
function holdsWorkOf({ id }: WorkerClient, group: WaitGroup): boolean {
  return isCreatedBy(group, id) && !currentStatus(group).completions;
}
