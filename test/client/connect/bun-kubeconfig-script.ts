// Reads kubeconfigs as koncli does on Bun: takes their paths, prints what it makes of each, a line each.
import { plainConnection } from '../../../client/src/connect/plain-kubeconfig.ts';

for (const path of process.argv.slice(2)) {
  const connection = await plainConnection({ path });
  console.log(JSON.stringify(connection ? { ...connection, credentials: await connection.credentials() } : null));
}
