// Changes the record of a worker in its place: at most one write, guarded by the state of the record that was read.
import { randomUUID } from 'node:crypto';
import { type KubeTransport, NotFoundError, WorkerApi } from '@konductor/client';
import {
  applyWorkerOperation,
  type NoChange,
  type WaitGroup,
  type WaitGroupWorker,
  type WorkerOperation,
} from '@konductor/schema';
import { FIELD_MANAGER } from '../version.ts';

export class RecordWriter {
  readonly #api: WorkerApi;

  constructor(transport: KubeTransport) {
    this.#api = new WorkerApi(transport, FIELD_MANAGER);
  }

  /**
   * Applies an operation to the record, or creates one in its absence. ConflictError if the record has changed, AlreadyExistsError if
   * there is one.
   */
  async write(
    record: WaitGroupWorker | undefined,
    waitGroup: WaitGroup,
    operation: Omit<WorkerOperation, 'id' | 'round'>,
  ): Promise<'written' | NoChange> {
    const { name, namespace = '', uid = '' } = waitGroup.metadata;
    const group = { name, namespace, uid };
    const round = waitGroup.status?.completions ?? 0;
    const step = applyWorkerOperation(record, group, { ...operation, id: randomUUID(), round });
    if (step.kind === 'none') return step.why;
    if (record === undefined) await this.#api.create(group, step.spec, {});
    else if (!(await this.#patch(record, step.spec))) return 'NoRecord';
    return 'written';
  }

  /** Returns false if the record is gone. */
  async #patch(record: WaitGroupWorker, spec: WaitGroupWorker['spec']): Promise<boolean> {
    try {
      await this.#api.patch(record, spec, {});
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }
}
