// Makes the operator count a Job by a label, without koncli in its pods.
import { ADD_ANNOTATION, COUNTS_FOR_LABEL } from '@konductor/schema';
import { editJob, hasJobs, mark } from './marks.ts';
import { type Group, takePart } from './participants.ts';
import { inWorkload, type Workload } from './workload.ts';

/** How a Job is counted. */
export interface CountOptions {
  /**
   * Whether the Job is added when the operator first sees it. Set it to false if the Job is already counted, by a coordinator's
   * `add` or by the WaitGroup's `initialCount`. Default: true, or false if the WaitGroup has an `initialCount`.
   */
  readonly add?: boolean;
  /**
   * Accepts the Job although the count cannot come out, as far as the chart shows: another number of Jobs than `initialCount`, a
   * CronJob that counts for an `initialCount`, a CronJob with Jobs after the `ttl`. Default: false, the synthesis fails.
   */
  readonly unchecked?: boolean;
}

/** Throws if the workload is no Job. */
export function countJob(workload: Workload, group: Group, add: boolean): void {
  inWorkload(workload, () => {
    if (!hasJobs(workload)) throw new Error('is not a Job, and only Jobs are counted by a label; use addWorkers');
  });
  takePart('counted', workload, group);
  const annotations = add ? undefined : { [ADD_ANNOTATION]: 'false' };
  editJob(workload, (job) => mark(job, { labels: { [COUNTS_FOR_LABEL]: group.name }, annotations }));
}
