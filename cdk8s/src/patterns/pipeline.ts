// The pattern "multi-stage pipeline": each stage finds out how many workers it has, and the next one waits for them all.
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkName } from '../props/rules.ts';
import { checkProps, filledListOf, objectOf, type Shape } from '../props/shapes.ts';
import { WaitGroup } from '../wait-group/wait-group.ts';
import { COORDINATOR, type CoordinatorProps, coordinatorJob, KONCLI_PROPS, type KoncliProps } from './coordinator.ts';

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

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    checkProps('Pipeline', this, props, SHAPE);
    const waitGroups: WaitGroup[] = [];
    for (const stage of props.stages) {
      const previous = waitGroups.at(-1);
      waitGroups.push(this.#addStage(stage, props, previous));
    }
    this.waitGroups = waitGroups;
  }

  #addStage(stage: PipelineStage, { stages: _, ...props }: PipelineProps, previous?: WaitGroup): WaitGroup {
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

const { work, workers, timeout, image } = COORDINATOR;
const SHAPE: Shape<PipelineProps> = {
  stages: checkStages,
  ...{ timeout, image },
  ...KONCLI_PROPS,
};

function checkStages(stages: unknown, what: string): void {
  filledListOf(objectOf<PipelineStage>({ name: checkName, work, workers }))(stages, what);
  const names = new Set<string>();
  for (const { name } of stages as readonly PipelineStage[]) {
    if (names.has(name)) throw new Error(`two ${what} are named "${name}": give each a name of its own`);
    names.add(name);
  }
}
