// An operator of one resource, on the framework as it is published or on ours, as a process of its own, which ends as that
// framework ends it: KUBECONFIG=… node --conditions=konductor-source subject.ts plain|ours
// It prints what its handler is told and what the framework logs. The handler throws once at what is named "thrown", and
// writes the status of what is named "written".
import { connect, KubeTransport } from '@konductor/client';
import { Operator, ResilientOperator, type ResourceEvent, type ResourceMeta } from '@konductor/operator';

export type Subject = 'plain' | 'ours';

const RESOURCE = ['konductor.io', 'v1', 'waitgroups'] as const;
const report = () => console.log('logged');
const logger = { debug: () => {}, info: () => {}, warn: report, error: report };

type WriteStatus = (meta: ResourceMeta) => Promise<ResourceMeta | null>;
let hasThrown = false;

async function handle({ type, object, meta }: ResourceEvent, writeStatus: WriteStatus): Promise<void> {
  console.log(`${type} ${meta.name} ${object.metadata?.uid}`);
  if (meta.name === 'thrown' && !hasThrown) {
    hasThrown = true;
    throw new Error('the handler fails');
  }
  if (meta.name === 'written') console.log(`wrote ${await writeStatus(meta).catch(({ name }) => name)}`);
}

class PlainOperator extends Operator {
  protected override async init(): Promise<void> {
    const writeStatus: WriteStatus = (meta) => this.setResourceStatus(meta, {});
    await this.watchResource(...RESOURCE, (event) => handle(event, writeStatus));
  }
}

class OurOperator extends ResilientOperator {
  protected override async init(): Promise<void> {
    const writeStatus: WriteStatus = (meta) => this.setResourceStatus(meta, {});
    await this.watchResource(...RESOURCE, (event) => handle(event, writeStatus));
  }
}

async function create(subject: string | undefined): Promise<PlainOperator | OurOperator> {
  if (subject === 'plain') return new PlainOperator(logger);
  const transport = new KubeTransport(await connect({ env: process.env }));
  return new OurOperator({ transport, logger, fieldManager: 'test' });
}

const operator = await create(process.argv[2]);
process.once('SIGTERM', () => operator.stop());
await operator.start();
