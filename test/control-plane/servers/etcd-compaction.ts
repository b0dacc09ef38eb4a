// Compacts etcd's history through its JSON gateway, as API servers do every five minutes.
// https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
import type { Certificates } from '../access/certificates.ts';
import { send } from './health.ts';
import type { RestartableServer } from './restartable-server.ts';

/** After it, no revision before the newest can be read or watched from. */
export async function compactEtcd({ url }: RestartableServer, certificates: Certificates): Promise<void> {
  const call = async (method: string, request: object) => {
    const { code, body } = await send(`${url}/v3/${method}`, certificates, request);
    if (code !== 200) throw new Error(`etcd responded with ${code} to ${method}: ${body}`);
    return JSON.parse(body);
  };
  const { header } = await call('maintenance/status', {});
  await call('kv/compaction', { revision: header.revision, physical: true });
}
