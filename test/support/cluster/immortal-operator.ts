// An operator that is started again whatever ends it, and faults of a proxy that kill it before or after one of its requests.
import type { Fault } from '../../faults/fault-proxy.ts';
import type { OperatorProcess } from '../processes/operator.ts';
import { startOperatorIn } from './installed-operator.ts';

export function startImmortalOperator(namespace: string, kubeconfig: string) {
  let current: OperatorProcess | undefined;
  let isOver = false;
  let kills = 0;
  const run = async () => {
    for (; !isOver; await current.exited) {
      current = await startOperatorIn(namespace, kubeconfig);
      if (isOver) await current.stop();
    }
  };
  const running = run();
  const kill = () => {
    if (!current || current.hasEnded) return;
    process.kill(current.pid, 'SIGKILL');
    kills++;
  };
  const killBefore: Fault = (request) => {
    kill();
    request.reset();
  };
  const killAfter: Fault = async (request) => {
    await request.forward();
    kill();
    request.reset();
  };
  const end = async () => {
    isOver = true;
    await current?.stop();
    await running.catch(() => {});
  };
  return { kill, killBefore, killAfter, end, kills: () => kills };
}
