// The commands that would publish a release, from dist/release and in this order. Nothing runs them: no name is claimed yet.
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '../../cdk8s/src/workloads/images.ts';
import { VERSION } from './version.ts';

const IMAGES: Readonly<Record<string, string>> = { koncli: KONCLI_IMAGE, 'konductor-operator': OPERATOR_IMAGE };
const TAG = `v${VERSION}`;

/** A command for the files of each pattern; what other packages depend on comes first. */
const COMMANDS: readonly [pattern: RegExp, command: (file: string) => string][] = [
  [/^image-.*\.tar$/, pushImage],
  [/^konductor-schema-.*\.tgz$/, npmPublish],
  [/^konductor-(?!schema|operator|\d).*\.tgz$/, npmPublish],
  [/^konductor_cdk8s-.*\.(whl|tar\.gz)$/, (file) => `twine upload --attestations ${file}`],
  [/^cdk8s-.*\.jar$/, (file) => `mvn deploy:deploy-file -Dfile=${file} -DpomFile=cdk8s-${VERSION}.pom`],
  [/^konductor-cdk8s-go-.*\.tar\.gz$/, publishGo],
  [/^konductor-\d[^-]*\.tgz$/, (file) => `helm push ${file} oci://${registryOf(OPERATOR_IMAGE)}/charts`],
];

export function publicationCommands(files: readonly string[]): string[] {
  return [
    `git tag --sign ${TAG} && git push origin ${TAG}`,
    ...COMMANDS.flatMap(([pattern, command]) => files.filter((file) => pattern.test(file)).map(command)),
    'cosign sign-blob --bundle SHA256SUMS.sigstore.json SHA256SUMS',
    `gh release create ${TAG} --verify-tag --notes-file RELEASE-NOTES.md *`,
  ];
}

const registryOf = (image: string) => image.replace(/\/[^/]*$/, '');

/** All architectures; signed by digest, because a tag can be moved. */
function pushImage(file: string): string {
  const image = Object.entries(IMAGES).find(([name]) => file === `image-${name}-${VERSION}.tar`)?.[1] ?? '';
  const push = `skopeo copy --all --digestfile digest oci-archive:${file} docker://${image}`;
  return `${push} && cosign sign ${image.replace(/:[^:/]*$/, '')}@$(cat digest)`;
}

function npmPublish(file: string): string {
  return `npm publish --provenance --access public ${file}`;
}

/** Go takes modules from tags of a repository. */
function publishGo(file: string): string {
  const unpack = `tar -xzf ${file} -C ../waitgroup-go && cd ../waitgroup-go && git add . && git commit -m ${TAG}`;
  return `(${unpack} && git tag --sign konductor/${TAG} && git push origin main konductor/${TAG})`;
}
