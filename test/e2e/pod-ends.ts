// The ways in which a pod ends before its work is done.
import { run, type Target } from './target.ts';

/** One of the pods that run, in another way each time; false: there was none, or it was gone already. */
export async function killAnyOf(target: Target, kills: number): Promise<boolean> {
  const list = ['get', 'pods', '-l', 'app=mortal', '--field-selector=status.phase=Running', '-o', 'name'];
  const pods = (await run(target, ...list)).split('\n').filter(Boolean);
  const pod = pods[Math.floor(Math.random() * pods.length)]?.slice('pod/'.length);
  if (pod === undefined) return false;
  const ways = [
    () => run(target, 'delete', 'pod', pod, '--wait=false'),
    () => run(target, 'delete', 'pod', pod, '--force', '--grace-period=0'),
    () => evict(target, pod),
    () => kill(target, pod),
  ];
  return Boolean(
    await ways[kills % ways.length]?.().then(
      () => true,
      () => false,
    ),
  );
}

/** As a drain does it. */
export function evict(target: Target, name: string): Promise<string> {
  const metadata = { name, namespace: target.namespace };
  const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata });
  const path = `/api/v1/namespaces/${target.namespace}/pods/${name}/eviction`;
  return target.cluster.kubectl(['create', '--raw', path, '-f', '-'], eviction);
}

/** All processes of its user, koncli first of all. The shell may end with them. */
export async function kill(target: Target, pod: string): Promise<void> {
  await target.cluster.show('exec', pod, '-n', target.namespace, '--', 'sh', '-c', 'kill -9 -1');
}
