// What the artifacts contain, as components of an SBOM.
import { Enums, Models } from '@cyclonedx/cyclonedx-library';
import { bundledPackages, type Manifest } from '../executables/bundled-packages.ts';
import type { Executable, Target } from '../executables/executables.ts';
import { type Architecture, LIBC_CHECKSUMS, LIBC_VERSION } from '../images/libc-package.ts';
import { readText } from './version.ts';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const locked: Readonly<Record<string, LockedPackage>> = JSON.parse(readText('package-lock.json')).packages;

/** The packages that are compiled in, and the runtime. */
export function componentsOfExecutable(executable: Executable, target: Target): Models.Component[] {
  return [...bundledPackages(executable).map((one) => npmComponent(one, one.folder)), runtimeComponent(target)];
}

/** Bun's for the target. */
export function runtimeComponent(target: Target): Models.Component {
  const bun = `node_modules/@oven/bun-${target.replace('arm64', 'aarch64')}`;
  const runtime = { name: bun.replace('node_modules/', ''), version: locked[bun]?.version ?? '' };
  return npmComponent({ ...runtime, license: 'MIT AND LGPL-2.1-or-later' }, bun);
}

/** What npm installs together with a workspace's package, at the versions of the lockfile; peers are the user's. */
export function componentsOfWorkspace(workspace: string): Models.Component[] {
  const paths = [...dependenciesOf(workspace)].sort();
  return paths.map((path) => {
    const { version = '', license, resolved = path, link } = locked[path] ?? {};
    const source = link ? resolved : path;
    const own = locked[source];
    const name = path.replace(/^.*node_modules\//, '');
    return npmComponent(
      { name, version: version || (own?.version ?? ''), ...pickLicense(license ?? own?.license) },
      path,
    );
  });
}

const pickLicense = (license: string | undefined) => (license ? { license } : {});

function dependenciesOf(path: string, found = new Set<string>()): Set<string> {
  const { link, resolved = '' } = locked[path] ?? {};
  const source = link ? resolved : path;
  for (const name of Object.keys(locked[source]?.dependencies ?? {})) {
    const dependency = resolve(source, name);
    if (found.has(dependency)) continue;
    found.add(dependency);
    dependenciesOf(dependency, found);
  }
  return found;
}

/** As Node resolves a name: in the nearest node_modules above. */
function resolve(from: string, name: string): string {
  const path = `${from ? `${from}/` : ''}node_modules/${name}`;
  if (locked[path]) return path;
  if (!from) throw new Error(`package-lock.json does not hold ${name}`);
  return resolve(from.replace(/(^|\/)(node_modules\/)?(@[^/]+\/)?[^/]+$/, ''), name);
}

export function npmComponent({ name, version, license, homepage }: Manifest, path: string): Models.Component {
  const [, group, bare = name] = /^(@[^/]+)\/(.*)$/.exec(name) ?? [];
  const component = new Models.Component(Enums.ComponentType.Library, bare, {
    ...(group ? { group } : {}),
    version,
    purl: npmPurl(name, version),
    bomRef: npmPurl(name, version),
  });
  if (license) component.licenses.add(licenseOf(license));
  const sha512 = /^sha512-(.*)$/.exec(locked[path]?.integrity ?? '')?.[1];
  if (sha512) component.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(sha512, 'base64').toString('hex'));
  if (homepage)
    component.externalReferences.add(new Models.ExternalReference(homepage, Enums.ExternalReferenceType.Website));
  return component;
}

/** The C library of the images. https://github.com/package-url/purl-spec/blob/main/types-doc/deb-definition.md */
export function libcComponent(architecture: Architecture): Models.Component {
  const purl = `pkg:deb/debian/libc6@${encodeURIComponent(LIBC_VERSION)}?arch=${architecture}`;
  const component = new Models.Component(Enums.ComponentType.Library, 'libc6', {
    version: LIBC_VERSION,
    purl,
    bomRef: purl,
  });
  component.licenses.add(new Models.SpdxLicense('LGPL-2.1-or-later'));
  component.hashes.set(Enums.HashAlgorithm['SHA-256'], LIBC_CHECKSUMS[architecture].sha256);
  return component;
}

/** An image that the artifact refers to. */
export function imageComponent(reference: string): Models.Component {
  const [, name = reference, version = ''] = /^(.*):([^:/]+)$/.exec(reference) ?? [];
  return new Models.Component(Enums.ComponentType.Container, name, { version, bomRef: reference });
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
export const npmPurl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function licenseOf(license: string): Models.License {
  return / (AND|OR|WITH) /.test(license) ? new Models.LicenseExpression(license) : new Models.SpdxLicense(license);
}
