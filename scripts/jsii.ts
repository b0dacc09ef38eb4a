// npm run jsii: the packages of the constructs for npm, Python, Java and Go, in cdk8s/dist; `-- --target python` makes only one,
// `-- --code` only the sources of each.
import { parseArgs } from 'node:util';
import { compilePackage, makeLanguagePackages, TARGETS, type Target } from './jsii/jsii.ts';

try {
  const { values } = parseArgs({
    options: { target: { type: 'string', multiple: true }, code: { type: 'boolean', default: false } },
  });
  const unknown = values.target?.find((target) => !TARGETS.includes(target as Target));
  if (unknown !== undefined) throw new Error(`unknown target ${unknown}: use one of ${TARGETS.join(', ')}`);
  compilePackage();
  makeLanguagePackages((values.target as Target[]) ?? TARGETS, { code: values.code });
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}
