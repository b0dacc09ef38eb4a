// The pattern "multi-stage pipeline": each stage finds out how many workers it has, and the next one waits for them all.
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkList, inProps } from '../prop-rules.ts';
import { WaitGroup } from '../wait-group.ts';
import { type CoordinatorProps, checkCoordinator, coordinatorJob, type KoncliProps } from './coordinator.ts';

/** One stage: a WaitGroup, and a Job that counts its workers on it. */
export interface PipelineStage extends Pick<CoordinatorProps, 'work' | 'workers'> {
  /** Of the WaitGroup, the Job and the service account; no two stages have the same. */
  readonly name: string;
}

/** For {@link Pipeline}. */
export interface PipelineProps extends Pick<CoordinatorProps, 'timeout' | 'image'>, KoncliProps {
  /** In their order, one at least. */
  readonly stages: readonly PipelineStage[];
}

/** Jobs of which each begins when the workers of the one before it are done. Throws when a prop cannot work. */
export class Pipeline extends Construct {
  /** One for each stage. */
  readonly waitGroups: readonly WaitGroup[];

  constructor(scope: Construct, id: string, { stages, ...props }: PipelineProps) {
    super(scope, id);
    inProps('Pipeline', this, () => checkStages(stages, props));
    const waitGroups: WaitGroup[] = [];
    for (const stage of stages) {
      const previous = waitGroups.at(-1);
      waitGroups.push(this.#addStage(stage, props, previous));
    }
    this.waitGroups = waitGroups;
  }

  #addStage(stage: PipelineStage, props: Omit<PipelineProps, 'stages'>, previous?: WaitGroup): WaitGroup {
    const { name } = stage;
    const construct = new Construct(this, name);
    const waitGroup = new WaitGroup(construct, 'WaitGroup', { metadata: { name } });
    const serviceAccount = new ServiceAccount(construct, 'ServiceAccount', { metadata: { name } });
    waitGroup.grantWorker(serviceAccount);
    const job = coordinatorJob(construct, 'Job', { ...stage, ...props, waitGroup, serviceAccount });
    const { timeout, koncliImage } = props;
    previous?.waitFor(job, { timeout, koncliImage });
    return waitGroup;
  }
}

function checkStages(stages: readonly PipelineStage[], props: Omit<PipelineProps, 'stages'>): void {
  checkList(stages, 'stages');
  if (stages.length === 0) throw new Error('stages is empty: give it one at least');
  const names = new Set<string>();
  for (const stage of stages) {
    checkCoordinator({ ...props, ...stage });
    if (names.has(stage.name)) throw new Error(`two stages are named "${stage.name}": give each a name of its own`);
    names.add(stage.name);
  }
}
