import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { kubeconfigOfNobody, listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

// Of its own: without the CRD at first, and with an API server that becomes unavailable.
let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
});
afterAll(() => controlPlane.stop());

const wg = (...args: string[]) => koncli(['wg', ...args], controlPlane);

describe('koncli in a cluster without the CRD', () => {
  it.each([['list'], ['create', 'x'], ['add', 'x'], ['get', 'x'], ['wait', 'x'], ['status', 'x'], ['delete', 'x']])(
    'exits with 2 and says how to install it: %s',
    async (...args) => {
      expect(await wg(...args)).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'koncli: the API server does not serve WaitGroups (konductor.io/v1): install the CRD with ' +
          'kubectl apply --server-side -f cdk8s/manifests/install.yaml\n',
      });
    },
  );
});

describe('koncli while the API server is unavailable', () => {
  beforeAll(async () => {
    await installCrd(controlPlane);
    await wg('create', 'batch', '--initial-count', '2');
  });

  it('continues when it is available again, and logs a warning', async () => {
    const wait = startKoncli(['wg', 'wait', 'batch'], controlPlane);
    const toldWait = listen(wait);
    await toldWait('counter 2');
    await controlPlane.stopApiServer();
    const done = startKoncli(['wg', 'done', 'batch'], controlPlane);
    const toldDone = listen(done);
    await Promise.all([toldWait('retrying'), toldDone('retrying')]);
    await controlPlane.startApiServer();
    expect(await done.result).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(noticeOf(controlPlane, 'for up to 60s')),
    });
    await wg('done', 'batch');
    const { code, stderr } = await wait.result;
    expect(code).toBe(0);
    expect(stderr).toContain('retrying until it is available');
  });

  it.each([['add', 'x'], ['get', 'x'], ['list'], ['create', 'x'], ['delete', 'x'], ['wait', 'x'], ['status', 'x']])(
    'exits with 5 on timeout, after one warning: %s',
    async (...args) => {
      const kubeconfig = await kubeconfigOfNobody(controlPlane);
      await withEnoughTime(async ({ text }) => {
        const { code, stdout, stderr } = await koncli(['wg', ...args, '--timeout', text], { kubeconfig });
        expect([code, stdout]).toEqual([5, '']);
        const notice = `koncli: the API server at https://127\\.0\\.0\\.1:1 is unavailable \\(.*ECONNREFUSED.*\\); retrying for up to ${text}`;
        expect(stderr).toMatch(new RegExp(`^${notice}\nkoncli: [^\n]*ECONNREFUSED[^\n]*\n$`));
      });
    },
  );

  it('logs requests and retries under -v', async () => {
    const { stderr } = await wg('get', 'batch', '-v');
    expect(stderr).toMatch(
      /^koncli: GET \/apis\/konductor.io\/v1\/namespaces\/default\/waitgroups\/batch: responded after \d+ ms\n$/,
    );
    const kubeconfig = await kubeconfigOfNobody(controlPlane);
    await withEnoughTime(async ({ text }) => {
      const away = await koncli(['wg', 'get', 'batch', '-v', '--timeout', text], { kubeconfig });
      expect(away.stderr).toMatch(/koncli: connect ECONNREFUSED 127.0.0.1:1; retrying in \d+ ms\n/);
    });
  });
});

const noticeOf = ({ server }: ControlPlane, limit: string) =>
  new RegExp(`^koncli: the API server at ${server} is unavailable \\([^\n]*\\); retrying ${limit}\n$`);
