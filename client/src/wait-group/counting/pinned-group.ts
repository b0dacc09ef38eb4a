// The one group that an operation means: pinned by its uid at the first read, so that another which takes the name is told apart.
import { currentStatus, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { NotFoundError } from '../../core/errors.ts';
import { absence } from '../retry.ts';
import type { WaitGroupApi } from '../wait-group-api.ts';
import { WaitGroupNotFoundError, type WaitGroupReference } from '../wait-group-errors.ts';

export class PinnedGroup {
  readonly #api: WaitGroupApi;
  readonly #group: WaitGroupReference;
  #uid: string | undefined;
  #lastStatus: WaitGroupStatus | undefined;
  #askedAt = 0;

  /** `uid` absent: whichever has the name first. */
  constructor(api: WaitGroupApi, group: WaitGroupReference, uid: string | undefined) {
    this.#api = api;
    this.#group = group;
    this.#uid = uid;
  }

  /** How long ago the last read was sent. */
  get ageMs(): number {
    return performance.now() - this.#askedAt;
  }

  /** As it is now. Throws WaitGroupNotFoundError, and what the request throws. */
  async read(signal: AbortSignal): Promise<WaitGroup> {
    this.#askedAt = performance.now();
    const { namespace, name } = this.#group;
    try {
      return this.#pinned(await this.#api.get(namespace, name, { signal }));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw this.#uid ? new WaitGroupNotFoundError(this.#group, 'deleted') : absence(this.#group, error);
    }
  }

  #pinned(group: WaitGroup): WaitGroup {
    this.#uid ??= group.metadata.uid;
    if (this.#uid !== group.metadata.uid) throw new WaitGroupNotFoundError(this.#group, 'replaced', this.#lastStatus);
    this.#lastStatus = currentStatus(group);
    return group;
  }
}
