// The pattern "batch job": a coordinator adds its workers, starts them, and waits for them.
import type { Duration } from 'cdk8s';
import { type k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, inConstruct, optional, type Rules } from '../props/check-props.ts';
import { checkDeadline, checkTtl } from '../props/durations.ts';
import { checkName, countFrom } from '../props/rules.ts';
import { WaitGroup } from '../wait-group/wait-group.ts';
import { checkKoncliResources } from '../workloads/koncli-volume.ts';
import { COORDINATOR_RULES, type CoordinatorOptions, checkBy, coordinatorJob, WORK_RULES } from './coordinator.ts';
import type { CoordinatedWork } from './coordinator-script.ts';

/** Props of {@link BatchJob}. */
export interface BatchJobProps extends CoordinatorOptions, CoordinatedWork {
  /** Name of the WaitGroup, and prefix of the names of the service accounts. */
  readonly name: string;
  /** Name of the Job. */
  readonly coordinator: string;
  /** Number of workers, at least 1. */
  readonly workers: number;
  /** Time after which the WaitGroup is deleted, see {@link WaitGroupProps.ttl}. Default: it is never deleted. */
  readonly ttl?: Duration | string;
  /** How long work may be outstanding, see {@link WaitGroupProps.deadline}. Default: no limit. */
  readonly deadline?: Duration | string;
  /**
   * What happens to the work of workers whose pods have ended without marking it done, or by `label` if the Job fails. Default:
   * `Keep`, or `Fail` by `label`.
   */
  readonly workerPolicy?: 'Keep' | 'Release' | 'Fail';
}

/** A WaitGroup and a Job that starts workers and counts them on it. Throws if a prop is invalid. */
export class BatchJob extends Construct {
  /** The WaitGroup that counts the workers. */
  readonly waitGroup: WaitGroup;
  /** The Job that adds the workers, starts them in its only pod, and waits for them. */
  readonly coordinator: k8s.KubeJob;
  #workerAccount: ServiceAccount | undefined;

  constructor(scope: Construct, id: string, props: BatchJobProps) {
    super(scope, id);
    inConstruct('BatchJob', this, () => {
      checkFields(props, RULES);
      checkBy(props);
      checkKoncliResources(props.koncliDelivery, props.koncliResources);
    });
    const { by, name, coordinator, ttl, deadline } = props;
    const isCounted = by === 'label';
    const { workerPolicy = isCounted ? 'Fail' : undefined } = props;
    this.waitGroup = new WaitGroup(this, 'WaitGroup', { metadata: { name }, ttl, deadline, workerPolicy });
    const { waitGroup } = this;
    const serviceAccount = isCounted ? undefined : this.#addAccount('Coordinator');
    // It adds for all of its workers, which share its pod and so have no names of their own.
    if (serviceAccount) waitGroup.grantCoordinator(serviceAccount);
    const workerAccount = isCounted ? [] : [this.workerAccount];
    this.coordinator = coordinatorJob(this, 'Job', { ...props, name: coordinator, waitGroup, serviceAccount });
    this.coordinator.addDependency(...workerAccount);
  }

  /**
   * Service account for workers in other pods, with the permissions of a worker of this WaitGroup: they mark their work done under
   * their own names, with KONDUCTOR_WORKER_ID=auto in their environment. By `label`, it is created when it is first used.
   */
  get workerAccount(): ServiceAccount {
    if (this.#workerAccount) return this.#workerAccount;
    this.#workerAccount = this.#addAccount('Worker');
    this.waitGroup.grantWorker(this.#workerAccount);
    return this.#workerAccount;
  }

  #addAccount(id: 'Coordinator' | 'Worker'): ServiceAccount {
    return new ServiceAccount(this, id, { metadata: { name: `${this.waitGroup.name}-${id.toLowerCase()}` } });
  }
}

const RULES: Rules<BatchJobProps> = {
  ...{ name: checkName, coordinator: checkName, ttl: optional(checkTtl), deadline: optional(checkDeadline) },
  ...{ ...WORK_RULES, workers: countFrom(1), ...COORDINATOR_RULES },
};
