// The pattern "pipeline": each stage determines how many workers it has, and the following stages wait for all of them.
import type { Duration } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, fieldsOf, inConstruct, listOf, optional } from '../props/check-props.ts';
import { checkDeadline } from '../props/durations.ts';
import { checkFilled, checkName } from '../props/rules.ts';
import { WaitGroup } from '../wait-group/wait-group.ts';
import { COORDINATOR_RULES, type CoordinatorOptions, checkBy, coordinatorJob, WORK_RULES } from './coordinator.ts';
import type { CoordinatedWork } from './coordinator-script.ts';

/** One stage: a WaitGroup, and a Job that starts workers and counts them on it. */
export interface PipelineStage extends CoordinatedWork {
  /** Name of the WaitGroup, the Job and the service account; unique among the stages. */
  readonly name: string;
  /** Number of workers, at least 1, or a shell command that prints it when the Job runs. */
  readonly workers: number | string;
  /** How long work may be outstanding, see {@link WaitGroupProps.deadline}. Default: no limit. */
  readonly deadline?: Duration | string;
}

/** Props of {@link Pipeline}. */
export interface PipelineProps extends CoordinatorOptions {
  /** Stages in their order, at least one. */
  readonly stages: PipelineStage[];
}

/**
 * Jobs that each start after the workers of the previous ones are done. If the WaitGroup of a stage fails, all following Jobs
 * fail. By `label`, each Job is suspended until the previous one is Complete, and stays so if one before it fails; the `deadline`
 * of a stage includes the time for which its Job is suspended, and applying the manifest again suspends Jobs that are running. Throws
 * if a prop is invalid.
 */
export class Pipeline extends Construct {
  /** The WaitGroups of the stages, in their order. */
  readonly waitGroups: WaitGroup[];

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    inConstruct('Pipeline', this, () => {
      checkFields(props, { stages: checkStages, ...COORDINATOR_RULES });
      checkBy(props);
    });
    const waitGroups: WaitGroup[] = [];
    for (const stage of props.stages) waitGroups.push(this.#addStage(stage, props, waitGroups));
    this.waitGroups = waitGroups;
  }

  #addStage(stage: PipelineStage, { stages: _, ...props }: PipelineProps, previous: readonly WaitGroup[]): WaitGroup {
    const { name, deadline } = stage;
    const { by, timeout, koncliImage, koncliResources } = props;
    const isCounted = by === 'label';
    const construct = new Construct(this, name);
    const workerPolicy = isCounted ? 'Fail' : undefined;
    const waitGroup = new WaitGroup(construct, 'WaitGroup', { metadata: { name }, deadline, workerPolicy });
    const serviceAccount = isCounted
      ? undefined
      : new ServiceAccount(construct, 'ServiceAccount', { metadata: { name } });
    if (serviceAccount) waitGroup.grantCoordinator(serviceAccount);
    const job = coordinatorJob(construct, 'Job', { ...stage, ...props, waitGroup, serviceAccount });
    if (isCounted) previous[previous.length - 1]?.waitFor(job, { by: 'suspend' });
    // A stage that is never reached cannot fail, so each one learns of a failure from the stage where it happened. The last init
    // container that is added is the first to run.
    else for (const earlier of [...previous].reverse()) earlier.waitFor(job, { timeout, koncliImage, koncliResources });
    return waitGroup;
  }
}

function checkStages(stages: unknown, what: string): void {
  checkFilled(stages, what);
  listOf(fieldsOf<PipelineStage>({ name: checkName, deadline: optional(checkDeadline), ...WORK_RULES }))(stages, what);
  const names = new Set<string>();
  for (const { name } of stages as readonly PipelineStage[]) {
    if (names.has(name)) throw new Error(`two ${what} are named "${name}"; give each a unique name`);
    names.add(name);
  }
}
