// The pattern "multi-stage pipeline": each stage finds out how many workers it has, and the next one waits for them all.
import { type k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { WaitGroup } from '../wait-group.ts';
import { type CoordinatorProps, coordinatorJob } from './coordinator.ts';

/** One stage: a WaitGroup, and a Job that counts its workers on it. */
export interface PipelineStage extends Pick<CoordinatorProps, 'work' | 'workers'> {
  /** Of the WaitGroup, the Job and the service account. */
  readonly name: string;
}

/** For {@link Pipeline}. */
export interface PipelineProps extends Pick<CoordinatorProps, 'timeout' | 'image' | 'koncliImage'> {
  readonly stages: readonly PipelineStage[];
}

/** Jobs of which each begins when the workers of the one before it are done. */
export class Pipeline extends Construct {
  readonly waitGroups: readonly WaitGroup[];

  constructor(scope: Construct, id: string, { stages, ...props }: PipelineProps) {
    super(scope, id);
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
    previous?.grantWaiter(serviceAccount);
    const initContainer = previous && waitFor(previous, props.timeout);
    coordinatorJob(construct, 'Job', { ...stage, ...props, waitGroup: name, serviceAccount, initContainer });
    return waitGroup;
  }
}

function waitFor({ name }: WaitGroup, timeout: string): k8s.Container {
  // The stage before may not have begun: its group counts as done only after the add, which is one for all its workers.
  const options = ['--min-added', '1', '--timeout', timeout];
  return { name: 'wait', command: ['koncli', 'waitgroup', 'wait', name, ...options] };
}
