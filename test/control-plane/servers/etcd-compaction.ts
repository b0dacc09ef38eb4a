// Makes etcd forget its history, as API servers have it do every five minutes, by etcd's JSON gateway.
// https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import type { Certificates } from '../access/certificates.ts';
import type { Etcd } from './etcd.ts';

type Call = (method: string, body: object) => Promise<unknown>;

/** After it, no revision before the newest can be read or watched from. */
export async function compactEtcd({ endpoint }: Etcd, certificates: Certificates): Promise<void> {
  const call: Call = (method, body) => post(`${endpoint}/v3/${method}`, body, certificates);
  const { header } = (await call('maintenance/status', {})) as { header: { revision: string } };
  await call('kv/compaction', { revision: header.revision, physical: true });
}

function post(url: string, body: object, { authority, admin }: Certificates): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', ca: authority, ...admin, agent: false as const };
    const call = request(url, options, async (response) => {
      const body = await json(response);
      if (response.statusCode === 200) resolve(body);
      else reject(new Error(`etcd responded with ${response.statusCode} to ${url}: ${JSON.stringify(body)}`));
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
