// Requests whose response must have a certain shape. Another server than the API server may respond with other JSON.
import { UnavailableError } from '../core/errors.ts';
import type { KubeRequest } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';

/** The response of a request, in the words of an error, and how to recognize it. */
export interface Shape<T> {
  readonly name: string;
  readonly isMet: (response: Partial<T>) => boolean;
}

/** Throws UnavailableError for a response of another shape. */
export async function requestShaped<T extends object>(
  transport: KubeTransport,
  request: KubeRequest,
  { name, isMet }: Shape<T>,
): Promise<T> {
  const response = (await transport.request<Partial<T> | null>(request)) ?? {};
  if (isMet(response)) return response as T;
  const { origin } = transport.connection.server;
  throw new UnavailableError(`the response is not ${name}: is ${origin} the API server?`, { mayHaveArrived: true });
}
