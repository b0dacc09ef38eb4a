// Finds workloads with which the count of their WaitGroup cannot come out, or which would wait for one that is gone. `unchecked`
// in the options of addWorkers and waitFor accepts them.
import type { ApiObject } from 'cdk8s';
import { type Declared, declaredOf, type GroupSpec, type Wait, type Work } from './declarations.ts';
import type { Group } from './participants.ts';
import { describe } from './workload.ts';

/** Their pods run until they are stopped, and others replace them. */
const LASTING = ['Deployment', 'StatefulSet', 'DaemonSet'];
const OPT_OUT = 'set unchecked: true in the options of';

/** One sentence for each workload that was declared with this construct, and one for the sum. */
export function miscountsOf(group: Group): string[] {
  const declared = declaredOf(group);
  const spec = specOf(declared, group);
  const isOurs = ({ by, unchecked }: Work | Wait) => by === group && !unchecked;
  return [
    ...declared.works.filter(isOurs).flatMap((work) => describeWork(work, group.name, spec)),
    ...declared.waits.filter(isOurs).flatMap((wait) => describeWait(wait, group.name, spec)),
    ...describeSum(declared, group),
  ];
}

/** Undefined if the app does not create it, or if several charts create it and the construct may mean any of them. */
function specOf({ makers }: Declared, group: Group): GroupSpec | undefined {
  return makers.get(group) ?? (makers.size === 1 ? [...makers.values()][0] : undefined);
}

function describeWork({ object, add, onFailure }: Work, name: string, spec: GroupSpec | undefined): string[] {
  const worker = describe(object);
  if (object.kind === 'CronJob')
    return [
      `${worker} counts all its runs on WaitGroup ${name}, so that runs that overlap or fail are mixed up; let each run create its own with koncli waitgroup add --create, or ${OPT_OUT} addWorkers`,
    ];
  if (add) return [];
  if (LASTING.includes(object.kind) && spec?.initialCount)
    return [
      `${worker} restarts workers that have finished, so they mark more work done than the initialCount of WaitGroup ${name}; use a Job, or ${OPT_OUT} addWorkers if they run until they are stopped`,
    ];
  if (onFailure === 'fail' && retries(object))
    return [
      `${worker} retries workers that fail, but with onFailure "fail" their work is already done in WaitGroup ${name}; set backoffLimit or backoffLimitPerIndex to 0 and the restart policy to Never, or ${OPT_OUT} addWorkers`,
    ];
  return [];
}

function describeWait({ object }: Wait, name: string, spec: GroupSpec | undefined): string[] {
  if (!spec?.hasTtl || ![...LASTING, 'CronJob'].includes(object.kind)) return [];
  return [
    `${describe(object)} also starts pods after the ttl of WaitGroup ${name} has expired, and they would wait for a WaitGroup that is deleted; remove the ttl, or ${OPT_OUT} waitFor`,
  ];
}

/** The work that is marked done by workers that do not add themselves, compared with the initialCount. */
function describeSum({ makers, works, grants }: Declared, group: Group): string[] {
  const initialCount = makers.get(group)?.initialCount;
  const workers = works.filter(({ by, add }) => !add && (by === group || !makers.has(by)));
  const isAmbiguous = makers.size > 1 && workers.some(({ by }) => by !== group);
  if (!initialCount || workers.length === 0 || isAmbiguous || grants.has('worker')) return [];
  const counts = workers.map((work) => (work.unchecked ? Number.NaN : donesOf(work.object)));
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum === initialCount || Number.isNaN(sum)) return [];
  const parts = workers.map(({ object }, index) => `${describe(object)} ${counts[index]}`).join(', ');
  return [
    `WaitGroup ${group.name} starts at ${initialCount}, but its workers mark ${sum} done: ${parts}; make the initialCount and the completions equal, or ${OPT_OUT} addWorkers if others count, too`,
  ];
}

/** How many of its pods succeed; NaN if that is not known. */
function donesOf(object: ApiObject): number {
  if (object.kind === 'Pod') return 1;
  if (object.kind !== 'Job') return Number.NaN;
  const { completions, parallelism = 1 } = object.toJson().spec;
  return completions ?? parallelism;
}

/** With restart policy OnFailure, the kubelet restarts the container before the Job counts the failure. */
function retries(object: ApiObject): boolean {
  const { spec } = object.toJson();
  if (object.kind === 'Pod') return spec.restartPolicy !== 'Never';
  const hasNoRetries = spec.backoffLimit === 0 || spec.backoffLimitPerIndex === 0;
  return object.kind === 'Job' && !(hasNoRetries && spec.template.spec.restartPolicy === 'Never');
}
