// Holds a workload back until its WaitGroup is done: a Job by `suspend`, pods by a scheduling gate. The operator lets go of what has
// the label.
import {
  AFTER_LABEL,
  DEFAULT_HELD_MIN_ADDED,
  HOLD_GATE,
  KUEUE_GATES_ANNOTATION,
  KUEUE_QUEUE_LABEL,
  MIN_ADDED_ANNOTATION,
  ON_FAILURE_ANNOTATION,
  ON_MISSING_ANNOTATION,
  otherKueueGates,
} from '@konductor/schema';
import { hasTtl } from './declarations.ts';
import { editJob, editTemplate, hasJobs, type Marks, mark } from './marks.ts';
import { type Group, takePart } from './participants.ts';
import type { WaiterOptions } from './waiter-pods.ts';
import { inWorkload, type Json, objectOf, type Workload } from './workload.ts';

/** How a workload is held. */
export interface Hold extends Pick<WaiterOptions, 'onFailure' | 'onMissing'> {
  readonly by: 'suspend' | 'gate' | 'label';
  readonly minAdded: number;
}

/** Throws if the workload cannot be held like this. */
export function holdWorkload(workload: Workload, group: Group, hold: Hold): void {
  const { by } = hold;
  const isJob = by !== 'gate' && hasJobs(workload);
  inWorkload(workload, () => {
    if (by === 'suspend' && !isJob)
      throw new Error('is not a Job, and only Jobs can be suspended; wait by "gate" or "initContainer"');
  });
  takePart(isJob ? 'suspended' : 'gated', workload, group);
  // At synthesis, because the chart may create the WaitGroup later.
  const marked = (owner: Json) =>
    mark(owner, marksOf(group, hold, objectOf(workload).kind === (isJob ? 'Job' : 'Pod')));
  if (isJob) editJob(workload, (job) => (by === 'suspend' ? suspended(marked(job)) : marked(job)));
  else editTemplate(workload, (template) => inWorkload(workload, () => gated(marked(template), by === 'gate')));
}

function marksOf(group: Group, { minAdded, onFailure, onMissing }: Hold, startsOnce: boolean): Marks {
  const missing = onMissing ?? (!startsOnce && hasTtl(group) ? 'release' : 'hold');
  const annotations = {
    ...(minAdded !== DEFAULT_HELD_MIN_ADDED && { [MIN_ADDED_ANNOTATION]: `${minAdded}` }),
    ...(onFailure === 'release' && { [ON_FAILURE_ANNOTATION]: onFailure }),
    ...(missing === 'release' && { [ON_MISSING_ANNOTATION]: missing }),
  };
  const labels = { [AFTER_LABEL]: group.name };
  return Object.keys(annotations).length === 0 ? { labels } : { labels, annotations };
}

/** Kueue suspends and resumes the Jobs of its queues itself, but admits none that is gated. */
function suspended(job: Json): Json {
  const { labels, annotations } = job.metadata;
  if (labels[KUEUE_QUEUE_LABEL] === undefined) return { ...job, spec: { ...job.spec, suspend: true } };
  const gates = [otherKueueGates(annotations?.[KUEUE_GATES_ANNOTATION] ?? ''), HOLD_GATE].filter(Boolean).join(',');
  return mark(job, { labels, annotations: { [KUEUE_GATES_ANNOTATION]: gates } });
}

/** A policy of the cluster adds the gate to pods that have the label alone. */
function gated(template: Json, isWritten: boolean): Json {
  const { schedulingGates = [], nodeName } = template.spec ?? {};
  if (nodeName !== undefined)
    throw new Error(`has nodeName "${nodeName}", and the API server rejects it with a gate; use a nodeSelector`);
  if (!isWritten) return template;
  const others = schedulingGates.filter(({ name }: { name: string }) => name !== HOLD_GATE);
  return { ...template, spec: { ...template.spec, schedulingGates: [...others, { name: HOLD_GATE }] } };
}
