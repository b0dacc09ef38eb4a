// Archives of images: OCI image layouts. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
import type { Readable } from 'node:stream';
import { type Blob, type Entry, type Image, imageIndex, type PlatformImage, tar } from './oci-image.ts';

/** The image for one architecture, with the manifest.json of `docker save`, which Docker without containerd's store reads. */
export function archiveOfOne({ reference }: Image, image: PlatformImage): Readable {
  const { platform, manifest, config, layer } = image;
  const forDocker = [{ Config: config.entry.name, RepoTags: [reference], Layers: [layer.entry.name] }];
  const descriptor = { ...manifest.descriptor, platform };
  return tar([...layout(reference, descriptor), json('manifest.json', forDocker), ...blobsOf(image)]);
}

/** The image for all architectures. */
export function archiveOfAll(image: Image, images: readonly PlatformImage[]): Readable {
  const index = imageIndex(image, images);
  return tar([...layout(image.reference, index.descriptor), index.entry, ...images.flatMap(blobsOf)]);
}

function layout(reference: string, descriptor: Blob['descriptor']): Entry[] {
  const [tag] = reference.split(':').slice(-1);
  const annotations = { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tag };
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return [
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    json('index.json', { schemaVersion: 2, mediaType, manifests: [{ ...descriptor, annotations }] }),
  ];
}

function blobsOf({ manifest, config, layer }: PlatformImage): Entry[] {
  return [manifest, config, layer].map(({ entry }) => entry);
}

function json(name: string, value: unknown): Entry {
  return { name, content: Buffer.from(JSON.stringify(value)) };
}
