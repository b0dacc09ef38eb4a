// The changes that koncli makes for a worker, and what it says of them.
import type { WorkerAddOptions, WorkerClient, WorkerCounted } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { NothingFoundError, WorkerError } from '../../errors.ts';
import { commandOn, shell } from '../../output/command-line.ts';
import { counterOf, subject } from '../../output/output.ts';
import { describeWorkerChange, ownerOf, type WorkerChange } from '../../output/worker-text.ts';
import type { Session } from '../../session/session.ts';

/** The context of a change. */
export interface ChangeContext {
  readonly session: Session;
  readonly run: Run;
}

/** Without the operator, an add waits: it says so after this time. */
const WAITING_MS = 3_000;

/** Adds its work; resolves when the operator has counted it. */
export async function addWork(worker: WorkerClient, options: WorkerAddOptions, { log }: Run): Promise<WorkerCounted> {
  let timer: NodeJS.Timeout | undefined;
  const warn = () => log.warn(`worker "${worker.id}" is recorded; waiting for the operator to count it`);
  const onRecorded = () => {
    timer = setTimeout(warn, WAITING_MS);
  };
  try {
    return await worker.add({ ...options, onRecorded });
  } finally {
    clearTimeout(timer);
  }
}

/** Marks its work done. */
export async function markWorkerDone(worker: WorkerClient, context: ChangeContext): Promise<void> {
  const counted = await worker.done(context.session.callOptions);
  await confirm(changeOf(counted, context), `done 1 by worker ${worker.id}`, context);
}

/** Marks its work failed. */
export async function markWorkerFailed(
  worker: WorkerClient,
  report: { readonly message: string; readonly reason: string },
  context: ChangeContext,
): Promise<void> {
  const counted = await worker.fail(report, context.session.callOptions);
  await confirm(changeOf(counted, context), `failed (${report.reason}) by worker ${worker.id}`, context);
}

/** Finishes its work in its place. */
export async function releaseWorker(worker: WorkerClient, context: ChangeContext): Promise<void> {
  const counted = await worker.release(context.session.callOptions);
  if (counted.outcome === 'noRecord') throw unknownWorkerError(worker.id, counted.group);
  await confirm(changeOf(counted, context), `released worker ${worker.id}`, context);
}

function unknownWorkerError(id: string, { metadata }: WaitGroup): NothingFoundError {
  const status = commandOn('koncli waitgroup status', metadata);
  return new NothingFoundError(
    `worker "${id}" not found in waitgroup "${metadata.name}": to see its workers, run ${status}`,
  );
}

/** Prints what an add has changed. */
export async function confirmWorkerAdd(
  { id }: WorkerClient,
  counted: WorkerCounted,
  context: ChangeContext,
): Promise<void> {
  const change = changeOf(counted, context);
  const line = `${describeWorkerChange(change, `added 1 by worker ${id}`)}, counter is ${counterOf(counted.group)}`;
  await context.session.confirm(resultOf(change, line));
}

/**
 * The change that the call made. A record that another pod has taken over is no error in a pod: that pod finishes the work.
 * Elsewhere it throws WorkerError.
 */
export function changeOf({ group, record, outcome }: WorkerCounted, { session, run }: ChangeContext): WorkerChange {
  if (record === undefined || outcome === 'noRecord') throw new WorkerError('the worker has no record');
  if (outcome !== 'otherPod') return { record, outcome };
  const { worker } = record.spec;
  const problem = `worker "${worker}" of waitgroup "${group.metadata.name}" belongs to ${ownerOf(record)}, which alone can finish its work; nothing was changed`;
  const release = commandOn('koncli waitgroup release', group.metadata, shell` --worker ${worker}`);
  if (!session.isInPod) throw new WorkerError(`${problem}: if that is lost, run ${release}`);
  run.log.warn(problem);
  return { record, outcome };
}

async function confirm(change: WorkerChange, text: string, { session }: ChangeContext): Promise<void> {
  await session.confirm(resultOf(change, describeWorkerChange(change, text)));
}

function resultOf({ record }: WorkerChange, line: string) {
  return { objects: [record], lines: () => [`${subject(record.spec.waitGroup)} ${line}`] };
}
