// Sends requests by KubeTransport under Bun: takes a Script as its argument, prints one outcome per line, and exits when
// nothing keeps the process alive.
import { text } from 'node:stream/consumers';
import { AbortedError, type KubeRequest, KubeTransport, type TlsMaterial, UnavailableError } from '@konductor/client';

export interface Script {
  readonly server: string;
  readonly tls?: TlsMaterial;
  readonly headers?: Readonly<Record<string, string>>;
  /** The requests of an inner list are sent at once; the next list follows shortly after all of them have finished. */
  readonly steps: readonly (readonly Sending[])[];
  /** Send the second list only after stdin has ended. */
  readonly waitsForStdin?: boolean;
  /** Exit after the last step: a connection that the kernel still attempts would keep the process alive. */
  readonly exits?: boolean;
}

export interface Sending extends Pick<KubeRequest, 'method' | 'body' | 'timeoutMs'> {
  readonly path?: string;
  readonly abortAfterMs?: number;
  /** The length of the body to send; a long one does not fit into an argument. */
  readonly bodyBytes?: number;
}

export type SendingOutcome =
  | { readonly response: unknown }
  | { readonly name: string; readonly message: string; readonly mayHaveArrived?: boolean };

/** Leaves time for events of the server to arrive. */
const PAUSE_MS = 100;

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? ''));

async function run({ server, tls = {}, headers = {}, steps, waitsForStdin, exits }: Script): Promise<void> {
  const transport = new KubeTransport({
    server: new URL(server),
    namespace: 'default',
    credentials: async () => ({ headers, tls: { ...tls } }),
    renew: () => {},
  });
  for (const [index, step] of steps.entries()) {
    if (index > 0 && waitsForStdin) await text(process.stdin);
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const outcomes = await Promise.all(step.map((sending) => send(transport, sending)));
    for (const outcome of outcomes) console.log(JSON.stringify(outcome));
  }
  if (exits) process.exit();
}

async function send(
  transport: KubeTransport,
  { abortAfterMs, bodyBytes, ...request }: Sending,
): Promise<SendingOutcome> {
  const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs);
  try {
    const body = bodyBytes === undefined ? request.body : 'x'.repeat(bodyBytes - 2);
    return { response: await transport.request({ path: '/version', ...request, body, signal }) };
  } catch (error) {
    const { name, message } = error as Error;
    const hasOutcome = error instanceof UnavailableError || error instanceof AbortedError;
    return { name, message, ...(hasOutcome && { mayHaveArrived: error.mayHaveArrived }) };
  }
}
