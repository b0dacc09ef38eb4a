// A reader who follows the documents: koncli and kubectl are in the PATH, and the kubeconfig's namespace is the test's.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../../../scripts/root.ts';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { koncliPath } from '../processes/executables.ts';
import { type KoncliResult, resultOf } from '../processes/koncli-process.ts';
import { shortLivedGo } from '../processes/short-lived-go.ts';
import { withoutComments } from './code-blocks.ts';

export class Reader {
  /** Where commands run, and first in the PATH. */
  readonly folder = mkdtempSync(join(tmpdir(), 'konductor-reader-'));
  readonly #namespace: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(access: ControlPlaneAccess, namespace: string) {
    this.#namespace = namespace;
    onTestFinished(() => rmSync(this.folder, { recursive: true }));
    symlinkSync(koncliPath(), join(this.folder, 'koncli'));
    const kubeconfig = JSON.parse(readFileSync(access.kubeconfig, 'utf8'));
    kubeconfig.contexts[0].context.namespace = namespace;
    writeFileSync(join(this.folder, 'kubeconfig'), JSON.stringify(kubeconfig));
    this.#env = {
      ...shortLivedGo,
      PATH: [this.folder, dirname(access.kubectl), process.env.PATH].join(':'),
      KUBECONFIG: join(this.folder, 'kubeconfig'),
      NAMESPACE: namespace,
      CDK8S_OUTDIR: join(this.folder, 'dist'),
    };
  }

  /** In a shell that stops at the first command that fails. */
  sh(script: string): Promise<KoncliResult> {
    return this.#start(['/bin/sh', '-ec', script], this.folder);
  }

  /** Commands of a document, which work in any namespace; what they print says `jobs` in place of the test's. */
  async type(commands: string): Promise<KoncliResult> {
    const { code, stdout, stderr } = await this.sh(withoutComments(commands));
    const asWritten = (output: string) => output.replaceAll(this.#namespace, 'jobs');
    return { code, stdout: asWritten(stdout), stderr: asWritten(stderr) };
  }

  /** A program in TypeScript, which finds the packages from here; charts of cdk8s go into `dist`. */
  node(program: string): Promise<KoncliResult> {
    const flags = ['--conditions=konductor-source', '--input-type=module-typescript', '--eval'];
    return this.#start([process.execPath, ...flags, program], join(root, 'test'));
  }

  #start([command = '', ...args]: readonly string[], cwd: string): Promise<KoncliResult> {
    const child = spawn(command, args, { cwd, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return resultOf(child);
  }
}
