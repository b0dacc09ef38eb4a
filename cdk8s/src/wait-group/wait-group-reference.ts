// The methods of a WaitGroup, whether the chart creates it or not: grant permissions on it, and make workloads work for it or
// wait for it.
import type { IServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { type CountOptions, countJob } from '../workloads/counted-job.ts';
import { declaredOf } from '../workloads/declarations.ts';
import { holdWorkload } from '../workloads/held-workload.ts';
import { addLabel } from '../workloads/marks.ts';
import { miscountsOf } from '../workloads/miscounts.ts';
import { applyAfter, ensureAccount, takePart } from '../workloads/participants.ts';
import { completeRestricted } from '../workloads/pod-security.ts';
import { addInitContainer, type PodSpec, withPullSecrets, withToken } from '../workloads/pod-template.ts';
import { checkRestartPolicy, checkWorkerRestartPolicy } from '../workloads/restart-policy.ts';
import { checkWaiterOptions, type WaiterOptions, waitContainer } from '../workloads/waiter-pods.ts';
import { checkWorkerOptions, type WorkerOptions, workerPod } from '../workloads/worker-pods.ts';
import { editPods, inWorkload, objectOf, type Workload } from '../workloads/workload.ts';
import { type Account, Grants, type Purpose } from './grants.ts';

/**
 * The label of the pods of workers, and of their workloads; its value is the name of their WaitGroup. The operator watches pods
 * that have it, and so learns of their end within seconds.
 */
export const WAIT_GROUP_LABEL = 'konductor.io/waitgroup';

/** A WaitGroup that this chart creates ({@link WaitGroup}), or that exists already ({@link WaitGroup.fromName}). */
export abstract class WaitGroupReference extends Construct {
  /** See {@link WAIT_GROUP_LABEL}. */
  static readonly LABEL: string = WAIT_GROUP_LABEL;

  /** The name of the WaitGroup. */
  abstract readonly name: string;
  /** The namespace of the WaitGroup. If absent, the namespace that kubectl uses. */
  abstract readonly namespace: string | undefined;
  /** Whether workers add themselves by default. */
  protected abstract readonly workersAdd: boolean;
  /** How many must have been added before a waiter takes zero for done, unless it says otherwise. */
  protected readonly minAdded: number = 1;

  #grants: Grants | undefined;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.node.addValidation({ validate: () => miscountsOf(this) });
  }

  /**
   * Allows the pods of an account to work for this WaitGroup only, each under its own name: `koncli waitgroup run`, and `add`,
   * `done` and `fail` with `--worker auto` or KONDUCTOR_WORKER_ID=auto in the environment, and `wait`. It cannot change the status of the WaitGroup;
   * accounts that count without the name of a worker need {@link grantCoordinator}.
   */
  grantWorker(account: IServiceAccount): void {
    this.#grantTo('worker', account);
  }

  /**
   * Allows the pods of an account to count for others on this WaitGroup only: `koncli waitgroup add --delta N`, `done` and `fail`
   * without `--worker`, and `wait`. RBAC cannot limit what such an account writes to the status, so grant it to a coordinator,
   * rather than to each worker.
   */
  grantCoordinator(account: IServiceAccount): void {
    this.#grantTo('coordinator', account);
  }

  /** Allows the pods of an account to run `koncli waitgroup wait` on this WaitGroup only. */
  grantWaiter(account: IServiceAccount): void {
    this.#grantTo('waiter', account);
  }

  /**
   * Allows an account every operation on this WaitGroup: count, repair (`koncli waitgroup set` and `release`), change, delete, and create it
   * with `kubectl apply --server-side`. `koncli waitgroup create` is not allowed, because RBAC cannot limit a create request to
   * one name.
   */
  grantManager(account: IServiceAccount): void {
    this.#grantTo('manager', account);
  }

  /**
   * Makes the pods of a workload workers: the command of one container is wrapped in `koncli waitgroup run`, which adds 1, runs
   * the command, and marks the work done if it succeeds. Adds koncli, the label {@link WAIT_GROUP_LABEL}, a service account if
   * the workload has none, its token and its permissions. A pod that runs as non-root meets the restricted Pod Security Standard.
   *
   * Each worker is counted under its own name: that of its pod, or in an Indexed Job that of its index. A container that restarts
   * and another pod for the same index take over the work of the attempt before, and count once. A failed attempt leaves its work
   * outstanding: where a retry has another name, as in a Job that is not Indexed, count the work in advance (set `initialCount`
   * of the WaitGroup, or let a coordinator add and set the option `add: false`), or set `workerPolicy` of the WaitGroup. With the
   * option `onFailure: 'fail'`, a failed attempt ends its work and fails the WaitGroup. A Deployment, StatefulSet or DaemonSet
   * also restarts workers that have finished: let them run until they are stopped, and then exit with 0.
   *
   * Set the selector of a cdk8s-plus Deployment, StatefulSet or DaemonSet explicitly: by default it selects a hash of the
   * construct's path, and the selector of a Kubernetes object is immutable.
   *
   * Throws an error that says what to change if this cannot work, either immediately or at synthesis.
   */
  addWorkers(workload: Workload, options: WorkerOptions = {}): void {
    const { kind } = objectOf(workload);
    inWorkload(workload, () => checkWorkerOptions(options));
    const add = options.add ?? this.workersAdd;
    this.#admit('worker', workload, (pod) => {
      checkWorkerRestartPolicy(kind, pod.restartPolicy);
      return workerPod(pod, this.name, { ...options, add });
    });
    addLabel(workload, WAIT_GROUP_LABEL, this.name);
    const { onFailure, unchecked } = options;
    declaredOf(this).works.push({ by: this, object: objectOf(workload), add, onFailure, unchecked });
  }

  /**
   * Counts a Job, or each Job of a CronJob, by the label `konductor.io/counts-for`: the operator adds 1 when it sees the Job, and marks
   * that done when the Job is Complete. The Job keeps its image, its command and its account, and its retries count nothing. If the
   * Job fails, the `workerPolicy` of the WaitGroup decides: by default its work stays outstanding.
   *
   * Throws an error that says what to change if this cannot work, either immediately or at synthesis.
   */
  count(job: Workload, options: CountOptions = {}): void {
    const { add = this.workersAdd, unchecked } = options;
    countJob(job, this, add);
    applyAfter(this, job);
    declaredOf(this).works.push({ by: this, object: objectOf(job), add, isCounted: true, unchecked });
  }

  /**
   * Starts a workload only after this WaitGroup is done. By default, an init container that runs before all others waits for it,
   * with a service account if the workload has none, its token and its permissions; a pod that runs as non-root meets the
   * restricted Pod Security Standard, and if the WaitGroup fails, the init container exits with code 6. With the option `by`, the
   * operator holds a Job or pods back by the label `konductor.io/after`, and koncli is not needed.
   *
   * Throws an error that says what to change if this cannot work, either immediately or at synthesis.
   */
  waitFor(workload: Workload, options: WaiterOptions = {}): void {
    inWorkload(workload, () => checkWaiterOptions(options));
    const { by = 'initContainer', minAdded = this.minAdded, onFailure, onMissing } = options;
    if (by === 'initContainer') this.#addInitContainer(workload, { ...options, minAdded });
    else {
      holdWorkload(workload, this, { by, minAdded, onFailure, onMissing });
      applyAfter(this, workload);
    }
    const isLetGo = by !== 'initContainer' && onMissing !== 'hold';
    const unchecked = options.unchecked || isLetGo;
    declaredOf(this).waits.push({ by: this, object: objectOf(workload), needsWork: minAdded !== 0, unchecked });
  }

  #addInitContainer(workload: Workload, options: WaiterOptions): void {
    const { kind } = objectOf(workload);
    this.#admit('waiter', workload, (pod) => {
      checkRestartPolicy(kind, pod.restartPolicy);
      const container = waitContainer(pod, this.name, options);
      return addInitContainer(withPullSecrets(pod, options.imagePullSecrets), container);
    });
  }

  #grantTo(purpose: Purpose, account: IServiceAccount): void {
    declaredOf(this).grants.add(purpose);
    this._grant(purpose, account.toSubjectConfiguration());
  }

  #admit(part: 'worker' | 'waiter', workload: Workload, edit: (pod: PodSpec) => PodSpec): void {
    takePart(part, workload, this);
    const account = ensureAccount(workload, this);
    this._grant(part, { name: account, namespace: this.namespace });
    applyAfter(this, workload);
    editPods(workload, (pod) => completeRestricted(withToken(edit(pod), account)));
  }

  /**
   * The suffix goes into the name of the Role.
   *
   * @internal
   */
  protected _grant(purpose: Purpose, account: Account, suffix = ''): void {
    this.#grants ??= new Grants(this, 'Grants', this);
    this.#grants.add(purpose, account, suffix);
  }
}
