// Builds records of workers for tests: valid ones, with the fields that a test sets.
import {
  API_GROUP_VERSION,
  foldWorkers,
  type WaitGroup,
  type WaitGroupStatus,
  type WaitGroupWorker,
  type WaitGroupWorkerSpec,
  type WorkersStatus,
  workerRecordName,
} from '@konductor/schema';
import { buildWaitGroup, deepFreeze, NOW } from './wait-groups.ts';

export const GROUP = { name: 'batch', uid: 'uid-of-batch' };
export const POD = { name: 'pod-a', uid: 'uid-a' };
export const OTHER_POD = { name: 'pod-b', uid: 'uid-b' };
export const JOB = { name: 'job-a', uid: 'uid-of-job' };

/** [added, done, borrowed] of a worker, and its state. */
export type Tally = readonly [added: number, done: number, borrowed: number, state: WaitGroupWorkerSpec['state']];

export function buildSpec(fields: Partial<WaitGroupWorkerSpec> = {}): WaitGroupWorkerSpec {
  const identity = { waitGroup: GROUP.name, waitGroupUid: GROUP.uid, worker: 'a' };
  return { ...identity, added: 0, done: 0, borrowed: 0, round: 0, state: 'Active', ...fields };
}

/** What of these workers is in the counter. */
export function buildWorkers(fields: Partial<WorkersStatus> = {}): WorkersStatus {
  const numbers = { active: 0, done: 0, failed: 0, lost: 0, added: 0, finished: 0, borrowed: 0 };
  return { ...numbers, revision: '1', ...fields };
}

/** Its uid follows from the name of the worker. */
export function buildRecord(fields: Partial<WaitGroupWorkerSpec>, resourceVersion: number | string): WaitGroupWorker {
  const spec = buildSpec(fields);
  const uid = `uid-of-${spec.worker}`;
  const metadata = { name: workerRecordName(GROUP, spec.worker), uid, resourceVersion: `${resourceVersion}` };
  return { apiVersion: API_GROUP_VERSION, kind: 'WaitGroupWorker', metadata, spec };
}

/** One record for each tally, of the workers a, b, c and so on; `newest` is the resourceVersion of the last one. */
export function buildRecords(tallies: readonly Tally[], newest = tallies.length): WaitGroupWorker[] {
  return tallies.map(([added, done, borrowed, state], index) => {
    const worker = String.fromCharCode('a'.charCodeAt(0) + index);
    return buildRecord({ worker, added, done, borrowed, state }, newest - tallies.length + 1 + index);
  });
}

export function buildGroup(status?: WaitGroupStatus, spec?: WaitGroup['spec']): WaitGroup {
  return deepFreeze(buildWaitGroup({ metadata: { uid: GROUP.uid }, spec, ...(status && { status }) }));
}

/** The group after a fold that must be written; the revision is the highest resourceVersion unless one is given. */
export function fold(group: WaitGroup, records: readonly WaitGroupWorker[], revision?: string) {
  const newest = Math.max(0, ...records.map(({ metadata }) => Number(metadata.resourceVersion)));
  const folded = foldWorkers(group, deepFreeze({ records, revision: revision ?? `${newest}` }), NOW);
  if (folded.kind !== 'folded') throw new Error(folded.kind);
  return { ...folded, group: buildGroup(folded.status, group.spec) };
}
