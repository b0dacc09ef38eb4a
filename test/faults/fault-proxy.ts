// An HTTPS reverse proxy before the real API server that does to requests what a test has planned: see faults.ts.
// A request with a bearer token keeps it; any other is sent as the cluster's administrator.
import { readFileSync } from 'node:fs';
import { Agent, createServer, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Connection } from '@konductor/client';
import { onTestFinished } from 'vitest';
import { createAuthority, type KeyPair, type Validity } from '../control-plane/access/x509.ts';
import { type ControlPlaneAccess, type Credentials, writeKubeconfig } from '../control-plane/index.ts';
import { ProxiedRequest } from './proxied-request.ts';
import {
  isCreate,
  isDelete,
  isList,
  isRead,
  isRecordRead,
  isRecordWrite,
  isWatch,
  isWrite,
  type Matcher,
} from './request-kinds.ts';

/** What is done with one request. */
export type Fault = (request: ProxiedRequest) => unknown;

export interface FaultProxy {
  /** How a client gets to the API server through the proxy. */
  readonly connection: Connection;
  /** All requests so far, such as `PUT status`. */
  readonly requests: readonly string[];
  /** Each of these does the next of `faults` to each request of its kind, and lets all others pass. */
  readonly onRead: Plan;
  readonly onWrite: Plan;
  readonly onList: Plan;
  readonly onWatch: Plan;
  readonly onCreate: Plan;
  readonly onDelete: Plan;
  readonly onRecordRead: Plan;
  readonly onRecordWrite: Plan;
  /** Asked for each request that no plan is for. */
  otherwise(choose: (request: ProxiedRequest) => Fault | undefined): void;
  /** Writes a kubeconfig for the proxy, with a token or as the administrator; returns its path. */
  writeKubeconfig(path: string, credentials?: Credentials): string;
  refuseConnections(): void;
  acceptConnections(): Promise<void>;
  /** Closes all connections, and presents this certificate from then on; absent: its own again. */
  presentCertificate(keyPair?: KeyPair): void;
}

const authority = createAuthority('fault-proxy');
const serving = authority.issue({ commonName: 'fault-proxy' }, ['127.0.0.1']);
/** Signed as the proxy's own certificate, but not valid yet, or no longer. */
export const issueWith = (validity: Validity) =>
  authority.issue({ commonName: 'fault-proxy' }, ['127.0.0.1'], validity);

export type Plan = (...faults: readonly Fault[]) => void;

/** Runs until the test is over, with a certificate of its own unless it is given one. */
export async function startFaultProxy(
  access: ControlPlaneAccess,
  namespace: string,
  keyPair: KeyPair = serving,
): Promise<FaultProxy> {
  const upstream = upstreamOf(access);
  const plans: { readonly matches: Matcher; readonly faults: Fault[] }[] = [];
  const planFor =
    (matches: Matcher): Plan =>
    (...faults) =>
      plans.push({ matches, faults: [...faults] });
  const requests: string[] = [];
  let choose: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  const server = createServer(keyPair, async (message, response) => {
    const request = new ProxiedRequest({ message, response, body: await buffer(message), upstream });
    requests.push(request.label);
    const plan = plans.find(({ matches, faults }) => faults.length > 0 && matches(request));
    const fault = plan ? plan.faults.shift() : choose(request);
    await carryOut(request, fault);
  });
  // Like the API server's: one that closes idle connections after 5 s may do so just as a client sends its next request.
  server.keepAliveTimeout = 600_000;
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const refuseConnections = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(refuseConnections);
  return {
    connection: connectionTo(port, namespace),
    requests,
    onRead: planFor(isRead),
    onWrite: planFor(isWrite),
    onList: planFor(isList),
    onWatch: planFor(isWatch),
    onCreate: planFor(isCreate),
    onDelete: planFor(isDelete),
    onRecordRead: planFor(isRecordRead),
    onRecordWrite: planFor(isRecordWrite),
    otherwise: (next) => {
      choose = next;
    },
    // The proxy asks for no client certificate.
    writeKubeconfig: (path, credentials = serving) =>
      writeKubeconfig(path, { server: `https://127.0.0.1:${port}`, authority: authority.cert, credentials }),
    refuseConnections,
    acceptConnections: () => listen(port),
    presentCertificate: (other = keyPair) => {
      server.setSecureContext(other);
      server.closeAllConnections();
    },
  };
}

/** A client that leaves, or an API server that does, ends the connection, as in any proxy. */
async function carryOut(request: ProxiedRequest, fault: Fault | undefined): Promise<void> {
  try {
    await (fault ? fault(request) : request.pass());
  } catch {
    request.reset();
  }
}

function connectionTo(port: number, namespace: string): Connection {
  const credentials = { headers: {}, tls: { ca: authority.cert } };
  return {
    server: new URL(`https://127.0.0.1:${port}`),
    namespace,
    credentials: async () => credentials,
    renew: () => {},
  };
}

function upstreamOf({ server, kubeconfig }: ControlPlaneAccess): RequestOptions {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  const decode = (data: string) => Buffer.from(data, 'base64');
  const { user } = config.users[0];
  const { hostname, port } = new URL(server);
  return {
    hostname,
    port,
    ca: decode(config.clusters[0].cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    agent: new Agent({ keepAlive: true }),
  };
}
