// Reports that a worker is lost: one Event on the WaitGroup, one line in the log, and the metrics.
import { describeEvent, type WaitGroup, type WorkerPolicy } from '@konductor/schema';
import type { Logger } from '../framework/logger.ts';
import type { EventRecorder } from './event-recorder.ts';

/** The reason of the Event. */
export type LossReason = 'WorkerLost' | 'JobFailed';

export interface LossReportsOptions {
  readonly logger: Logger;
  readonly events: EventRecorder;
  /** Called once for each worker that is lost. */
  readonly onLost: (reason: LossReason, policy: WorkerPolicy) => void;
}

export interface ReportedLoss {
  readonly event: LossReason;
  /** What happened. */
  readonly message: string;
  readonly policy: WorkerPolicy;
  /** The name of the record. */
  readonly record: string;
  /** The uid of the pod or Job. */
  readonly ownerUid: string;
  /** What to do if the work stays outstanding. */
  readonly advice?: string;
  readonly fields: object;
}

const CONSEQUENCES: Readonly<Record<WorkerPolicy, string>> = {
  Keep: 'its work stays outstanding',
  Release: 'its work is released',
  Fail: 'its work is released, and the round fails',
};

export class LossReports {
  readonly #options: LossReportsOptions;

  constructor(options: LossReportsOptions) {
    this.#options = options;
  }

  report(waitGroup: WaitGroup, { event, message, policy, record, ownerUid, advice, fields }: ReportedLoss): void {
    const { events, logger, onLost } = this.#options;
    const isKept = policy === 'Keep' && advice !== undefined;
    const consequence = CONSEQUENCES[policy];
    const values = { what: message, consequence, policy, advice: isKept ? `: ${advice}` : '' };
    // The same for every operator, and another one for each pod or Job of the worker.
    const dedupeKey = `${record} ${ownerUid} ${policy}`;
    events.record(waitGroup, { ...describeEvent(event, values), dedupeKey });
    const { namespace, name } = waitGroup.metadata;
    logger.info({ namespace, name, policy, ...fields }, 'worker lost');
    onLost(event, policy);
  }
}
