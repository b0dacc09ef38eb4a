// The functions by which Argo CD and Flux judge Jobs, pods and Deployments, for the program that runs them: taken word by word from
// the source that these projects publish, because building all that their packages import takes a minute.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goModuleFolder } from './go-module.ts';

const ARGO_CD = {
  module: 'github.com/argoproj/argo-cd/gitops-engine@v0.0.0-20260914071520-c9c369efcc5b',
  sum: 'h1:0tKOg3Fxd5cqVemntg63MqCjk7wqVV32vbVGWOGyhR8=',
};
const FLUX = {
  module: 'github.com/fluxcd/pkg/runtime@v0.110.3',
  sum: 'h1:HbuLRPOVwacKCMx8wDnhTQEHC+R7aE7BGWwu+56alss=',
};

export const publishedFunctions = [
  { ...ARGO_CD, file: 'pkg/health/health_job.go', name: 'getBatchv1JobHealth' },
  { ...ARGO_CD, file: 'pkg/health/health_pod.go', name: 'getCorev1PodHealth' },
  { ...ARGO_CD, file: 'pkg/health/health_deployment.go', name: 'getAppsv1DeploymentHealth' },
  { ...ARGO_CD, file: 'pkg/health/health_deployment.go', name: 'getAppsv1DeploymentCondition' },
  { ...FLUX, file: 'statusreaders/job.go', name: 'jobConditions' },
];

const HEAD = `package main

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/kubectl/pkg/util/podutils"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)
`;

/** Adds the functions to the package in the folder, without writing there: a file for `go build -overlay`. */
export async function overlayPublishedFunctions(folder: string): Promise<string> {
  const functions = await Promise.all(publishedFunctions.map(read));
  const temporary = mkdtempSync(join(tmpdir(), 'konductor-gitops-'));
  const source = join(temporary, 'published.go');
  writeFileSync(source, [HEAD, ...functions].join('\n'));
  const overlay = join(temporary, 'overlay.json');
  writeFileSync(overlay, JSON.stringify({ Replace: { [join(folder, 'published.go')]: source } }));
  return overlay;
}

async function read({ module, sum, file, name }: (typeof publishedFunctions)[number]): Promise<string> {
  const text = readFileSync(join(await goModuleFolder(module, sum), file), 'utf8');
  const found = new RegExp(`^func ${name}\\(.*?^}\n`, 'ms').exec(text)?.[0];
  if (found === undefined) throw new Error(`${module} has no function ${name} in ${file}`);
  return found;
}
