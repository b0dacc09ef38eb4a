// Runs calls of WaitGroupClient and prints the outcome of each as a line of JSON, so that a test can run it on any runtime:
//   KUBECONFIG=… NAMESPACE=… <runtime> client-script.ts '[["add", "batch", 2]]'
// The calls of an inner list are made at once.
import { connect, KubeTransport, WaitGroupClient } from '@konductor/client';

export type Call = readonly [
  verb: 'create' | 'get' | 'list' | 'delete' | 'add' | 'done' | 'fail' | 'wait',
  ...args: unknown[],
];

/** What became of a call: the group's counter where there is one. */
export interface Outcome {
  readonly verb: string;
  readonly counter?: number;
  readonly error?: string;
  readonly isServerUnavailable?: boolean;
}

const { KUBECONFIG = '', NAMESPACE = 'default' } = process.env;
const transport = new KubeTransport(await connect({ kubeconfig: KUBECONFIG, env: process.env }));
const client = new WaitGroupClient(transport, { namespace: NAMESPACE });

for (const step of JSON.parse(process.argv[2] ?? '[]')) {
  const calls: Call[] = Array.isArray(step[0]) ? step : [step];
  for (const outcome of await Promise.all(calls.map(outcomeOf))) console.log(JSON.stringify(outcome));
}
transport.close();

async function outcomeOf([verb, ...args]: Call): Promise<Outcome> {
  try {
    const result = await Reflect.apply(client[verb], client, args);
    const { status } = result?.group ?? result ?? {};
    return { verb, ...(status && { counter: status.counter }) };
  } catch (error) {
    const { name, message, isServerUnavailable } = error as Error & { isServerUnavailable?: boolean };
    return { verb, error: `${name}: ${message}`, ...(isServerUnavailable !== undefined && { isServerUnavailable }) };
  }
}
