// The smallest operator that can be built on the framework layer, started on a server that a test scripts.
import { ResilientOperator, type ResourceEvent, type ResourceHandler, type ResourceMeta } from '@konductor/operator';
import { captureLog } from '../captured-logger.ts';
import { type FakeAnswer, type FakeRequest, listOf, startFakeApiServer } from '../fake-api-server.ts';

const [GROUP, VERSION, PLURAL] = ['konductor.io', 'v1', 'waitgroups'];
export const object = (name: string, uid: string, resourceVersion: string) => ({
  apiVersion: `${GROUP}/${VERSION}`,
  kind: 'WaitGroup',
  metadata: { namespace: 'jobs', name, uid, resourceVersion },
});

/** The smallest operator that can be built on the framework: one resource, one handler. */
export class OneResourceOperator extends ResilientOperator {
  onEvent: ResourceHandler = async () => {};
  protected override async init(): Promise<void> {
    await this.watchResource(GROUP, VERSION, PLURAL, (event) => this.onEvent(event));
  }
  writeStatus(meta: ResourceMeta, status: object): Promise<ResourceMeta> {
    return this.setResourceStatus(meta, status);
  }
  names(): (string | undefined)[] {
    return [...this.cached(`${PLURAL}.${GROUP}/${VERSION}`)].map(({ metadata }) => metadata?.name);
  }
}

interface Scenario {
  readonly items: readonly ReturnType<typeof object>[];
  readonly onEvent?: ResourceHandler;
  readonly onWrite?: (request: FakeRequest) => FakeAnswer;
}

/** Started on a server that has these objects; `onWrite` answers what is no GET. */
export async function startOperator({ items, onEvent = async () => {}, onWrite = () => ({}) }: Scenario) {
  const collection = { items, resourceVersion: '10' };
  const server = await startFakeApiServer((request) =>
    request.method === 'GET' ? listOf(collection.items, collection.resourceVersion) : onWrite(request),
  );
  const { logger, lines } = captureLog();
  const operator = new OneResourceOperator({ transport: server.transport, logger, fieldManager: 'test' });
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
