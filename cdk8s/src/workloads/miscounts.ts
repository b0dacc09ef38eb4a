// Finds workloads with which the count of their WaitGroup cannot come out, or which would wait for one that is gone. `unchecked`
// in the options of addWorkers, count and waitFor accepts them.
import type { ApiObject } from 'cdk8s';
import { type Declared, declaredOf, type GroupSpec, specOf, type Wait, type Work } from './declarations.ts';
import type { Group } from './participants.ts';
import { describe } from './workload.ts';

/** Their pods run until they are stopped, and others replace them, which have the same names in a StatefulSet only. */
const LASTING = ['Deployment', 'StatefulSet', 'DaemonSet'];
const RENAMING = ['Deployment', 'DaemonSet'];
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

function describeWork(work: Work, name: string, spec: GroupSpec | undefined): string[] {
  const { object, add, onFailure, isCounted } = work;
  if (isCounted) return object.kind === 'CronJob' ? describeRuns(work, name, spec) : [];
  const worker = describe(object);
  if (object.kind === 'CronJob')
    return [
      `${worker} counts all its runs on WaitGroup ${name}, so that runs that overlap or fail are mixed up; let each run create its own with koncli waitgroup add --create, or ${OPT_OUT} addWorkers`,
    ];
  if (add) return [];
  if (RENAMING.includes(object.kind) && spec?.initialCount)
    return [
      `${worker} replaces pods that have finished by pods with other names, which mark more work done than the initialCount of WaitGroup ${name}; use a Job or a StatefulSet, or ${OPT_OUT} addWorkers if they run until they are stopped`,
    ];
  if (onFailure === 'fail' && retriesRenamed(object))
    return [
      `${worker} retries workers that fail in pods with other names, but with onFailure "fail" their work is already done in WaitGroup ${name}; set backoffLimit to 0, use completionMode Indexed or restart policy OnFailure, or ${OPT_OUT} addWorkers`,
    ];
  return [];
}

/** Each Job of a CronJob is counted by itself, for as long as the WaitGroup exists. */
function describeRuns({ object, add }: Work, name: string, spec: GroupSpec | undefined): string[] {
  const worker = describe(object);
  if (!add && spec?.initialCount)
    return [
      `${worker} marks 1 done with each of its Jobs, which are more than the initialCount of WaitGroup ${name}; set add: true, or ${OPT_OUT} count`,
    ];
  if (!spec?.hasTtl) return [];
  return [
    `${worker} also creates Jobs after the ttl of WaitGroup ${name} has expired, and nothing would count them; remove the ttl, or ${OPT_OUT} count`,
  ];
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
  if (!initialCount || workers.length === 0 || isAmbiguous || othersCount(grants)) return [];
  const counts = workers.map((work) => (work.unchecked ? Number.NaN : donesOf(work)));
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum === initialCount || Number.isNaN(sum)) return [];
  const parts = workers.map(({ object }, index) => `${describe(object)} ${counts[index]}`).join(', ');
  const methods = [...new Set(workers.map(({ isCounted }) => (isCounted ? 'count' : 'addWorkers')))].join(' or ');
  return [
    `WaitGroup ${group.name} starts at ${initialCount}, but its workers mark ${sum} done: ${parts}; make the initialCount equal to it, or ${OPT_OUT} ${methods} if others count, too`,
  ];
}

/** How often it marks work done: as a counted Job, or by pods that succeed; NaN if that is not known. */
function donesOf({ object, isCounted }: Work): number {
  if (object.kind === 'Pod' || (isCounted && object.kind === 'Job')) return 1;
  const { completions, parallelism = 1, replicas = 1 } = object.toJson().spec;
  if (object.kind === 'StatefulSet') return replicas;
  return object.kind === 'Job' ? (completions ?? parallelism) : Number.NaN;
}

/** Whether accounts count whose work the app does not declare. */
const othersCount = (grants: Declared['grants']) => grants.has('worker') || grants.has('coordinator');

/** A worker counts once in all attempts that have its name: containers of one pod, and pods of one index. */
function retriesRenamed(object: ApiObject): boolean {
  if (object.kind !== 'Job') return false;
  const { backoffLimit, completionMode, template } = object.toJson().spec;
  return backoffLimit !== 0 && completionMode !== 'Indexed' && template.spec.restartPolicy === 'Never';
}
