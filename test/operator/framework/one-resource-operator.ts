// The smallest operator on the framework layer: one resource, one handler, started on a server that a test scripts.
import { ResilientOperator, type ResourceEvent, type ResourceHandler } from '@konductor/operator';
import { captureLog } from '../captured-logger.ts';
import { listOf, startFakeApiServer } from '../fake-api-server.ts';

const [GROUP, VERSION, PLURAL] = ['konductor.io', 'v1', 'waitgroups'];
export const object = (name: string, uid: string, resourceVersion: string) => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: 'WaitGroup',
  metadata: { namespace: 'jobs', name, uid, resourceVersion },
});

export class OneResourceOperator extends ResilientOperator {
  onEvent: ResourceHandler = async () => {};
  protected override async init(): Promise<void> {
    await this.watchResource(GROUP, VERSION, PLURAL, (event) => this.onEvent(event));
  }
  names(): (string | undefined)[] {
    return [...this.cached(`${PLURAL}.${GROUP}/${VERSION}`)].map(({ metadata }) => metadata?.name);
  }
}

interface Scenario {
  readonly items: readonly ReturnType<typeof object>[];
  readonly onEvent?: ResourceHandler;
}

/** Starts the operator on a server that has these objects. */
export async function startOperator({ items, onEvent = async () => {} }: Scenario) {
  const collection = { items, resourceVersion: '10' };
  const server = await startFakeApiServer(() => listOf(collection.items, collection.resourceVersion));
  const { logger, lines } = captureLog();
  const operator = new OneResourceOperator({ transport: server.transport, logger });
  const events: ResourceEvent[] = [];
  operator.onEvent = async (event) => {
    events.push(event);
    return (await onEvent(event)) ?? {};
  };
  await operator.start();
  const stop = async () => {
    await operator.stop();
    await server[Symbol.asyncDispose]();
  };
  return { collection, server, operator, events, lines, [Symbol.asyncDispose]: stop };
}
