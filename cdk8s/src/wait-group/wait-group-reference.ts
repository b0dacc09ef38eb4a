// What can be done with a WaitGroup, whether it is made here or elsewhere: grants, and workloads that work for it or wait
// for it.
import type { IServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkAccount, inProps } from '../props/rules.ts';
import { checkOptions } from '../props/shapes.ts';
import { noteOpen, noteWaiter, noteWorker } from '../workloads/deadlocks.ts';
import { applyAfter, ensureAccount, takePart } from '../workloads/participants.ts';
import { completeRestricted } from '../workloads/pod-security.ts';
import { addInitContainer, type PodSpec, withPullSecrets, withToken } from '../workloads/pod-template.ts';
import { checkRestartPolicy, checkWorkerRestartPolicy } from '../workloads/restart-policy.ts';
import { type WaiterOptions, waitContainer } from '../workloads/waiter-pods.ts';
import { WORKER_OPTIONS, type WorkerOptions, workerPod } from '../workloads/worker-pods.ts';
import { addLabel, editPods, objectOf, tellOf, type Workload } from '../workloads/workload.ts';
import { type Account, Grants, type Purpose } from './grants.ts';

/** On workers: the name of their WaitGroup. */
export const WAIT_GROUP_LABEL = 'konductor.io/waitgroup';

/** A WaitGroup that is made here ({@link WaitGroup}) or elsewhere ({@link WaitGroup.fromName}). */
export abstract class WaitGroupReference extends Construct {
  /** Its name in the cluster. */
  abstract readonly name: string;
  /** Absent: the one that kubectl is told. */
  abstract readonly namespace: string | undefined;
  /** Whether its workers add themselves unless told otherwise. */
  protected abstract readonly workersAdd: boolean;

  #grants: Grants | undefined;

  /** Lets an account's pods call `koncli waitgroup add`, `done` and `wait` on this group, and nothing more. */
  grantWorker(account: IServiceAccount): void {
    noteOpen(this);
    this.#grantTo('worker', account);
  }

  /** Lets an account's pods call `koncli waitgroup wait` on this group, and nothing more. */
  grantWaiter(account: IServiceAccount): void {
    this.#grantTo('waiter', account);
  }

  /**
   * Lets an account do everything to this group: count, repair (`koncli waitgroup set`), change, delete, and make it with
   * `kubectl apply --server-side`. Not `koncli waitgroup create`, as no rule can limit its request to one name.
   */
  grantManager(account: IServiceAccount): void {
    noteOpen(this);
    this.#grantTo('manager', account);
  }

  /**
   * Makes a workload's pods workers: the command of one container runs inside of `koncli waitgroup run`, which adds 1, runs
   * it, and says done when it succeeds. Brings koncli, the label {@link WAIT_GROUP_LABEL}, a service account where the
   * workload has none, its token and its rights. A pod that runs as non-root meets the restricted Pod Security Standard.
   *
   * Each attempt adds, and one that fails says no done. Where pods or containers may be tried again, have the work counted
   * beforehand: by the group's `initialCount`, or by a coordinator and the option `add: false`. A Deployment, StatefulSet
   * or DaemonSet starts finished workers again, too: theirs should work until they are stopped, and exit with 0 then.
   *
   * Tell those three, where they are of cdk8s-plus, what to select: by default that is a hash of the construct's path, and the
   * selector of a Kubernetes object cannot change.
   *
   * Throws, here or at synthesis, a sentence on what to change when this cannot work.
   */
  addWorkers(workload: Workload, options: WorkerOptions = {}): void {
    const { kind } = objectOf(workload);
    tellOf(workload, () => checkOptions(options, WORKER_OPTIONS));
    const add = options.add ?? this.workersAdd;
    this.#admit('worker', workload, (pod) => {
      checkWorkerRestartPolicy(kind, pod.restartPolicy);
      return workerPod(pod, this.name, { ...options, add });
    });
    addLabel(workload, WAIT_GROUP_LABEL, this.name);
    noteWorker(this, objectOf(workload));
  }

  /**
   * Lets a workload's pods start when this group is done and not before: an init container, ahead of all others, waits for
   * it. Brings a service account where the workload has none, its token and its rights. A pod that runs as non-root meets
   * the restricted Pod Security Standard.
   *
   * Throws, here or at synthesis, a sentence on what to change when this cannot work.
   */
  waitFor(workload: Workload, options: WaiterOptions = {}): void {
    const { kind } = objectOf(workload);
    const container = tellOf(workload, () => waitContainer(this.name, options));
    this.#admit('waiter', workload, (pod) => {
      checkRestartPolicy(kind, pod.restartPolicy);
      return addInitContainer(withPullSecrets(pod, options.imagePullSecrets), container);
    });
    // With 0, a group that nobody has added to yet lets it through.
    if (options.minAdded !== 0) noteWaiter(this, objectOf(workload));
  }

  #grantTo(purpose: Purpose, account: IServiceAccount): void {
    inProps('WaitGroup', this, () => checkAccount(account, 'the account'));
    this.grant(purpose, account.toSubjectConfiguration());
  }

  #admit(part: 'worker' | 'waiter', workload: Workload, edit: (pod: PodSpec) => PodSpec): void {
    takePart(part, workload, this);
    const account = ensureAccount(workload, this);
    this.grant(part, { name: account, namespace: this.namespace });
    applyAfter(this, workload);
    editPods(workload, (pod) => completeRestricted(withToken(edit(pod), account)));
  }

  /** The suffix is the role's. */
  protected grant(purpose: Purpose, account: Account, suffix = ''): void {
    this.#grants ??= new Grants(this, 'Grants', this);
    this.#grants.add(purpose, account, suffix);
  }
}
