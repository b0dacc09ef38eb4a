// A TCP proxy before the API server that breaks every connection on demand; the traffic stays encrypted.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  readonly openConnections: number;
  /** Alternates a FIN, like a proxy that restarts, with a RST, like one that was killed. */
  cut(): void;
  close(): void;
}

export async function startCuttingProxy(server: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(server);
  const clients = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    clients.add(client);
    client.once('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.once('close', () => client.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  let cuts = 0;
  const cut = () => {
    const isReset = cuts++ % 2 === 1;
    for (const client of clients)
      if (isReset) client.resetAndDestroy();
      else client.destroy();
  };
  return {
    url: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    get openConnections() {
      return clients.size;
    },
    cut,
    close: () => {
      listener.close();
      cut();
    },
  };
}
