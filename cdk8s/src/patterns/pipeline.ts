// The pattern "pipeline": each stage determines how many workers it has, and the next stage waits for all of them.
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, fieldsOf, inConstruct, listOf, optional } from '../props/check-props.ts';
import { checkDeadline } from '../props/durations.ts';
import { checkFilled, checkName } from '../props/rules.ts';
import { WaitGroup, type WaitGroupProps } from '../wait-group/wait-group.ts';
import {
  COORDINATOR_RULES,
  type CoordinatorProps,
  coordinatorJob,
  type KoncliProps,
  WORK_RULES,
} from './coordinator.ts';

/** One stage: a WaitGroup, and a Job that starts workers and counts them on it. */
export interface PipelineStage
  extends Pick<CoordinatorProps, 'work' | 'workers' | 'onFailure'>,
    Pick<WaitGroupProps, 'deadline'> {
  /** Name of the WaitGroup, the Job and the service account; unique among the stages. */
  readonly name: string;
}

/** Props of {@link Pipeline}. */
export interface PipelineProps extends Pick<CoordinatorProps, 'timeout' | 'image'>, KoncliProps {
  /** Stages in their order, at least one. */
  readonly stages: readonly PipelineStage[];
}

/**
 * Jobs that each start after the workers of the previous one are done. A stage whose WaitGroup fails ends the following ones. Throws
 * if a prop is invalid.
 */
export class Pipeline extends Construct {
  /** The WaitGroups of the stages, in their order. */
  readonly waitGroups: readonly WaitGroup[];

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    inConstruct('Pipeline', this, () => checkFields(props, { stages: checkStages, ...COORDINATOR_RULES }));
    const waitGroups: WaitGroup[] = [];
    for (const stage of props.stages) {
      const previous = waitGroups.at(-1);
      waitGroups.push(this.#addStage(stage, props, previous));
    }
    this.waitGroups = waitGroups;
  }

  #addStage(stage: PipelineStage, { stages: _, ...props }: PipelineProps, previous?: WaitGroup): WaitGroup {
    const { name, deadline } = stage;
    const construct = new Construct(this, name);
    const waitGroup = new WaitGroup(construct, 'WaitGroup', { metadata: { name }, deadline });
    const serviceAccount = new ServiceAccount(construct, 'ServiceAccount', { metadata: { name } });
    waitGroup.grantWorker(serviceAccount);
    const job = coordinatorJob(construct, 'Job', { ...stage, ...props, waitGroup, serviceAccount });
    const { timeout, koncliImage } = props;
    previous?.waitFor(job, { timeout, koncliImage });
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
