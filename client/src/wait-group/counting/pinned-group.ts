// The one group that an operation changes: pinned by its uid at the first read, so another one of the same name is left alone.
import { currentStatus, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { NotFoundError } from '../../core/errors.ts';
import { notFoundError } from '../retry.ts';
import type { WaitGroupApi } from '../wait-group-api.ts';
import { WaitGroupNotFoundError, type WaitGroupReference } from '../wait-group-errors.ts';

export class PinnedGroup {
  readonly #api: Pick<WaitGroupApi, 'get'>;
  readonly #group: WaitGroupReference;
  #uid: string | undefined;
  #lastStatus: WaitGroupStatus | undefined;
  #readAt = 0;

  /** `uid` absent: that of the first group that is read. */
  constructor(api: Pick<WaitGroupApi, 'get'>, group: WaitGroupReference, uid: string | undefined) {
    this.#api = api;
    this.#group = group;
    this.#uid = uid;
  }

  /** How long ago the last read began. */
  get ageMs(): number {
    return performance.now() - this.#readAt;
  }

  /** The group as it is now. Throws WaitGroupNotFoundError, and what the request throws. */
  async read(signal: AbortSignal): Promise<WaitGroup> {
    this.#readAt = performance.now();
    const { namespace, name } = this.#group;
    try {
      return this.#pinned(await this.#api.get(namespace, name, { signal }));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw this.#uid ? new WaitGroupNotFoundError(this.#group, 'deleted') : notFoundError(this.#group, error);
    }
  }

  #pinned(group: WaitGroup): WaitGroup {
    this.#uid ??= group.metadata.uid;
    if (this.#uid !== group.metadata.uid) throw new WaitGroupNotFoundError(this.#group, 'recreated', this.#lastStatus);
    this.#lastStatus = currentStatus(group);
    return group;
  }
}
