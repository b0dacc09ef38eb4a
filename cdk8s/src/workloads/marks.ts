// Labels and annotations of workloads, of the Jobs of a CronJob, and of pod templates.
import { editRendered, type Json, objectOf, templatePath, type Workload } from './workload.ts';

/** Labels and annotations. */
export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The kinds that are Jobs or create some, and where the Job is in them. */
const JOBS: Readonly<Record<string, readonly string[]>> = { Job: [], CronJob: ['spec', 'jobTemplate'] };

/** Adds labels and annotations to the metadata of an object or template. */
export function mark(owner: Json, { labels, annotations }: Marks): Json {
  const { metadata } = owner ?? {};
  const annotated = annotations && { annotations: { ...metadata?.annotations, ...annotations } };
  return { ...owner, metadata: { ...metadata, labels: { ...metadata?.labels, ...labels }, ...annotated } };
}

/** Labels the object, its pod template and, for a CronJob, its Job template. */
export function addLabel(workload: Workload, key: string, value: string): void {
  const object = objectOf(workload);
  object.metadata.addLabel(key, value);
  const label = (owner: Json) => mark(owner, { labels: { [key]: value } });
  if (object.kind === 'CronJob') editRendered(object, ['spec', 'jobTemplate'], label);
  editTemplate(workload, label);
}

/** Edits the pod template; a Pod is its own. */
export function editTemplate(workload: Workload, edit: (template: Json) => Json): void {
  const object = objectOf(workload);
  editRendered(object, templatePath(object), edit);
}

/** Edits the Job, or the template of a CronJob's Jobs. */
export function editJob(workload: Workload, edit: (job: Json) => Json): void {
  const object = objectOf(workload);
  editRendered(object, JOBS[object.kind] ?? [], edit);
}

/** Whether the workload is a Job or creates Jobs. */
export const hasJobs = (workload: Workload) => JOBS[objectOf(workload).kind] !== undefined;
