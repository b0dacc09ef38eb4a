// Reads kubeconfigs by the client on any runtime: takes their paths, prints the connection or the error of each, one a line.
import { kubeconfigConnection } from '@konductor/client';

for (const path of process.argv.slice(2)) console.log(JSON.stringify(await read(path)));

async function read(path: string): Promise<unknown> {
  try {
    const connection = await kubeconfigConnection({ path });
    return { ...connection, credentials: await connection.credentials() };
  } catch (error) {
    return (error as Error).message;
  }
}
