// Sends requests by KubeTransport, to be run by Bun: takes a Script as its argument, prints an outcome a line, and ends by
// itself when nothing is left to do.

import { text } from 'node:stream/consumers';
import { AbortedError, type KubeRequest, KubeTransport, type TlsMaterial, UnavailableError } from '@konductor/client';

export interface Script {
  readonly server: string;
  readonly tls?: TlsMaterial;
  readonly headers?: Readonly<Record<string, string>>;
  /** The requests of an inner list are sent at once, each list a moment after the one before is answered. */
  readonly steps: readonly (readonly Sending[])[];
  /** No second list is sent before stdin has ended. */
  readonly waitsForStdin?: boolean;
}

export interface Sending extends Pick<KubeRequest, 'method' | 'body' | 'timeoutMs'> {
  readonly abortAfterMs?: number;
  /** Sends a text of so many bytes: more than an argument may have. */
  readonly bodyBytes?: number;
}

export type SendingOutcome =
  | { readonly answer: unknown }
  | { readonly name: string; readonly message: string; readonly mayHaveArrived?: boolean };

/** Long enough to be told what the server did before. */
const PAUSE_MS = 100;

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? ''));

async function run({ server, tls = {}, headers = {}, steps, waitsForStdin }: Script): Promise<void> {
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
}

async function send(
  transport: KubeTransport,
  { abortAfterMs, bodyBytes, ...request }: Sending,
): Promise<SendingOutcome> {
  const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs);
  try {
    const body = bodyBytes === undefined ? request.body : 'x'.repeat(bodyBytes - 2);
    return { answer: await transport.request({ path: '/version', ...request, body, signal }) };
  } catch (error) {
    const { name, message } = error as Error;
    const isTold = error instanceof UnavailableError || error instanceof AbortedError;
    return { name, message, ...(isTold && { mayHaveArrived: error.mayHaveArrived }) };
  }
}
